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
    body::{Body, Bytes},
    response::Response,
};
use http::request::Parts;
use serde_json::{Value, json};

use crate::proxy::{self, Upstream};

/// Items as their tables and keys.
type Items = BTreeSet<String>;

/// The items that transactions under way hold.
#[derive(Clone, Debug, Default)]
pub struct Conflicts {
    held: Arc<Mutex<Items>>,
    hold_ms: Arc<AtomicU64>,
    met: Arc<AtomicUsize>,
}

impl Conflicts {
    /// How long a transaction holds its items from now on; zero lets all through.
    ///
    /// # Panics
    /// For longer than 500 million years.
    pub fn hold(&self, time: Duration) {
        self.hold_ms.store(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// How many transactions were cancelled.
    pub fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }

    /// The address of the proxy before this database.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(&self, upstream: String) -> String {
        let conflicts = self.clone();
        let judge = move |upstream: Upstream, parts, body| {
            let conflicts = conflicts.clone();
            async move { conflicts.judge(&upstream, parts, body).await }
        };
        proxy::before(upstream, judge).await
    }

    async fn judge(&self, upstream: &Upstream, parts: Parts, body: Bytes) -> Response {
        let hold = Duration::from_millis(self.hold_ms.load(Ordering::SeqCst));
        if hold.is_zero() || !is_transaction(&parts) {
            return upstream.pass(parts, body).await;
        }
        let items = items(&body);
        {
            let mut held = self.held.lock().unwrap();
            if !held.is_disjoint(&items) {
                self.met.fetch_add(1, Ordering::SeqCst);
                return cancelled(&body, |action| held.contains(&item(action)));
            }
            held.extend(items.iter().cloned());
        }
        let answer = upstream.pass(parts, body).await;
        tokio::time::sleep(hold).await;
        self.held.lock().unwrap().retain(|item| !items.contains(item));
        answer
    }
}

/// Whether it is a TransactWriteItems.
pub(crate) fn is_transaction(parts: &Parts) -> bool {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    target.is_some_and(|target| target.ends_with("TransactWriteItems"))
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

/// The answer to a transaction that met others on these of its actions.
pub(crate) fn cancelled(body: &Bytes, met: impl Fn(&Value) -> bool) -> Response {
    let reason = |action: &Value| match met(action) {
        true => json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}),
        false => json!({"Code": "None"}),
    };
    let reasons: Vec<_> = actions(body).iter().map(reason).collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    error(400, "TransactionCanceledException", &json!({"Message": message, "CancellationReasons": reasons}))
}

/// An error as DynamoDB gives it.
pub(crate) fn error(status: u16, kind: &str, more: &Value) -> Response {
    let mut answer = more.clone();
    answer["__type"] = format!("com.amazonaws.dynamodb.v20120810#{kind}").into();
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(answer.to_string())).unwrap()
}
