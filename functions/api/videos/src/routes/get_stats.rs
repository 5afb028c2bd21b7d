//! A teacher looks at how his class watches a video.

use axum::{Json, extract::State};
use http_kit::{ApiResult, ClassQuery, Params, Platform, Query, SignedIn, openapi::BASE_PATH};
use kernel::{Id, id::kinds};

use crate::stats::{CourseQuery, Lecture, VideoStatsView};

/// The caller's video with its class (seed 002): who has watched how far, attendance, rules, and the numbers of all of it. Up to 1,000 students in
/// a page; the numbers are those of the whole class on each.
#[utoipa::path(
    get, path = "/media/videos/{id}/stats", operation_id = "get_video_stats", tag = "videos",
    params(("id" = Id<kinds::Video>, Path), CourseQuery, ClassQuery),
    responses((status = 200, description = "Video and class", body = VideoStatsView)),
)]
pub(crate) async fn get_stats(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Query(which): Query<CourseQuery>,
    Query(page): Query<ClassQuery>,
) -> ApiResult<Json<VideoStatsView>> {
    let lecture = Lecture::of_course(&platform, caller, id, which.course).await?;
    let path = format!("{BASE_PATH}/media/videos/{id}/stats");
    Ok(Json(lecture.stats(&platform, page, &path).await?))
}
