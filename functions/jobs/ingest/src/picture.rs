//! A picture of a person, a course or a video: the upload is read once, checked, re-encoded and shown, or refused with a reason. Then the upload is removed, in
//! all its versions: it may hold where the picture was taken.
//!
//! Any step may be the last one of a run. The next run of the same event finds what is left to do; an event that comes after a later
//! picture was decided only removes its own upload.

use cloud::objects::ObjectError;
use domain::picture::{PictureHeader, PictureRefusal, PictureShape, inspect};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::{Pictured, ShownPicture, picture::PictureDecision};

use crate::Context;

/// How long browsers and the distribution keep a picture: its address changes with it, and after a removal it is gone within the hour.
const CACHE: &str = "public, max-age=3600";
/// Pictures that are listed at once; whoever has pictures has one, and for a moment two.
const LIST_MAX: i32 = 1_000;

pub(crate) async fn ingest<K: Pictured>(
    context: &Context,
    owner: Id<K>,
    picture_id: Id<kinds::Picture>,
) -> Result<(), JobError> {
    let before = context.store.pictures().of(owner).await?;
    if before.is_none_or(|picture| picture.decided < picture_id)
        && let Some(decision) = decide(context, owner, picture_id).await?
    {
        if let PictureDecision::Refused(reason) = &decision {
            tracing::info!(%picture_id, %reason, "refused");
        }
        let now = context.ambient.now();
        context.store.pictures().decide(owner, picture_id, &decision, now).await?;
    }
    clean(context, owner, picture_id).await
}

/// Reads the upload and makes what is shown of it; `None` when there is no upload.
async fn decide<K: Pictured>(
    context: &Context,
    owner: Id<K>,
    picture_id: Id<kinds::Picture>,
) -> Result<Option<PictureDecision>, JobError> {
    let key = ShownPicture::upload_key(owner, picture_id);
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
    let picture = match encode(context, K::SHAPE, &file, header).await? {
        Ok(picture) => picture,
        Err(refusal) => return Ok(Some(PictureDecision::Refused(refusal))),
    };
    let shown = ShownPicture::object_key(owner, picture_id);
    context.objects.write(&context.media_bucket, &shown, "image/jpeg", CACHE, picture).await?;
    Ok(Some(PictureDecision::Shown(K::address(&context.public_base_url, &shown))))
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
    shape: PictureShape,
    file: &[u8],
    header: PictureHeader,
) -> Result<Result<Vec<u8>, PictureRefusal>, JobError> {
    let folder = tempfile::tempdir()?;
    let (source, shown) = (folder.path().join("upload"), folder.path().join("shown.jpg"));
    tokio::fs::write(&source, file).await?;
    let made = match shape {
        PictureShape::Square => media::avatar(&context.tools, &source, header, &shown).await,
        PictureShape::Wide => media::thumbnail(&context.tools, &source, header, &shown).await,
    };
    match made {
        Ok(()) => Ok(Ok(tokio::fs::read(&shown).await?)),
        // A picture that takes more than half a minute or all memory will do so again.
        Err(media::Error::TimedOut { .. }) => Ok(Err(PictureRefusal::Unreadable)),
        Err(error) if error.is_retryable() => Err(JobError::retry(error)),
        Err(_) => Ok(Err(PictureRefusal::Unreadable)),
    }
}

/// Removes the upload, and of the folder what is not shown and can't become so: what came before the picture that was decided
/// last, and this one where it lost against a later one, or its owner is gone.
async fn clean<K: Pictured>(
    context: &Context,
    owner: Id<K>,
    picture_id: Id<kinds::Picture>,
) -> Result<(), JobError> {
    let decided = context.store.pictures().of(owner).await?;
    let shown = decided.as_ref().and_then(|picture| picture.shown);
    // Those that come after are decided by events of their own.
    let last = decided.map_or(picture_id, |picture| picture.decided.max(picture_id));
    let folder = ShownPicture::folder(owner);
    for key in context.objects.list(&context.media_bucket, &folder, LIST_MAX).await? {
        if ShownPicture::of_object(owner, &key).is_some_and(|id| shown != Some(id) && id <= last) {
            context.objects.delete(&context.media_bucket, &key).await?;
        }
    }
    let upload = ShownPicture::upload_key(owner, picture_id);
    if !context.objects.purge(&context.bucket, &upload).await? {
        return Err(JobError::retry("the upload has more versions than one run removes"));
    }
    Ok(())
}
