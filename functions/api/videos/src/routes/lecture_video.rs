//! A video under the nested path of seed 002: a lecture is a course there, and a session a section.

use api_views::VideoView;
use axum::{Json, extract::State};
use http_kit::{ApiResult, ClassQuery, Params, Platform, Query, SignedIn, openapi::BASE_PATH};
use kernel::{Id, id::kinds};

use crate::stats::{Lecture, VideoStatsView};

type Nested = (Id<kinds::Course>, Id<kinds::Section>, Id<kinds::Video>);

/// The caller's video in this course and section.
#[utoipa::path(
    get, path = "/media/lectures/{course}/sessions/{section}/videos/{id}", operation_id = "get_lecture_video",
    tag = "videos",
    params(("course" = Id<kinds::Course>, Path), ("section" = Id<kinds::Section>, Path), ("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn get_lecture_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, section, id)): Params<Nested>,
) -> ApiResult<Json<VideoView>> {
    let lecture = Lecture::of_section(&platform, caller, id, (course, section)).await?;
    Ok(Json(VideoView::own(lecture.video, platform.public_base_url())))
}

/// The same as `GET /media/videos/{id}/stats`, for the class of this course.
#[utoipa::path(
    get, path = "/media/lectures/{course}/sessions/{section}/videos/{id}/stats", operation_id = "get_lecture_video_stats",
    tag = "videos",
    params(
        ("course" = Id<kinds::Course>, Path), ("section" = Id<kinds::Section>, Path), ("id" = Id<kinds::Video>, Path),
        ClassQuery,
    ),
    responses((status = 200, description = "Video and class", body = VideoStatsView)),
)]
pub(crate) async fn get_lecture_video_stats(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, section, id)): Params<Nested>,
    Query(page): Query<ClassQuery>,
) -> ApiResult<Json<VideoStatsView>> {
    let lecture = Lecture::of_section(&platform, caller, id, (course, section)).await?;
    let path = format!("{BASE_PATH}/media/lectures/{course}/sessions/{section}/videos/{id}/stats");
    Ok(Json(lecture.stats(&platform, page, &path).await?))
}
