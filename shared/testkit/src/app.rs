//! A function's application as a test calls it.

use axum::{body::Body, extract::Request};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Caller, dynamo::Calls, world::ORIGIN_VERIFY};

/// A function's application. Cheap to clone: concurrent callers each take one.
#[derive(Clone)]
pub struct App {
    pub(crate) service: http_kit::App,
    pub(crate) calls: Calls,
    pub(crate) ip_address: Option<String>,
    /// Through the distribution, and the country that it says.
    pub(crate) viewer_country: Option<Option<String>>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when empty, a string when it is no JSON.
    pub body: Value,
    /// DynamoDB calls that it took, where nothing else ran at the same time.
    pub calls: usize,
}

impl Reply {
    /// The error's code.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// A string field of the body.
    pub fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic_no_field(name, &self.body)).to_owned()
    }

    /// Stops the test unless the status is this one, showing the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self
    }

    /// Stops the test unless it is this error.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{:#}", self.body);
        self
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test's assertion")]
fn panic_no_field(name: &str, body: &Value) -> ! {
    panic!("no text field {name} in {body:#}")
}

impl App {
    /// The application as it is called from a network address.
    #[must_use]
    pub fn at(&self, ip_address: &str) -> Self {
        Self { ip_address: Some(ip_address.to_owned()), ..self.clone() }
    }

    /// The application as it is called through the distribution from a country.
    #[must_use]
    pub fn from_country(&self, country: &str) -> Self {
        Self { viewer_country: Some(Some(country.to_owned())), ..self.clone() }
    }

    /// The application as it is called through the distribution from a country that it does not know.
    #[must_use]
    pub fn from_somewhere(&self) -> Self {
        Self { viewer_country: Some(None), ..self.clone() }
    }

    /// Any request.
    pub async fn send(&self, request: http::Request<Body>) -> Reply {
        self.calls.take();
        let mut request: Request = request;
        if let Some(ip_address) = &self.ip_address {
            let context = json!({"http": {"method": "GET", "sourceIp": ip_address}, "timeEpoch": 0});
            let context = RequestContext::ApiGatewayV2(serde_json::from_value(context).unwrap());
            request.extensions_mut().insert(context);
        }
        if let Some(country) = &self.viewer_country {
            let headers = request.headers_mut();
            headers.insert("x-origin-verify", ORIGIN_VERIFY.parse().unwrap());
            if let Some(country) = country {
                headers.insert("cloudfront-viewer-country", country.parse().unwrap());
            }
        }
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()))
        };
        Reply { status: parts.status, headers: parts.headers, body, calls: self.calls.take() }
    }

    /// A request with a JSON body, from someone or from a visitor.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        who: Option<&Caller>,
        body: Option<&Value>,
    ) -> Reply {
        let mut request = http::Request::builder().method(method).uri(path);
        if let Some(caller) = who {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", caller.token));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// GET.
    pub async fn get<'a>(&self, path: &str, who: impl Into<Option<&'a Caller>>) -> Reply {
        self.call(Method::GET, path, who.into(), None).await
    }

    /// GET of what the edge keeps for visitors. Stops the test unless it may be kept for so many seconds, whoever has it is not sent it
    /// again, and nobody keeps what this caller is answered with.
    pub async fn get_kept(&self, path: &str, seconds: u32, caller: &Caller) -> Reply {
        let text = |reply: &Reply, name| {
            let value = reply.headers.get(name);
            value.map(|value| value.to_str().unwrap_or_default().to_owned()).unwrap_or_default()
        };
        let seen = self.get(path, None).await.expect(200);
        let cache = text(&seen, header::CACHE_CONTROL);
        assert!(cache.starts_with("public, ") && cache.contains(&format!(" s-maxage={seconds},")), "{cache}");
        assert_eq!(text(&seen, header::VARY), "authorization, origin", "{path}");
        let again =
            http::Request::builder().uri(path).header(header::IF_NONE_MATCH, text(&seen, header::ETAG));
        let again = self.send(again.body(Body::empty()).unwrap()).await.expect(304);
        assert!(again.body.is_null(), "{path}");
        let own = self.get(path, caller).await.expect(200);
        assert_eq!(text(&own, header::CACHE_CONTROL), "private, no-store", "{path}");
        seen
    }

    /// DELETE.
    pub async fn delete<'a>(&self, path: &str, who: impl Into<Option<&'a Caller>>) -> Reply {
        self.call(Method::DELETE, path, who.into(), None).await
    }

    /// POST.
    pub async fn post<'a>(&self, path: &str, who: impl Into<Option<&'a Caller>>, body: Value) -> Reply {
        self.call(Method::POST, path, who.into(), Some(&body)).await
    }

    /// PUT.
    pub async fn put<'a>(&self, path: &str, who: impl Into<Option<&'a Caller>>, body: Value) -> Reply {
        self.call(Method::PUT, path, who.into(), Some(&body)).await
    }

    /// PATCH.
    pub async fn patch<'a>(&self, path: &str, who: impl Into<Option<&'a Caller>>, body: Value) -> Reply {
        self.call(Method::PATCH, path, who.into(), Some(&body)).await
    }
}
