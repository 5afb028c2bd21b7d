//! What the search index shows.

use aws_lambda_events::dynamodb::EventRecord;
use contracts::index::Index;
use domain::{
    course::CourseStatus,
    identity::Role,
    video::{VideoStatus, Visibility},
};
use kernel::{Id, id::kinds};
use serde::Deserialize;
use serde_dynamo::Item;

/// All that is read of a course.
#[derive(Deserialize)]
struct Course {
    id: Id<kinds::Course>,
    status: CourseStatus,
}

/// All that is read of a category.
#[derive(Deserialize)]
struct Category {
    id: Id<kinds::Category>,
}

/// All that is read of a user.
#[derive(Deserialize)]
struct User {
    id: Id<kinds::User>,
    role: Role,
}

/// All that is read of a channel.
#[derive(Deserialize)]
struct Channel {
    id: Id<kinds::Channel>,
}

/// All that is read of a video.
#[derive(Deserialize)]
struct Video {
    id: Id<kinds::Video>,
    status: VideoStatus,
    visibility: Visibility,
}

/// Attributes of a channel that its own document is made of.
const OF_CHANNEL: [&str; 7] =
    ["status", "name", "handle", "description", "avatar_url", "verified", "subscriber_count"];
/// Those that the documents of its videos are made of too. They may be many, so a follower is no reason to write them anew.
const OF_ITS_VIDEOS: [&str; 3] = ["status", "name", "handle"];
/// Attributes of a video that its document is made of.
const OF_VIDEO: [&str; 10] = [
    "status",
    "visibility",
    "deleted_at",
    "channel_id",
    "title",
    "description",
    "thumbnail_path",
    "uploaded_thumbnail",
    "duration_ms",
    "published_at",
];

/// Whether one of these attributes is another one than before.
fn differs(record: &EventRecord, attributes: &[&str]) -> bool {
    let (old, new) = (&record.change.old_image, &record.change.new_image);
    attributes.iter().any(|name| old.get(*name) != new.get(*name))
}

/// What the item was and is, as far as it existed.
fn images<T: serde::de::DeserializeOwned>(record: &EventRecord) -> Result<Vec<T>, serde_dynamo::Error> {
    let images = [&record.change.new_image, &record.change.old_image].into_iter();
    images.filter(|image| !image.is_empty()).cloned().map(serde_dynamo::from_item::<Item, T>).collect()
}

/// What the index is to look at anew because of a record. Drafts, private videos and people who never could teach are not in it.
///
/// # Errors
/// When the item can't be read.
pub(crate) fn things(kind: &str, record: &EventRecord) -> Result<Vec<Index>, serde_dynamo::Error> {
    let one: Option<Index> = match kind {
        "course" => {
            let published = |course: &Course| course.status == CourseStatus::Published;
            let listed = images::<Course>(record)?.into_iter().find(published);
            listed.map(|course| Index::Course { course_id: course.id })
        }
        "category" => {
            let category = images::<Category>(record)?.into_iter().next();
            category.map(|category| Index::Category { category_id: category.id })
        }
        "channel" => {
            let Some(Channel { id: channel_id }) = images::<Channel>(record)?.into_iter().next() else {
                return Ok(Vec::new());
            };
            let own = differs(record, &OF_CHANNEL).then_some(Index::Channel { channel_id });
            // A channel that has just been made has no videos.
            let videos = record.event_name != "INSERT" && differs(record, &OF_ITS_VIDEOS);
            let videos = videos.then_some(Index::ChannelVideos { channel_id });
            return Ok(own.into_iter().chain(videos).collect());
        }
        "video" if differs(record, &OF_VIDEO) => {
            let public = |video: &Video| {
                video.status == VideoStatus::Published && video.visibility == Visibility::Public
            };
            images::<Video>(record)?.into_iter().find(public).map(|video| Index::Video { video_id: video.id })
        }
        // Users change rarely, so what of them has changed is not asked.
        "user" if record.event_name == "MODIFY" => {
            let taught = images::<User>(record)?.into_iter().find(|user| user.role != Role::Student);
            taught.map(|user| Index::Instructor { user_id: user.id })
        }
        _ => None,
    };
    Ok(one.into_iter().collect())
}
