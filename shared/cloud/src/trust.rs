//! Whose certificates the SDK's HTTP client believes. AWS's endpoints have theirs from Amazon Trust Services, so the five roots of that
//! authority are read at the start, not the 145 of a system, which takes a quarter of a start's CPU (docs/performance.md). An endpoint with
//! a certificate from elsewhere is believed if the system does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aws_smithy_http_client::{
    Builder,
    tls::{TlsContext, TrustStore},
};
use aws_smithy_runtime_api::{
    client::{
        connector_metadata::ConnectorMetadata,
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared as _,
};

/// The roots of Amazon Trust Services as PEM: Amazon Root CA 1 to 4 and Starfield Services Root CA G2
/// (<https://www.amazontrust.com/repository/>). The first ends on 31 December 2037.
pub const AMAZON_ROOTS: &str = include_str!("../roots/amazon-trust-services.pem");

/// One connection pool with rustls and ring, which believes these roots (PEM) first and the system's where they do not do.
pub(crate) fn client(roots: &str) -> SharedHttpClient {
    let first = TrustStore::empty().with_pem_certificate(roots);
    Trusting { first: believing(first), system: believing(TrustStore::default()), distrusted: Arc::default() }
        .into_shared()
}

/// A client loads its roots when it first connects.
fn believing(roots: TrustStore) -> SharedHttpClient {
    // A trust store is all that the context has, and it takes any.
    let context = TlsContext::builder().with_trust_store(roots).build().unwrap_or_default();
    Builder::new().tls_provider(crate::tls()).tls_context(context).build_https()
}

/// Goes over to the system's roots for good when a host shows a certificate from none of the first ones. The connection that found
/// out fails; it is tried again by the SDK, whose retries count a failed handshake as temporary.
#[derive(Debug)]
struct Trusting {
    first: SharedHttpClient,
    system: SharedHttpClient,
    distrusted: Arc<AtomicBool>,
}

impl HttpClient for Trusting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        if self.distrusted.load(Ordering::Relaxed) {
            return self.system.http_connector(settings, components);
        }
        let connector = self.first.http_connector(settings, components);
        SharedHttpConnector::new(Watched { connector, distrusted: Arc::clone(&self.distrusted) })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.first.connector_metadata()
    }
}

/// Notes whether a certificate was refused.
#[derive(Debug)]
struct Watched {
    connector: SharedHttpConnector,
    distrusted: Arc<AtomicBool>,
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (call, distrusted) = (self.connector.call(request), Arc::clone(&self.distrusted));
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            if answer.as_ref().is_err_and(|error| is_distrust(error)) {
                distrusted.store(true, Ordering::Relaxed);
            }
            answer
        })
    }
}

/// Whether an error is, or comes from, a certificate that is not believed. A lost connection is none: they are lost whenever Lambda
/// freezes an instance.
fn is_distrust(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    // `source` of an I/O error leaves out the error that it wraps.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match wrapped {
        Some(wrapped) => is_distrust(wrapped),
        None => error.source().is_some_and(is_distrust),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// A host that shows a certificate from no authority and has no tables; its URL, its certificate, and its handshakes so far.
    async fn host() -> (String, String, Arc<AtomicUsize>) {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)
            .unwrap();
        let (listener, acceptor) =
            (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(config)));
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let handshakes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&handshakes);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                tokio::spawn(async move {
                    while stream.read(&mut [0; 8192]).await.is_ok_and(|read| read > 0) {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"TableNames\":[]}";
                        stream.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        (url, key.cert.pem(), handshakes)
    }

    async fn lists_tables(url: &str, http: impl HttpClient + 'static) -> bool {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(http)
            .retry_config(RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)))
            .endpoint_url(url)
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let (first, second) = (client.list_tables().send().await, client.list_tables().send().await);
        first.is_ok() && second.is_ok()
    }

    fn trusting(first: TrustStore, then: TrustStore) -> Trusting {
        Trusting { first: believing(first), system: believing(then), distrusted: Arc::default() }
    }

    #[tokio::test]
    async fn a_host_of_these_roots_is_believed_at_once() {
        let (url, certificate, handshakes) = host().await;
        assert!(lists_tables(&url, client(&format!("{AMAZON_ROOTS}{certificate}"))).await);
        assert_eq!(handshakes.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_host_that_only_the_system_believes_costs_one_handshake_more() {
        let (url, certificate, handshakes) = host().await;
        let amazon = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        let system = TrustStore::empty().with_pem_certificate(certificate);
        assert!(lists_tables(&url, trusting(amazon, system)).await);
        assert_eq!(handshakes.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_host_that_nobody_believes_is_not_talked_to() {
        let (url, ..) = host().await;
        assert!(!lists_tables(&url, client(AMAZON_ROOTS)).await);
    }

    #[tokio::test]
    async fn a_connection_that_is_lost_says_nothing_about_certificates() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        let http = trusting(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS), TrustStore::default());
        let distrusted = Arc::clone(&http.distrusted);
        assert!(!lists_tables(&url, http).await);
        assert!(!distrusted.load(Ordering::Relaxed));
    }
}
