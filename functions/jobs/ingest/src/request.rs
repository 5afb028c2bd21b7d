//! What a message of the ingest queue asks for: an S3 event or one of our own.

use aws_lambda_events::s3::S3Event;
use contracts::{DecodeError, media::IngestUpload};
use jobs::JobError;
use kernel::{Id, id::kinds};
use serde_json::Value;
use store::entities::PictureSubject;

/// What is to be ingested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A version of a video.
    Version(VersionRequest),
    /// A picture of a person, a course or a video.
    Picture(PictureRequest),
}

/// A version to ingest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRequest {
    /// The video.
    pub video_id: Id<kinds::Video>,
    /// The version.
    pub version: u32,
    /// The object that the event tells of; none for a message of our own.
    pub object_key: Option<String>,
}

/// A picture to ingest. Its key in the uploads bucket follows from the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureRequest {
    /// Whose picture.
    pub subject: PictureSubject,
    /// The picture.
    pub picture_id: Id<kinds::Picture>,
}

/// The requests in a message. S3 sends a test event when a notification is set up, which asks for nothing.
///
/// # Errors
/// [`JobError::Fail`] for what is neither; such a message is parked.
pub fn requests(body: &str) -> Result<Vec<Request>, JobError> {
    match contracts::decode::<IngestUpload>(body) {
        Ok(own) => {
            let IngestUpload { video_id, version } = own;
            return Ok(vec![Request::Version(VersionRequest { video_id, version, object_key: None })]);
        }
        Err(DecodeError::NotAnEnvelope(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let json: Value = serde_json::from_str(body).map_err(JobError::fail)?;
    if json.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Vec::new());
    }
    let event: S3Event = serde_json::from_value(json).map_err(JobError::fail)?;
    let keys = event.records.into_iter().filter_map(|record| {
        let key = record.s3.object;
        key.url_decoded_key.or(key.key)
    });
    Ok(keys.filter_map(|key| by_key(&key)).collect())
}

/// Keys are `uploads/{video}/{version}/{uuid}`, `pictures/{user}/{picture}`, `pictures/courses/{course}/{picture}` and `pictures/videos/{video}/{picture}`; any other
/// object in the bucket is none of ours.
fn by_key(key: &str) -> Option<Request> {
    let steps: Vec<&str> = key.split('/').collect();
    let picture = |subject: Option<PictureSubject>, picture: &str| {
        let (subject, picture_id) = subject.zip(picture.parse().ok())?;
        Some(Request::Picture(PictureRequest { subject, picture_id }))
    };
    let request = match steps[..] {
        ["uploads", video, version, _] => {
            video.parse().ok().zip(version.parse().ok()).map(|(video_id, version)| {
                Request::Version(VersionRequest { video_id, version, object_key: Some(key.to_owned()) })
            })
        }
        ["pictures", user, id] => picture(user.parse().ok().map(PictureSubject::User), id),
        ["pictures", "courses", course, id] => picture(course.parse().ok().map(PictureSubject::Course), id),
        ["pictures", "videos", video, id] => picture(video.parse().ok().map(PictureSubject::Video), id),
        _ => None,
    };
    if request.is_none() {
        tracing::warn!("an object under a key that is not an upload's");
    }
    request
}

#[cfg(test)]
mod tests {
    use store::entities::{CourseThumbnail, ProfilePicture, VideoThumbnail};

    use super::*;

    fn sample(name: &str) -> String {
        let path = format!("{}/../../../events/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn an_s3_event_names_its_version() {
        let found = requests(&sample("s3/object-created.json")).unwrap();
        let [Request::Version(version)] = &found[..] else { panic!("{found:?}") };
        assert_eq!(version.video_id.to_string(), "01933b7a-3c5e-7000-8000-4f2d1c9a7b10");
        assert_eq!(version.version, 1);
        assert!(version.object_key.as_deref().unwrap().starts_with("uploads/01933b7a"));
    }

    #[test]
    fn an_s3_event_names_its_picture() {
        let found = requests(&sample("s3/picture-created.json")).unwrap();
        let picture = PictureRequest {
            subject: PictureSubject::User("01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap()),
            picture_id: "01933b7a-3c5e-7000-8000-4f2d1c9a7b11".parse().unwrap(),
        };
        assert_eq!(found, [Request::Picture(picture)]);
    }

    #[test]
    fn an_upload_of_a_picture_says_whose_it_is_by_its_key() {
        let picture_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b11".parse().unwrap();
        let name = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
        for (key, subject) in [
            (
                ProfilePicture::upload_key(name.parse().unwrap(), picture_id),
                PictureSubject::User(name.parse().unwrap()),
            ),
            (
                CourseThumbnail::upload_key(name.parse().unwrap(), picture_id),
                PictureSubject::Course(name.parse().unwrap()),
            ),
            (
                VideoThumbnail::upload_key(name.parse().unwrap(), picture_id),
                PictureSubject::Video(name.parse().unwrap()),
            ),
        ] {
            assert_eq!(by_key(&key), Some(Request::Picture(PictureRequest { subject, picture_id })), "{key}");
        }
        assert_eq!(by_key(&format!("pictures/others/{name}/{picture_id}")), None);
    }

    #[test]
    fn our_own_message_names_its_version() {
        let found = requests(&sample("sqs/ingest-upload.json")).unwrap();
        assert_eq!(
            found,
            [Request::Version(VersionRequest {
                video_id: "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap(),
                version: 1,
                object_key: None,
            })]
        );
    }

    #[test]
    fn a_test_event_and_foreign_objects_ask_for_nothing_and_garbage_is_parked() {
        assert!(requests(r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#).unwrap().is_empty());
        let foreign = sample("s3/object-created.json").replace("/1/", "/one/");
        assert!(requests(&foreign).unwrap().is_empty());
        for key in [
            "pictures/me/1",
            "pictures/01933b7a-3c5e-7000-8000-4f2d1c9a7b10",
            "pictures/a/b/c",
            "other/x/y",
            "",
        ] {
            assert_eq!(by_key(key), None, "{key}");
        }
        assert!(matches!(requests("not json"), Err(JobError::Fail(_))));
        let other = sample("sqs/transcode-part.json");
        assert!(matches!(requests(&other), Err(JobError::Fail(_))));
    }
}
