//! An instructor copies a whole course: into another draft, into a document, and out of one.

use std::collections::HashMap;

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use course_document::{CourseDocument, Plan};
use domain::course::{COPIES_PER_HOUR, DOCUMENT_MAX, copy::LeftOut};
use http::{StatusCode, header};
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Outline, Video};

use crate::{
    carry::carry,
    files::Files,
    refusals::{course_not_found, faulty, not_made},
    views::CourseView,
};

/// Longest title.
const TITLE_MAX: usize = 255;
/// What the title of a duplicate ends with.
const COPY: &str = " (copy)";

/// A draft that was made of another course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CopiedCourse {
    #[serde(flatten)]
    course: CourseView,
    /// What its lessons came without.
    left_out: Vec<LeftOut>,
}

/// Makes a draft of the caller's with the sections, texts, quizzes and files of a course of his. Films are shown in both; of files it gets
/// its own, up to 90 of 512 MiB together. It appears when it is whole.
#[utoipa::path(
    post, path = "/courses/{id}/duplicate", operation_id = "duplicate_course", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    responses((status = 201, description = "The draft", body = CopiedCourse)),
)]
pub(crate) async fn duplicate_course(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
    key: IdempotencyKey,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "duplicate_course", &id, async |attempt| {
        let outline = own_outline(&platform, id, caller.user_id).await?;
        let materials = platform.store().courses().materials(&outline).await?;
        let mut document = CourseDocument::of(outline, materials);
        let title: String = document.course.title.chars().take(TITLE_MAX - COPY.len()).collect();
        document.course.title = title + COPY;
        Ok((StatusCode::CREATED, copy(&platform, &files, caller.user_id, attempt, document).await?))
    })
    .await
}

/// A course of the caller as one document, for his archive or for an import. The links in it work for an hour.
#[utoipa::path(
    get, path = "/courses/{id}/export", operation_id = "export_course", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    responses((status = 200, description = "The document", body = CourseDocument)),
)]
pub(crate) async fn export_course(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<Response> {
    let outline = own_outline(&platform, id, caller.user_id).await?;
    let materials = platform.store().courses().materials(&outline).await?;
    let mut document = CourseDocument::of(outline, materials);
    let wanted = document.lessons().filter_map(|lesson| lesson.video.as_ref()).map(|video| video.id);
    let videos = platform.store().batch().with_all::<Video>(wanted.map(Video::key_of)).read().await?;
    let videos: HashMap<_, _> = videos.all::<Video>()?.into_iter().map(|video| (video.id, video)).collect();
    for lesson in document.lessons_mut() {
        if let Some(reference) = &mut lesson.video {
            let is_kept = |video: &&Video| !video.file_key.is_empty() && video.deleted_at.is_none();
            let source = videos.get(&reference.id).filter(is_kept);
            reference.url = match source {
                Some(video) => Some(files.source_url(&video.file_key).await?),
                None => None,
            };
        }
        for file in &mut lesson.files {
            file.url = Some(files.archive_url(id, file).await?);
        }
    }
    let text = serde_json::to_string(&document).map_err(ApiError::internal)?;
    if text.len() > DOCUMENT_MAX || escaped(&text) > ANSWER_MAX {
        let message =
            "The course is too large for one document of 5 MB. Duplicate it and delete a part of each.";
        return Err(ApiError::conflict("COURSE_TOO_LARGE", message));
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// Bytes of a document inside the JSON that a function gives to Lambda, which has at most 6 MB (Lambda developer guide, "Quotas"); the
/// rest is for the headers.
const ANSWER_MAX: usize = 5_900_000;

/// Bytes of a text as a string in JSON: what is escaped there takes two, and a document of JSON is full of quotation marks.
fn escaped(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

/// Makes a draft of a document, by the rules of single courses, sections and lessons. Films are shown where they are the caller's; files that
/// a course of the caller has are copied, up to 90 of 512 MiB together. It appears when it is whole. A document has at most 5 MB.
#[utoipa::path(
    post, path = "/courses/import", operation_id = "import_course", tag = "courses",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = CourseDocument,
    responses((status = 201, description = "The draft", body = CopiedCourse)),
)]
pub(crate) async fn import_course(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    key: IdempotencyKey,
    Body(document): Body<CourseDocument>,
) -> ApiResult<Response> {
    let sent = serde_json::to_string(&document).map_err(ApiError::internal)?;
    key.run(&platform, caller.user_id, "import_course", &sent, async |attempt| {
        Ok((StatusCode::CREATED, copy(&platform, &files, caller.user_id, attempt, document).await?))
    })
    .await
}

/// Makes a draft of a document.
async fn copy(
    platform: &Platform,
    files: &Files,
    owner: Id<kinds::User>,
    attempt: Id<kinds::Event>,
    document: CourseDocument,
) -> ApiResult<CopiedCourse> {
    let plan = Plan::of(document, attempt).map_err(faulty)?;
    platform.throttle(&format!("copy:{owner}"), COPIES_PER_HOUR).await?;
    let (store, ambient) = (platform.store(), platform.ambient());
    let making = plan.begin(store, ambient, owner).await.map_err(not_made)?;
    let brought = carry(platform, files, &making).await?;
    let made = making.finish(store, ambient, brought).await.map_err(not_made)?;
    Ok(CopiedCourse { course: made.course.into(), left_out: made.left_out })
}

/// A course of the caller with all its lessons.
async fn own_outline(
    platform: &Platform,
    id: Id<kinds::Course>,
    owner: Id<kinds::User>,
) -> ApiResult<Outline> {
    let outline = platform.store().courses().outline(id).await?;
    outline.filter(|outline| outline.course.is_taught_by(owner)).ok_or_else(course_not_found)
}
