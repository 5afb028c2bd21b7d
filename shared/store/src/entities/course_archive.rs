//! Archives of courses: the last one of each course that was asked for, and those of which drafts are made.
//!
//! Both lie beside the numbers of their teacher, so that his erasure finds them. A job writes the archive, or makes the draft, and says here
//! what came of it; whatever it does twice, the first outcome stays.

use domain::course::{
    archive::{KEPT, STATE_KEPT},
    copy::LeftOut,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::teaching::TeachingStats;
use crate::{
    Condition, Consistency, Entity, Key, Store, StoreError, Table, TransactionError, Update, from_item,
};

/// How far an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveStatus {
    /// Asked for.
    Queued,
    /// The job is at it.
    Running,
    /// Done.
    Ready,
    /// It can't be done; the reason says what to do.
    Failed,
}

impl ArchiveStatus {
    /// Nothing more will come of it.
    pub const ENDED: [Self; 2] = [Self::Ready, Self::Failed];
    /// Something may come of it.
    const OPEN: [Self; 2] = [Self::Queued, Self::Running];

    /// Whether nothing more will come of it.
    pub fn has_ended(self) -> bool {
        Self::ENDED.contains(&self)
    }
}

/// The archive of a course that was asked for last: the next takes its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CourseExport {
    /// Identifier.
    pub id: Id<kinds::Archive>,
    /// Who teaches the course.
    pub user_id: Id<kinds::User>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// State.
    pub status: ArchiveStatus,
    /// Why it failed, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Bytes of the archive.
    #[serde(default)]
    pub size_bytes: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was written, or found impossible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl CourseExport {
    /// An archive that is asked for now.
    pub fn new(
        id: Id<kinds::Archive>,
        user_id: Id<kinds::User>,
        course_id: Id<kinds::Course>,
        now: Timestamp,
    ) -> Self {
        let status = ArchiveStatus::Queued;
        Self { id, user_id, course_id, status, reason: None, size_bytes: 0, created_at: now, ended_at: None }
    }

    /// The key of a course's archive.
    pub fn key_of(user: Id<kinds::User>, course: Id<kinds::Course>) -> Key {
        Key::new(TeachingStats::key_of(user).pk, format!("COURSE_EXPORT#{course}"))
    }

    /// Where the exports bucket holds all archives of a teacher's courses.
    pub fn prefix(user: Id<kinds::User>) -> String {
        format!("course-archives/{user}/")
    }

    /// Where the exports bucket holds the archive.
    pub fn object_key(&self) -> String {
        format!("{}{}.zip", Self::prefix(self.user_id), self.id)
    }

    /// Until when the archive can be fetched; `None` where it was not written.
    pub fn kept_until(&self) -> Option<Timestamp> {
        (self.status == ArchiveStatus::Ready).then_some(self.ended_at?).map(|at| at + KEPT)
    }
}

impl Entity for CourseExport {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "course_export";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.course_id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.created_at + KEPT + KEPT).as_second())
    }
}

/// An archive of which a draft is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CourseImport {
    /// Identifier; that of the draft and of all in it follow from it.
    pub id: Id<kinds::Archive>,
    /// Whose draft it becomes.
    pub user_id: Id<kinds::User>,
    /// State.
    pub status: ArchiveStatus,
    /// Why it failed, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The draft, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course_id: Option<Id<kinds::Course>>,
    /// What its lessons came without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the draft was there, or found impossible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl CourseImport {
    /// An import that is asked for now.
    pub fn new(id: Id<kinds::Archive>, user_id: Id<kinds::User>, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            status: ArchiveStatus::Queued,
            reason: None,
            course_id: None,
            left_out: Vec::new(),
            created_at: now,
            ended_at: None,
        }
    }

    /// The key of an import.
    pub fn key_of(user: Id<kinds::User>, id: Id<kinds::Archive>) -> Key {
        Key::new(TeachingStats::key_of(user).pk, format!("COURSE_IMPORT#{id}"))
    }

    /// Where the uploads bucket holds the archives that a teacher sent.
    pub fn prefix(user: Id<kinds::User>) -> String {
        format!("course-imports/{user}/")
    }

    /// Where the uploads bucket holds an archive that was sent.
    pub fn object_key_of(user: Id<kinds::User>, id: Id<kinds::Archive>) -> String {
        format!("{}{id}", Self::prefix(user))
    }
}

impl Entity for CourseImport {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "course_import";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.created_at + STATE_KEPT).as_second())
    }
}

/// What became of the wish for an archive.
#[derive(Debug)]
pub enum Asked {
    /// It is begun.
    Begun,
    /// An earlier one is not written yet.
    Pending(CourseExport),
}

/// The archives of courses.
pub struct CourseArchives<'a>(&'a Store);

impl Store {
    /// The archives of courses.
    pub fn course_archives(&self) -> CourseArchives<'_> {
        CourseArchives(self)
    }
}

impl CourseArchives<'_> {
    /// Begins an archive of a course when none is on its way. One transaction of one put.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ask(&self, export: &CourseExport) -> Result<Asked, StoreError> {
        let free = Condition::NotExists.or(Condition::one_of("status", ArchiveStatus::ENDED));
        match self.0.transaction().put_when("export", export, Some(free)).commit().await {
            Ok(()) => Ok(Asked::Begun),
            Err(TransactionError::Failed { item: Some(item), .. }) => from_item(*item).map(Asked::Pending),
            Err(error) => Err(error.into_store()),
        }
    }

    /// The last archive of a course: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export_of(
        &self,
        user: Id<kinds::User>,
        course: Id<kinds::Course>,
    ) -> Result<Option<CourseExport>, StoreError> {
        self.0.get(CourseExport::key_of(user, course), Consistency::Strong).await
    }

    /// Begins an import, once; gives the earlier one where there is one. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_import(&self, import: &CourseImport) -> Result<CourseImport, StoreError> {
        Ok(self.0.put_new(import).await?.unwrap_or_else(|| import.clone()))
    }

    /// An import: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn import_of(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Archive>,
    ) -> Result<Option<CourseImport>, StoreError> {
        self.0.get(CourseImport::key_of(user, id), Consistency::Strong).await
    }

    /// Says that the job is at an export. `None` when it has ended, or another took its place. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_export(
        &self,
        user: Id<kinds::User>,
        course: Id<kinds::Course>,
        id: Id<kinds::Archive>,
    ) -> Result<Option<CourseExport>, StoreError> {
        let update = Update::of::<CourseExport>(CourseExport::key_of(user, course));
        self.0.update_if(open(update, id).set("status", ArchiveStatus::Running)).await
    }

    /// The archive of a course is written, of so many bytes, or can't be for this reason. Nothing changes when that was said before or
    /// another export took its place. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_export(
        &self,
        export: &CourseExport,
        outcome: Result<u64, String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = open(Update::of::<CourseExport>(export.key()), export.id).set("ended_at", now);
        let update = match outcome {
            Ok(size) => update.set("status", ArchiveStatus::Ready).set("size_bytes", size),
            Err(reason) => update.set("status", ArchiveStatus::Failed).set("reason", reason),
        };
        let update = update.set("expires_at", (now + KEPT).as_second());
        self.0.update_if::<CourseExport>(update).await.map(drop)
    }

    /// Says that the job is at an import. `None` when it has ended, or is gone. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_import(
        &self,
        user: Id<kinds::User>,
        id: Id<kinds::Archive>,
    ) -> Result<Option<CourseImport>, StoreError> {
        let update = Update::of::<CourseImport>(CourseImport::key_of(user, id));
        self.0.update_if(open(update, id).set("status", ArchiveStatus::Running)).await
    }

    /// The draft of an import is there, or can't be for this reason. Nothing changes when that was said before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_import(
        &self,
        import: &CourseImport,
        outcome: Result<(Id<kinds::Course>, Vec<LeftOut>), String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = open(Update::of::<CourseImport>(import.key()), import.id).set("ended_at", now);
        let update = match outcome {
            Ok((course, left_out)) => {
                let update = update.set("status", ArchiveStatus::Ready).set("course_id", course);
                update.set("left_out", left_out)
            }
            Err(reason) => update.set("status", ArchiveStatus::Failed).set("reason", reason),
        };
        self.0.update_if::<CourseImport>(update).await.map(drop)
    }
}

/// The update of this export or import as long as it has not ended.
fn open(update: Update, id: Id<kinds::Archive>) -> Update {
    update.when(Condition::equals("id", id)).when(Condition::one_of("status", ArchiveStatus::OPEN))
}
