//! What only a test or a person at the local stack does: `/_control/…`, JSON in and out.
//!
//! | path | body | |
//! | --- | --- | --- |
//! | `POST faults` | `{"on": "POST /v1/refunds", "kind": "error_after", "times": 1}` | see [`FaultKind`] |
//! | `POST declines` | `{"reason": "insufficient_funds", "times": 1}` | the next cards are declined |
//! | `POST clock` | `{"advance": 86400}` | seconds; renewals and what else is due happens |
//! | `GET clock` | | `{"now": …}` |
//! | `POST webhooks` | `{"mode": "deliver"}` | `deliver`, `hold` or `drop` |
//! | `GET events` | | all events, the oldest first |
//! | `POST events/{id}/deliver` | | once more |
//! | `POST disputes` | `{"payment_intent": "pi_…", "reason": "fraudulent"}` | a bank takes a payment back |
//! | `POST disputes/{id}/close` | `{"won": true}` | |
//! | `POST refunds` | `{"payment_intent": "pi_…", "amount": 500}` | somebody sends money back at the gateway's own desk |
//! | `POST refunds/{id}/fail` | | a bank could not take a refund |
//! | `POST subscriptions/{id}/end-period` | | its period or trial ends now, for it alone |
//! | `GET objects/{id}` | | any object |
//! | `GET counts` | | how many objects of each type |
//! | `POST reset` | | an empty account |

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Shared,
    api::{done, ok},
    error::ApiError,
    form::Params,
    world::text,
};

/// A fault on demand.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// Method and path, or the beginning of it; empty for every request. A `*` stands for anything: `POST /v1/invoices/*/pay`.
    #[serde(default)]
    pub on: String,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// Whether it is meant for a request, such as `POST /v1/refunds`.
    pub(crate) fn fits(&self, request: &str) -> bool {
        match self.on.split_once('*') {
            Some((start, end)) => request.starts_with(start) && request.ends_with(end),
            None => request.starts_with(&self.on),
        }
    }
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 500, and nothing was done.
    ErrorBefore,
    /// It was done and kept under the key, and the answer got lost: 500. Asked again with the same key, it answers as it should.
    ErrorAfter,
    /// It was done, and 500 is what the key is answered with from now on, as Stripe does when it fails in the middle.
    ErrorKept,
    /// Nothing was done, and there is no answer.
    HangBefore,
    /// It was done, and there is no answer.
    HangAfter,
    /// 429.
    TooMany,
    /// 409: another request is at work on it.
    Locked,
}

/// What happens to events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They are sent to the endpoint, where there is one.
    #[default]
    Deliver,
    /// They wait until they are taken or the mode changes.
    Hold,
    /// They are lost.
    Drop,
}

type Stand = State<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/faults",
            post(async |State(shared): Stand, Json(fault): Json<Fault>| {
                shared.add_fault(fault);
                ok()
            }),
        )
        .route("/declines", post(declines))
        .route("/clock", get(async |State(shared): Stand| now(&shared)).post(clock))
        .route(
            "/webhooks",
            post(async |State(shared): Stand, Json(body): Json<SetMode>| {
                shared.set_mode(body.mode);
                ok()
            }),
        )
        .route("/events", get(events))
        .route("/events/{id}/deliver", post(again))
        .route("/disputes", post(dispute))
        .route("/disputes/{id}/close", post(close))
        .route("/refunds", post(refund))
        .route("/refunds/{id}/fail", post(fail_refund))
        .route("/subscriptions/{id}/end-period", post(end_period))
        .route(
            "/objects/{id}",
            get(async |State(shared): Stand, Path(id): Path<String>| done(shared.world().show(&id, &[]))),
        )
        .route("/counts", get(async |State(shared): Stand| done(Ok(json!(shared.counts())))))
        .route(
            "/reset",
            post(async |State(shared): Stand| {
                shared.reset();
                ok()
            }),
        )
}

#[derive(Deserialize)]
struct SetMode {
    mode: Mode,
}

#[derive(Deserialize)]
struct Declines {
    reason: String,
    #[serde(default = "once")]
    times: u32,
}

async fn declines(State(shared): Stand, Json(body): Json<Declines>) -> Response {
    for _ in 0..body.times {
        shared.world().declines.push_back(body.reason.clone());
    }
    ok()
}

#[derive(Deserialize)]
struct Advance {
    advance: i64,
}

async fn clock(State(shared): Stand, Json(body): Json<Advance>) -> Response {
    shared.advance(body.advance);
    now(&shared)
}

fn now(shared: &Shared) -> Response {
    done(Ok(json!({"now": shared.world().now()})))
}

async fn events(State(shared): Stand) -> Response {
    let events: Vec<Value> =
        shared.world().events.iter().map(|event| json!({"id": event.id, "type": event.kind})).collect();
    done(Ok(json!(events)))
}

async fn again(State(shared): Stand, Path(id): Path<String>) -> Response {
    let found = shared.world().events.iter().find(|event| event.id == id).cloned();
    let Some(event) = found else { return done(Err(ApiError::missing("event", &id))) };
    shared.world().outbox.push_back(event);
    shared.changed.notify_one();
    ok()
}

#[derive(Deserialize)]
struct NewDispute {
    payment_intent: String,
    #[serde(default = "fraudulent")]
    reason: String,
}

fn fraudulent() -> String {
    "fraudulent".to_owned()
}

async fn dispute(State(shared): Stand, Json(body): Json<NewDispute>) -> Response {
    done(shared.act(|world| world.open_dispute(&body.payment_intent, &body.reason)))
}

#[derive(Deserialize)]
struct Verdict {
    won: bool,
}

async fn close(State(shared): Stand, Path(id): Path<String>, Json(body): Json<Verdict>) -> Response {
    done(shared.act(|world| world.close_dispute(&id, body.won)))
}

#[derive(Deserialize)]
struct NewRefund {
    payment_intent: String,
    amount: i64,
}

async fn refund(State(shared): Stand, Json(body): Json<NewRefund>) -> Response {
    let form = Params::parse(&format!("payment_intent={}&amount={}", body.payment_intent, body.amount));
    done(shared.act(|world| world.create_refund(&form)))
}

async fn fail_refund(State(shared): Stand, Path(id): Path<String>) -> Response {
    done(shared.act(|world| world.fail_refund(&id)))
}

async fn end_period(State(shared): Stand, Path(id): Path<String>) -> Response {
    done(shared.act(|world| world.end_period(&id)))
}

impl Shared {
    /// How many objects of each type there are: what a test compares to know how many effects there were.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for object in self.world().objects.values() {
            *counts.entry(text(object, "object").to_owned()).or_default() += 1;
        }
        counts
    }
}
