//! The samples under events/ are what travels.

use std::fs;

use contracts::{
    archive::CourseArchive,
    certify::Certify,
    edge::Edge,
    index::Index,
    media::{IngestUpload, PackageVersion, TranscodePart},
    notify::Notify,
    privacy::Privacy,
};
use testkit::template;

fn sample(name: &str) -> String {
    fs::read_to_string(template::path().parent().unwrap().join("events").join(name)).unwrap()
}

fn survives<M: contracts::Message + PartialEq + std::fmt::Debug>(name: &str) {
    let message: M = contracts::decode(&sample(name)).unwrap();
    let again: M = contracts::decode(&contracts::encode(&message, &kernel::Ambient::system())).unwrap();
    assert_eq!(message, again, "{name}");
}

#[test]
fn every_sample_of_a_queue_is_a_message_of_today() {
    survives::<IngestUpload>("sqs/ingest-upload.json");
    survives::<TranscodePart>("sqs/transcode-part.json");
    survives::<PackageVersion>("sqs/package-version.json");
    for name in [
        "security-event",
        "verification",
        "password-reset",
        "export-ready",
        "erased",
        "order-transfer-awaited",
        "order-paid",
        "order-payment-failed",
        "order-refunded",
        "order-disputed",
        "payment-failed",
        "subscription-lapsed",
        "enrolled",
        "certificate-ready",
        "course-published",
        "review-replied",
        "video-ready",
        "video-failed",
        "version-ready",
        "version-failed",
        "digest",
    ] {
        survives::<Notify>(&format!("sqs/notify-{name}.json"));
    }
    for name in ["export", "end-subscription", "erase"] {
        survives::<Privacy>(&format!("sqs/privacy-{name}.json"));
    }
    for name in ["course", "instructor", "category", "channel", "channel-videos", "video", "rebuild", "sweep"]
    {
        survives::<Index>(&format!("sqs/index-{name}.json"));
    }
    survives::<Edge>("sqs/edge-course.json");
    survives::<Certify>("sqs/certify-issue.json");
    for name in ["export", "import"] {
        survives::<CourseArchive>(&format!("sqs/course-archive-{name}.json"));
    }
    let samples = fs::read_dir(template::path().parent().unwrap().join("events/sqs")).unwrap().count();
    assert_eq!(samples, 39, "a sample without a test here");
}

#[test]
fn other_messages_and_newer_versions_are_refused_by_name() {
    let other = contracts::decode::<IngestUpload>(&sample("sqs/package-version.json")).unwrap_err();
    assert!(other.to_string().contains("ingest_upload"), "{other}");
    let newer = sample("sqs/ingest-upload.json")
        .replace("\"version\": 1,\n  \"body\"", "\"version\": 2,\n  \"body\"");
    let newer = contracts::decode::<IngestUpload>(&newer).unwrap_err();
    assert!(newer.to_string().contains("newer"), "{newer}");
}
