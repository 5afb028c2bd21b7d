//! Is it up?

use axum::Json;
use serde::Serialize;

/// Up.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the API answers. Asks nothing else, so that a check every few seconds costs nothing.
#[utoipa::path(
    get, path = "/health", operation_id = "get_health", tag = "ops", security(()),
    responses((status = 200, description = "It is up", body = Health)),
)]
pub(crate) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}
