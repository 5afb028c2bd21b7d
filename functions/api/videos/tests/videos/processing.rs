//! How far the processing is, and what a retry may do.

use domain::{
    sweep::SweepKind,
    video::{TranscodingStatus, VideoStatus},
};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::{Poster, Version, pipeline::processing_reminder};
use testkit::fixtures;

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

#[tokio::test]
async fn the_owner_chooses_the_picture_that_stands_for_a_video() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Published).await;
    let poster =
        |n: u64| Poster { path: format!("/posters/{}/1/poster_{n}.jpg", video.id), at_ms: n * 1_500 };
    let version = Version { posters: (0..3).map(poster).collect(), ..fixtures::version(&video) };
    stage.world.store().put(&version).await.unwrap();
    let (list, choose) = (format!("{}/thumbnails", at(video.id)), format!("{}/thumbnail", at(video.id)));
    let shown = stage.app.get(&list, &stage.teacher).await.expect(200);
    let first = json!({
        "candidate": 0, "picture_id": null, "at_seconds": 0.0, "is_chosen": true,
        "url": format!("https://learn.example/posters/{}/1/poster_0.jpg", video.id),
    });
    assert_eq!((&shown.body["results"][0], shown.body["results"].as_array().unwrap().len()), (&first, 3));
    for _ in 0..2 {
        let chosen = stage.app.put(&choose, &stage.teacher, json!({"candidate": 2})).await.expect(200);
        let url = format!("https://learn.example/posters/{}/1/poster_2.jpg", video.id);
        assert_eq!((&chosen.body["thumbnail_url"], chosen.calls), (&json!(url), 3));
    }
    assert_eq!(stage.stored(&video).await.unwrap().thumbnail_path, poster(2).path);
    let chosen = stage.world.store().versions().get(video.id, 1).await.unwrap().unwrap();
    assert_eq!(chosen.poster(), Some(&poster(2)), "a switch back brings it back");

    for candidate in [json!(3), json!(-1), json!("2"), json!(4_294_967_296_u64), Value::Null] {
        let reply = stage.app.put(&choose, &stage.teacher, json!({"candidate": candidate})).await;
        reply.expect_error(422, "VALIDATION_FAILED");
    }
    let other = stage.world.instructor().await;
    stage.app.get(&list, &other).await.expect_error(404, "VIDEO_NOT_FOUND");
    stage.app.put(&choose, &other, json!({"candidate": 1})).await.expect_error(404, "VIDEO_NOT_FOUND");
    let waiting = stage.video(VideoStatus::Processing).await;
    let path = format!("{}/thumbnail", at(waiting.id));
    stage.app.put(&path, &stage.teacher, json!({"candidate": 0})).await.expect_error(409, "VIDEO_NOT_READY");
}
