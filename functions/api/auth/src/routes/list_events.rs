//! A user sees what happened to the security of his account.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::identity::SecurityEventKind;
use http_kit::{ApiResult, CursorPage, CursorQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::SecurityEvent;

/// A security event.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventView {
    id: Id<kinds::Event>,
    kind: SecurityEventKind,
    at: Timestamp,
    /// The network address; after 30 days its network, such as `203.0.113.0/24`.
    #[schema(example = "203.0.113.7")]
    ip_address: String,
    device_info: String,
    /// More, by name.
    details: BTreeMap<String, String>,
}

impl From<SecurityEvent> for EventView {
    fn from(event: SecurityEvent) -> Self {
        let SecurityEvent { id, kind, at, ip_address, device_info, details, .. } = event;
        Self { id, kind, at, ip_address, device_info, details }
    }
}

/// What happened to the security of the caller's account in the last 400 days, the newest first.
#[utoipa::path(
    get, path = "/auth/events", operation_id = "list_security_events", tag = "auth",
    params(CursorQuery),
    responses((status = 200, description = "The events, the newest first", body = CursorPage<EventView>)),
)]
pub(crate) async fn list_events(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<EventView>>> {
    let list = format!("events:{}", caller.user_id);
    let start = query.start(&platform, &list).await?;
    let store = platform.store();
    let mut page = store.security_events().events_of(caller.user_id, query.page_size, start).await?;
    store.with_whole_addresses(&mut page.items, platform.ambient().now()).await?;
    let results = page.items.into_iter().map(EventView::from).collect();
    let path = format!("{BASE_PATH}/auth/events");
    Ok(Json(query.page(&platform, &list, &path, &[], results, page.next).await?))
}
