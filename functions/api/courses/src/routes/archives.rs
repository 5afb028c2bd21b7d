//! An instructor takes a whole course with its files away as one archive, and makes a draft of such an archive.

use axum::{Json, extract::State, response::Response};
use domain::course::{
    COPIES_PER_HOUR,
    archive::{BYTES_MAX, EXPORTS_PER_HOUR, IMPORTS_PER_HOUR},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Instructor, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{CourseExport, CourseImport, course_archive::Asked};

use crate::{
    access::own,
    archives::{Archives, CourseExportView, CourseImportView, ImportTicket},
};

/// Begins to write a course of the caller into an archive: a ZIP of `course.json`, the document that the export of the document gives, and
/// `files/` with the files of the lessons under their identifiers. Films stay away, for their size. While one is being written, the answer
/// is that one.
#[utoipa::path(
    post, path = "/courses/{id}/archive", operation_id = "request_course_archive", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    responses((status = 202, description = "It is being written", body = CourseExportView)),
)]
pub(crate) async fn request_course_archive(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<(StatusCode, Json<CourseExportView>)> {
    let course = own(&platform, id, caller).await?;
    platform.throttle(&format!("course-archive:{}", caller.user_id), EXPORTS_PER_HOUR).await?;
    let (ambient, now) = (platform.ambient(), platform.ambient().now());
    let export = CourseExport::new(ambient.id(), caller.user_id, id, now);
    let export = match platform.store().course_archives().ask(&export).await? {
        Asked::Begun => export,
        // Its message may have been lost; the job writes the archive once.
        Asked::Pending(earlier) => earlier,
    };
    archives.write(&export).await?;
    Ok((StatusCode::ACCEPTED, Json(archives.view(&course, export, now).await?)))
}

/// The archive of a course of the caller that was asked for last, with a link of 15 minutes when it is ready. It can be fetched for a week.
#[utoipa::path(
    get, path = "/courses/{id}/archive", operation_id = "get_course_archive", tag = "courses",
    params(("id" = Id<kinds::Course>, Path)),
    responses((status = 200, description = "The state", body = CourseExportView)),
)]
pub(crate) async fn get_course_archive(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Course>>,
) -> ApiResult<Json<CourseExportView>> {
    let course = own(&platform, id, caller).await?;
    let Some(export) = platform.store().course_archives().export_of(caller.user_id, id).await? else {
        let message = "There is no archive of the course. POST to the same path begins one.";
        return Err(ApiError::not_found("ARCHIVE_NOT_FOUND", message));
    };
    Ok(Json(archives.view(&course, export, platform.ambient().now()).await?))
}

/// An archive that is going to be uploaded.
#[derive(Clone, Copy, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadCourseArchive {
    /// Exact bytes.
    #[garde(range(min = 1, max = BYTES_MAX))]
    #[schema(example = 4_821_300)]
    size: u64,
}

/// Begins the upload of an archive of a course, of the form that an export has: at most 600 files of 512 MiB together, each of 100 MiB.
#[utoipa::path(
    post, path = "/courses/import-archive/ticket", operation_id = "upload_course_archive", tag = "courses",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request")),
    request_body = UploadCourseArchive,
    responses((status = 201, description = "Where to send the archive", body = ImportTicket)),
)]
pub(crate) async fn upload_course_archive(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    Instructor(caller): Instructor,
    key: IdempotencyKey,
    Body(new): Body<UploadCourseArchive>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "upload_course_archive", &new, async |attempt| {
        platform.throttle(&format!("course-import:{}", caller.user_id), IMPORTS_PER_HOUR).await?;
        let (id, now) = (Id::from_uuid(attempt.uuid()), platform.ambient().now());
        Ok((StatusCode::CREATED, archives.ticket(caller.user_id, id, new.size, now).await?))
    })
    .await
}

/// An archive that has arrived.
#[derive(Clone, Copy, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportCourseArchive {
    /// As the upload's ticket gave it.
    #[garde(skip)]
    archive_id: Id<kinds::Archive>,
}

/// Begins to make a draft of an archive that has arrived. Asked again for the same one, it says how far it is.
#[utoipa::path(
    post, path = "/courses/import-archive", operation_id = "import_course_archive", tag = "courses",
    request_body = ImportCourseArchive,
    responses((status = 202, description = "A draft is being made of it", body = CourseImportView)),
)]
pub(crate) async fn import_course_archive(
    State(platform): State<Platform>,
    State(archives): State<Archives>,
    Instructor(caller): Instructor,
    Body(ImportCourseArchive { archive_id }): Body<ImportCourseArchive>,
) -> ApiResult<(StatusCode, Json<CourseImportView>)> {
    let (imports, now) = (platform.store().course_archives(), platform.ambient().now());
    let import = match imports.import_of(caller.user_id, archive_id).await? {
        Some(earlier) => earlier,
        None => {
            archives.demand_arrived(caller.user_id, archive_id, now).await?;
            platform.throttle(&format!("copy:{}", caller.user_id), COPIES_PER_HOUR).await?;
            imports.begin_import(&CourseImport::new(archive_id, caller.user_id, now)).await?
        }
    };
    // Its message may have been lost; the job makes one draft of it.
    if !import.status.has_ended() {
        archives.read(&import).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// How far an import of the caller is, and which draft came of it.
#[utoipa::path(
    get, path = "/courses/import-archive/{id}", operation_id = "get_course_import", tag = "courses",
    params(("id" = Id<kinds::Archive>, Path)),
    responses((status = 200, description = "The state", body = CourseImportView)),
)]
pub(crate) async fn get_course_import(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params(id): Params<Id<kinds::Archive>>,
) -> ApiResult<Json<CourseImportView>> {
    let Some(import) = platform.store().course_archives().import_of(caller.user_id, id).await? else {
        let message = "There is no such import. POST /api/v1/courses/import-archive begins one.";
        return Err(ApiError::not_found("IMPORT_NOT_FOUND", message));
    };
    Ok(Json(import.into()))
}
