//! The one error of the API (seed 001, §6.1) and the one place where it becomes a response.

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::{StoreError, TransactionError};

/// What a handler gives.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error that a client meets: a status, a stable code, and a sentence that says what to do. The cause is for the log only.
#[derive(Debug)]
pub struct ApiError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    details: Value,
    retry_after: Option<u32>,
    playback: bool,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The body of every error.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorObject,
    /// The playback endpoints repeat the code here, where the player of seed 002 reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What went wrong.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ErrorObject {
    /// Stable code; docs/errors.md lists them.
    #[schema(example = "VALIDATION_FAILED")]
    pub code: String,
    /// What to do, for a person.
    pub message: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// More, by field.
    #[schema(value_type = Object)]
    pub details: Value,
}

impl ApiError {
    /// An error of any status.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            status,
            code,
            message: message.into(),
            details: Value::Object(Map::new()),
            retry_after: None,
            playback: false,
            cause: None,
        }))
    }

    /// 400: the request can't be read.
    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401: the caller has not proven who he is.
    pub fn unauthorized(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    /// 403: the caller is known and may not.
    pub fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 403: the caller is no admin, or is none any more.
    pub fn admins_only() -> Self {
        Self::forbidden("ADMINS_ONLY", "Only admins may do this.")
    }

    /// 403: what would outlive a reset of the password needs an address that was shown to be the owner's.
    pub fn email_not_verified() -> Self {
        let message = "Confirm your e-mail address first: the mail has a link, POST /api/v1/auth/resend-verification sends it again.";
        Self::forbidden("EMAIL_NOT_VERIFIED", message)
    }

    /// 404: there is no such thing, or the caller may not know that there is.
    pub fn not_found(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 409: the state of the thing does not allow it.
    pub fn conflict(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 422: the request is well-formed and one of its values is not valid.
    pub fn invalid(field: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::validation([(field.to_owned(), vec![message.into().into_owned()])])
    }

    /// 422 for several fields: each with what is wrong with it.
    pub fn validation(fields: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        let details: Map<String, Value> =
            fields.into_iter().map(|(name, errors)| (name, json!(errors))).collect();
        Self::unprocessable("VALIDATION_FAILED", "Some fields are not valid: see details.")
            .with_details(Value::Object(details))
    }

    /// 422 with a code of its own.
    pub fn unprocessable(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 429: ask again after so many seconds.
    pub fn too_many_requests(retry_after: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "Too many requests. Wait, then try again.")
            .with_retry_after(retry_after)
    }

    /// 500. The message never tells what happened inside; the cause goes to the log.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "Something went wrong on our side. Try again; if it stays so, report the x-request-id of this answer.",
        )
        .because(cause)
    }

    /// 503: not now.
    pub fn unavailable(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).with_retry_after(1)
    }

    /// What led to it, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// More for the client, by field.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.0.details = details;
        self
    }

    /// When to ask again, in seconds.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Gives the code as top-level `detail` too (seed 002's player reads it there).
    #[must_use]
    pub fn playback(mut self) -> Self {
        self.0.playback = true;
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }
}

/// What the request's log line says of an error.
#[derive(Clone, Debug)]
pub(crate) struct LoggedError {
    pub(crate) code: &'static str,
    pub(crate) cause: Option<String>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let inner = *self.0;
        let body = ErrorBody {
            detail: inner.playback.then(|| inner.code.to_owned()),
            error: ErrorObject {
                code: inner.code.to_owned(),
                message: inner.message.into_owned(),
                status: inner.status.as_u16(),
                details: inner.details,
            },
        };
        let mut response = (inner.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = inner.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if inner.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let cause = inner.cause.map(|cause| chain(cause.as_ref()));
        response.extensions_mut().insert(LoggedError { code: inner.code, cause });
        response
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Throttled => {
                Self::unavailable("BUSY", "The platform is busy. Try again in a moment.")
            }
            // A condition that a handler did not expect to fail means that someone changed the same thing just now.
            StoreError::ConditionFailed(_) => Self::conflict(
                "CHANGED_MEANWHILE",
                "It was changed at the same time. Read it again, then try again.",
            ),
            error => Self::internal(error),
        }
    }
}

impl<L: std::fmt::Debug> From<TransactionError<L>> for ApiError {
    fn from(error: TransactionError<L>) -> Self {
        match error {
            TransactionError::Failed { .. } => Self::from(StoreError::ConditionFailed(None)),
            TransactionError::Store(error) => Self::from(error),
        }
    }
}

impl From<cloud::objects::ObjectError> for ApiError {
    fn from(error: cloud::objects::ObjectError) -> Self {
        Self::internal(error)
    }
}

impl From<cloud::queues::QueueError> for ApiError {
    fn from(error: cloud::queues::QueueError) -> Self {
        Self::internal(error)
    }
}

impl From<cloud::secrets::SecretError> for ApiError {
    fn from(error: cloud::secrets::SecretError) -> Self {
        Self::internal(error)
    }
}

/// A reason as a sentence, for the messages of errors.
pub fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}
