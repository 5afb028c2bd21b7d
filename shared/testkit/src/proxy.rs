//! A proxy before a server of a test, which looks at each request and decides what becomes of it.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::Response,
};
use http::{Method, request::Parts};

/// The server behind the proxy.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    url: String,
    client: reqwest::Client,
}

/// The address of a proxy that answers each request as `judge` says.
pub(crate) async fn before<J, F>(url: String, judge: J) -> String
where
    J: Fn(Upstream, Parts, Bytes) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response> + Send,
{
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = Upstream { url, client: reqwest::Client::new() };
    let forward = async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        judge(upstream, parts, body).await
    };
    let app = Router::new().fallback(forward);
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

impl Upstream {
    /// What the server answers.
    pub(crate) async fn pass(&self, parts: Parts, body: Bytes) -> Response {
        let path = parts.uri.path_and_query().unwrap().as_str();
        let mut headers = parts.headers;
        for name in ["host", "content-length", "transfer-encoding", "expect"] {
            headers.remove(name);
        }
        // The length in the answer to a HEAD is that of what it does not have.
        let is_head = parts.method == Method::HEAD;
        let sent =
            self.client.request(parts.method, format!("{}{path}", self.url)).headers(headers).body(body);
        let answer = sent.send().await.unwrap();
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            if name != "transfer-encoding" && name != "connection" && (is_head || name != "content-length") {
                response = response.header(name, value);
            }
        }
        response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
    }
}
