//! The Lambda Runtime API for one instance (Lambda developer guide, "Using the Lambda runtime API").

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use bytes::Bytes;
use http::StatusCode;
use kernel::{Ambient, SignedDuration};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// Time that an invocation has, as the function is told.
const DEADLINE: SignedDuration = SignedDuration::from_secs(29);

static INVOCATIONS: AtomicU64 = AtomicU64::new(0);

/// What an instance says.
pub(crate) enum FromFunction {
    /// It waits for an event, which goes into the sender.
    Ready(oneshot::Sender<String>),
    /// It has answered.
    Answered(Bytes),
    /// It reports an error.
    Failed(String),
}

/// The server. It ends with this value.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    messages: mpsc::Receiver<FromFunction>,
    _server: JoinSet<std::io::Result<()>>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        // Without it the kernel holds small answers back for up to 40 ms.
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap_or_default());
        let (sender, messages) = mpsc::channel(4);
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(answered))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(sender);
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, messages, _server: server })
    }

    /// For the variable `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// The next thing that the instance says.
    pub(crate) async fn message(&mut self) -> Option<FromFunction> {
        self.messages.recv().await
    }
}

type Sender = State<mpsc::Sender<FromFunction>>;

async fn next(State(sender): Sender) -> Response {
    let (give, take) = oneshot::channel();
    let event = match sender.send(FromFunction::Ready(give)).await {
        Ok(()) => take.await.ok(),
        Err(_) => None,
    };
    // No more events: the bench is about to end the function.
    let Some(event) = event else { return StatusCode::GONE.into_response() };
    let number = INVOCATIONS.fetch_add(1, Ordering::Relaxed);
    let deadline = (Ambient::system().now() + DEADLINE).as_millisecond();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", format!("8476a536-e9f4-41e8-9739-{number:012x}")),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned(),
        ),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answered(
    State(sender): Sender,
    Path((_, outcome)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let message = match outcome.as_str() {
        "response" => FromFunction::Answered(body),
        _ => FromFunction::Failed(String::from_utf8_lossy(&body).into_owned()),
    };
    tell(&sender, message).await
}

async fn failed(State(sender): Sender, body: Bytes) -> StatusCode {
    tell(&sender, FromFunction::Failed(String::from_utf8_lossy(&body).into_owned())).await
}

async fn tell(sender: &mpsc::Sender<FromFunction>, message: FromFunction) -> StatusCode {
    match sender.send(message).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::GONE,
    }
}
