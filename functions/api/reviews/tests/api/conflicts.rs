//! A proxy before the embedded DynamoDB that cancels a transaction which meets another one on an item, as DynamoDB does (developer guide,
//! "Transaction conflict handling in DynamoDB").

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::Response,
};
use http::request::Parts;
use serde_json::{Value, json};

/// Items as their tables and keys.
type Items = BTreeSet<String>;

/// The items that transactions under way hold.
#[derive(Clone, Default)]
pub(crate) struct Conflicts {
    held: Arc<Mutex<Items>>,
    hold_ms: Arc<AtomicU64>,
    met: Arc<AtomicUsize>,
}

impl Conflicts {
    /// How long a transaction holds its items from now on; zero lets all through.
    pub(crate) fn hold(&self, time: Duration) {
        self.hold_ms.store(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// How many transactions were cancelled.
    pub(crate) fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }

    /// The address of the proxy before this database.
    pub(crate) async fn before(&self, upstream: String) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (conflicts, client) = (self.clone(), reqwest::Client::new());
        let forward = async move |request: Request| {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let hold = Duration::from_millis(conflicts.hold_ms.load(Ordering::SeqCst));
            let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
            if hold.is_zero() || !target.is_some_and(|target| target.ends_with("TransactWriteItems")) {
                return pass(&client, &upstream, parts, body).await;
            }
            let items = items(&body);
            {
                let mut held = conflicts.held.lock().unwrap();
                if !held.is_disjoint(&items) {
                    conflicts.met.fetch_add(1, Ordering::SeqCst);
                    return cancelled(&held, &body);
                }
                held.extend(items.iter().cloned());
            }
            let answer = pass(&client, &upstream, parts, body).await;
            tokio::time::sleep(hold).await;
            conflicts.held.lock().unwrap().retain(|item| !items.contains(item));
            answer
        };
        let app = Router::new().fallback(forward);
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }
}

fn actions(body: &Bytes) -> Vec<Value> {
    let request: Value = serde_json::from_slice(body).unwrap();
    request["TransactItems"].as_array().unwrap().clone()
}

/// The item of an action.
fn item(action: &Value) -> String {
    let action = action.as_object().unwrap().values().find(|value| value.is_object()).unwrap();
    let key = if action["Key"].is_object() { &action["Key"] } else { &action["Item"] };
    format!("{} {} {}", action["TableName"], key["pk"], key["sk"])
}

fn items(body: &Bytes) -> Items {
    actions(body).iter().map(item).collect()
}

fn cancelled(held: &Items, body: &Bytes) -> Response {
    let reason = |action: &Value| match held.contains(&item(action)) {
        true => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
        false => json!({"Code": "None"}),
    };
    let reasons: Vec<_> = actions(body).iter().map(reason).collect();
    let answer = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    });
    let response = Response::builder().status(400).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(answer.to_string())).unwrap()
}

async fn pass(client: &reqwest::Client, upstream: &str, parts: Parts, body: Bytes) -> Response {
    let path = parts.uri.path_and_query().unwrap().as_str();
    let mut headers = parts.headers;
    for name in ["host", "content-length", "transfer-encoding"] {
        headers.remove(name);
    }
    let sent = client.request(parts.method, format!("{upstream}{path}")).headers(headers).body(body);
    let answer = sent.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "content-length" && name != "connection" {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}
