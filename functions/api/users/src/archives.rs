//! Archives of all data of a person: asking the job for one, and a link to it.

use std::sync::Arc;

use cloud::Objects;
use contracts::privacy::Privacy;
use domain::identity::deletion::EXPORT_LINK_LIFE;
use http_kit::ApiResult;
use jobs::Publisher;
use kernel::Timestamp;
use serde::Serialize;
use store::entities::{Export, export::ExportStatus};

use crate::Settings;

/// The archives. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Archives {
    objects: Objects,
    publisher: Publisher,
    bucket: Arc<str>,
}

impl Archives {
    pub(crate) fn new(objects: Objects, publisher: Publisher, settings: &Settings) -> Self {
        Self { objects, publisher, bucket: settings.exports_bucket.as_str().into() }
    }

    /// Tells the job to write it. Told twice, it writes it once.
    pub(crate) async fn begin(&self, export: &Export) -> ApiResult<()> {
        let message = Privacy::Export { user_id: export.user_id, export_id: export.id };
        Ok(self.publisher.send(&message).await?)
    }

    /// The export as its owner sees it, with a link while there is something to fetch.
    pub(crate) async fn view(&self, export: &Export, now: Timestamp) -> ApiResult<ExportView> {
        let kept_until = export.kept_until();
        let state = match kept_until {
            None => ExportState::Pending,
            Some(until) if until > now => ExportState::Ready,
            Some(_) => ExportState::Expired,
        };
        let link = match state {
            ExportState::Ready => {
                let (key, life) = (export.object_key(), EXPORT_LINK_LIFE.unsigned_abs());
                let url = self.objects.presign_get(&self.bucket, &key, None, life).await?;
                Some(ExportLink { url, expires_at: now + EXPORT_LINK_LIFE })
            }
            ExportState::Pending | ExportState::Expired => None,
        };
        Ok(ExportView {
            id: export.id.to_string(),
            status: state,
            requested_at: export.created_at,
            ready_at: export.ready_at,
            available_until: kept_until,
            size_bytes: (export.status == ExportStatus::Ready).then_some(export.size_bytes),
            download: link,
        })
    }
}

/// How far an export is.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExportState {
    /// Being written.
    Pending,
    /// Can be fetched.
    Ready,
    /// Was there for a week; ask for another.
    Expired,
}

/// An export.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ExportView {
    #[schema(example = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10")]
    id: String,
    status: ExportState,
    requested_at: Timestamp,
    ready_at: Option<Timestamp>,
    /// Until when it can be fetched.
    available_until: Option<Timestamp>,
    #[schema(example = 48_213)]
    size_bytes: Option<u64>,
    /// While it is ready.
    download: Option<ExportLink>,
}

/// Where to fetch the archive, a ZIP of JSON files.
#[derive(Serialize, utoipa::ToSchema)]
struct ExportLink {
    /// Whoever has it can fetch the archive.
    #[schema(
        example = "https://learnflow-exports.s3.amazonaws.com/exports/01933b7a.zip?X-Amz-Signature=4f2d1c"
    )]
    url: String,
    /// 15 minutes from now.
    expires_at: Timestamp,
}
