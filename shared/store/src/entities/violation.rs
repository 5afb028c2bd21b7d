//! How often the players of a student broke the policy of a video (seed 002: audit only; spec 05: "plus a count for the teacher").

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Entity, IndexKey, Key, Table, Update};

/// The count of one student and video. It outlives the events, which are kept for half a year.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VideoViolations {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// How often.
    #[serde(default)]
    pub count: u32,
    /// When a report last had one.
    pub last_at: Timestamp,
}

/// Whose player, in which video.
#[derive(Clone, Copy, Debug)]
pub struct Whose {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The enrolment.
    pub enrollment_id: Id<kinds::Enrollment>,
    /// The student.
    pub user_id: Id<kinds::User>,
}

impl VideoViolations {
    /// The key of a count.
    pub fn key_of(video: Id<kinds::Video>, enrollment: Id<kinds::Enrollment>) -> Key {
        Key::new(format!("VIDEO#{video}"), format!("VIOLATIONS#{enrollment}"))
    }

    fn place(video: Id<kinds::Video>, enrollment: Id<kinds::Enrollment>) -> IndexKey {
        IndexKey::new(1, format!("ENROLLMENT#{enrollment}"), format!("VIOLATIONS#{video}"))
    }

    /// Adds so many.
    pub(crate) fn more(whose: Whose, count: u32, now: Timestamp) -> Update {
        let Whose { video_id, enrollment_id, user_id } = whose;
        Update::upsert::<Self>(Self::key_of(video_id, enrollment_id))
            .placed(&Self::place(video_id, enrollment_id))
            .set("video_id", video_id)
            .set("enrollment_id", enrollment_id)
            .set("user_id", user_id)
            .set("last_at", now)
            .add("count", i64::from(count))
    }
}

impl Entity for VideoViolations {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "video_violations";

    fn key(&self) -> Key {
        Self::key_of(self.video_id, self.enrollment_id)
    }

    /// Index 1 finds the counts of an enrolment when its student is erased.
    fn index_keys(&self) -> Vec<IndexKey> {
        vec![Self::place(self.video_id, self.enrollment_id)]
    }
}
