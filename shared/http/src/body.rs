//! What a handler takes: a JSON body, a query string, path parameters. Each is parsed into a type that holds only what the
//! caller may set, and each refusal names the field.

use axum::extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection};
use bytes::Bytes;
use garde::Validate;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// A valid JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()>, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(error)
                if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE =>
            {
                too_large()
            }
            _ => ApiError::bad_request("BODY_UNREADABLE", "The body could not be read. Send it again."),
        })?;
        parse(&bytes).map(Self)
    }
}

/// 413: the body is above the limit.
pub(crate) fn too_large() -> ApiError {
    let status = http::StatusCode::PAYLOAD_TOO_LARGE;
    ApiError::new(
        status,
        "BODY_TOO_LARGE",
        "Send a smaller body: at most 1 MiB, for the document of a course 5 MB.",
    )
}

/// Parses and validates a JSON body.
///
/// # Errors
/// 400 for what is not JSON; 422 naming the field for what has a wrong type, a field too many or too few, or a value out of range.
pub fn parse<T: DeserializeOwned + Validate<Context = ()>>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.classify() == serde_json::error::Category::Data {
            // serde's sentence without the position, which means nothing to who sent an object from a program.
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default().to_owned();
            ApiError::validation([(field_of(&path, &text), vec![text])])
        } else {
            malformed()
        }
    })?;
    json.end().map_err(|_| malformed())?;
    check(&value)?;
    Ok(value)
}

/// The field that an error is about. A missing one is no step of the path: serde names it in its sentence.
fn field_of(path: &str, text: &str) -> String {
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (path, missing) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => "body".to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    }
}

fn malformed() -> ApiError {
    ApiError::bad_request("MALFORMED_JSON", "The body is not JSON. Send one JSON object in UTF-8.")
}

fn check<T: Validate<Context = ()>>(value: &T) -> Result<(), ApiError> {
    value.validate().map_err(|report| {
        let mut fields: Vec<(String, Vec<String>)> = Vec::new();
        for (path, error) in report.iter() {
            let name = path.to_string();
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, errors)) => errors.push(error.to_string()),
                None => fields.push((name, vec![error.to_string()])),
            }
        }
        ApiError::validation(fields)
    })
}

/// A valid query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Validate<Context = ()>, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let axum::extract::Query(value) =
            axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|error| {
                let source =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                // «page: invalid digit found in string»: the field, then what is wrong with it.
                let (field, reason) = source.split_once(": ").unwrap_or(("query", &source));
                ApiError::validation([(field.to_owned(), vec![reason.to_owned()])])
            })?;
        check(&value)?;
        Ok(Self(value))
    }
}

/// Path parameters. A malformed one names nothing, so the answer is 404 without a read.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::not_found(
                "NOT_FOUND",
                "There is no such thing. Check the identifier in the path.",
            )),
        }
    }
}
