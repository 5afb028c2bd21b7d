//! Videos, uploads, and what a person has watched.

use domain::sweep::SweepKind;
use jobs::JobError;
use store::{
    Entity as _, Item, Table,
    entities::{PlaybackRecord, Sweep, Video, VideoThumbnail, belongings::Part},
    from_item, item_type,
};

use super::{Subject, buckets::purge, collect_part, each_page, erase_part};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "video",
    "version",
    "plan",
    "part",
    "part_run",
    "asset",
    "subtitles",
    "video_thumbnail",
    "upload",
    "weekly_uploads",
    "playback",
    "playback_event",
    "playback_event_batch",
    "player",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    collect_part(context, &Part::Player(subject.id()), archive).await?;
    each_page(context, &Part::Media(subject.id()), async |items| {
        let (plays, uploads) = split(items);
        for play in plays {
            let part = Part::Play(from_item::<PlaybackRecord>(play)?.session_id);
            collect_part(context, &part, archive).await?;
        }
        Ok(archive.add(uploads)?)
    })
    .await?;
    let Some(channel) = &subject.channel else { return Ok(()) };
    collect_part(context, &Part::Uploads(channel.id), archive).await?;
    each_page(context, &Part::Videos(channel.id), async |items| {
        for item in items {
            let part = Part::Video(from_item::<Video>(item)?.id);
            collect_part(context, &part, archive).await?;
        }
        Ok(())
    })
    .await
}

/// Erases what is left.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    erase_part(context, &Part::Player(subject.id()), &[]).await?;
    each_page(context, &Part::Media(subject.id()), async |items| {
        let (plays, uploads) = split(items);
        for play in plays {
            let part = Part::Play(from_item::<PlaybackRecord>(play.clone())?.session_id);
            erase_part(context, &part, &[PlaybackRecord::TYPE]).await?;
            // After its events, which only it leads to.
            context.store.belongings().remove(Table::Media, &[play]).await?;
        }
        Ok(context.store.belongings().remove(Table::Media, &uploads).await?)
    })
    .await?;
    let Some(channel) = &subject.channel else { return Ok(()) };
    let kept = subject.courses(context).await?;
    each_page(context, &Part::Videos(channel.id), async |items| {
        for item in items {
            let video: Video = from_item(item)?;
            // What was made of it stays with the film; the file that was sent may say where it was taken.
            purge(context, &context.buckets.uploads, &VideoThumbnail::upload_folder(video.id)).await?;
            let taught = video.courses().any(|course| kept.contains(&course));
            // A film that students can watch stays; one that never became playable has no use any more.
            if !(taught && video.is_watchable()) {
                remove(context, subject, &video).await?;
            }
        }
        Ok(())
    })
    .await?;
    erase_part(context, &Part::Uploads(channel.id), &[]).await
}

/// Plays and uploads of what index 1 lists of a person.
fn split(items: Vec<Item>) -> (Vec<Item>, Vec<Item>) {
    items.into_iter().partition(|item| item_type(item) == PlaybackRecord::TYPE)
}

/// Takes a video out of every list and leaves objects, copies at the edge and items to the janitor, whose reminder is in the same
/// transaction: it does so for each deleted video.
async fn remove(context: &Context, subject: &Subject, video: &Video) -> Result<(), JobError> {
    let now = context.ambient.now();
    let purge = Sweep {
        kind: SweepKind::Purge,
        due_at: now,
        subject: video.id.to_string(),
        video_id: Some(video.id),
        version: video.latest_version,
        upload_id: None,
        user_id: None,
        attempt: 0,
    };
    context.store.videos().remove(video.id, subject.id(), &purge, now).await?;
    Ok(())
}
