//! HTTP: who asks, idempotency keys, faults on demand, and the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    Shared, control,
    control::FaultKind,
    error::ApiError,
    form::Params,
    pay,
    routes::{self, Caller},
    world::Answer,
};

/// How long a request hangs that hangs; longer than any client waits.
const HANG: Duration = Duration::from_secs(60);

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new().merge(pay::routes()).nest("/_control", control::routes()).fallback(api).with_state(shared)
}

/// A request in the API's terms.
struct Call {
    method: Method,
    path: String,
    params: Params,
    key: Option<String>,
    caller: Caller,
}

async fn api(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = if method == Method::POST {
        String::from_utf8_lossy(&body)
    } else {
        uri.query().unwrap_or_default().into()
    };
    let params = Params::parse(&sent);
    let caller = match caller(&shared, &headers, &params) {
        Ok(caller) => caller,
        Err(error) => return answer(error.status, &error.body(), false),
    };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(ToOwned::to_owned);
    let key = key.filter(|_| method == Method::POST);
    let call = Call { path: uri.path().to_owned(), method, params, key, caller };
    // A task of its own: what was begun goes on when the client hangs up.
    match tokio::spawn(serve(shared, call)).await {
        Ok(response) => response,
        Err(_) => answer(500, &ApiError::internal().body(), false),
    }
}

/// The key comes as a bearer token, as the user of basic authentication, or from a browser as a parameter.
fn caller(shared: &Shared, headers: &HeaderMap, params: &Params) -> Result<Caller, ApiError> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(|value| value.strip_prefix("Bearer ")).or_else(|| params.text("key"));
    match key {
        Some(key) if key == shared.settings.secret_key => Ok(Caller::Server),
        Some(key) if key == shared.settings.publishable_key => Ok(Caller::Browser),
        _ => Err(ApiError::unauthorized()),
    }
}

async fn serve(shared: Arc<Shared>, call: Call) -> Response {
    let fault = shared.take_fault(&format!("{} {}", call.method, call.path));
    match fault {
        Some(FaultKind::ErrorBefore) => return answer(500, &ApiError::internal().body(), false),
        Some(FaultKind::TooMany) => return answer(429, &ApiError::too_many().body(), false),
        Some(FaultKind::Locked) => return answer(409, &ApiError::key_in_use().body(), false),
        Some(FaultKind::HangBefore) => {
            tokio::time::sleep(HANG).await;
            return answer(504, &Value::Null, false);
        }
        _ => (),
    }
    let request = format!("{} {} {:?}", call.method, call.path, call.params);
    let kept = match call.key.as_deref().map(|key| shared.begin(key, &request)) {
        None | Some(Ok(None)) => None,
        Some(Ok(kept)) => kept,
        Some(Err(error)) => return answer(error.status, &error.body(), false),
    };
    let replayed = kept.is_some();
    let (status, body) = match kept {
        Some(kept) => (kept.status, kept.body),
        None => fresh(&shared, call, request, fault).await,
    };
    match fault {
        Some(FaultKind::ErrorAfter | FaultKind::ErrorKept) => {
            answer(500, &ApiError::internal().body(), false)
        }
        Some(FaultKind::HangAfter) => {
            tokio::time::sleep(HANG).await;
            answer(504, &Value::Null, false)
        }
        _ => answer(status, &body, replayed),
    }
}

/// Does what was not done before, and keeps the answer for its key.
async fn fresh(shared: &Shared, call: Call, request: String, fault: Option<FaultKind>) -> (u16, Value) {
    // Here others get their turn, so that two requests with one key do meet.
    tokio::time::sleep(shared.settings.latency).await;
    let (status, body, keep) = effect(shared, &call);
    if let Some(key) = &call.key {
        let failure = fault == Some(FaultKind::ErrorKept);
        let (status, body) =
            if failure { (500, ApiError::internal().body()) } else { (status, body.clone()) };
        shared.end(key, (keep || failure).then_some(Answer { request, status, body }));
    }
    shared.changed.notify_one();
    (status, body)
}

/// Status, body, and whether the answer is kept for its idempotency key.
fn effect(shared: &Shared, call: &Call) -> (u16, Value, bool) {
    let path: Vec<&str> =
        call.path.trim_start_matches("/v1/").split('/').filter(|part| !part.is_empty()).collect();
    let mut world = shared.world();
    world.run_due();
    let done = match call.caller {
        Caller::Server => routes::server(&mut world, call.method.as_str(), &path, &call.params),
        Caller::Browser => routes::browser(&mut world, call.method.as_str(), &path, &call.params),
    };
    match done {
        Ok(body) => (200, body, true),
        Err(error) => (error.status, error.body(), error.is_kept()),
    }
}

pub(crate) fn answer(status: u16, body: &Value, replayed: bool) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("request-id", HeaderValue::from_static("req_local"));
    if replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// A result as an answer.
pub(crate) fn done(result: Result<Value, ApiError>) -> Response {
    match result {
        Ok(body) => answer(200, &body, false),
        Err(error) => answer(error.status, &error.body(), false),
    }
}

/// The empty answer.
pub(crate) fn ok() -> Response {
    answer(200, &json!({}), false)
}
