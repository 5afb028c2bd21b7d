//! Videos (seeds 002 and 003): what their owners and the students of their courses see of them, their states, their processing, the
//! policy of their playback, and the permissions of single students.

mod access;
mod pipeline;
mod routes;
mod stats;
mod subtitles;
mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use cloud::{Cloud, Objects};
use contracts::Queue;
use http_kit::{Platform, StartError, openapi::also_at};
use jobs::Publisher;
use kernel::Vars;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

use subtitles::Media;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    publisher: Publisher,
    media: Media,
    uploads: Uploads,
}

/// The bucket that takes pictures for videos. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Uploads {
    pub(crate) objects: Objects,
    pub(crate) bucket: Arc<str>,
}

impl State {
    /// State from parts; tests use this. The buckets, by their names, are that of streams and that of uploads.
    pub fn new(
        platform: Platform,
        publisher: Publisher,
        objects: Objects,
        media_bucket: impl Into<String>,
        uploads_bucket: impl Into<String>,
    ) -> Self {
        let uploads = Uploads { objects: objects.clone(), bucket: uploads_bucket.into().into() };
        Self { platform, publisher, media: Media::new(objects, media_bucket), uploads }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let tables = [Table::Social, Table::Catalog, Table::Learning, Table::Media, Table::Commerce];
        let platform = Platform::from_env(&vars, &cloud, &tables).await?;
        let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &Queue::MEDIA)?;
        let (media, uploads) = (vars.required("MEDIA_BUCKET")?, vars.required("UPLOADS_BUCKET")?);
        Ok(Self::new(platform, publisher, cloud.objects(), media, uploads))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    http_kit::openapi::v1(videos().merge(permissions()).merge(lectures()))
}

fn videos() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(routes::list_videos::list_videos))
        .routes(routes!(
            routes::get_video::get_video,
            routes::update_video::update_video,
            routes::delete_video::delete_video
        ))
        .routes(routes!(routes::get_video_page::get_video_page))
        .routes(routes!(routes::get_processing::get_processing))
        .routes(routes!(routes::retry_video::retry_video))
        .routes(routes!(routes::publish_video::publish_video))
        .routes(routes!(routes::archive_video::archive_video))
        .routes(routes!(routes::set_policy::set_policy))
        .routes(routes!(routes::put_tags::put_tags))
        .routes(routes!(routes::list_tags::list_popular_tags))
        .routes(routes!(routes::list_thumbnails::list_thumbnails))
        .routes(routes!(
            routes::upload_thumbnail::upload_thumbnail,
            routes::upload_thumbnail::get_thumbnail,
            routes::choose_thumbnail::choose_thumbnail
        ))
        .routes(routes!(routes::list_subtitles::list_subtitles))
        .routes(routes!(routes::put_subtitles::put_subtitles, routes::delete_subtitles::delete_subtitles))
        .routes(routes!(routes::add_url::add_url))
        .routes(routes!(routes::upload_files::upload_files))
        .routes(routes!(routes::get_stats::get_stats))
        .routes(routes!(routes::export_stats::export_stats))
}

fn permissions() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(
            routes::list_permissions::list_permissions,
            routes::create_permission::create_permission
        ))
        .routes(routes!(routes::set_permissions::set_permissions))
        .routes(routes!(
            routes::get_permission::get_permission,
            routes::update_permission::update_permission,
            routes::delete_permission::delete_permission
        ))
}

/// The paths of seed 002, whose client says lecture for a course and session for a section.
fn lectures() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(routes::lecture_video::get_lecture_video))
        .routes(routes!(routes::lecture_video::get_lecture_video_stats))
        .routes(routes!(routes::get_lecture_session::get_lecture_session))
        .routes(also_at("/lectures/videos", routes!(routes::list_videos::list_videos)))
        .routes(also_at(
            "/lectures/videos/{id}",
            routes!(routes::get_video::get_video, routes::delete_video::delete_video),
        ))
        .routes(also_at("/lectures/videos/{id}/stats", routes!(routes::get_stats::get_stats)))
        .routes(also_at("/lectures/videos/{id}/set-policy", routes!(routes::set_policy::set_policy)))
        .routes(also_at("/lectures/videos/add-url", routes!(routes::add_url::add_url)))
        .routes(also_at("/lectures/videos/upload", routes!(routes::upload_files::upload_files)))
}
