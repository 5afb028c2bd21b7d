//! Which device logs in: a token that we made for it, in a cookie for browsers and in the body for other clients.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    response::{AppendHeaders, IntoResponseParts},
};
use http::{HeaderName, header, request::Parts};
use http_kit::{ApiResult, Platform};
use kernel::{Id, Secret, id::kinds, mac};
use store::entities::device::DEVICE_DAYS;

use crate::cookies;

/// The cookie's name. It is sent to the auth routes only.
const COOKIE: &str = "lf_device";
/// What the key that signs device tokens is derived for.
const KEY_PURPOSE: &str = "device";

/// A device that we have seen with a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownDevice {
    pub(crate) user: Id<kinds::User>,
    pub(crate) device: Id<kinds::Device>,
}

impl KnownDevice {
    /// The device that a token names; `None` when we did not make it.
    pub(crate) async fn read(platform: &Platform, token: &str) -> ApiResult<Option<Self>> {
        let Some((text, code)) = token.rsplit_once('.') else { return Ok(None) };
        let key = platform.derived_key(KEY_PURPOSE).await?;
        if !mac::matches(&key, text, code) {
            return Ok(None);
        }
        let ids =
            text.split_once('.').and_then(|(user, device)| Some((user.parse().ok()?, device.parse().ok()?)));
        Ok(ids.map(|(user, device)| Self { user, device }))
    }

    /// The token that proves the device.
    pub(crate) async fn token(self, platform: &Platform) -> ApiResult<Secret<String>> {
        let key = platform.derived_key(KEY_PURPOSE).await?;
        let text = format!("{}.{}", self.user, self.device);
        Ok(Secret::new(format!("{text}.{}", mac::code(&key, &text))))
    }
}

/// The device token that the browser sent by itself.
pub(crate) struct DeviceCookie(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for DeviceCookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(cookies::read(&parts.headers, COOKIE).map(ToOwned::to_owned)))
    }
}

/// The header by which a browser keeps the token.
pub(crate) fn set_cookie(token: &Secret<String>) -> impl IntoResponseParts + use<> {
    let seconds = DEVICE_DAYS * 24 * 3600;
    let cookie = format!(
        "{COOKIE}={}; Path=/api/v1/auth; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict",
        token.expose()
    );
    AppendHeaders::<[(HeaderName, String); 1]>([(header::SET_COOKIE, cookie)])
}
