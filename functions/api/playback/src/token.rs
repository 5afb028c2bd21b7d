//! The playback token: a JWT (RFC 7519) with HS256 that binds a play to user, device, session, video and version (seed 002, drm.py).

use domain::playback::Policy;
use ephemeral::Play;
use http_kit::{ApiError, ApiResult, Principal};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::{Id, Secret, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    cookies::Stream,
    grant::Grant,
    refusal::{self, TokenFault},
};

/// The `typ` of playback tokens: an access token is none, and the other way round.
const TOKEN_TYPE: &str = "playback+jwt";
/// The `aud` of playback tokens.
const AUDIENCE: &str = "learnflow-playback";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) aud: String,
    /// The user; for a visitor an id made from his device's.
    pub(crate) sub: Id<kinds::User>,
    /// Whether it is a visitor without an account.
    #[serde(default)]
    pub(crate) visitor: bool,
    #[serde(rename = "sid")]
    pub(crate) session: Id<kinds::Playback>,
    pub(crate) video_id: Id<kinds::Video>,
    pub(crate) version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enrollment_id: Option<Id<kinds::Enrollment>>,
    pub(crate) device_id: String,
    pub(crate) policy: Policy,
    /// Issue and end in epoch seconds; the end is the session's.
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

impl Claims {
    pub(crate) const fn stream(&self) -> Stream {
        Stream { video: self.video_id, version: self.version }
    }

    /// The play in the words of the live state.
    pub(crate) fn play(&self) -> Play {
        let Self { sub: user, session, video_id: video, .. } = *self;
        Play { user, session, video, device_id: self.device_id.clone() }
    }

    /// The same play with another policy and end, of this version.
    pub(crate) fn renewed(self, grant: Grant, iat: i64, exp: i64) -> Self {
        Self { policy: grant.policy, version: grant.version, iat, exp, ..self }
    }

    /// The audience of every token.
    pub(crate) fn audience() -> String {
        AUDIENCE.to_owned()
    }
}

/// Who may use a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// Its user, logged in, or the visitor that it was given to.
    User,
    /// Also who sends no login: a browser that leaves the page reports with `sendBeacon`, which can't send one (seed 002's client).
    Anyone,
}

/// A token, and what it must agree with.
pub(crate) struct Expected<'a> {
    pub(crate) token: &'a str,
    pub(crate) video: Id<kinds::Video>,
    pub(crate) caller: Option<Principal>,
    pub(crate) bearer: Bearer,
    /// What the request says of its session and device; both may be left out.
    pub(crate) session: Option<&'a str>,
    pub(crate) device: Option<&'a str>,
}

/// Signs and checks tokens.
pub(crate) struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl TokenKey {
    pub(crate) fn new(key: &Secret<[u8; 32]>) -> Self {
        let key = key.expose();
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key) }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> ApiResult<String> {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TOKEN_TYPE.to_owned());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(ApiError::internal)
    }

    /// The claims of a genuine token that has not expired at `now` and fits the request.
    ///
    /// # Errors
    /// 401 with seed 002's code.
    pub(crate) fn check(&self, now: i64, expected: &Expected<'_>) -> ApiResult<Claims> {
        let claims = self.genuine(expected.token).ok_or_else(|| refusal::token(TokenFault::NotOurs))?;
        let is_user = match expected.caller {
            Some(caller) => !claims.visitor && caller.user_id == claims.sub,
            None => claims.visitor || expected.bearer == Bearer::Anyone,
        };
        let fault = if claims.exp <= now {
            TokenFault::Expired
        } else if claims.video_id != expected.video {
            TokenFault::OtherVideo
        } else if !is_user {
            TokenFault::OtherUser
        } else if expected.device.is_some_and(|device| device != claims.device_id) {
            TokenFault::OtherDevice
        } else if expected.session.is_some_and(|session| session != claims.session.to_string()) {
            TokenFault::OtherSession
        } else {
            return Ok(claims);
        };
        Err(refusal::token(fault))
    }

    fn genuine(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TOKEN_TYPE) {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud", "sub"]);
        // Expiry is checked by the caller against the injected clock.
        rules.validate_exp = false;
        Some(jsonwebtoken::decode::<Claims>(token, &self.decoding, &rules).ok()?.claims)
    }
}
