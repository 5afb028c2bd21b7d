//! What the search index is to look at anew. A message says what changed, not how: the consumer reads the tables.

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Something that the search index shows may have changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Index {
    /// A course, and with it the numbers of who teaches it.
    Course {
        /// The course.
        course_id: Id<kinds::Course>,
    },
    /// What others see of a person: his own document, and all of his courses, which name him.
    Instructor {
        /// The person.
        user_id: Id<kinds::User>,
    },
    /// A category.
    Category {
        /// The category.
        category_id: Id<kinds::Category>,
    },
    /// A channel's own document.
    Channel {
        /// The channel.
        channel_id: Id<kinds::Channel>,
    },
    /// All public videos of a channel, which name it and are hidden with it.
    ChannelVideos {
        /// The channel.
        channel_id: Id<kinds::Channel>,
    },
    /// A video.
    Video {
        /// The video.
        video_id: Id<kinds::Video>,
    },
    /// All of it: a new index from the tables takes the place of the old one.
    Rebuild,
    /// Objects of its bucket that nothing needs any more.
    Sweep,
}

impl Message for Index {
    const QUEUE: Queue = Queue::Index;
    const NAME: &'static str = "index";
    const VERSION: u16 = 1;
}
