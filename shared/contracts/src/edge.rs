//! What CloudFront must not go on showing. Its copies end by themselves within a minute; a message is sent only for what may not wait
//! that long (docs/architecture.md, "Caching").

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Something whose copies at the edge are wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edge {
    /// A course that everybody saw: it is gone, or costs something else now.
    Course {
        /// The course.
        course_id: Id<kinds::Course>,
        /// Its name in addresses, which is kept beside its identifier: the course may be gone when the message is handled.
        slug: String,
    },
}

impl Message for Edge {
    const QUEUE: Queue = Queue::Edge;
    const NAME: &'static str = "edge";
    const VERSION: u16 = 1;
}
