//! How far the processing is, and what a retry may do.

use domain::{
    sweep::SweepKind,
    video::{TranscodingStatus, VideoStatus},
};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::pipeline::processing_reminder;

use crate::stage::{Stage, at};

#[tokio::test]
async fn the_owner_sees_steps_and_a_percentage() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Processing).await;
    stage.put_version(&video, TranscodingStatus::InProgress, 8, &[0, 3, 5, 7]).await;
    let reply = stage.app.get(&format!("{}/processing/", at(video.id)), &stage.teacher).await.expect(200);
    assert_eq!(reply.calls, 3, "the session, the video, the version");
    assert_eq!((&reply.body["status"], &reply.body["percentage"]), (&json!("PROCESSING"), &json!(52)));
    let steps = json!([
        {"name": "upload", "state": "done", "done": 1, "total": 1},
        {"name": "check", "state": "done", "done": 1, "total": 1},
        {"name": "encode", "state": "running", "done": 4, "total": 8},
        {"name": "package", "state": "waiting", "done": 0, "total": 1},
    ]);
    assert_eq!(reply.body["steps"], steps);

    let failed = stage.video(VideoStatus::Failed).await;
    let reply = stage.app.get(&format!("{}/processing", at(failed.id)), &stage.teacher).await.expect(200);
    assert_eq!(
        (&reply.body["error_reason"], &reply.body["percentage"]),
        (&json!("It is not a video."), &json!(5))
    );
}

#[tokio::test]
async fn only_what_failed_or_waits_is_retried() {
    let stage = Stage::new().await;
    for status in [
        VideoStatus::Pending,
        VideoStatus::Processing,
        VideoStatus::Ready,
        VideoStatus::Published,
        VideoStatus::Archived,
    ] {
        let video = stage.video(status).await;
        let reply = stage.app.post(&format!("{}/retry", at(video.id)), &stage.teacher, Value::Null).await;
        let reply = reply.expect_error(409, "CANNOT_RETRY");
        assert!(reply.body["error"]["message"].as_str().unwrap().contains(&status.to_string()));
    }
}

#[tokio::test]
async fn a_retry_keeps_what_is_done_and_leaves_a_reminder() {
    let stage = Stage::new().await;
    let (versions, now) = (stage.world.store().versions(), stage.world.ambient().now());
    let planned = stage.video(VideoStatus::Failed).await;
    stage.put_version(&planned, TranscodingStatus::Failed, 3, &[1]).await;
    let unplanned = stage.video(VideoStatus::Failed).await;
    for (video, status, encoding) in [
        (&planned, VideoStatus::Processing, TranscodingStatus::InProgress),
        (&unplanned, VideoStatus::Uploaded, TranscodingStatus::Pending),
    ] {
        let version = versions.get(video.id, 1).await.unwrap().unwrap();
        let reminder = processing_reminder(video.id, 1, now + SignedDuration::from_mins(10));
        // Of many retries at once, one puts the video back to work.
        let tries = (0..8).map(|_| versions.resume(video, &version, &reminder, now));
        let won = join_all(tries).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
        assert_eq!(won, 1);
        let (after, work) =
            (stage.stored(video).await.unwrap(), versions.get(video.id, 1).await.unwrap().unwrap());
        assert_eq!((after.status, after.error_reason.as_str()), (status, ""));
        assert_eq!((work.transcoding_status, work.parts_done), (encoding, version.parts_done));
    }
    let later = now + SignedDuration::from_mins(10);
    let due = stage.world.store().sweeps().due(SweepKind::Processing, later, 10).await.unwrap();
    assert_eq!(due.len(), 2);
}
