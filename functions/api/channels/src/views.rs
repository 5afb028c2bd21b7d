//! A channel as the API shows it.

use domain::channel::{ChannelStatus, Quota};
use http_kit::ApiError;
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Channel;

/// A channel.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ChannelView {
    id: Id<kinds::Channel>,
    user_id: Id<kinds::User>,
    #[schema(example = "Tech Reviews")]
    name: String,
    #[schema(example = "techreviews")]
    handle: String,
    description: String,
    avatar_url: String,
    banner_url: String,
    status: ChannelStatus,
    verified: bool,
    subscriber_count: u64,
    total_views: u64,
    total_videos: u64,
    created_at: Timestamp,
    /// Shown to its owner only.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

impl ChannelView {
    /// What everybody sees.
    pub(crate) fn public(channel: Channel) -> Self {
        Self {
            id: channel.id,
            user_id: channel.user_id,
            name: channel.name,
            handle: channel.handle,
            description: channel.description,
            avatar_url: channel.avatar_url,
            banner_url: channel.banner_url,
            status: channel.status,
            verified: channel.verified,
            subscriber_count: channel.subscriber_count,
            total_views: channel.total_views,
            total_videos: channel.total_videos,
            created_at: channel.created_at,
            quota: None,
        }
    }

    /// What its owner sees.
    pub(crate) fn own(channel: Channel) -> Self {
        let quota = Some(channel.quota);
        Self { quota, ..Self::public(channel) }
    }
}

/// The answer where there is no such channel, or not for this caller.
pub(crate) fn channel_not_found() -> ApiError {
    ApiError::not_found("CHANNEL_NOT_FOUND", "There is no such channel. Check its id or @handle.")
}
