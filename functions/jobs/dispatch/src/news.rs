//! What happened to courses and videos, for those whom it concerns.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::{Received, notify::Notify};
use domain::{
    course::CourseStatus,
    video::{TranscodingStatus, VideoStatus},
};
use kernel::{Id, id::kinds};
use serde::{Deserialize, de::DeserializeOwned};
use serde_dynamo::Item;

/// All that is read of an enrolment.
#[derive(Deserialize)]
struct Enrollment {
    id: Id<kinds::Enrollment>,
    user_id: Id<kinds::User>,
}

/// All that is read of a reply to a review.
#[derive(Deserialize)]
struct Reply {
    course_id: Id<kinds::Course>,
    review_id: Id<kinds::Review>,
}

/// All that is read of a course.
#[derive(Deserialize)]
struct Course {
    id: Id<kinds::Course>,
    status: CourseStatus,
}

/// All that is read of a video.
#[derive(Deserialize)]
struct Video {
    id: Id<kinds::Video>,
    status: VideoStatus,
}

/// All that is read of a version of a video.
#[derive(Deserialize)]
struct Version {
    video_id: Id<kinds::Video>,
    version_number: u32,
    transcoding_status: TranscodingStatus,
    /// The version that played when it ended: the video's own record tells of a version where none did.
    beside: Option<u32>,
}

impl Version {
    const fn has_ended(&self) -> bool {
        matches!(self.transcoding_status, TranscodingStatus::Completed | TranscodingStatus::Failed)
    }
}

/// The message that a record makes, if it makes one.
///
/// # Errors
/// When the item can't be read.
pub(crate) fn message(
    kind: &str,
    record: &EventRecord,
) -> Result<Option<Received<Notify>>, serde_dynamo::Error> {
    let message = match kind {
        "enrollment" if record.event_name == "INSERT" => new::<Enrollment>(record)?
            .map(|one| Notify::Enrolled { user_id: one.user_id, enrollment_id: one.id }),
        "review_reply" if record.event_name == "INSERT" => new::<Reply>(record)?
            .map(|one| Notify::ReviewReplied { course_id: one.course_id, review_id: one.review_id }),
        "course" => {
            let published = |course: &Course| course.status == CourseStatus::Published;
            let was = old::<Course>(record)?.is_some_and(|course| published(&course));
            let now = new::<Course>(record)?.filter(|course| !was && published(course));
            now.map(|course| Notify::CoursePublished { course_id: course.id })
        }
        "video" => match (old::<Video>(record)?, new::<Video>(record)?) {
            (Some(before), Some(Video { id: video_id, status })) if before.status.is_under_way() => {
                match status {
                    VideoStatus::Failed => Some(Notify::VideoFailed { video_id }),
                    status if status.is_playable() => Some(Notify::VideoReady { video_id }),
                    _ => None,
                }
            }
            _ => None,
        },
        "version" => match (old::<Version>(record)?, new::<Version>(record)?) {
            (Some(before), Some(after)) if !before.has_ended() && after.beside.is_some() => {
                let Version { video_id, version_number: version, .. } = after;
                match after.transcoding_status {
                    TranscodingStatus::Completed => Some(Notify::VersionReady { video_id, version }),
                    TranscodingStatus::Failed => Some(Notify::VersionFailed { video_id, version }),
                    TranscodingStatus::Pending | TranscodingStatus::InProgress => None,
                }
            }
            _ => None,
        },
        _ => None,
    };
    Ok(message.map(|message| Received {
        // A record that is given again makes the same message.
        event_id: Id::of_text(&record.event_id),
        occurred_at: crate::time_of(record),
        message,
    }))
}

fn old<T: DeserializeOwned>(record: &EventRecord) -> Result<Option<T>, serde_dynamo::Error> {
    image(&record.change.old_image)
}

fn new<T: DeserializeOwned>(record: &EventRecord) -> Result<Option<T>, serde_dynamo::Error> {
    image(&record.change.new_image)
}

/// The item, where there was or is one.
fn image<T: DeserializeOwned>(item: &Item) -> Result<Option<T>, serde_dynamo::Error> {
    if item.is_empty() { Ok(None) } else { serde_dynamo::from_item::<Item, T>(item.clone()).map(Some) }
}
