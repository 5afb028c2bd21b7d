//! Subtitles of the version of a video that plays: a file for each language, and a master playlist that names them all.
//!
//! Nothing that was written is written again. A change writes files under new names, then one transaction names them; whoever plays with the master
//! playlist of before finds all that it names until the version goes. What a change wrote that lost against another one goes with the version too.

use std::sync::Arc;

use cloud::Objects;
use domain::{
    media::{MASTER, VersionPlan},
    subtitle::{LanguageTag, Subtitles, TRACKS_MAX, master_with, playlist},
};
use http_kit::{ApiError, ApiResult, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Subtitle, Subtitled, Version, VersionSubtitles, Video};

use crate::access::{not_playing, own_video, video_not_found};

/// Objects of a version never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// How often a change is made anew that another one was faster than.
const TRIES: usize = 8;
/// Ticks of a clock of MPEG-2 in a second (RFC 8216, section 3.5).
const TICKS: u64 = 90_000;

/// The bucket of streams. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Media {
    objects: Objects,
    bucket: Arc<str>,
}

/// Subtitles in one language (seed 003, Subtitle).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SubtitleView {
    #[schema(value_type = String, example = "ko")]
    language_code: LanguageTag,
    #[schema(example = "한국어")]
    language_name: String,
    /// Whether players show them unless the viewer chooses; at most one language is.
    is_default: bool,
    /// Whether players offer them.
    is_published: bool,
    /// Texts in it.
    #[schema(example = 412)]
    cues: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SubtitleView {
    pub(crate) fn new(language: LanguageTag, subtitle: Subtitle) -> Self {
        Self {
            language_code: language,
            language_name: subtitle.language_name,
            is_default: subtitle.is_default,
            is_published: subtitle.is_published,
            cues: subtitle.cues,
            created_at: subtitle.created_at,
            updated_at: subtitle.updated_at,
        }
    }
}

/// A change of subtitles.
pub(crate) enum Edit {
    /// These in this language.
    Put(LanguageTag, NewSubtitles),
    /// None in this language.
    Delete(LanguageTag),
}

/// The subtitles of one language, as they are to be.
pub(crate) struct NewSubtitles {
    pub(crate) subtitles: Subtitles,
    pub(crate) language_name: String,
    pub(crate) is_default: bool,
    pub(crate) is_published: bool,
}

/// The version of a video that plays, and its subtitles.
pub(crate) struct Playing {
    pub(crate) video: Video,
    pub(crate) version: u32,
    pub(crate) subtitles: VersionSubtitles,
}

impl Playing {
    /// Of the caller's video: two reads.
    ///
    /// # Errors
    /// 404, and 409 where none plays.
    pub(crate) async fn read(
        platform: &Platform,
        id: Id<kinds::Video>,
        owner: Id<kinds::User>,
    ) -> ApiResult<Self> {
        let video = own_video(platform, id, owner).await?;
        let version = video.active_version.ok_or_else(not_playing)?;
        let subtitles = platform.store().versions().subtitles(id, version).await?;
        Ok(Self { video, version, subtitles })
    }
}

impl Media {
    pub(crate) fn new(objects: Objects, bucket: impl Into<String>) -> Self {
        Self { objects, bucket: bucket.into().into() }
    }

    /// Changes the subtitles of the caller's video.
    ///
    /// # Errors
    /// 404, 409, and storage's.
    pub(crate) async fn change(
        &self,
        platform: &Platform,
        (id, owner): (Id<kinds::Video>, Id<kinds::User>),
        edit: &Edit,
    ) -> ApiResult<VersionSubtitles> {
        for _ in 0..TRIES {
            let playing = Playing::read(platform, id, owner).await?;
            let edited = self.edited(platform, &playing, edit).await?;
            let subtitled = self.write_master(platform, &playing, &edited).await?;
            let (versions, now) = (platform.store().versions(), platform.ambient().now());
            if versions.set_subtitles(&playing.video, &edited, subtitled.as_ref(), now).await? {
                return Ok(edited);
            }
        }
        Err(ApiError::conflict(
            "CHANGED_MEANWHILE",
            "The subtitles of this video were changed at the same moment. Read them again, then try again.",
        ))
    }

    /// The subtitles after a change, whose files are written.
    async fn edited(
        &self,
        platform: &Platform,
        playing: &Playing,
        edit: &Edit,
    ) -> ApiResult<VersionSubtitles> {
        let mut edited = playing.subtitles.clone();
        let (language, new) = match edit {
            Edit::Delete(language) => {
                edited.tracks.remove(language).ok_or_else(subtitles_not_found)?;
                return Ok(edited);
            }
            Edit::Put(language, new) => (language, new),
        };
        let before = playing.subtitles.tracks.get(language);
        if before.is_none() && edited.tracks.len() >= TRACKS_MAX {
            let message = "The video has subtitles in 50 languages. Delete one of them first.";
            return Err(ApiError::conflict("TOO_MANY_SUBTITLES", message));
        }
        let (file, playlist) = self.write_track(platform, playing, (language, &new.subtitles)).await?;
        let now = platform.ambient().now();
        let subtitle = Subtitle {
            language_name: new.language_name.clone(),
            is_default: new.is_default,
            is_published: new.is_published,
            file,
            playlist,
            cues: u32::try_from(new.subtitles.cues.len()).unwrap_or(u32::MAX),
            created_at: before.map_or(now, |before| before.created_at),
            updated_at: now,
        };
        Ok(edited.with(language.clone(), subtitle))
    }

    /// Writes the master playlist with all languages that players offer; none where there are none.
    async fn write_master(
        &self,
        platform: &Platform,
        playing: &Playing,
        edited: &VersionSubtitles,
    ) -> ApiResult<Option<Subtitled>> {
        let tracks = edited.published();
        if tracks.is_empty() {
            return Ok(None);
        }
        let plain = self.objects.read(&self.bucket, &playing.key(MASTER)).await?;
        let plain = String::from_utf8(plain).map_err(ApiError::internal)?;
        let name = format!("master-{}.m3u8", platform.ambient().id::<kinds::Event>());
        self.write(playing, &name, "application/vnd.apple.mpegurl", master_with(&plain, &tracks)).await?;
        let languages = tracks.into_iter().map(|track| track.language).collect();
        Ok(Some(Subtitled { master: name, languages }))
    }

    /// Writes the file of a language and its playlist, and gives the paths of both.
    async fn write_track(
        &self,
        platform: &Platform,
        playing: &Playing,
        (language, subtitles): (&LanguageTag, &Subtitles),
    ) -> ApiResult<(String, String)> {
        let (id, versions) = (playing.video.id, platform.store().versions());
        let version = versions.get(id, playing.version).await?.ok_or_else(video_not_found)?;
        let plan = versions.plan(id, playing.version).await?;
        let plan = plan.map(|plan| serde_json::from_str::<VersionPlan>(&plan.plan)).transpose();
        let delay = plan.map_err(ApiError::internal)?.map_or(0, |plan| delay(&plan));
        let name = format!("{language}-{}", platform.ambient().id::<kinds::Event>());
        let (file, list) = (format!("{name}.vtt"), format!("subs/{name}.m3u8"));
        let path = format!("subs/{file}");
        self.write(playing, &path, "text/vtt; charset=utf-8", subtitles.to_webvtt(delay)).await?;
        let text = playlist(&file, length(&playing.video, &version));
        self.write(playing, &list, "application/vnd.apple.mpegurl", text).await?;
        Ok((path, list))
    }

    async fn write(&self, playing: &Playing, path: &str, kind: &str, text: String) -> ApiResult<()> {
        Ok(self.objects.write(&self.bucket, &playing.key(path), kind, IMMUTABLE, text.into_bytes()).await?)
    }
}

impl Playing {
    /// The key of a file of the version.
    fn key(&self, path: &str) -> String {
        format!("hls/videos/{}/{}/{path}", self.video.id, self.version)
    }
}

/// By how many ticks the first picture lies after the beginning of the stream.
fn delay(plan: &VersionPlan) -> u64 {
    let rate = plan.plan.frame_rate.value();
    (f64::from(plan.plan.start_delay()) * TICKS as f64 / rate.max(1.0)).round() as u64
}

fn length(video: &Video, version: &Version) -> u64 {
    match version.duration_ms() {
        0 => video.duration_ms,
        length => length,
    }
}

pub(crate) fn subtitles_not_found() -> ApiError {
    let message =
        "The video has no subtitles in this language. GET /api/v1/media/videos/{id}/subtitles lists them.";
    ApiError::not_found("SUBTITLES_NOT_FOUND", message)
}
