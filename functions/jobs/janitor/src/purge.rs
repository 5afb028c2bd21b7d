//! A deleted video: its objects, uploaded pictures among them, its cached copies and its items go.

use jobs::JobError;
use kernel::SignedDuration;
use store::entities::{Sweep, VideoThumbnail};

use crate::{Context, Outcome};

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let Some(id) = sweep.video_id else { return Ok(Outcome::Done) };
    if context.store.videos().get(id).await?.is_some() {
        return Ok(Outcome::Done);
    }
    let places = [
        (&context.media_bucket, format!("hls/videos/{id}/")),
        (&context.media_bucket, format!("posters/{id}/")),
        (&context.media_bucket, VideoThumbnail::folder(id)),
        (&context.uploads_bucket, format!("uploads/{id}/")),
    ];
    for (bucket, prefix) in &places {
        // A long video has thousands, and the next look goes on.
        if !context.objects.clear(bucket, prefix).await? {
            return Ok(Outcome::Later(SignedDuration::ZERO));
        }
    }
    // In all versions: it may say where it was taken.
    if !context.objects.purge(&context.uploads_bucket, &VideoThumbnail::upload_folder(id)).await? {
        return Ok(Outcome::Later(SignedDuration::ZERO));
    }
    // After the objects: what the edge fetches again then is an error, not the video.
    let uploaded = format!("/{}*", VideoThumbnail::folder(id));
    let paths = vec![format!("/hls/videos/{id}/*"), format!("/posters/{id}/*"), uploaded];
    context.edge.invalidate(paths, &id.to_string()).await?;
    match context.store.versions().purge_items(id).await? {
        true => Ok(Outcome::Done),
        false => Ok(Outcome::Later(SignedDuration::ZERO)),
    }
}
