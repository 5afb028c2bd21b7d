//! A profile picture: the upload is read once, checked, re-encoded and shown, or refused with a reason. Then the upload is removed, in
//! all its versions: it may hold where the picture was taken.
//!
//! Any step may be the last one of a run. The next run of the same event finds what is left to do; an event that comes after a later
//! picture was decided only removes its own upload.

use cloud::objects::ObjectError;
use domain::picture::{PictureHeader, PictureRefusal, inspect};
use jobs::JobError;
use kernel::{Id, id::kinds};
use media::avatar;
use store::entities::{ProfilePicture, picture::PictureDecision};

use crate::{Context, PictureRequest};

/// How long browsers and the distribution keep a picture: its address changes with it, and after a removal it is gone within the hour.
const CACHE: &str = "public, max-age=3600";
/// Pictures that are listed at once; a user has one, and for a moment two.
const LIST_MAX: i32 = 1_000;

pub(crate) async fn ingest(context: &Context, request: PictureRequest) -> Result<(), JobError> {
    let PictureRequest { user_id, picture_id } = request;
    let pictures = context.store.pictures();
    let before = pictures.of_user(user_id).await?;
    if before.is_none_or(|picture| picture.decided < picture_id) {
        let Some(decision) = decide(context, request).await? else { return Ok(()) };
        if let PictureDecision::Refused(reason) = &decision {
            tracing::info!(%picture_id, %reason, "refused");
        }
        let now = context.ambient.now();
        pictures.decide(user_id, picture_id, &decision, now).await?;
    }
    clean(context, request).await
}

/// Reads the upload and makes what is shown of it; `None` when there is no upload.
async fn decide(context: &Context, request: PictureRequest) -> Result<Option<PictureDecision>, JobError> {
    let PictureRequest { user_id, picture_id } = request;
    let key = ProfilePicture::upload_key(user_id, picture_id);
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
    let square = match encode(context, &file, header).await? {
        Ok(square) => square,
        Err(refusal) => return Ok(Some(PictureDecision::Refused(refusal))),
    };
    let shown = ProfilePicture::object_key(user_id, picture_id);
    context.objects.write(&context.media_bucket, &shown, "image/jpeg", CACHE, square).await?;
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
    file: &[u8],
    header: PictureHeader,
) -> Result<Result<Vec<u8>, PictureRefusal>, JobError> {
    let folder = tempfile::tempdir()?;
    let (source, square) = (folder.path().join("upload"), folder.path().join("avatar.jpg"));
    tokio::fs::write(&source, file).await?;
    match avatar(&context.tools, &source, header, &square).await {
        Ok(()) => Ok(Ok(tokio::fs::read(&square).await?)),
        // A picture that takes more than half a minute or all memory will do so again.
        Err(media::Error::TimedOut { .. }) => Ok(Err(PictureRefusal::Unreadable)),
        Err(error) if error.is_retryable() => Err(JobError::retry(error)),
        Err(_) => Ok(Err(PictureRefusal::Unreadable)),
    }
}

/// Removes the upload, and of the user's folder what is not shown and can't become so: what came before the picture that was decided
/// last, and this one where it lost against a later one.
async fn clean(context: &Context, request: PictureRequest) -> Result<(), JobError> {
    let PictureRequest { user_id, picture_id } = request;
    let decided = context.store.pictures().of_user(user_id).await?;
    let stays = |id: Id<kinds::Picture>| match &decided {
        Some(picture) => picture.shown == Some(id) || id > picture.decided,
        // The account is gone, or none of its uploads was ever decided.
        None => false,
    };
    let folder = ProfilePicture::folder(user_id);
    for key in context.objects.list(&context.media_bucket, &folder, LIST_MAX).await? {
        if ProfilePicture::of_object(user_id, &key).is_some_and(|id| !stays(id)) {
            context.objects.delete(&context.media_bucket, &key).await?;
        }
    }
    let upload = ProfilePicture::upload_key(user_id, picture_id);
    if !context.objects.purge(&context.bucket, &upload).await? {
        return Err(JobError::retry("the upload has more versions than one run removes"));
    }
    Ok(())
}
