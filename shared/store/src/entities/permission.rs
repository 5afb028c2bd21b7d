//! What one student may do with one video (seed 002, VideoPermission).

use domain::playback::AccessRule;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::enrollment::Enrollment;
use crate::{
    Condition, Consistency, Entity, IndexKey, Key, Position, Query, QueryPage, Store, StoreError, Table,
    TransactionError, Update,
};

/// A rule and overrides of the video's policy for one enrolment; at most one for a video and enrolment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VideoPermission {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// Whether and how often.
    pub rule: AccessRule,
    /// Overrides the video's `allow_skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_skip_override: Option<bool>,
    /// Overrides the video's `max_speed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_speed_override: Option<f64>,
    /// Overrides the video's `show_watermark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_watermark_override: Option<bool>,
    /// No control of the speed, whatever else is said.
    #[serde(default)]
    pub block_speed_control: bool,
    /// No seeking, whatever else is said.
    #[serde(default)]
    pub block_seek: bool,
    /// Whether a teacher set it by hand.
    #[serde(default)]
    pub is_override: bool,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl VideoPermission {
    /// The key of a permission.
    pub fn key_of(video: Id<kinds::Video>, enrollment: Id<kinds::Enrollment>) -> Key {
        Key::new(format!("VIDEO#{video}"), format!("PERMISSION#{enrollment}"))
    }

    fn place(video: Id<kinds::Video>, enrollment: Id<kinds::Enrollment>) -> IndexKey {
        IndexKey::new(1, format!("ENROLLMENT#{enrollment}"), format!("VIDEO#{video}"))
    }
}

/// Permissions in one transaction: for each, a write and the check of its enrolment, of the 100 actions that DynamoDB takes.
const PERMISSIONS_OF_TRANSACTION: usize = 50;

impl Entity for VideoPermission {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "video_permission";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.enrollment_id)
    }

    /// Index 1 finds the permissions of an enrolment when its student is erased.
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Self::place(self.video_id, self.enrollment_id)]
    }
}

/// What a teacher may change; `None` leaves it as it is, `Some(None)` gives the video's own policy back.
#[derive(Clone, Debug, Default)]
pub struct PermissionChanges {
    /// Whether and how often.
    pub rule: Option<AccessRule>,
    /// New `allow_skip_override`.
    pub allow_skip_override: Option<Option<bool>>,
    /// New `max_speed_override`.
    pub max_speed_override: Option<Option<f64>>,
    /// New `show_watermark_override`.
    pub show_watermark_override: Option<Option<bool>>,
    /// New `block_speed_control`.
    pub block_speed_control: Option<bool>,
    /// New `block_seek`.
    pub block_seek: Option<bool>,
}

impl PermissionChanges {
    fn of(self, update: Update, now: Timestamp) -> Update {
        update
            .set_some("rule", self.rule)
            .set_some("allow_skip_override", self.allow_skip_override)
            .set_some("max_speed_override", self.max_speed_override)
            .set_some("show_watermark_override", self.show_watermark_override)
            .set_some("block_speed_control", self.block_speed_control)
            .set_some("block_seek", self.block_seek)
            .set("is_override", true)
            .set("updated_at", now)
    }
}

/// The video permissions.
pub struct Permissions<'a>(pub(crate) &'a Store);

impl Store {
    /// The video permissions.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions(self)
    }
}

impl Permissions<'_> {
    /// The permission of an enrolment for a video: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(
        &self,
        video: Id<kinds::Video>,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Option<VideoPermission>, StoreError> {
        self.0.get(VideoPermission::key_of(video, enrollment), Consistency::Strong).await
    }

    /// A page of a video's permissions: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_video(
        &self,
        video: Id<kinds::Video>,
        limit: u32,
        after: Option<Position>,
    ) -> Result<QueryPage<VideoPermission>, StoreError> {
        self.0
            .query(Query::partition(format!("VIDEO#{video}")).prefix("PERMISSION#").limit(limit).after(after))
            .await
    }

    /// The enrolment of this id, if it is one of this course: one query of index 1. The teacher knows the enrolment from his class;
    /// its key begins with the student, whom he need not know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrollment_of_course(
        &self,
        course: Id<kinds::Course>,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<Option<Enrollment>, StoreError> {
        let query =
            Query::index(1, format!("COURSE#{course}")).prefix(format!("ENROLLMENT#{enrollment}")).limit(1);
        Ok(self.0.query(query).await?.items.into_iter().next())
    }

    /// The enrolments that up to 100 permissions are for, in no particular order: one batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enrollments(&self, permissions: &[VideoPermission]) -> Result<Vec<Enrollment>, StoreError> {
        if permissions.is_empty() {
            return Ok(Vec::new());
        }
        let key = |one: &VideoPermission| Enrollment::key_of(one.user_id, one.enrollment_id);
        self.0.get_all(permissions.iter().map(key).collect()).await
    }

    /// Makes a permission for an enrolment that exists; `false` when the video has one for it already. One transaction.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::ConditionFailed`] when the enrolment is gone.
    pub async fn create(&self, permission: &VideoPermission) -> Result<bool, StoreError> {
        let enrollment = Enrollment::key_of(permission.user_id, permission.enrollment_id);
        let transaction = self.0.transaction().put_new("permission", permission).check(
            "enrollment",
            Enrollment::TABLE,
            enrollment,
            Condition::Exists,
        );
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(TransactionError::Failed { label: "permission", .. }) => Ok(false),
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// Changes a permission; `None` when there is none. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change(
        &self,
        video: Id<kinds::Video>,
        enrollment: Id<kinds::Enrollment>,
        changes: PermissionChanges,
        now: Timestamp,
    ) -> Result<Option<VideoPermission>, StoreError> {
        let update = Update::of::<VideoPermission>(VideoPermission::key_of(video, enrollment));
        self.0.update_if(changes.of(update, now).when(Condition::Exists)).await
    }

    /// Changes the permissions of these students for a video, and makes those that there are none of: without a rule in the changes, such a
    /// student watches freely as before. 50 in one transaction, on the condition that their enrolments exist. Saying it again changes
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::ConditionFailed`] when an enrolment is gone. What came in the transactions before is set by then.
    pub async fn set_all(
        &self,
        video: Id<kinds::Video>,
        students: &[Enrollment],
        changes: &PermissionChanges,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for chunk in students.chunks(PERMISSIONS_OF_TRANSACTION) {
            let mut transaction = self.0.transaction();
            for student in chunk {
                let key = VideoPermission::key_of(video, student.id);
                let update = Update::upsert::<VideoPermission>(key)
                    .placed(&VideoPermission::place(video, student.id))
                    .set("video_id", video)
                    .set("enrollment_id", student.id)
                    .set("user_id", student.user_id)
                    .set_if_absent("created_at", now);
                let update = match changes.rule {
                    Some(_) => update,
                    None => update.set_if_absent("rule", AccessRule::Free),
                };
                transaction = transaction.update("permission", changes.clone().of(update, now)).check(
                    "enrollment",
                    Enrollment::TABLE,
                    student.key(),
                    Condition::Exists,
                );
            }
            transaction.commit().await.map_err(TransactionError::into_store)?;
        }
        Ok(())
    }

    /// Deletes the permissions of these students for a video, 50 in one transaction; the video's own policy counts again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_all(
        &self,
        video: Id<kinds::Video>,
        students: &[Enrollment],
    ) -> Result<(), StoreError> {
        for chunk in students.chunks(PERMISSIONS_OF_TRANSACTION) {
            let transaction = chunk.iter().fold(self.0.transaction(), |transaction, student| {
                let key = VideoPermission::key_of(video, student.id);
                transaction.delete("permission", VideoPermission::TABLE, key, None)
            });
            transaction.commit().await.map_err(TransactionError::into_store)?;
        }
        Ok(())
    }

    /// Deletes a permission; the video's own policy counts again. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(
        &self,
        video: Id<kinds::Video>,
        enrollment: Id<kinds::Enrollment>,
    ) -> Result<(), StoreError> {
        self.0.delete(VideoPermission::TABLE, VideoPermission::key_of(video, enrollment)).await
    }
}
