//! A job that dies: a proxy before storage that lets so many requests through, then holds the next one, and the job is dropped.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::Method,
    response::Response,
};
use tokio::sync::Notify;

/// How many requests get through, and how many did.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    left: Arc<AtomicUsize>,
    reached: Arc<Notify>,
}

impl Cut {
    /// Lets this many requests through from now on.
    pub fn after(&self, requests: usize) {
        self.left.store(requests, Ordering::SeqCst);
    }

    /// How many more would get through.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    /// Does the work until it ends (`Some`) or until the first request that does not get through (`None`); then it is dropped
    /// where it stands.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.reached.notified() => None,
            done = work => Some(done),
        }
    }

    /// The address of a proxy before this server.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn before(&self, upstream: String) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, client) = (self.clone(), reqwest::Client::new());
        let forward = async move |request: Request| {
            let allowed =
                cut.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if allowed.is_err() {
                cut.reached.notify_one();
                std::future::pending::<()>().await;
            }
            pass(&client, &upstream, request).await
        };
        let app = Router::new().fallback(forward);
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }
}

async fn pass(client: &reqwest::Client, upstream: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let mut headers = parts.headers;
    for name in ["host", "content-length", "transfer-encoding", "expect"] {
        headers.remove(name);
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    // The length in the answer to a HEAD is that of what it does not have.
    let is_head = parts.method == Method::HEAD;
    let sent = client.request(parts.method, format!("{upstream}{path}")).headers(headers).body(body);
    let answer = sent.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "transfer-encoding" && name != "connection" && (is_head || name != "content-length") {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}
