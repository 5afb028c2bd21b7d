//! Courses on their way into archives, and out of them: what teachers see of it, and how the job is told.

use std::{collections::BTreeMap, sync::Arc};

use cloud::{Objects, objects::ObjectError};
use contracts::archive::CourseArchive;
use domain::course::{
    archive::{BYTES_MAX, CONTENT_TYPE, LINK_LIFE, UPLOAD_URL_LIFE},
    copy::LeftOut,
    resource::{ATTACH_WITHIN, attachment},
};
use http_kit::{ApiError, ApiResult};
use jobs::Publisher;
use kernel::{Id, Timestamp, ambient::created_at, id::kinds};
use serde::Serialize;
use store::entities::{Course, CourseExport, CourseImport, course_archive::ArchiveStatus};

use crate::Settings;

/// The archives. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archives {
    objects: Objects,
    publisher: Publisher,
    uploads_bucket: Arc<str>,
    exports_bucket: Arc<str>,
}

/// How far an archive is.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ArchiveState {
    /// Asked for.
    Queued,
    /// The job is at it.
    Running,
    /// Done.
    Ready,
    /// It can't be done; `reason` says what to do.
    Failed,
    /// An export: it could be fetched for a week; ask for another.
    Expired,
}

impl From<ArchiveStatus> for ArchiveState {
    fn from(status: ArchiveStatus) -> Self {
        match status {
            ArchiveStatus::Queued => Self::Queued,
            ArchiveStatus::Running => Self::Running,
            ArchiveStatus::Ready => Self::Ready,
            ArchiveStatus::Failed => Self::Failed,
        }
    }
}

/// The archive of a course that was asked for last.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseExportView {
    id: Id<kinds::Archive>,
    status: ArchiveState,
    /// Why it failed, and what to do.
    #[schema(example = "The course was deleted meanwhile.")]
    reason: Option<String>,
    requested_at: Timestamp,
    /// Until when it can be fetched; null before it is ready.
    available_until: Option<Timestamp>,
    /// Bytes; null before it is ready.
    #[schema(example = 4_821_300)]
    size_bytes: Option<u64>,
    /// While it is ready.
    download: Option<CourseExportLink>,
}

/// Where to fetch the archive, a ZIP of `course.json` and the files of the lessons.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseExportLink {
    /// Whoever has it can fetch the archive.
    #[schema(
        example = "https://learnflow-exports.s3.amazonaws.com/course-archives/01933b7a.zip?X-Amz-Signature=4f2d1c"
    )]
    url: String,
    /// 15 minutes from now.
    expires_at: Timestamp,
}

/// Where to send an archive.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ImportTicket {
    /// Import it under this id once it has arrived.
    archive_id: Id<kinds::Archive>,
    /// PUT the archive here, with `headers`.
    upload_url: String,
    /// Headers that the PUT must have: they are signed.
    #[schema(example = json!({"content-type": "application/zip"}))]
    headers: BTreeMap<&'static str, &'static str>,
    /// When the URL stops working.
    expires_at: Timestamp,
}

/// An import of an archive.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseImportView {
    id: Id<kinds::Archive>,
    status: ArchiveState,
    /// Why it failed, and what to do.
    #[schema(
        example = "The file is not a whole ZIP archive. Send the file that the export gave, and all of it."
    )]
    reason: Option<String>,
    /// The draft, once it is there.
    course_id: Option<Id<kinds::Course>>,
    /// What the draft's lessons came without.
    left_out: Vec<LeftOut>,
    requested_at: Timestamp,
}

impl From<CourseImport> for CourseImportView {
    fn from(import: CourseImport) -> Self {
        Self {
            id: import.id,
            status: import.status.into(),
            reason: import.reason,
            course_id: import.course_id,
            left_out: import.left_out,
            requested_at: import.created_at,
        }
    }
}

impl Archives {
    pub(crate) fn new(objects: Objects, publisher: Publisher, settings: &Settings) -> Self {
        Self {
            objects,
            publisher,
            uploads_bucket: settings.uploads_bucket.as_str().into(),
            exports_bucket: settings.exports_bucket.as_str().into(),
        }
    }

    /// Tells the job to write it. Told twice, it writes it once.
    pub(crate) async fn write(&self, export: &CourseExport) -> ApiResult<()> {
        let CourseExport { user_id, course_id, id: archive_id, .. } = *export;
        Ok(self.publisher.send(&CourseArchive::Export { user_id, course_id, archive_id }).await?)
    }

    /// Tells the job to make a draft of it. Told twice, it makes one.
    pub(crate) async fn read(&self, import: &CourseImport) -> ApiResult<()> {
        let CourseImport { user_id, id: archive_id, .. } = *import;
        Ok(self.publisher.send(&CourseArchive::Import { user_id, archive_id }).await?)
    }

    /// The archive as its teacher sees it, with a link while there is something to fetch.
    pub(crate) async fn view(
        &self,
        course: &Course,
        export: CourseExport,
        now: Timestamp,
    ) -> ApiResult<CourseExportView> {
        let kept_until = export.kept_until();
        let has_expired = kept_until.is_some_and(|until| until <= now);
        let download = match kept_until {
            Some(_) if !has_expired => {
                let (key, name) = (export.object_key(), attachment(&format!("{}.zip", course.slug)));
                let life = LINK_LIFE.unsigned_abs();
                let url = self.objects.presign_attachment(&self.exports_bucket, &key, &name, life).await?;
                Some(CourseExportLink { url, expires_at: now + LINK_LIFE })
            }
            _ => None,
        };
        Ok(CourseExportView {
            id: export.id,
            status: if has_expired { ArchiveState::Expired } else { export.status.into() },
            reason: export.reason,
            requested_at: export.created_at,
            available_until: kept_until,
            size_bytes: kept_until.map(|_| export.size_bytes),
            download,
        })
    }

    /// The URL that takes an archive of exactly this size.
    pub(crate) async fn ticket(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Archive>,
        size: u64,
        now: Timestamp,
    ) -> ApiResult<ImportTicket> {
        let (key, life) = (CourseImport::object_key_of(user, id), UPLOAD_URL_LIFE.unsigned_abs());
        let upload_url =
            self.objects.presign_put(&self.uploads_bucket, &key, CONTENT_TYPE, size, life).await?;
        let headers = BTreeMap::from([("content-type", CONTENT_TYPE)]);
        Ok(ImportTicket { archive_id: id, upload_url, headers, expires_at: now + UPLOAD_URL_LIFE })
    }

    /// That an archive has arrived, not long ago. One call of S3.
    ///
    /// # Errors
    /// 409 where it has not.
    pub(crate) async fn demand_arrived(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Archive>,
        now: Timestamp,
    ) -> ApiResult<()> {
        // What is made of it is removed a day after its upload began, unless it is whole by then.
        if created_at(id).is_none_or(|begun| now >= begun + ATTACH_WITHIN) {
            return Err(not_arrived());
        }
        let key = CourseImport::object_key_of(user, id);
        match self.objects.head(&self.uploads_bucket, &key).await {
            Ok(head) if (1..=BYTES_MAX).contains(&head.size) => Ok(()),
            Ok(_) | Err(ObjectError::NotFound) => Err(not_arrived()),
            Err(error) => Err(error.into()),
        }
    }
}

fn not_arrived() -> ApiError {
    let message =
        "There is no such archive to import: upload it first, or begin a new upload where a day has passed.";
    ApiError::conflict("ARCHIVE_NOT_UPLOADED", message)
}
