//! The whole system in one place: all groups of the API, for the OpenAPI document and for the tests that see the platform as its
//! users do.

use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, ServerBuilder};

/// A group of the API: its function in template.yaml (`Metadata.Binary`) and its part of the OpenAPI document.
pub struct Group {
    /// Name of the binary.
    pub binary: &'static str,
    /// Its operations.
    pub document: OpenApi,
}

/// Every group.
pub fn groups() -> Vec<Group> {
    let group = |binary, document| Group { binary, document };
    vec![
        group("api-auth", api_auth::router().into_openapi()),
        group("api-users", api_users::router().into_openapi()),
        group("api-billing", api_billing::router().into_openapi()),
        group("api-cart", api_cart::router().into_openapi()),
        group("api-channels", api_channels::router().into_openapi()),
        group("api-courses", api_courses::router().into_openapi()),
        group("api-reviews", api_reviews::router().into_openapi()),
        group("api-search", api_search::router().into_openapi()),
        group("api-uploads", api_uploads::router().into_openapi()),
        group("api-videos", api_videos::router().into_openapi()),
        group("api-dashboard", api_dashboard::router().into_openapi()),
        group("api-enrollments", api_enrollments::router().into_openapi()),
        group("api-notifications", api_notifications::router().into_openapi()),
        group("api-orders", api_orders::router().into_openapi()),
        group("api-payments", api_payments::router().into_openapi()),
        group("api-receipts", api_receipts::router().into_openapi()),
        group("api-playback", api_playback::router().into_openapi()),
        group("api-ops", api_ops::router().into_openapi()),
    ]
}

/// The OpenAPI document of the whole API.
pub fn openapi() -> OpenApi {
    let mut all = groups().into_iter().map(|group| group.document).reduce(|mut all, one| {
        all.merge(one);
        all
    });
    let mut document = http_kit::openapi::complete(all.take().unwrap_or_default());
    document.info = InfoBuilder::new()
        .title("LearnFlow")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Course marketplace, protected lecture playback, creator channels."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").build()]);
    document
}

/// The document as the text of `functions/api/ops/openapi.json`.
pub fn openapi_text() -> String {
    // Through a value, whose maps are sorted, so that the order of registration does not show.
    let value = serde_json::to_value(openapi()).unwrap_or_default();
    format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default())
}
