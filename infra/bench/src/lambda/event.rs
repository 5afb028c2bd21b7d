//! Requests as API Gateway hands them to a function (HTTP API, payload format 2.0), with the headers that CloudFront adds.

use serde_json::{Value, json};

/// A request to the API.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// With the query.
    pub(crate) path: &'a str,
    /// The access token of who asks.
    pub(crate) token: Option<&'a str>,
    pub(crate) body: Option<Value>,
}

impl<'a> Request<'a> {
    /// A GET.
    pub(crate) fn get(path: &'a str, token: Option<&'a str>) -> Self {
        Self { method: "GET", path, token, body: None }
    }

    /// A POST.
    pub(crate) fn post(path: &'a str, token: Option<&'a str>, body: Value) -> Self {
        Self { method: "POST", path, token, body: Some(body) }
    }

    /// A PUT.
    pub(crate) fn put(path: &'a str, token: Option<&'a str>, body: Value) -> Self {
        Self { method: "PUT", path, token, body: Some(body) }
    }

    /// What the function gets.
    pub(crate) fn event(&self) -> Value {
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let mut headers = json!({
            "accept": "application/json",
            "accept-encoding": "gzip",
            "content-length": "0",
            "host": "abcdefghij.execute-api.us-east-1.amazonaws.com",
            "user-agent": agent,
            "via": "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
            "x-amz-cf-id": "0123456789abcdefghijklmnopqrstuvwxyz-0123456789abcdefgh==",
            "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
            "x-forwarded-for": "203.0.113.7, 130.176.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        });
        let body = self.body.as_ref().map(Value::to_string);
        if let Some(body) = &body {
            headers["content-type"] = json!("application/json");
            headers["content-length"] = json!(body.len().to_string());
        }
        if let Some(token) = self.token {
            headers["authorization"] = json!(format!("Bearer {token}"));
        }
        json!({
            "version": "2.0",
            "routeKey": "ANY /api/v1/{proxy+}",
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "abcdefghij",
                "domainName": "abcdefghij.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "abcdefghij",
                "http": {
                    "method": self.method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "130.176.0.1",
                    "userAgent": agent,
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "ANY /api/v1/{proxy+}",
                "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000",
                "timeEpoch": 1_773_342_238_000_u64,
            },
            "body": body,
            "isBase64Encoded": false,
        })
    }
}
