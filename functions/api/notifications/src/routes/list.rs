//! A user looks at what he was told.

use std::sync::Arc;

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiError, ApiResult, CursorQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use letters::Writer;
use serde::{Deserialize, Serialize};

use crate::views::{NotificationView, user_not_found};

/// The filter of the list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only what was not read.
    #[serde(default)]
    #[garde(skip)]
    #[param(default = false, example = true)]
    unread: bool,
}

/// A page of notifications.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotificationPage {
    /// How many were not read, on whichever page.
    #[schema(example = 3)]
    unread_count: u64,
    /// The next page's URL.
    next: Option<String>,
    results: Vec<NotificationView>,
}

/// What the caller was told, the newest first, in the language of his profile. A notification is kept for 180 days after the end of the
/// quarter in which it was made.
#[utoipa::path(
    get, path = "/notifications", operation_id = "list_notifications", tag = "notifications",
    params(CursorQuery, Filter),
    responses((status = 200, description = "A page of notifications", body = NotificationPage)),
)]
pub(crate) async fn list_notifications(
    State(platform): State<Platform>,
    State(writer): State<Arc<Writer>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<CursorQuery>,
    Query(filter): Query<Filter>,
) -> ApiResult<Json<NotificationPage>> {
    let (user, now) = (caller.user_id, platform.ambient().now());
    let list = format!("notifications#{user}#{}", filter.unread);
    let start = query.start(&platform, &list).await?;
    let notifications = platform.store().notifications();
    let page = notifications.of_user(user, filter.unread, now, start, query.page_size).await?;
    let (reader, unread_count) = notifications.reader(user, now).await?.ok_or_else(user_not_found)?;
    let view = |one| NotificationView::new(&writer, &reader, one);
    let results = page.items.into_iter().map(view).collect::<Result<_, _>>().map_err(ApiError::internal)?;
    let filters: &[_] = if filter.unread { &[("unread", "true")] } else { &[] };
    let path = format!("{BASE_PATH}/notifications");
    let page = query.page(&platform, &list, &path, filters, results, page.next).await?;
    Ok(Json(NotificationPage { unread_count, next: page.next, results: page.results }))
}
