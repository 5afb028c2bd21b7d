//! How answers are kept, by CloudFront and by browsers (RFC 9111; RFC 5861 for stale copies; RFC 9110, 8.8.3 for tags).
//!
//! What a request without credentials is answered with is the same for everybody, so the edge may keep it for a moment. What somebody who
//! is known is answered with may be about him, so nobody keeps it, whatever the handler asks for. An answer that says nothing of
//! caching is kept by nobody: [`crate::app`] sees to it, so that forgetting it costs time and never a secret.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{ApiError, ApiResult};

/// Kept by nobody. It also keeps CloudFront from answering requests that wait for the same answer with one of them.
const NOBODY: &str = "private, no-store";
/// What an answer depends on besides its address: the caller, and the origin that the CORS headers name.
const DEPENDS_ON: &str = "authorization, origin";

/// How long an answer to visitors may be kept. Browsers ask again each time where nothing else is said: nobody can make them forget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Two seconds at the edge, and three more while it fetches the next one: lists. A burst reaches a function once, and what is new
    /// shows within seconds all the same. While the function fails, the last answer stands for ten minutes.
    Moment,
    /// Half a minute at the edge, and another half while it fetches the next one: one thing and what belongs to it. What must not be
    /// seen that long any more is invalidated (`job-edge`). While the function fails, the last answer stands for an hour.
    Minute,
    /// Five minutes, by browsers too: what changes slowly.
    Minutes,
    /// An hour at the edge: what search engines and feed readers fetch. While the function fails, the last answer stands for a day.
    Hour,
    /// By the browser alone, which asks again each time: the platform counts such requests.
    Asking,
}

impl Keep {
    const fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Moment => "public, max-age=0, s-maxage=2, stale-while-revalidate=3, stale-if-error=600",
            Self::Minute => "public, max-age=0, s-maxage=30, stale-while-revalidate=30, stale-if-error=3600",
            Self::Minutes => "public, max-age=300, stale-if-error=3600",
            Self::Hour => {
                "public, max-age=300, s-maxage=3600, stale-while-revalidate=600, stale-if-error=86400"
            }
            Self::Asking => "private, no-cache",
        })
    }
}

/// What a request says of caching: whether it has credentials, and which answers its sender has.
#[derive(Clone, Debug)]
pub struct Caching {
    anonymous: bool,
    /// `If-None-Match`, all of its lines.
    has: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caching {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let has = parts.headers.get_all(header::IF_NONE_MATCH).iter();
        Ok(Self {
            // Sessions and API keys both come in this header, also those that are refused.
            anonymous: !parts.headers.contains_key(header::AUTHORIZATION),
            has: has.filter_map(|value| value.to_str().ok()).map(ToOwned::to_owned).collect(),
        })
    }
}

impl Caching {
    /// An answer in JSON, or 304 where the client has it.
    ///
    /// # Errors
    /// 500 when the body can't be written.
    pub fn json<T: Serialize>(&self, keep: Keep, body: &T) -> ApiResult<Response> {
        let text = serde_json::to_vec(body).map_err(ApiError::internal)?;
        let tag = tag(&text);
        self.answer(keep, "application/json", text, tag)
    }

    /// As [`Self::json`], with a tag that is made of `tagged`: of what is the same when the rest of the body differs each time.
    ///
    /// # Errors
    /// 500 when one of them can't be written.
    pub fn json_tagged<T: Serialize>(&self, keep: Keep, body: &T, tagged: &[u8]) -> ApiResult<Response> {
        let text = serde_json::to_vec(body).map_err(ApiError::internal)?;
        self.answer(keep, "application/json", text, tag(tagged))
    }

    /// An answer of another type, or 304 where the client has it.
    ///
    /// # Errors
    /// None today; as [`Self::json`].
    pub fn bytes(&self, keep: Keep, content_type: &'static str, body: Vec<u8>) -> ApiResult<Response> {
        let tag = tag(&body);
        self.answer(keep, content_type, body, tag)
    }

    fn answer(
        &self,
        keep: Keep,
        content_type: &'static str,
        body: Vec<u8>,
        tag: String,
    ) -> ApiResult<Response> {
        let content = [(header::CONTENT_TYPE, content_type)];
        if !self.anonymous {
            let mut response = (content, body).into_response();
            unsaid(&mut response);
            return Ok(response);
        }
        let mut response = match self.has(&tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => (content, body).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static(DEPENDS_ON));
        headers.insert(header::CACHE_CONTROL, keep.header());
        headers.insert(header::ETAG, HeaderValue::try_from(tag).map_err(ApiError::internal)?);
        Ok(response)
    }

    /// Whether the client has what carries this tag (RFC 9110, 13.1.2).
    fn has(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
        let mut known = self.has.iter().flat_map(|line| line.split(',')).map(str::trim);
        known.any(|one| one == "*" || opaque(one) == opaque(tag))
    }
}

/// The tag of a body: weak, since the edge may compress it.
fn tag(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Completes what an answer says of caching: nobody keeps one that says nothing.
pub(crate) fn unsaid(response: &mut Response) {
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NOBODY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caching(authorization: Option<&str>, has: &[&str]) -> Caching {
        let has = has.iter().map(|one| (*one).to_owned()).collect();
        Caching { anonymous: authorization.is_none(), has }
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let tag = tag(b"one");
        let bare = tag.trim_start_matches("W/");
        for lines in [&[tag.as_str()][..], &["*"], &[&format!("\"x\", {tag}")], &[bare], &["\"x\"", &tag]] {
            assert!(caching(None, lines).has(&tag), "{lines:?}");
        }
        assert!(!caching(None, &["\"x\""]).has(&tag) && !caching(None, &[]).has(&tag));
    }

    #[test]
    fn who_is_known_gets_the_whole_answer_and_nobody_keeps_it() {
        let tag = tag(b"1");
        for keep in [Keep::Moment, Keep::Minute, Keep::Minutes, Keep::Hour, Keep::Asking] {
            let answer = caching(Some("Bearer x"), &[&tag]).json(keep, &1).unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "private, no-store");
            assert!(!answer.headers().contains_key(header::ETAG));
            let visitor = caching(None, &[&tag]).json(keep, &1).unwrap();
            assert_eq!(visitor.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(visitor.headers()[header::VARY], "authorization, origin");
        }
    }
}
