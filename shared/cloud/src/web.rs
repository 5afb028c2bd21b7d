//! HTTP to hosts that are not AWS: the providers through which people log in, and the payment gateway. The SDK's HTTP client with its TLS,
//! so that a function links one of each.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector as _, SharedHttpConnector},
        orchestrator::HttpRequest,
    },
    http::HttpError,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};

/// What is asked of a host.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// How long it may take for a whole answer.
    time: Duration,
    /// Largest answer that is read, in bytes.
    body: usize,
}

/// A large key set has some 20 KB.
const DEFAULT: Limits = Limits { time: Duration::from_secs(5), body: 256 * 1024 };

/// A host gave no answer that could be read.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// It took longer than it may.
    #[error("the host did not answer within {0:?}")]
    Slow(Duration),
    /// The request or the answer is no HTTP.
    #[error("not HTTP")]
    NotHttp(#[from] HttpError),
    /// The connection failed or broke off.
    #[error("the connection failed")]
    Connection(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The body broke off or is above the limit.
    #[error("the body broke off or is too large")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An HTTP client. Follows no redirects, tries nothing again. Cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub struct Web {
    /// Made by the first request: it reads all roots of the system, and few instances ask a host.
    connector: Arc<LazyLock<SharedHttpConnector>>,
    limits: Limits,
}

/// A host may take 5 seconds, and its answer may have 256 KiB.
impl Default for Web {
    fn default() -> Self {
        let connector = || SharedHttpConnector::new(Connector::builder().tls_provider(crate::tls()).build());
        Self { connector: Arc::new(LazyLock::new(connector)), limits: DEFAULT }
    }
}

impl Web {
    /// A client for a host that may take `time` for a whole answer of at most `body` bytes.
    pub fn with_limits(time: Duration, body: usize) -> Self {
        Self { limits: Limits { time, body }, ..Self::default() }
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`WebError`].
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, WebError> {
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let exchange = async {
            let answer =
                self.connector.call(request).await.map_err(|error| WebError::Connection(error.into()))?;
            let (parts, body) = answer.try_into_http1x()?.into_parts();
            let body = Limited::new(body, self.limits.body).collect().await.map_err(WebError::Body)?;
            Ok(http::Response::from_parts(parts, body.to_bytes().into()))
        };
        let Limits { time, .. } = self.limits;
        tokio::time::timeout(time, exchange).await.map_err(|_| WebError::Slow(time))?
    }
}
