//! A teacher takes the list of his class with him.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::header;
use http_kit::{ApiResult, Params, Platform, Query, SignedIn};
use kernel::{Id, id::kinds};

use crate::stats::{CourseQuery, Lecture};

/// The whole class of the caller's video as a table for spreadsheets: UTF-8 with a byte order mark, RFC 4180. A name that a spreadsheet would take for
/// a formula has an apostrophe before it. For classes of up to 20,000.
#[utoipa::path(
    get, path = "/media/videos/{id}/stats.csv", operation_id = "export_video_stats", tag = "videos",
    params(("id" = Id<kinds::Video>, Path), CourseQuery),
    responses((
        status = 200, description = "The table", body = String, content_type = "text/csv",
        example = "student_name,student_id,enrollment,enrollment_status,attendance_status,progress_percent,completed,rule,is_override,effective_rule,violations\r\n",
    )),
)]
pub(crate) async fn export_stats(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Query(which): Query<CourseQuery>,
) -> ApiResult<Response> {
    let lecture = Lecture::of_course(&platform, caller, id, which.course).await?;
    let text = lecture.csv(&platform).await?;
    let name = format!("attachment; filename=\"video-{id}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        // lambda_http decodes what has a type of text, and takes the byte order mark away; what names its coding it hands on as it is.
        (header::CONTENT_ENCODING, "identity"),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, text).into_response())
}
