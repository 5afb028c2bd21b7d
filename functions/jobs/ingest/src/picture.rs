//! A picture of a person or a course: the upload is read once, checked, re-encoded and shown, or refused with a reason. Then the upload is removed, in
//! all its versions: it may hold where the picture was taken.
//!
//! Any step may be the last one of a run. The next run of the same event finds what is left to do; an event that comes after a later
//! picture was decided only removes its own upload.

use cloud::objects::ObjectError;
use domain::picture::{PictureHeader, PictureRefusal, inspect};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::picture::PictureDecision;

use crate::{Context, subject::Subject};

/// How long browsers and the distribution keep a picture: its address changes with it, and after a removal it is gone within the hour.
const CACHE: &str = "public, max-age=3600";
/// Pictures that are listed at once; a person or a course has one, and for a moment two.
const LIST_MAX: i32 = 1_000;

pub(crate) async fn ingest(
    context: &Context,
    subject: Subject,
    picture_id: Id<kinds::Picture>,
) -> Result<(), JobError> {
    let before = subject.decided(&context.store).await?;
    if before.is_none_or(|picture| picture.decided < picture_id) {
        let Some(decision) = decide(context, subject, picture_id).await? else { return Ok(()) };
        if let PictureDecision::Refused(reason) = &decision {
            tracing::info!(%picture_id, %reason, "refused");
        }
        let now = context.ambient.now();
        subject.decide(&context.store, picture_id, &decision, now).await?;
    }
    clean(context, subject, picture_id).await
}

/// Reads the upload and makes what is shown of it; `None` when there is no upload.
async fn decide(
    context: &Context,
    subject: Subject,
    picture_id: Id<kinds::Picture>,
) -> Result<Option<PictureDecision>, JobError> {
    let key = subject.upload_key(picture_id);
    let file = match read(context, &key).await {
        Ok(Ok(file)) => file,
        Ok(Err(refusal)) => return Ok(Some(PictureDecision::Refused(refusal))),
        Err(ObjectError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let header = match inspect(&file) {
        Ok(header) => header,
        Err(refusal) => return Ok(Some(PictureDecision::Refused(refusal))),
    };
    let picture = match encode(context, subject, &file, header).await? {
        Ok(picture) => picture,
        Err(refusal) => return Ok(Some(PictureDecision::Refused(refusal))),
    };
    let shown = subject.object_key(picture_id);
    context.objects.write(&context.media_bucket, &shown, "image/jpeg", CACHE, picture).await?;
    Ok(Some(PictureDecision::Shown(format!("{}/{shown}", context.public_base_url))))
}

/// The whole upload, unless it is too large to be read into memory: the signed URL lets in no more, an operator's hand might.
async fn read(context: &Context, key: &str) -> Result<Result<Vec<u8>, PictureRefusal>, ObjectError> {
    let head = context.objects.head(&context.bucket, key).await?;
    if head.size > domain::picture::MAX_BYTES {
        return Ok(Err(PictureRefusal::TooLarge));
    }
    context.objects.read(&context.bucket, key).await.map(Ok)
}

async fn encode(
    context: &Context,
    subject: Subject,
    file: &[u8],
    header: PictureHeader,
) -> Result<Result<Vec<u8>, PictureRefusal>, JobError> {
    let folder = tempfile::tempdir()?;
    let (source, shown) = (folder.path().join("upload"), folder.path().join("shown.jpg"));
    tokio::fs::write(&source, file).await?;
    match subject.encode(&context.tools, &source, header, &shown).await {
        Ok(()) => Ok(Ok(tokio::fs::read(&shown).await?)),
        // A picture that takes more than half a minute or all memory will do so again.
        Err(media::Error::TimedOut { .. }) => Ok(Err(PictureRefusal::Unreadable)),
        Err(error) if error.is_retryable() => Err(JobError::retry(error)),
        Err(_) => Ok(Err(PictureRefusal::Unreadable)),
    }
}

/// Removes the upload, and of the folder what is not shown and can't become so: what came before the picture that was decided
/// last, and this one where it lost against a later one.
async fn clean(context: &Context, subject: Subject, picture_id: Id<kinds::Picture>) -> Result<(), JobError> {
    let decided = subject.decided(&context.store).await?;
    let stays = |id: Id<kinds::Picture>| match &decided {
        Some(picture) => picture.shown == Some(id) || id > picture.decided,
        // The account or course is gone, or none of its uploads was ever decided.
        None => false,
    };
    let folder = subject.folder();
    for key in context.objects.list(&context.media_bucket, &folder, LIST_MAX).await? {
        if subject.of_object(&key).is_some_and(|id| !stays(id)) {
            context.objects.delete(&context.media_bucket, &key).await?;
        }
    }
    let upload = subject.upload_key(picture_id);
    if !context.objects.purge(&context.bucket, &upload).await? {
        return Err(JobError::retry("the upload has more versions than one run removes"));
    }
    Ok(())
}
