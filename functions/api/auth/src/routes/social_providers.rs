//! Which providers there are, for the buttons of a login page.

use axum::{Json, extract::State};
use serde::Serialize;

use crate::Providers;

/// A provider.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ProviderView {
    #[schema(example = "google")]
    id: String,
    #[schema(example = "Google")]
    name: String,
}

/// The providers.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ProviderList {
    results: Vec<ProviderView>,
}

/// The login providers of this platform.
#[utoipa::path(
    get, path = "/auth/social/providers", operation_id = "list_social_providers", tag = "auth", security(()),
    responses((status = 200, description = "The providers", body = ProviderList)),
)]
pub(crate) async fn list_social_providers(State(providers): State<Providers>) -> Json<ProviderList> {
    let view = |config: &crate::social::ProviderConfig| ProviderView {
        id: config.id.clone(),
        name: config.name.clone(),
    };
    Json(ProviderList { results: providers.all().map(view).collect() })
}
