//! A draft is made of an archive.

use archive::{Bad, Directory, Entry, Limits};
use cloud::objects::ObjectError;
use course_document::{CourseDocument, FileReference, Made, Making, Plan};
use domain::course::{
    archive::{BYTES_MAX, DOCUMENT, ENTRIES_MAX, RATIO_MAX, TOTAL_MAX, entry_of, most_bytes},
    resource::{CopyBudget, NAME_MAX, is_name_of, is_taken},
};
use garde::Validate as _;
use jobs::JobError;
use kernel::{Id, id::kinds};
use store::entities::{CourseImport, Resource};

use crate::{
    Context, Failure, outcome,
    sink::{Sink, Target},
    source::Remote,
};

/// The archive is not there, or was sent so long ago that what was begun of it is gone.
pub(crate) const GONE: &str =
    "The archive has not arrived, or a day has passed since its upload began. Begin a new upload.";

const LIMITS: Limits = Limits { entries: ENTRIES_MAX, total: TOTAL_MAX, ratio: RATIO_MAX, most: most_bytes };

pub(crate) async fn run(
    context: &Context,
    user: Id<kinds::User>,
    id: Id<kinds::Archive>,
    is_last: bool,
) -> Result<(), JobError> {
    let (archives, key) = (context.store.course_archives(), CourseImport::object_key_of(user, id));
    match archives.run_import(user, id).await? {
        Some(import) => {
            let made = make(context, &import, &key).await.map(|made| (made.course.id, made.left_out));
            let (said, done) = outcome(made, is_last)?;
            archives.end_import(&import, said, context.ambient.now()).await?;
            done?;
        }
        None => tracing::info!(%id, "the import has ended before"),
    }
    // Also by who finds it ended: the run before may have died before it could.
    while !context.objects.purge(&context.uploads_bucket, &key).await? {}
    Ok(())
}

async fn make(context: &Context, import: &CourseImport, key: &str) -> Result<Made, Failure> {
    let (objects, bucket) = (&context.objects, context.uploads_bucket.as_str());
    let size = match objects.head(bucket, key).await {
        Ok(head) => head.size,
        Err(ObjectError::NotFound) => return Err(Failure::told(GONE)),
        Err(error) => return Err(error.into()),
    };
    // The signed URL lets in nothing larger; an operator's hand might.
    if size > BYTES_MAX {
        return Err(Bad::TotalTooLarge(BYTES_MAX).into());
    }
    let source = Remote { objects, bucket, key, size };
    let directory = Directory::read(&source, &LIMITS).await?;
    let document = document(&source, &directory).await?;
    for file in document.lessons().flat_map(|lesson| &lesson.files) {
        if let Some(fault) = fault(file) {
            return Err(Failure::told(format!("{DOCUMENT}: the file «{}» {fault}.", file.file_name)));
        }
    }
    let plan = Plan::of(document, Id::from_uuid(import.id.uuid()))?;
    let (store, ambient) = (&context.store, &context.ambient);
    let making = plan.begin(store, ambient, import.user_id).await?;
    let coming = coming(context, &making, &directory);
    let ids: Vec<_> = coming.iter().map(|(_, file, _)| file.id).collect();
    making.expect(store, ambient, &ids).await?;
    let course = making.course().id;
    let mut brought = Vec::with_capacity(coming.len());
    for (lesson, file, entry) in coming {
        bring(context, &source, entry, course, &file).await?;
        brought.push((lesson, file));
    }
    Ok(making.finish(store, ambient, brought).await?)
}

/// The document in the archive, by the rules of the API.
async fn document(source: &Remote<'_>, directory: &Directory) -> Result<CourseDocument, Failure> {
    let Some(entry) = directory.get(DOCUMENT) else {
        let message = format!(
            "The archive has no {DOCUMENT} at its top. Pack what the export gave, not the folder around it."
        );
        return Err(Failure::told(message));
    };
    let text = entry.open(source).await?.all().await?;
    let unreadable = |reason: &dyn std::fmt::Display| {
        Failure::told(format!(
            "{DOCUMENT} can't be taken: {reason}. Correct it there, or export the course again."
        ))
    };
    let document: CourseDocument = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
    match document.validate() {
        Ok(()) => Ok(document),
        Err(report) => {
            let first = report.iter().next().map(|(path, error)| format!("{path} {error}"));
            Err(unreadable(&first.unwrap_or_default()))
        }
    }
}

/// What the document says of a file counts here, so the rules of uploads apply to it.
fn fault(file: &FileReference) -> Option<&'static str> {
    if !is_taken(&file.content_type) {
        return Some("has a type that is not taken; convert it, or take it out of the document");
    }
    if !is_name_of(&file.content_type, &file.file_name) {
        return Some(
            r#"must have the ending of its type, such as slides.pdf, and none of / \ : * ? " < > |"#,
        );
    }
    let title = file.title.trim();
    (title.is_empty() || title.chars().count() > NAME_MAX)
        .then_some("must have a title of at most 255 characters")
}

/// The files that the draft gets, each with its lesson and its entry: those that the archive has, as many as one copy takes.
fn coming<'a>(
    context: &Context,
    making: &Making,
    directory: &'a Directory,
) -> Vec<(Id<kinds::Lesson>, Resource, &'a Entry)> {
    let (mut budget, added_at) = (CopyBudget::default(), context.ambient.now());
    let with_entry = making.wanted().filter_map(|file| {
        let entry = directory.get(&entry_of(file.reference.id))?;
        let is_in = entry.size() > 0 && budget.takes(entry.size());
        is_in.then(|| {
            let FileReference { title, file_name, content_type, .. } = file.reference.clone();
            let (id, size) = (file.id, entry.size());
            let title = title.trim().to_owned();
            (file.lesson_id, Resource { id, title, file_name, content_type, size, added_at }, entry)
        })
    });
    with_entry.collect()
}

/// Unpacks a file to where the draft has it. It is there only when it is whole.
async fn bring(
    context: &Context,
    source: &Remote<'_>,
    entry: &Entry,
    course: Id<kinds::Course>,
    file: &Resource,
) -> Result<(), Failure> {
    let key = Resource::object_key(course, file.id);
    let (objects, bucket) = (&context.objects, context.uploads_bucket.as_str());
    let mut sink = Sink::new(Target { objects, bucket, key: &key, content_type: &file.content_type });
    match unpack(source, entry, &mut sink).await {
        Ok(()) => {
            sink.finish().await?;
            Ok(())
        }
        Err(failure) => {
            if let Err(error) = sink.abort().await {
                tracing::warn!(%error, "the parts stay for two days");
            }
            Err(failure)
        }
    }
}

async fn unpack(source: &Remote<'_>, entry: &Entry, sink: &mut Sink<'_>) -> Result<(), Failure> {
    let mut contents = entry.open(source).await?;
    while let Some(piece) = contents.next().await? {
        sink.push(&piece).await?;
    }
    Ok(())
}
