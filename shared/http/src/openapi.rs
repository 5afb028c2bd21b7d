//! What all operations of the OpenAPI document share, so that no handler repeats it.

mod error_codes;

use utoipa::openapi::{
    Content, Deprecated, OpenApi, Ref, RefOr, ResponseBuilder, SecurityRequirement,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// The path of the API's version.
pub const BASE_PATH: &str = "/api/v1";

/// A group's routes below [`BASE_PATH`].
pub fn v1<S: Clone + Send + Sync + 'static>(routes: OpenApiRouter<S>) -> OpenApiRouter<S> {
    OpenApiRouter::new().nest(BASE_PATH, routes)
}

/// The same handlers at another path too, which clients of the seeds call: each operation is there once more, as deprecated, with `_legacy`
/// at the end of its id.
pub fn also_at<S>(path: &str, (schemas, paths, handlers): UtoipaMethodRouter<S>) -> UtoipaMethodRouter<S> {
    let moved = paths.paths.into_values().map(|mut item| {
        for operation in operations(&mut item) {
            operation.operation_id = operation.operation_id.take().map(|id| format!("{id}_legacy"));
            operation.deprecated = Some(Deprecated::True);
        }
        (path.to_owned(), item)
    });
    let mut at = utoipa::openapi::path::Paths::new();
    at.paths = moved.collect();
    (schemas, at, handlers)
}

/// The operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
        &mut item.head,
        &mut item.options,
    ];
    all.into_iter().flatten()
}

/// Completes a document: every operation that does not say `security(())` takes a bearer token, and every operation answers
/// its errors in the one format. `x-error-codes` names those that are an operation's own.
pub fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for (name, schema) in error_schemas() {
        components.schemas.insert(name, schema);
    }
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete_operation(operation);
        }
    }
    document
}

/// How many operations have error codes of their own.
pub fn operations_with_codes() -> usize {
    error_codes::count()
}

fn complete_operation(operation: &mut Operation) {
    if operation.security.is_none() {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    }
    if let Some(codes) = operation.operation_id.as_deref().and_then(error_codes::of) {
        operation.extensions.get_or_insert_default().insert("x-error-codes".into(), codes.into());
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(example) = header_example(parameter)
        {
            *parameter =
                ParameterBuilder::from(std::mem::take(parameter)).example(Some(example.into())).build();
        }
    }
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    let response = ResponseBuilder::new().description("Error").content("application/json", content).build();
    operation.responses.responses.entry("default".into()).or_insert_with(|| response.into());
}

/// What is sent in the headers that mean the same wherever they are taken.
fn header_example(parameter: &Parameter) -> Option<&'static str> {
    match (&parameter.parameter_in, parameter.name.as_str()) {
        (ParameterIn::Header, "Idempotency-Key") => Some("01933b7a-3c5e-7000-8000-4f2d1c9a7b10"),
        // An entity tag has its quotes (RFC 9110, 8.8.3).
        (ParameterIn::Header, "If-Match") => Some("\"7\""),
        _ => None,
    }
}

fn error_schemas() -> Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)> {
    use utoipa::{PartialSchema as _, ToSchema as _};
    let mut schemas = vec![("ErrorBody".to_owned(), crate::ErrorBody::schema())];
    crate::ErrorBody::schemas(&mut schemas);
    schemas
}
