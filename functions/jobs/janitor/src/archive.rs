//! Old events of players go into the archive: gzipped JSON lines in the uploads bucket, without whoever it was
//! ([`domain::playback::ArchivedEvent`]).
//!
//! A plan names the plays of the next object. The object is written where none is yet, from all events of its plays; only when it is there are
//! they deleted. So a job that dies at any line, or two at once, lose no event and archive none twice: until the object exists
//! nothing of the plan is gone, and once it does it stays as it is.

use std::io::Write as _;

use cloud::objects::ObjectError;
use domain::{
    playback::{ARCHIVED_AFTER, ArchivedEvent, archived_payload, pseudonym},
    sweep::SweepKind,
};
use flate2::{Compression, write::GzEncoder};
use jobs::JobError;
use kernel::{Id, Timestamp, id::kinds};
use store::{
    Entity as _, Item, Table,
    entities::{ArchivePlan, EventBatch, PlaybackEvent, archive_plan::PlannedPlay, belongings::Part},
    from_item, item_type,
};

use crate::Context;

/// Plays of one object.
const PLAYS: u32 = 100;
/// Objects of one run; the next one, minutes later, goes on.
const OBJECTS: u32 = 25;

/// Archives what is due until a moment.
pub(crate) async fn run(context: &Context, until: Timestamp) -> Result<(), JobError> {
    for _ in 0..OBJECTS {
        let plan = match context.store.archives().open().await? {
            Some(plan) => plan,
            None => match begin(context, until).await? {
                Some(plan) => plan,
                None => return Ok(()),
            },
        };
        finish(context, &plan).await?;
    }
    Ok(())
}

async fn begin(context: &Context, until: Timestamp) -> Result<Option<ArchivePlan>, JobError> {
    let due = context.store.sweeps().due(SweepKind::Archive, until, PLAYS).await?;
    let Some(first) = due.first() else { return Ok(None) };
    let id: Id<kinds::Event> = context.ambient.id();
    let day = (first.due_at - ARCHIVED_AFTER).strftime("%Y/%m/%d").to_string();
    let plan = ArchivePlan {
        id,
        object_key: format!("playback-events/{day}/{id}.jsonl.gz"),
        plays: due.iter().map(PlannedPlay::from).collect(),
        created_at: context.ambient.now(),
    };
    Ok(Some(context.store.archives().begin(plan).await?))
}

async fn finish(context: &Context, plan: &ArchivePlan) -> Result<(), JobError> {
    if !is_written(context, plan).await? {
        write(context, plan).await?;
    }
    let (belongings, sweeps) = (context.store.belongings(), context.store.sweeps());
    for play in &plan.plays {
        let (_, mut items) = events_of(context, play).await?;
        items.retain(|item| [PlaybackEvent::TYPE, EventBatch::TYPE].contains(&item_type(item)));
        belongings.remove(Table::Media, &items).await?;
    }
    // After the events of all: a reminder says that a play may have some.
    for play in &plan.plays {
        sweeps.done(&play.reminder()).await?;
    }
    context.store.archives().done(plan).await?;
    Ok(())
}

async fn is_written(context: &Context, plan: &ArchivePlan) -> Result<bool, JobError> {
    match context.objects.head(&context.uploads_bucket, &plan.object_key).await {
        Ok(_) => Ok(true),
        Err(ObjectError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Writes the object of a plan, where none is and there is something to write.
async fn write(context: &Context, plan: &ArchivePlan) -> Result<(), JobError> {
    let mut lines = GzEncoder::new(Vec::new(), Compression::default());
    let mut count = 0_u64;
    for play in &plan.plays {
        for event in events_of(context, play).await?.0 {
            serde_json::to_writer(&mut lines, &line(event)).map_err(JobError::fail)?;
            lines.write_all(b"\n")?;
            count += 1;
        }
    }
    let bytes = lines.finish()?;
    if count == 0 {
        return Ok(());
    }
    let written = context.objects.write_if(&context.uploads_bucket, &plan.object_key, bytes.into(), None);
    // Another run may have written it; or is about to, and then nothing may be deleted yet.
    if written.await?.is_none() && !is_written(context, plan).await? {
        return Err(JobError::retry("another run is writing this object of the archive"));
    }
    tracing::info!(events = count, plays = plan.plays.len(), key = plan.object_key, "archived");
    Ok(())
}

/// The events of a play, and its items without those that can't be read, which stay until their time is over.
async fn events_of(
    context: &Context,
    play: &PlannedPlay,
) -> Result<(Vec<PlaybackEvent>, Vec<Item>), JobError> {
    let session: Id<kinds::Playback> = play.subject.parse().map_err(JobError::fail)?;
    let (mut events, mut items) = (Vec::new(), Vec::new());
    for item in context.store.belongings().all(&Part::Play(session)).await? {
        if item_type(&item) == PlaybackEvent::TYPE {
            match from_item::<PlaybackEvent>(item.clone()) {
                Ok(event) => events.push(event),
                Err(error) => {
                    tracing::error!(%session, %error, "an event that can't be read is not archived");
                    continue;
                }
            }
        }
        items.push(item);
    }
    Ok((events, items))
}

/// An event as it is archived.
fn line(event: PlaybackEvent) -> ArchivedEvent {
    ArchivedEvent {
        play: pseudonym(event.session_id),
        video_id: event.video_id,
        event_type: event.event_type,
        event_payload: archived_payload(&event.event_payload),
        policy_snapshot: event.policy_snapshot,
        violated: event.violated,
        violation_reason: event.violation_reason,
        occurred_at: event.occurred_at,
        received_at: event.received_at,
    }
}

#[cfg(test)]
mod tests;
