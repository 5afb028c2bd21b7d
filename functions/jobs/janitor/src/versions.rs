//! A version of a video that was replaced or failed a while ago: it is given up, and when no cookie opens it any more, its objects, its cached copies
//! and its items go. Any step may be the last one of a run; the next run finds what is left.

use domain::version::Fate;
use jobs::JobError;
use kernel::SignedDuration;
use store::entities::Sweep;

use crate::{Context, Outcome};

pub(crate) async fn look(context: &Context, sweep: &Sweep) -> Result<Outcome, JobError> {
    let (Some(id), number) = (sweep.video_id, sweep.version) else { return Ok(Outcome::Done) };
    let (now, versions) = (context.ambient.now(), context.store.versions());
    // All of a deleted video goes with it.
    let Some(video) = context.store.videos().get(id).await? else { return Ok(Outcome::Done) };
    let Some(version) = versions.get(id, number).await? else { return Ok(Outcome::Done) };
    match version.facts(&video).fate(sweep.due_at, now) {
        Fate::Stays => return Ok(Outcome::Done),
        Fate::Retires => {
            // With its own reminder, for the time when its files go. One that is used at this moment stays.
            versions.retire(id, number, now).await?;
            return Ok(Outcome::Done);
        }
        Fate::Waits(rest) => return Ok(Outcome::Later(rest)),
        Fate::Goes => {}
    }
    let places = [
        (&context.media_bucket, format!("hls/videos/{id}/{number}/")),
        (&context.media_bucket, format!("posters/{id}/{number}/")),
        (&context.uploads_bucket, format!("uploads/{id}/{number}/")),
    ];
    for (bucket, prefix) in &places {
        if !context.objects.clear(bucket, prefix).await? {
            return Ok(Outcome::Later(SignedDuration::ZERO));
        }
    }
    // After the objects: what the edge fetches again then is an error, not the film.
    let paths = vec![format!("/hls/videos/{id}/{number}/*"), format!("/posters/{id}/{number}/*")];
    context.edge.invalidate(paths, &format!("{id}-{number}")).await?;
    match versions.purge_version(id, number).await? {
        true => Ok(Outcome::Done),
        false => Ok(Outcome::Later(SignedDuration::ZERO)),
    }
}
