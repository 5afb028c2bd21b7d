//! Anyone looks at a video.

use api_views::{SourceType, VideoSource, thumbnail_url};
use axum::{Json, extract::State};
use domain::{
    channel::ChannelStatus,
    subtitle::LanguageTag,
    video::{VideoStatus, Visibility},
};
use http_kit::{ApiResult, Client, Params, Platform, Visitor, check_audience};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Channel, Video};

use crate::access::video_not_found;

/// Whose video it is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PageChannel {
    id: Id<kinds::Channel>,
    #[schema(example = "techreviews")]
    handle: String,
    #[schema(example = "Tech Reviews")]
    name: String,
    avatar_url: String,
    verified: bool,
    #[schema(example = 1_250)]
    subscriber_count: u64,
}

/// Why a video that somebody sees does not play for him here. The words are those of `POST /media/videos/{id}/play`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CannotPlay {
    /// Another site shows it: `youtube_id` or `external_url`.
    VideoExternal,
    /// There is nothing to play now. Only its owner sees such a page.
    VideoNotReady,
}

/// A video as everybody sees it who may.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VideoPage {
    id: Id<kinds::Video>,
    #[schema(example = "Ownership and borrowing")]
    title: String,
    description: String,
    #[schema(example = 754)]
    duration_seconds: u64,
    /// Absolute; null until it was encoded.
    #[schema(example = "https://learn.example/posters/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/1/poster_0.jpg")]
    thumbnail_url: Option<String>,
    /// Words by which it is found, in their normal form.
    #[schema(example = json!(["rust", "web development"]))]
    tags: Vec<String>,
    channel: PageChannel,
    status: VideoStatus,
    visibility: Visibility,
    /// The first publication; null before it.
    published_at: Option<Timestamp>,
    age_restricted: bool,
    /// Languages of the subtitles that its player offers.
    #[schema(value_type = Vec<String>, example = json!(["en", "ko"]))]
    subtitle_languages: Vec<LanguageTag>,
    source_type: SourceType,
    /// The video at YouTube, where YouTube shows it; else empty.
    #[schema(example = "")]
    youtube_id: String,
    /// Its address, where another site shows it; else empty.
    #[schema(example = "")]
    external_url: String,
    /// Whether `POST /media/videos/{id}/play` would begin to play for this caller, as far as the video decides it; how many play at once is
    /// another matter.
    can_play: bool,
    /// Why not; null where it plays.
    cannot_play_reason: Option<CannotPlay>,
}

impl VideoPage {
    fn new(video: Video, channel: Channel, base: &str) -> Self {
        let VideoSource { source_type, youtube_id, external_url } = VideoSource::of(&video);
        let cannot_play_reason = cannot_play(&video);
        Self {
            id: video.id,
            duration_seconds: video.duration_seconds(),
            thumbnail_url: thumbnail_url(&video, base),
            title: video.title,
            description: video.description,
            tags: video.tags,
            channel: PageChannel {
                id: channel.id,
                handle: channel.handle,
                name: channel.name,
                avatar_url: channel.avatar_url,
                verified: channel.verified,
                subscriber_count: channel.subscriber_count,
            },
            status: video.status,
            visibility: video.visibility,
            published_at: video.published_at,
            age_restricted: video.age_restricted,
            subtitle_languages: video.subtitled.map(|subtitled| subtitled.languages).unwrap_or_default(),
            source_type,
            youtube_id,
            external_url,
            can_play: cannot_play_reason.is_none(),
            cannot_play_reason,
        }
    }
}

/// What is left to keep somebody from playing who sees the page.
const fn cannot_play(video: &Video) -> Option<CannotPlay> {
    if !video.status.is_playable() || !video.is_watchable() {
        return Some(CannotPlay::VideoNotReady);
    }
    if video.link.is_some() { Some(CannotPlay::VideoExternal) } else { None }
}

/// The page of a video, published and public or, for who has the link, unlisted; its owner sees it in every state. A video that is not shown in the
/// caller's country, or not at his age, answers with the reason and nothing of itself.
#[utoipa::path(
    get, path = "/videos/{id}", operation_id = "get_video_page", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    responses((status = 200, description = "The video", body = VideoPage)),
    security((), ("bearer" = [])),
)]
pub(crate) async fn get_video_page(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    client: Client,
    Params(id): Params<Id<kinds::Video>>,
) -> ApiResult<Json<VideoPage>> {
    let store = platform.store();
    let video = store.videos().get(id).await?.ok_or_else(video_not_found)?;
    let is_owner = caller.is_some_and(|caller| caller.user_id == video.owner_id);
    if !is_owner && !video.visibility.shows_strangers(video.status) {
        return Err(video_not_found());
    }
    let channel = store.channels().get(video.channel_id).await?.ok_or_else(video_not_found)?;
    if !is_owner && channel.status != ChannelStatus::Active {
        return Err(video_not_found());
    }
    // Nobody keeps the answer: it depends on the country, which is in the key of no copy.
    check_audience(&platform, &video, caller, &client).await?;
    Ok(Json(VideoPage::new(video, channel, platform.public_base_url())))
}

#[cfg(test)]
mod tests {
    use domain::playback::Denied;

    use super::*;

    #[test]
    fn the_player_gives_the_same_reasons() {
        assert_eq!(
            serde_json::to_value(CannotPlay::VideoNotReady).unwrap_or_default(),
            Denied::NotReady.code()
        );
    }
}
