//! How an owner changes a video and its state.

use domain::{
    enrollment::EnrollmentStatus,
    sweep::SweepKind,
    video::{VideoStatus, Visibility},
};
use futures::future::join_all;
use serde_json::{Value, json};
use store::entities::{Video, video::StateChange};

use crate::stage::{Stage, VIDEOS, at};

async fn act(stage: &Stage, video: &Video, action: &str) -> testkit::Reply {
    stage.app.post(&format!("{}/{action}", at(video.id)), &stage.teacher, Value::Null).await
}

#[tokio::test]
async fn publishing_waits_for_what_is_under_way() {
    let stage = Stage::new().await;
    for status in [VideoStatus::Pending, VideoStatus::Uploaded, VideoStatus::Processing] {
        let video = stage.video(status).await;
        let reply = act(&stage, &video, "publish").await.expect(200);
        assert_eq!(
            (&reply.body["status"], &reply.body["publish_when_ready"]),
            (&json!(status), &json!(true))
        );
    }
    let failed = stage.video(VideoStatus::Failed).await;
    act(&stage, &failed, "publish").await.expect_error(409, "VIDEO_FAILED");
}

#[tokio::test]
async fn a_ready_video_is_published_archived_and_published_again_with_its_first_date() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let published = act(&stage, &video, "publish").await.expect(200);
    assert_eq!(published.calls, 3, "the session, the video, the change");
    assert_eq!(published.body["status"], "PUBLISHED");
    let date = published.text("published_at");
    stage.world.advance(kernel::SignedDuration::from_secs(60));
    assert_eq!(act(&stage, &video, "publish").await.expect(200).text("published_at"), date);
    for _ in 0..2 {
        assert_eq!(act(&stage, &video, "archive").await.expect(200).body["status"], "ARCHIVED");
    }
    let again = act(&stage, &video, "publish").await.expect(200);
    assert_eq!((again.body["status"].as_str(), again.text("published_at")), (Some("PUBLISHED"), date));
    let listed = stage.app.get(&format!("{VIDEOS}?status=PUBLISHED"), &stage.teacher).await.expect(200);
    assert_eq!(listed.body["results"][0]["id"], json!(video.id), "the index by state follows");
    let listed = stage.app.get(&format!("{VIDEOS}?status=READY"), &stage.teacher).await.expect(200);
    assert_eq!(listed.body["results"], json!([]));
}

#[tokio::test]
async fn what_can_not_be_played_can_not_be_archived() {
    let stage = Stage::new().await;
    for status in [VideoStatus::Pending, VideoStatus::Uploaded, VideoStatus::Processing, VideoStatus::Failed]
    {
        let video = stage.video(status).await;
        act(&stage, &video, "archive").await.expect_error(409, "CANNOT_ARCHIVE");
        assert_eq!(stage.stored(&video).await.unwrap().status, status);
    }
}

#[tokio::test]
async fn a_publication_that_races_with_the_end_of_the_processing_is_never_lost() {
    let stage = Stage::new().await;
    for _ in 0..10 {
        let video = stage.video(VideoStatus::Processing).await;
        let store = stage.world.store();
        let now = stage.world.ambient().now();
        // What the packaging job does: READY, unless the owner asked for publication meanwhile.
        let ready = store::entities::Video::transition(video.id, video.channel_id, VideoStatus::Ready, now)
            .when(store::Condition::equals("publish_when_ready", false));
        let (published, became_ready) = tokio::join!(
            async { store.videos().publish(&video, now).await.unwrap() },
            store.update_if::<Video>(ready)
        );
        let StateChange::Done(_) = published else { panic!("{published:?}") };
        let after = stage.stored(&video).await.unwrap();
        match became_ready.unwrap() {
            Some(_) => assert_eq!(after.status, VideoStatus::Published),
            None => assert!(after.publish_when_ready, "the job tries again and sees the wish"),
        }
    }
}

#[tokio::test]
async fn a_late_message_changes_nothing() {
    let stage = Stage::new().await;
    let now = stage.world.ambient().now();
    for (status, late) in [
        (VideoStatus::Published, VideoStatus::Processing),
        (VideoStatus::Ready, VideoStatus::Failed),
        (VideoStatus::Processing, VideoStatus::Uploaded),
        (VideoStatus::Archived, VideoStatus::Ready),
    ] {
        let video = stage.video(status).await;
        let update = Video::transition(video.id, video.channel_id, late, now);
        assert!(
            stage.world.store().update_if::<Video>(update).await.unwrap().is_none(),
            "{status} to {late}"
        );
    }
    let deleted = stage.video(VideoStatus::Processing).await;
    stage.app.delete(&at(deleted.id), &stage.teacher).await.expect(204);
    let update = Video::transition(deleted.id, deleted.channel_id, VideoStatus::Ready, now);
    assert!(
        stage.world.store().update_if::<Video>(update).await.unwrap().is_none(),
        "a deleted video comes back"
    );
}

#[tokio::test]
async fn a_deleted_video_is_gone_everywhere_and_purged_once() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Published).await;
    let path = at(video.id);
    let replies = join_all((0..10).map(|_| stage.app.delete(&path, &stage.teacher))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 204).count(), 1);
    assert!(replies.iter().all(|reply| reply.status == 204 || reply.code() == "VIDEO_NOT_FOUND"));
    stage.app.get(&path, &stage.teacher).await.expect_error(404, "VIDEO_NOT_FOUND");
    stage
        .app
        .patch(&path, &stage.teacher, json!({"title": "Back"}))
        .await
        .expect_error(404, "VIDEO_NOT_FOUND");
    for list in [
        VIDEOS.to_owned(),
        format!("{VIDEOS}?status=PUBLISHED"),
        format!("{VIDEOS}?section={}", stage.section),
    ] {
        let reply = stage.app.get(&list, &stage.teacher).await.expect(200);
        assert_eq!(reply.body["results"], json!([]), "{list}");
    }
    let now = stage.world.ambient().now();
    let purges = stage.world.store().sweeps().due(SweepKind::Purge, now, 10).await.unwrap();
    assert_eq!(purges.iter().map(|sweep| sweep.video_id).collect::<Vec<_>>(), [Some(video.id)]);
}

#[tokio::test]
async fn an_owner_changes_what_is_said_and_what_is_allowed() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let body = json!({"title": "Borrowing", "description": "x".repeat(10_000), "visibility": "UNLISTED"});
    let changed = stage.app.patch(&at(video.id), &stage.teacher, body).await.expect(200);
    assert_eq!(changed.calls, 2, "the session and the change");
    assert_eq!((&changed.body["title"], &changed.body["order"]), (&json!("Borrowing"), &json!(1)));
    let policy = json!({"allow_skip": true, "max_speed": 16.0, "show_watermark": false});
    let path = format!("{}/set-policy", at(video.id));
    let set = stage.app.post(&path, &stage.teacher, policy).await.expect(200);
    assert_eq!((&set.body["allow_skip"], &set.body["max_speed"]), (&json!(true), &json!(16.0)));
    let partly = stage.app.post(&path, &stage.teacher, json!({"max_speed": 0.25})).await.expect(200);
    assert_eq!((&partly.body["allow_skip"], &partly.body["show_watermark"]), (&json!(true), &json!(false)));
    let stored = stage.stored(&video).await.unwrap();
    assert_eq!((stored.visibility, stored.max_speed), (Visibility::Unlisted, 0.25));
}

#[tokio::test]
async fn an_owner_says_for_whom_a_video_is() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    let patch = async |body: Value| stage.app.patch(&at(video.id), &stage.teacher, body).await.expect(200);
    let before = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    let audience = |reply: &testkit::Reply| {
        (reply.body["age_restricted"].clone(), reply.body["geo_restrictions"].clone())
    };
    assert_eq!(audience(&before), (json!(false), json!([])));
    let changed = patch(json!({"age_restricted": true, "geo_restrictions": ["KR", "CN", "KR"]})).await;
    assert_eq!(changed.calls, 1, "the change; the session is remembered");
    assert_eq!(audience(&changed), (json!(true), json!(["CN", "KR"])), "each once, in order");
    assert_eq!(audience(&patch(json!({"title": "Borrowing"})).await), (json!(true), json!(["CN", "KR"])));
    let (student, _) = stage.student(EnrollmentStatus::Active).await;
    let seen = stage.app.get(&at(video.id), &student).await.expect(200);
    assert_eq!(audience(&seen), (json!(true), Value::Null), "where it is kept away is its owner's business");
    assert_eq!(audience(&patch(json!({"geo_restrictions": []})).await), (json!(true), json!([])));
    assert_eq!(audience(&patch(json!({"age_restricted": false})).await), (json!(false), json!([])));
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Ready).await;
    for (body, field) in [
        (json!({"title": ""}), "title"),
        (json!({"title": "x".repeat(201)}), "title"),
        (json!({"description": "x".repeat(10_001)}), "description"),
        (json!({"order": -1}), "order"),
        (json!({"visibility": "SECRET"}), "visibility"),
        (json!({"age_restricted": "yes"}), "age_restricted"),
        (json!({"geo_restrictions": "KR"}), "geo_restrictions"),
        (json!({"geo_restrictions": ["kr"]}), "geo_restrictions[0]"),
        (json!({"geo_restrictions": ["KR", "UK"]}), "geo_restrictions[1]"),
        (json!({"geo_restrictions": vec!["KR"; 250]}), "geo_restrictions"),
        (json!({"status": "PUBLISHED"}), "status"),
        (json!({"owner_id": video.id}), "owner_id"),
    ] {
        let reply = stage.app.patch(&at(video.id), &stage.teacher, body).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    for speed in [json!(0.249), json!(16.001), json!(-1), json!("2")] {
        let path = format!("{}/set-policy", at(video.id));
        let reply = stage.app.post(&path, &stage.teacher, json!({"max_speed": speed})).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get("max_speed").is_some(), "{:#}", reply.body);
    }
}
