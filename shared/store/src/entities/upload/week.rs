//! The count of a channel's uploads in a week.

use kernel::{Id, SignedDuration, id::kinds};
use serde::{Deserialize, Serialize};

use super::Upload;
use crate::{Condition, Entity, Key, Table, Update};

/// How many uploads a channel began in an ISO week; the quota's condition is on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WeeklyUploads {
    /// The channel.
    pub channel_id: Id<kinds::Channel>,
    /// The week, as `2026-W23`.
    pub week: String,
    /// Uploads begun and not aborted.
    pub count: u64,
}

impl WeeklyUploads {
    /// How long a count is kept after its last upload: well over the life of an upload, which may still be aborted.
    const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

    /// The key of a channel's count in a week, as `2026-W23`.
    pub fn key_of(channel: Id<kinds::Channel>, week: &str) -> Key {
        Key::new(format!("CHANNEL#{channel}"), format!("UPLOADS#{week}"))
    }
}

impl Entity for WeeklyUploads {
    const TABLE: Table = Table::Media;
    const TYPE: &'static str = "weekly_uploads";

    fn key(&self) -> Key {
        Self::key_of(self.channel_id, &self.week)
    }
}

/// The week's count with one more upload, below its limit.
pub(crate) fn counted(upload: &Upload, limit: Option<u64>) -> Update {
    let count = Update::upsert::<WeeklyUploads>(WeeklyUploads::key_of(upload.channel_id, &upload.week))
        .set("channel_id", upload.channel_id)
        .set("week", &upload.week)
        .set("expires_at", (upload.created_at + WeeklyUploads::KEPT).as_second())
        .add("count", 1);
    match limit {
        Some(limit) => count.when(Condition::HasNot("count").or(Condition::compare("count", "<", limit))),
        None => count,
    }
}

/// The week's count without an upload that it has.
pub(super) fn uncounted(upload: &Upload) -> Update {
    let key = WeeklyUploads::key_of(upload.channel_id, &upload.week);
    Update::of::<WeeklyUploads>(key).add("count", -1).when(Condition::compare("count", ">", 0))
}
