//! The AWS clients of a function: credentials from the environment only, one HTTP client for all, time-outs that leave
//! room for a retry, and the endpoints of the local stack where `AWS_ENDPOINT_URL` names one.

pub mod conditional;
pub mod kms;
pub mod mail;
pub mod objects;
pub mod queues;
pub mod secrets;
mod trust;
pub mod web;

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use kernel::{ConfigError, Vars};

pub use kms::Sealer;
pub use mail::{Mail, MailError, Mailer};
pub use objects::Objects;
pub use queues::Queues;
pub use secrets::Secrets;
pub use trust::AMAZON_ROOTS;
pub use web::Web;

/// What every AWS client of a function shares.
#[derive(Clone, Debug)]
pub struct Cloud {
    sdk: SdkConfig,
}

impl Cloud {
    /// Reads region, credentials and endpoint from the environment, where Lambda puts them. No profile file, no
    /// metadata service and no chain of providers is asked: each costs start-up time and none is used on Lambda.
    /// `AWS_CA_BUNDLE` names a file with the roots to believe (PEM) instead of Amazon's, as the AWS SDKs agree.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable that is missing or names no file.
    pub fn from_env(vars: &Vars) -> Result<Self, ConfigError> {
        let credentials = Credentials::new(
            vars.required("AWS_ACCESS_KEY_ID")?,
            vars.required("AWS_SECRET_ACCESS_KEY")?,
            vars.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let roots = vars.optional("AWS_CA_BUNDLE").map(std::fs::read_to_string).transpose();
        let roots = roots.map_err(|error| ConfigError::Malformed {
            name: "AWS_CA_BUNDLE",
            reason: format!("the file can't be read: {error}"),
        })?;
        let mut sdk = SdkConfig::builder()
            .region(Region::new(vars.required("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(trust::client(roots.as_deref().unwrap_or(AMAZON_ROOTS)))
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(2))
                    .operation_attempt_timeout(Duration::from_secs(10))
                    .build(),
            );
        if let Some(endpoint) = vars.optional("AWS_ENDPOINT_URL") {
            sdk = sdk.endpoint_url(endpoint);
        }
        Ok(Self { sdk: sdk.build() })
    }

    /// The shared configuration, for clients that only one function has.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// DynamoDB. `AWS_ENDPOINT_URL_DYNAMODB` sends its calls elsewhere, as the AWS SDKs agree.
    pub fn dynamodb(&self, vars: &Vars) -> aws_sdk_dynamodb::Client {
        // Requests and answers are small and in one piece: the limit of time for an attempt says the same as a watch over its speed.
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.sdk)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Some(endpoint) = vars.optional("AWS_ENDPOINT_URL_DYNAMODB") {
            config = config.endpoint_url(endpoint);
        }
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// S3.
    pub fn objects(&self) -> Objects {
        Objects::new(&self.sdk)
    }

    /// SES.
    pub fn mailer(&self) -> Mailer {
        Mailer::new(&self.sdk)
    }

    /// SQS.
    pub fn queues(&self) -> Queues {
        Queues::new(&self.sdk)
    }

    /// Secrets Manager.
    pub fn secrets(&self) -> Secrets {
        Secrets::new(&self.sdk)
    }
}

/// The HTTP client of a process that is not a function: one connection pool with rustls and ring.
pub fn http_client() -> SharedHttpClient {
    trust::client(AMAZON_ROOTS)
}

/// ring, since aws-lc spends 36 ms of CPU on its first handshake (docs/architecture.md).
fn tls() -> aws_smithy_http_client::tls::Provider {
    aws_smithy_http_client::tls::Provider::Rustls(
        aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
    )
}
