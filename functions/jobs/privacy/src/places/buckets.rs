//! Objects: source files, pictures, archives. The films of a video go with it, by the janitor.

use jobs::JobError;
use store::{
    Entity as _,
    entities::{Certificate, CourseExport, CourseImport, Export, ProfilePicture, Upload, belongings::Part},
    from_item, item_type,
};

use super::{Subject, each_page};
use crate::{Archive, Context};

/// Pictures that an archive takes; there is one, unless a replaced one is just being removed.
const PICTURES_MAX: i32 = 10;

/// Certificates that an archive takes the documents of; all are in its list.
const CERTIFICATES_MAX: i32 = 1_000;

/// Adds the documents of his certificates to the archive. It lists his uploads, and says that it leaves the films out.
pub(super) async fn collect_certificates(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    let (bucket, folder) = (&context.buckets.uploads, Certificate::prefix(subject.id()));
    for key in context.objects.list(bucket, &folder, CERTIFICATES_MAX).await? {
        let bytes = context.objects.read(bucket, &key).await?;
        archive.attach(&format!("certificates/{}", key.trim_start_matches(&folder)), &bytes)?;
    }
    Ok(())
}

/// Adds his picture to the archive.
pub(super) async fn collect_pictures(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    let (bucket, folder) = (&context.buckets.media, ProfilePicture::folder(subject.id()));
    for key in context.objects.list(bucket, &folder, PICTURES_MAX).await? {
        let bytes = context.objects.read(bucket, &key).await?;
        archive.attach(&format!("pictures/{}", key.trim_start_matches(&folder)), &bytes)?;
    }
    Ok(())
}

/// Erases pictures, documents of certificates and archives of courses that were sent, and the sources of all films, also of those that stay: what was made of them is what students watch.
pub(super) async fn erase_uploads(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let bucket = &context.buckets.uploads;
    purge(context, bucket, &ProfilePicture::upload_folder(subject.id())).await?;
    purge(context, bucket, &Certificate::prefix(subject.id())).await?;
    purge(context, bucket, &CourseImport::prefix(subject.id())).await?;
    each_page(context, &Part::Media(subject.id()), async |items| {
        for item in items.into_iter().filter(|item| item_type(item) == Upload::TYPE) {
            let upload: Upload = from_item(item)?;
            purge(context, bucket, &format!("uploads/{}/", upload.video_id)).await?;
        }
        Ok(())
    })
    .await
}

/// Erases his picture, and its copies at the edge.
pub(super) async fn erase_pictures(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let folder = ProfilePicture::folder(subject.id());
    purge(context, &context.buckets.media, &folder).await?;
    context.edge.invalidate(vec![format!("/{folder}*")], &folder.replace('/', "-")).await
}

/// Erases his archives, and those of his courses.
pub(super) async fn erase_archives(context: &Context, subject: &Subject) -> Result<(), JobError> {
    let bucket = &context.buckets.exports;
    purge(context, bucket, &CourseExport::prefix(subject.id())).await?;
    purge(context, bucket, &Export::prefix(subject.id())).await
}

/// Removes every version of every object under a prefix.
pub(super) async fn purge(context: &Context, bucket: &str, prefix: &str) -> Result<(), JobError> {
    while !context.objects.purge(bucket, prefix).await? {}
    Ok(())
}
