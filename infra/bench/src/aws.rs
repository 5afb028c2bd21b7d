//! AWS as a function sees it: DynamoDB and Secrets Manager behind TLS. DynamoDB's calls go to the embedded database; while the
//! meter runs, their capacity units are counted.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    serve::Listener,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

use crate::Outcome;

/// What a request used of DynamoDB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metered {
    /// Calls.
    pub(crate) calls: u32,
    /// Capacity units.
    pub(crate) units: f64,
}

/// The servers. They live as long as the runtime.
pub(crate) struct Aws {
    url: String,
    roots: NamedTempFile,
    shared: Arc<Shared>,
}

struct Shared {
    http: reqwest::Client,
    dynamodb_url: String,
    meter: Mutex<Option<Metered>>,
}

impl Aws {
    /// Starts in front of the database that listens at the URL.
    pub(crate) async fn start(dynamodb_url: &str) -> Outcome<Self> {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let roots = roots_with(&key.cert.pem())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let private = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der())?;
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![key.cert.der().clone()], private)?;
        let listener = TlsListener {
            tcp: TcpListener::bind("127.0.0.1:0").await?,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        };
        let url = format!("https://localhost:{}", listener.tcp.local_addr()?.port());
        let shared = Arc::new(Shared {
            http: reqwest::Client::builder().no_proxy().build()?,
            dynamodb_url: dynamodb_url.to_owned(),
            meter: Mutex::default(),
        });
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { url, roots, shared })
    }

    /// What a function needs to reach these servers, and believes them.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let roots = self.roots.path().to_string_lossy().into_owned();
        [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_CA_BUNDLE", &roots),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Begins to count DynamoDB's units.
    pub(crate) fn meter(&self) {
        *self.shared.meter.lock().unwrap_or_else(PoisonError::into_inner) = Some(Metered::default());
    }

    /// What was counted since [`Self::meter`].
    pub(crate) fn metered(&self) -> Metered {
        self.shared.meter.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

/// The roots that a function believes on AWS and one more, so that it has as many to read.
fn roots_with(certificate: &str) -> Outcome<NamedTempFile> {
    let file = NamedTempFile::new()?;
    std::fs::write(file.path(), format!("{}{certificate}", cloud::AMAZON_ROOTS))?;
    Ok(file)
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (service, operation) = target.split_once('.').unwrap_or_default();
    match (service, operation) {
        ("DynamoDB_20120810", _) => match shared.forward(target, body).await {
            Ok(answer) => answer,
            Err(error) => refusal(StatusCode::BAD_GATEWAY, &error.to_string()),
        },
        ("secretsmanager", "GetSecretValue") => secret(&body),
        _ => refusal(
            StatusCode::BAD_REQUEST,
            &format!("the bench has no {target}: its reads should not need it"),
        ),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let body = json!({"__type": "BenchException", "message": message});
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

fn secret(request: &[u8]) -> Response {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let id = request["SecretId"].as_str().unwrap_or_default();
    let text = match id {
        "JwtPrivateKeySecret" | "CertificatePrivateKeySecret" => testkit::world::JWT_PRIVATE_KEY.to_owned(),
        _ => "0123456789abcdef".repeat(4),
    };
    let body = json!({"ARN": id, "Name": id, "VersionId": "bench", "SecretString": text});
    ([(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

impl Shared {
    async fn forward(&self, target: &str, body: Bytes) -> Outcome<Response> {
        let metering = self.meter.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let body = if metering { with_units_asked(&body)? } else { body };
        let answer = self
            .http
            .post(&self.dynamodb_url)
            .header("x-amz-target", target)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header(header::AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
            .header("x-amz-date", "20260101T000000Z")
            .body(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if let Some(metered) = &mut *self.meter.lock().unwrap_or_else(PoisonError::into_inner) {
            metered.calls += 1;
            metered.units += units(&serde_json::from_slice(&body)?);
        }
        Ok((status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response())
    }
}

fn with_units_asked(body: &[u8]) -> Outcome<Bytes> {
    let mut request: Value = serde_json::from_slice(body)?;
    request["ReturnConsumedCapacity"] = json!("TOTAL");
    Ok(request.to_string().into())
}

/// Units of a call; of calls on several tables there is a list.
fn units(answer: &Value) -> f64 {
    let capacity = &answer["ConsumedCapacity"];
    let tables = capacity.as_array().map_or(std::slice::from_ref(capacity), Vec::as_slice);
    tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum()
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            // A client that goes away or speaks no TLS is its own problem: the next one is waited for.
            let Ok((stream, address)) = self.tcp.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_table_and_of_several_are_added_up() {
        assert_eq!(units(&json!({"ConsumedCapacity": {"TableName": "A", "CapacityUnits": 1.5}})), 1.5);
        let batch = json!({"ConsumedCapacity": [{"CapacityUnits": 1.5}, {"CapacityUnits": 20.0}]});
        assert_eq!(units(&batch), 21.5);
        assert_eq!(units(&json!({"Items": []})), 0.0);
    }

    #[tokio::test]
    async fn a_store_behind_it_is_metered_only_while_the_meter_runs() {
        let world = testkit::World::new().await;
        let aws = Aws::start(&world.dynamodb_url).await.unwrap();
        let request = json!({"TableName": "IdentityTable", "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}, "ConsistentRead": true});
        let read = async || {
            let body = Bytes::from(request.to_string());
            aws.shared.forward("DynamoDB_20120810.GetItem", body).await.unwrap().status()
        };
        aws.meter();
        assert_eq!((read().await, read().await), (StatusCode::OK, StatusCode::OK));
        let metered = aws.metered();
        assert_eq!((metered.calls, metered.units), (2, 2.0));
        assert_eq!(read().await, StatusCode::OK);
        assert_eq!(aws.metered().calls, 0);
    }
}
