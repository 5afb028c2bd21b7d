//! Messages of the media pipeline (spec 05).

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Check and plan this uploaded version. Sent by a retry and by the sweeper; the S3 event of an upload means the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngestUpload {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version: u32,
}

impl Message for IngestUpload {
    const QUEUE: Queue = Queue::Ingest;
    const NAME: &'static str = "ingest_upload";
    const VERSION: u16 = 1;
}

/// Encode this part of a version's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscodePart {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version: u32,
    /// The part's number in the plan.
    pub part: u32,
}

impl Message for TranscodePart {
    const QUEUE: Queue = Queue::Transcode;
    const NAME: &'static str = "transcode_part";
    const VERSION: u16 = 1;
}

/// All parts of this version are done: write its playlists and make it ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageVersion {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version: u32,
}

impl Message for PackageVersion {
    const QUEUE: Queue = Queue::Package;
    const NAME: &'static str = "package_version";
    const VERSION: u16 = 1;
}
