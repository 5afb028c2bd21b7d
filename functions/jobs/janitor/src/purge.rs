//! A deleted video: its objects, its cached copies and its items go.

use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use jobs::JobError;
use kernel::{Id, SignedDuration, id::kinds};
use store::entities::Sweep;

use crate::{Context, Outcome};

/// Objects that are deleted in one look; a long video has thousands, and the next look goes on.
const OBJECTS: i32 = 1_000;

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let Some(id) = sweep.video_id else { return Ok(Outcome::Done) };
    if context.store.videos().get(id).await?.is_some_and(|video| video.deleted_at.is_none()) {
        return Ok(Outcome::Done);
    }
    let places = [
        (&context.media_bucket, format!("hls/videos/{id}/")),
        (&context.media_bucket, format!("posters/{id}/")),
        (&context.uploads_bucket, format!("uploads/{id}/")),
    ];
    for (bucket, prefix) in &places {
        let keys = context.objects.list(bucket, prefix, OBJECTS).await?;
        let more = i32::try_from(keys.len()) == Ok(OBJECTS);
        for key in keys {
            context.objects.delete(bucket, &key).await?;
        }
        if more {
            return Ok(Outcome::Later(SignedDuration::ZERO));
        }
    }
    // After the objects: what the edge fetches again then is an error, not the video.
    invalidate(context, id).await?;
    match context.store.versions().purge_items(id).await? {
        true => Ok(Outcome::Done),
        false => Ok(Outcome::Later(SignedDuration::ZERO)),
    }
}

/// Copies at the edge would be served until they expire: a year, since segments never change.
async fn invalidate(context: &Context, id: Id<kinds::Video>) -> Result<(), JobError> {
    let paths = vec![format!("/hls/videos/{id}/*"), format!("/posters/{id}/*")];
    let paths = Paths::builder().quantity(2).set_items(Some(paths)).build().map_err(JobError::fail)?;
    // The same reference makes a second call of the same purge a repetition, not a second invalidation.
    let batch = InvalidationBatch::builder().paths(paths).caller_reference(id.to_string());
    let batch = batch.build().map_err(JobError::fail)?;
    let call = context.cloudfront.create_invalidation().distribution_id(&context.distribution_id);
    call.invalidation_batch(batch)
        .send()
        .await
        .map_err(|error| JobError::retry(error.into_service_error()))?;
    Ok(())
}
