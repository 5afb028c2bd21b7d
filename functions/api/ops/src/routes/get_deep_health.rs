//! Does everything behind it work?

use axum::{Json, extract::State};
use http::StatusCode;
use http_kit::{Admin, Platform};
use serde::Serialize;

use crate::dependencies::{Dependencies, DependencyHealth, QueueHealth};

/// State of all that the platform depends on.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DeepHealth {
    /// Whether everything is healthy.
    healthy: bool,
    services: Vec<DependencyHealth>,
    queues: Vec<QueueHealth>,
}

/// Asks every dependency: tables, storage, queues with their depth and dead letters. 503 when one is not healthy.
#[utoipa::path(
    get, path = "/health/deep", operation_id = "get_deep_health", tag = "ops",
    responses(
        (status = 200, description = "All is healthy", body = DeepHealth),
        (status = 503, description = "Something is not", body = DeepHealth),
    ),
)]
pub(crate) async fn get_deep_health(
    State(platform): State<Platform>,
    State(dependencies): State<Dependencies>,
    Admin(_caller): Admin,
) -> (StatusCode, Json<DeepHealth>) {
    let (services, queues) = futures::join!(dependencies.services(platform.store()), dependencies.queues());
    let healthy = services.iter().all(|one| one.healthy) && queues.iter().all(|one| one.healthy);
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(DeepHealth { healthy, services, queues }))
}
