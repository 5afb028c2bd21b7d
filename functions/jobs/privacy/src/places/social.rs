//! The channel, and what its owner was told.

use domain::channel::{ChannelStatus, Quota};
use jobs::JobError;
use store::entities::{
    Channel,
    belongings::{Guard, Part},
};

use super::{Subject, collect_part, erase_part};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "channel",
    "handle_guard",
    "channel_of_user",
    "notification",
    "notification_guard",
    "notification_count",
    "digest_plan",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    collect_part(context, &Part::Notifications(subject.id()), archive).await?;
    match &subject.channel {
        Some(channel) => collect_part(context, &Part::Channel(channel.id), archive).await,
        None => Ok(()),
    }
}

/// The place goes last: a run after a crash finds the channel by it.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    erase_part(context, &Part::Notifications(subject.id()), &[]).await?;
    if let Some(channel) = &subject.channel {
        let belongings = context.store.belongings();
        belongings.free(&Guard::Handle(&channel.handle, channel.id)).await?;
        match subject.teaches(context).await? {
            true => belongings.replace_channel(&pseudonym_of(channel)).await?,
            false => erase_part(context, &Part::Channel(channel.id), &[]).await?,
        }
    }
    erase_part(context, &Part::ChannelPlace(subject.id()), &[]).await
}

/// What stands for the channel of an author whose courses have students: their videos name it. Its handle is no
/// longer kept for it, so no link leads to it.
fn pseudonym_of(channel: &Channel) -> Channel {
    Channel {
        id: channel.id,
        user_id: channel.user_id,
        name: "Deleted user".into(),
        handle: format!("deleted-{}", channel.id),
        description: String::new(),
        avatar_url: String::new(),
        banner_url: String::new(),
        status: ChannelStatus::Deleted,
        verified: false,
        verified_at: None,
        subscriber_count: channel.subscriber_count,
        total_views: channel.total_views,
        total_videos: channel.total_videos,
        monetization_enabled: false,
        monetization_enabled_at: None,
        quota: Quota::STANDARD,
        created_at: channel.created_at,
        updated_at: channel.updated_at,
    }
}
