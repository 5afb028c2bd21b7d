//! A course is written into an archive.

use std::io::Write as _;

use archive::{Packing, Writer};
use cloud::objects::ObjectError;
use course_document::CourseDocument;
use domain::course::{
    DOCUMENT_MAX,
    archive::{CONTENT_TYPE, DOCUMENT, ENTRIES_MAX, entry_of},
    resource::{COPIED_BYTES_MAX, COPIED_MAX},
};
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::{CourseExport, Outline, Resource};

use crate::{
    Context, Failure, outcome,
    sink::{Sink, Target},
};

/// Bytes that one request reads of a file.
const READ: u64 = 8 * 1_024 * 1_024;

pub(crate) async fn run(
    context: &Context,
    (user, course, id): (Id<kinds::User>, Id<kinds::Course>, Id<kinds::Archive>),
    is_last: bool,
) -> Result<(), JobError> {
    let archives = context.store.course_archives();
    let Some(export) = archives.run_export(user, course, id).await? else {
        tracing::info!(%course, "written before, or another archive took its place");
        return Ok(());
    };
    let (said, done) = outcome(write(context, &export).await, is_last)?;
    archives.end_export(&export, said, context.ambient.now()).await?;
    done
}

/// Writes the archive; its bytes.
async fn write(context: &Context, export: &CourseExport) -> Result<u64, Failure> {
    let courses = context.store.courses();
    let own = |outline: &Outline| outline.course.is_taught_by(export.user_id);
    let outline = courses.outline(export.course_id).await?.filter(own);
    let outline = outline.ok_or_else(|| Failure::told("The course was deleted meanwhile."))?;
    let materials = courses.materials(&outline).await?;
    let document = CourseDocument::of(outline, materials);
    let files: Vec<_> = document.lessons().flat_map(|lesson| &lesson.files).map(|file| file.id).collect();
    let bytes: u64 = document.lessons().flat_map(|lesson| &lesson.files).map(|file| file.size).sum();
    if files.len() >= ENTRIES_MAX || bytes > COPIED_BYTES_MAX {
        let message = format!(
            "The course has {} files of {bytes} bytes. An archive takes {} of {COPIED_BYTES_MAX} bytes together (an import {COPIED_MAX} \
             of them): duplicate the course and delete a part of each, or export the document, which links to each file.",
            files.len(),
            ENTRIES_MAX - 1,
        );
        return Err(Failure::told(message));
    }
    let text = serde_json::to_vec(&document).map_err(|error| Failure::Job(JobError::fail(error)))?;
    if text.len() > DOCUMENT_MAX {
        let message =
            "The course is too large for one document of 5 MB. Duplicate it and delete a part of each.";
        return Err(Failure::told(message));
    }
    let key = export.object_key();
    let (objects, bucket) = (&context.objects, context.exports_bucket.as_str());
    let mut sink = Sink::new(Target { objects, bucket, key: &key, content_type: CONTENT_TYPE });
    match fill(context, &mut sink, export.course_id, &text, &files).await {
        Ok(()) => Ok(sink.finish().await?),
        Err(failure) => {
            if let Err(error) = sink.abort().await {
                tracing::warn!(%error, "the parts stay for two days");
            }
            Err(failure)
        }
    }
}

async fn fill(
    context: &Context,
    sink: &mut Sink<'_>,
    course: Id<kinds::Course>,
    document: &[u8],
    files: &[Id<kinds::Resource>],
) -> Result<(), Failure> {
    let mut zip = Writer::default();
    zip.start(DOCUMENT, Packing::Deflated)?;
    zip.write_all(document)?;
    for file in files {
        let (objects, bucket) = (&context.objects, &context.uploads_bucket);
        let key = Resource::object_key(course, *file);
        let size = match objects.head(bucket, &key).await {
            Ok(head) => head.size,
            // It was taken away from its lesson since the document was made; an import says that the lesson lacks it.
            Err(ObjectError::NotFound) => {
                tracing::warn!(%course, %file, "a file is gone");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        // What teachers upload is packed already: pictures, PDFs, documents of office programs.
        zip.start(&entry_of(*file), Packing::Stored)?;
        let mut from = 0;
        while from < size {
            let to = (from + READ).min(size);
            let bytes = objects.read_range(bucket, &key, from, to - 1).await?;
            if bytes.len() as u64 != to - from {
                return Err(ObjectError::Unavailable("the file changed while it was read".into()).into());
            }
            zip.write_all(&bytes)?;
            sink.push(&zip.take()).await?;
            from = to;
        }
    }
    sink.push(&zip.finish()?).await?;
    Ok(())
}
