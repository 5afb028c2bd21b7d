//! HTTP to hosts that are not AWS: the providers through which people log in. The SDK's HTTP client with its TLS, so that a function
//! links one of each.

use std::time::Duration;

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

/// How long a host may take for a whole answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Largest answer that is read. A large key set has some 20 KB.
const BODY_MAX: usize = 256 * 1024;

/// A host gave no answer that could be read.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// It took longer than 5 seconds.
    #[error("the host did not answer within {} s", TIMEOUT.as_secs())]
    Slow,
    /// The request or the answer is no HTTP.
    #[error("not HTTP")]
    NotHttp(#[from] HttpError),
    /// The connection failed or broke off.
    #[error("the connection failed")]
    Connection(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The body broke off or is above 256 KiB.
    #[error("the body broke off or is too large")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An HTTP client. Follows no redirects, tries nothing again. Cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub struct Web(SharedHttpConnector);

impl Default for Web {
    fn default() -> Self {
        Self(SharedHttpConnector::new(Connector::builder().tls_provider(crate::tls()).build()))
    }
}

impl Web {
    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`WebError`].
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, WebError> {
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let exchange = async {
            let answer = self.0.call(request).await.map_err(|error| WebError::Connection(error.into()))?;
            let (parts, body) = answer.try_into_http1x()?.into_parts();
            let body = Limited::new(body, BODY_MAX).collect().await.map_err(WebError::Body)?;
            Ok(http::Response::from_parts(parts, body.to_bytes().into()))
        };
        tokio::time::timeout(TIMEOUT, exchange).await.map_err(|_| WebError::Slow)?
    }
}
