//! Writes courses into archives, and makes drafts of archives: ZIP files with the document of the course and the files of its lessons.
//!
//! Both may be killed at any line and be done again. An export writes the same object anew. An import makes a draft whose identifiers follow
//! from the archive's; nobody sees it before it is whole, and another run goes on where the one before stopped. What is wrong with the
//! archive itself is told to its teacher, and nobody is woken up for it.

mod export;
mod import;
mod sink;
mod source;

use archive::{Bad, ReadError, WriteError};
use cloud::{Cloud, Objects, objects::ObjectError};
use contracts::archive::CourseArchive;
use course_document::{Fault, MakeError};
use domain::course::{LESSONS_MAX, Refusal, SECTIONS_MAX};
use jobs::{Delivery, JobError, StartError};
use kernel::{Ambient, Vars};
use store::{Store, StoreError, Table, Tables, entities::course::EditError};

/// Deliveries after which a message goes to the dead letters; the queue's redrive policy in template.yaml says the same.
pub const TRIES: u32 = 5;
/// Letters of a reason: one may quote what a document says.
const REASON_MAX: usize = 500;
/// What a teacher is told when the last try failed for a reason that is not his.
const GAVE_UP: &str = "It could not be done just now. Try again in an hour; if it fails again, write to us.";

/// What the job works with.
pub struct Context {
    store: Store,
    objects: Objects,
    ambient: Ambient,
    uploads_bucket: String,
    exports_bucket: String,
}

impl Context {
    /// From the environment.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        Self::with(vars, Ambient::system())
    }

    /// From these settings, at the time that is given; tests use this.
    ///
    /// # Errors
    /// [`StartError`] naming what is missing.
    pub fn with(vars: Vars, ambient: Ambient) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let tables = Tables::from_env(&vars, &[Table::Catalog, Table::Media])?;
        Ok(Self {
            store: Store::new(cloud.dynamodb(&vars), tables),
            objects: cloud.objects(),
            ambient,
            uploads_bucket: vars.required("UPLOADS_BUCKET")?,
            exports_bucket: vars.required("EXPORTS_BUCKET")?,
        })
    }
}

/// Handles one message.
///
/// # Errors
/// [`JobError`].
pub async fn handle(context: &Context, delivery: Delivery) -> Result<(), JobError> {
    let is_last = delivery.receive_count >= TRIES;
    match contracts::decode(&delivery.body)? {
        CourseArchive::Export { user_id, course_id, archive_id } => {
            export::run(context, (user_id, course_id, archive_id), is_last).await
        }
        CourseArchive::Import { user_id, archive_id } => {
            import::run(context, user_id, archive_id, is_last).await
        }
    }
}

/// Why an archive was not written, or no draft made of it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// For a reason that its teacher is told; trying again would not help.
    Told(String),
    /// For another one.
    Job(JobError),
}

impl Failure {
    fn told(reason: impl ToString) -> Self {
        Self::Told(reason.to_string().chars().take(REASON_MAX).collect())
    }
}

/// What the teacher is told, what was made or why nothing was, and what becomes of the message.
pub(crate) type Outcome<T> = (Result<T, String>, Result<(), JobError>);

/// What is to be said of it now: the outcome, or what failed for the last time; `Err` where it is to be tried again.
pub(crate) fn outcome<T>(result: Result<T, Failure>, is_last: bool) -> Result<Outcome<T>, JobError> {
    match result {
        Ok(done) => Ok((Ok(done), Ok(()))),
        Err(Failure::Told(reason)) => {
            tracing::info!(reason, "told to the teacher");
            Ok((Err(reason), Ok(())))
        }
        // The message goes to the dead letters all the same, where an alarm tells of it.
        Err(Failure::Job(error)) if is_last => Ok((Err(GAVE_UP.into()), Err(error))),
        Err(Failure::Job(error)) => Err(error),
    }
}

impl From<ObjectError> for Failure {
    fn from(error: ObjectError) -> Self {
        Self::Job(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Job(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Job(error.into())
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::Job(JobError::retry(error))
    }
}

impl From<Bad> for Failure {
    fn from(bad: Bad) -> Self {
        Self::told(bad)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::told(format!(
            "{}: {fault}. Correct it there, or export the course again.",
            domain::course::archive::DOCUMENT
        ))
    }
}

impl From<ReadError<ObjectError>> for Failure {
    fn from(error: ReadError<ObjectError>) -> Self {
        match error {
            ReadError::Bad(bad) => bad.into(),
            ReadError::Source(ObjectError::NotFound) => Self::told(import::GONE),
            ReadError::Source(error) => error.into(),
        }
    }
}

impl From<MakeError> for Failure {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Fault(fault) => fault.into(),
            MakeError::Edit(EditError::Refused(refusal)) => match refusal {
                Refusal::CopyTooOld => Self::told(import::GONE),
                Refusal::TooManyLessons => Self::told(format!(
                    "A course has at most {LESSONS_MAX} lessons. Make two archives, each with a part of them."
                )),
                Refusal::TooManySections => Self::told(format!(
                    "A course has at most {SECTIONS_MAX} sections. Make two archives, each with a part of them."
                )),
                other => Self::Job(JobError::retry(other)),
            },
            // Another run of the same message may be at it; of an account that was erased there is nothing at the next try.
            error => Self::Job(JobError::retry(error)),
        }
    }
}
