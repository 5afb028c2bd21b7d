//! Who calls, as far as the network tells.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderMap, header, request::Parts};
use lambda_http::request::RequestContext;

use crate::Platform;

/// Longest text that is kept of a User-Agent (seed 003, RefreshToken.device_info).
const DEVICE_INFO_MAX: usize = 255;

/// The caller's device, network address and country. For sessions, throttles, audit, and the countries that a video is kept from; never to
/// tell who somebody is.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The User-Agent, cut to 255 characters.
    pub device_info: String,
    /// The network address; empty when unknown.
    pub ip_address: String,
    /// ISO 3166-1 alpha-2 code of the address's country, where CloudFront tells it.
    pub country: Option<String>,
    /// Whether the request came through the distribution, as its proof says.
    pub through_distribution: bool,
}

impl<S> FromRequestParts<S> for Client
where
    Platform: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
        let direct = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
            _ => String::new(),
        };
        let proof = text("x-origin-verify");
        let through_distribution =
            proof.is_some_and(|proof| Platform::from_ref(state).is_distribution(&proof));
        let ip_address =
            if through_distribution { viewer_address(&parts.headers).unwrap_or(direct) } else { direct };
        Ok(Self {
            device_info: text(header::USER_AGENT.as_str())
                .unwrap_or_default()
                .chars()
                .take(DEVICE_INFO_MAX)
                .collect(),
            ip_address,
            country: if through_distribution { text("cloudfront-viewer-country") } else { None },
            through_distribution,
        })
    }
}

/// CloudFront appends the viewer's address to `X-Forwarded-For`, API Gateway appends CloudFront's. All before these two is what
/// the client wrote itself.
fn viewer_address(headers: &HeaderMap) -> Option<String> {
    let forwarded = headers.get("x-forwarded-for")?.to_str().ok()?;
    let hops: Vec<_> = forwarded.split(',').map(str::trim).collect();
    let viewer = hops.len().checked_sub(2).or(hops.len().checked_sub(1))?;
    hops.get(viewer).map(|hop| (*hop).to_owned()).filter(|hop| !hop.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_writes_into_the_header_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.7, 130.176.0.1".parse().unwrap());
        assert_eq!(viewer_address(&headers).as_deref(), Some("203.0.113.7"));
    }
}
