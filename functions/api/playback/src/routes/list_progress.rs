//! A student sees how far he has watched.

use axum::{Json, extract::State};
use garde::Validate;
use http_kit::{ApiResult, CursorPage, CursorQuery, Platform, Query, SignedIn};
use kernel::{Id, id::kinds};
use serde::Deserialize;

use crate::{refusal, views::VideoProgressView};

/// Items of a page unless asked otherwise (seed 001).
const PAGE_SIZE: u32 = 20;

const fn default_size() -> u32 {
    PAGE_SIZE
}

/// Which progress.
#[derive(Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgressQuery {
    /// One of the caller's enrolments.
    #[garde(skip)]
    enrollment: Id<kinds::Enrollment>,
    /// Only this video.
    #[garde(skip)]
    video: Option<Id<kinds::Video>>,
    /// Items of a page.
    #[serde(default = "default_size")]
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    page_size: u32,
    /// Where this page begins; take it from `next`, don't make it.
    #[garde(inner(length(max = 1024)))]
    #[param(example = "eyJwayI6IjAxOTMzYjdhIn2b0Qn7sVx4LkT9mRz1cWpHd")]
    cursor: Option<String>,
}

/// The caller's progress in one video or in all videos of an enrolment.
#[utoipa::path(
    get, path = "/media/video-progress", operation_id = "list_video_progress", tag = "playback",
    params(ProgressQuery),
    responses((status = 200, description = "A page of progress", body = CursorPage<VideoProgressView>)),
)]
pub(crate) async fn list_progress(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<ProgressQuery>,
) -> ApiResult<Json<CursorPage<VideoProgressView>>> {
    let enrollment = platform.store().enrollments().get(caller.user_id, query.enrollment).await?;
    let enrollment = enrollment.ok_or_else(refusal::enrollment_not_found)?;
    let store = platform.store().progress();
    if let Some(video) = query.video {
        let progress = store.get(video, query.enrollment).await?;
        let results = progress.iter().map(|progress| VideoProgressView::new(progress, &enrollment)).collect();
        return Ok(Json(CursorPage { next: None, results }));
    }
    let page = CursorQuery { page_size: query.page_size, cursor: query.cursor };
    let list = format!("progress:{}", query.enrollment);
    let start = page.start(&platform, &list).await?;
    let found = store.of_enrollment(query.enrollment, page.page_size, start).await?;
    let results = found.items.iter().map(|progress| VideoProgressView::new(progress, &enrollment)).collect();
    let id = query.enrollment.to_string();
    let filters = [("enrollment", id.as_str())];
    page.page(&platform, &list, "/api/v1/media/video-progress", &filters, results, found.next).await.map(Json)
}
