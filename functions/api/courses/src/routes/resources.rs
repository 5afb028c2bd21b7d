//! Files of lessons: uploaded straight to S3, added to a lesson, handed out by links that work for minutes.

use std::collections::BTreeMap;

use axum::{Json, extract::State, response::Response};
use domain::course::resource::{DOWNLOAD_URL_LIFE, MAX_BYTES, UPLOAD_URL_LIFE, UPLOADS_PER_HOUR, is_taken};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, IdempotencyKey, Instructor, Params, Platform, Visitor, no_content};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{
    access::{lesson_to_take, own},
    files::{Files, NewResource, ResourceView},
    refusals::{no_resource, refused},
};

/// A file that is going to be uploaded.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadResource {
    /// PDF, ZIP, a picture, a document of an office program, or plain text, CSV, Markdown.
    #[garde(custom(taken))]
    #[schema(example = "application/pdf")]
    content_type: String,
    /// Exact bytes, at most 100 MiB.
    #[garde(range(min = 1, max = MAX_BYTES))]
    #[schema(example = 248_113)]
    size: u64,
}

fn taken(content_type: &str, _: &()) -> garde::Result {
    let message = "must be the type of a PDF, a ZIP, a JPEG, PNG, WebP or GIF, an office document, or text/plain, text/csv, text/markdown";
    if is_taken(content_type) { Ok(()) } else { Err(garde::Error::new(message)) }
}

/// Where to send the file.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ResourceTicket {
    /// Add it to a lesson with this id when the file has arrived.
    resource_id: Id<kinds::Resource>,
    /// PUT the file here, with `headers`.
    upload_url: String,
    /// Headers that the PUT must have: they are signed.
    #[schema(example = json!({"content-type": "application/pdf"}))]
    headers: BTreeMap<&'static str, String>,
    /// When the URL stops working. A file that no lesson gets within 23 hours is removed.
    expires_at: Timestamp,
}

/// Where to get the file.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ResourceLink {
    /// GET it; no login is asked for.
    #[schema(
        example = "https://learnflow-media.s3.amazonaws.com/resources/01933b7a/01933b7b?X-Amz-Signature=4f2d1c"
    )]
    url: String,
    expires_at: Timestamp,
}

/// Begins the upload of a file for the lessons of a course of the caller.
#[utoipa::path(
    post, path = "/courses/{id}/resources", operation_id = "upload_resource", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = UploadResource,
    responses((status = 201, description = "Where to send the file", body = ResourceTicket)),
)]
pub(crate) async fn upload_resource(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params(course): Params<Id<kinds::Course>>,
    key: IdempotencyKey,
    Body(new): Body<UploadResource>,
) -> ApiResult<Response> {
    let request = (course, &new);
    key.run(&platform, caller.user_id, "upload_resource", &request, async |attempt| {
        own(&platform, course, caller).await?;
        platform.throttle(&format!("resource:{}", caller.user_id), UPLOADS_PER_HOUR).await?;
        let resource_id = Id::from_uuid(attempt.uuid());
        platform.store().courses().begin_resource(course, resource_id).await?;
        let upload_url = files.put_url(course, resource_id, &new.content_type, new.size).await?;
        let headers = BTreeMap::from([("content-type", new.content_type.clone())]);
        let expires_at = platform.ambient().now() + UPLOAD_URL_LIFE;
        Ok((StatusCode::CREATED, ResourceTicket { resource_id, upload_url, headers, expires_at }))
    })
    .await
}

/// Gives a lesson of the caller a file that has arrived. Asked again for the same file, it answers as before.
#[utoipa::path(
    post, path = "/courses/{id}/lessons/{lesson_id}/resources", operation_id = "add_resource", tag = "courses",
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    request_body = NewResource,
    responses((status = 201, description = "The file", body = ResourceView)),
)]
pub(crate) async fn add_resource(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Instructor(caller): Instructor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
    Body(new): Body<NewResource>,
) -> ApiResult<(StatusCode, Json<ResourceView>)> {
    // Whose course it is comes first: of a course of another nobody learns which files it has.
    own(&platform, course, caller).await?;
    let file = files.arrived(&platform, course, &new).await?;
    platform.store().courses().add_resource(course, caller.user_id, lesson, &file).await.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(file.into())))
}

/// A link to a file of a lesson, for who may take the lesson. The file is saved, never shown in place.
#[utoipa::path(
    get, path = "/courses/{id}/lessons/{lesson_id}/resources/{resource_id}", operation_id = "get_resource", tag = "courses",
    security(()),
    params(
        ("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path),
        ("resource_id" = Id<kinds::Resource>, Path),
    ),
    responses((status = 200, description = "The link", body = ResourceLink)),
)]
pub(crate) async fn get_resource(
    State(platform): State<Platform>,
    State(files): State<Files>,
    Visitor(caller): Visitor,
    Params((course, lesson, id)): Params<(Id<kinds::Course>, Id<kinds::Lesson>, Id<kinds::Resource>)>,
) -> ApiResult<Json<ResourceLink>> {
    let lesson = lesson_to_take(&platform, caller, course, lesson).await?.lesson;
    let resources = platform.store().courses().resources(lesson.id).await?;
    let file = resources.into_iter().find(|file| file.id == id).ok_or_else(no_resource)?;
    let url = files.get_url(course, &file).await?;
    Ok(Json(ResourceLink { url, expires_at: platform.ambient().now() + DOWNLOAD_URL_LIFE }))
}

/// Takes a file away from a lesson of the caller; it is removed within minutes.
#[utoipa::path(
    delete, path = "/courses/{id}/lessons/{lesson_id}/resources/{resource_id}", operation_id = "remove_resource",
    tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path),
        ("resource_id" = Id<kinds::Resource>, Path),
    ),
    responses((status = 204, description = "The lesson has it no more")),
)]
pub(crate) async fn remove_resource(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, lesson, id)): Params<(Id<kinds::Course>, Id<kinds::Lesson>, Id<kinds::Resource>)>,
) -> ApiResult<Response> {
    let (courses, now) = (platform.store().courses(), platform.ambient().now());
    courses.remove_resource(course, caller.user_id, lesson, id, now).await.map_err(refused)?;
    Ok(no_content())
}
