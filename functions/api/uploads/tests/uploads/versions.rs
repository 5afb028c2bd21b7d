//! Another version of a video: how it begins, when it plays, how it goes.

use domain::{
    channel::Quota,
    sweep::SweepKind,
    upload::UploadStatus,
    version::{GRACE, RETENTION},
    video::{TranscodingStatus, VideoStatus},
};
use futures::future::join_all;
use http::Method;
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::entities::{
    Poster, Sweep, Upload, Version, Video,
    pipeline::{SourceFacts, processing_reminder},
    upload::{Abortion, Completion},
    version_switch::Packaged,
};
use testkit::{Caller, Reply, fixtures};

use crate::stage::Stage;

fn at(video: Id<kinds::Video>) -> String {
    format!("/api/v1/media/videos/{video}/versions")
}

fn file() -> Value {
    json!({"filename": "Better.mp4", "size": 7_340_032, "content_type": "video/mp4"})
}

/// A published video of the teacher with a version that plays.
async fn playing(stage: &Stage) -> Video {
    let video = Video {
        channel_id: stage.channel,
        course_id: Some(stage.course),
        section_id: Some(stage.section),
        publish_when_ready: true,
        ..fixtures::video(&stage.world, &stage.teacher, VideoStatus::Published)
    };
    stage.world.store().put(&video).await.unwrap();
    stage.world.store().put(&fixtures::version(&video)).await.unwrap();
    video
}

async fn begin(stage: &Stage, video: &Video) -> Reply {
    stage.app.post(&at(video.id), &stage.teacher, file()).await
}

/// A new version whose file has begun to be sent.
async fn begun(stage: &Stage, video: &Video) -> Upload {
    let reply = begin(stage, video).await.expect(201);
    stage.upload(&reply.text("upload_id")).await
}

async fn stored(stage: &Stage, video: &Video) -> Video {
    stage.video(&video.id.to_string()).await.unwrap()
}

async fn version(stage: &Stage, video: &Video, number: u32) -> Version {
    stage.world.store().versions().get(video.id, number).await.unwrap().unwrap()
}

/// The file is there.
async fn sent(stage: &Stage, upload: &Upload) -> Completion {
    let due_at = stage.world.ambient().now();
    let reminder = Sweep { kind: SweepKind::Upload, subject: upload.id.to_string(), ..upload.purge(due_at) };
    stage.world.store().uploads().complete(upload, &reminder, stage.world.ambient().now()).await.unwrap()
}

/// The check of the file found a film of so many seconds.
async fn planned(stage: &Stage, video: &Video, number: u32, seconds: f64) -> bool {
    let (now, seen) = (stage.world.ambient().now(), stored(stage, video).await);
    let facts = SourceFacts {
        object_version: None,
        duration_seconds: seconds,
        resolution: "1920x1080".into(),
        codec: "h264".into(),
    };
    let reminder = processing_reminder(video.id, number, now);
    let versions = stage.world.store().versions();
    versions.begin_processing(&seen, number, &facts, 3, &reminder, now).await.unwrap()
}

/// All of it is encoded.
async fn whole(stage: &Stage, video: &Video, number: u32) -> bool {
    let seen = stored(stage, video).await;
    let poster =
        |n: u64| Poster { path: format!("/posters/{}/{number}/poster_{n}.jpg", video.id), at_ms: n * 1_000 };
    let packaged = Packaged { posters: (0..3).map(poster).collect(), assets: Vec::new() };
    let made = version(stage, video, number).await;
    let now = stage.world.ambient().now();
    stage.world.store().versions().complete(&seen, &made, &packaged, now).await.unwrap()
}

async fn failed(stage: &Stage, video: &Video, number: u32) -> bool {
    let (seen, now) = (stored(stage, video).await, stage.world.ambient().now());
    stage.world.store().versions().fail(&seen, number, "It is not a video.", now).await.unwrap()
}

/// A version that took the whole way.
async fn uploaded(stage: &Stage, video: &Video, seconds: f64) -> u32 {
    let upload = begun(stage, video).await;
    assert_eq!(sent(stage, &upload).await, Completion::Done);
    assert!(planned(stage, video, upload.version, seconds).await);
    assert!(whole(stage, video, upload.version).await);
    upload.version
}

async fn list(stage: &Stage, video: &Video) -> Vec<(u64, String)> {
    let reply = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    let one =
        |one: &Value| (one["version_number"].as_u64().unwrap(), one["status"].as_str().unwrap().to_owned());
    reply.body["results"].as_array().unwrap().iter().map(one).collect()
}

async fn activate(stage: &Stage, video: &Video, number: u32) -> Reply {
    let path = format!("{}/{number}/activate", at(video.id));
    stage.app.call(Method::POST, &path, Some(&stage.teacher), None).await
}

async fn delete(stage: &Stage, video: &Video, number: u32) -> Reply {
    stage.app.delete(&format!("{}/{number}", at(video.id)), &stage.teacher).await
}

fn states(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(number, state)| (*number, (*state).to_owned())).collect()
}

#[tokio::test]
async fn a_new_version_plays_when_it_is_whole_and_not_before() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let reply = begin(&stage, &video).await.expect(201);
    assert_eq!(reply.calls, 5, "session, channel of the user, channel, video, transaction");
    assert_eq!((&reply.body["version"], &reply.body["video_id"]), (&json!(2), &json!(video.id)));
    let key = reply.text("file_key");
    assert!(key.starts_with(&format!("uploads/{}/2/", video.id)), "{key}");
    assert!(reply.text("upload_url").contains("content-length"), "size and type are signed");
    assert_eq!(stage.counted().await, 1);
    let upload = stage.upload(&reply.text("upload_id")).await;
    assert_eq!(upload.object_key, key);

    assert_eq!(list(&stage, &video).await, states(&[(2, "PENDING"), (1, "ACTIVE")]));
    assert_eq!(sent(&stage, &upload).await, Completion::Done);
    assert_eq!(list(&stage, &video).await, states(&[(2, "UPLOADED"), (1, "ACTIVE")]));
    assert!(planned(&stage, &video, 2, 90.0).await);
    assert_eq!(list(&stage, &video).await, states(&[(2, "PROCESSING"), (1, "ACTIVE")]));
    let before = stored(&stage, &video).await;
    assert_eq!(
        (before.status, before.active_version, before.duration_ms),
        (VideoStatus::Published, Some(1), 60_000)
    );

    stage.world.advance(SignedDuration::from_mins(1));
    assert!(whole(&stage, &video, 2).await);
    assert!(!whole(&stage, &video, 2).await, "a doubled message changes nothing");
    let after = stored(&stage, &video).await;
    assert_eq!(
        (after.status, after.active_version, after.duration_ms),
        (VideoStatus::Published, Some(2), 90_000)
    );
    assert_eq!(after.thumbnail_path, format!("/posters/{}/2/poster_1.jpg", video.id));
    assert_eq!((after.file_key, after.file_size), (key, 7_340_032));
    // What it is, and where, has not changed.
    assert_eq!(
        (after.id, after.title, after.section_id, after.created_at),
        (video.id, video.title.clone(), video.section_id, video.created_at)
    );
    assert_eq!(after.published_at, video.published_at);

    let shown = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    assert_eq!(shown.calls, 3, "the session, the video, its versions");
    let one = &shown.body["results"][1];
    assert_eq!((&one["status"], &one["is_active"]), (&json!("KEPT"), &json!(false)));
    let now = stage.world.ambient().now();
    assert_eq!(one["kept_until"], json!(now + RETENTION));
    let due = stage.world.store().sweeps().due(SweepKind::Version, now + RETENTION, 10).await.unwrap();
    assert_eq!(due.len(), 1, "somebody looks after what was replaced: {due:?}");
    assert_eq!((due[0].version, due[0].due_at), (1, now + RETENTION));
}

#[tokio::test]
async fn a_version_that_fails_leaves_the_one_that_plays_alone() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let upload = begun(&stage, &video).await;
    assert_eq!(sent(&stage, &upload).await, Completion::Done);
    assert!(failed(&stage, &video, 2).await);
    assert!(!failed(&stage, &video, 2).await);
    let after = stored(&stage, &video).await;
    assert_eq!(
        (after.status, after.active_version, after.error_reason.as_str()),
        (VideoStatus::Published, Some(1), "")
    );
    let shown = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    let newest = &shown.body["results"][0];
    assert_eq!(
        (&newest["status"], &newest["error_reason"]),
        (&json!("FAILED"), &json!("It is not a video."))
    );
    // It can be deleted, and the one that plays can't.
    let gone = |n: u32| delete(&stage, &video, n);
    gone(1).await.expect_error(409, "VERSION_IN_USE");
    gone(2).await.expect(204);
    gone(2).await.expect_error(404, "VERSION_NOT_FOUND");
    assert_eq!(list(&stage, &video).await, states(&[(1, "ACTIVE")]));
    let due =
        stage.world.store().sweeps().due(SweepKind::Version, stage.world.ambient().now() + GRACE, 10).await;
    assert_eq!(due.unwrap().len(), 1, "its files go when no cookie opens them");
    // The next one has the next number.
    assert_eq!(begun(&stage, &video).await.version, 3);
}

#[tokio::test]
async fn a_late_version_never_pushes_a_newer_one_aside() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let (second, third) = (begun(&stage, &video).await, begun(&stage, &video).await);
    for upload in [&second, &third] {
        assert_eq!(sent(&stage, upload).await, Completion::Done);
        assert!(planned(&stage, &video, upload.version, 90.0).await);
    }
    assert!(whole(&stage, &video, 3).await);
    stage.world.advance(SignedDuration::from_mins(1));
    assert!(whole(&stage, &video, 2).await);
    assert_eq!(list(&stage, &video).await, states(&[(3, "ACTIVE"), (2, "KEPT"), (1, "KEPT")]));
    let now = stage.world.ambient().now();
    let due = stage.world.store().sweeps().due(SweepKind::Version, now + RETENTION, 10).await.unwrap();
    assert_eq!(due.iter().map(|sweep| sweep.version).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn the_owner_goes_back_and_a_version_of_before_does_not_undo_that() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let late = begun(&stage, &video).await;
    assert_eq!(sent(&stage, &late).await, Completion::Done);
    assert!(planned(&stage, &video, 2, 70.0).await);
    assert_eq!(uploaded(&stage, &video, 90.0).await, 3);
    let to = |n: u32| activate(&stage, &video, n);
    to(2).await.expect_error(409, "VERSION_NOT_READY");
    to(9).await.expect_error(404, "VERSION_NOT_FOUND");
    let reply = to(1).await.expect(200);
    assert_eq!((&reply.body["active_version"], &reply.body["status"]), (&json!(1), &json!("PUBLISHED")));
    to(1).await.expect(200);
    assert_eq!(list(&stage, &video).await, states(&[(3, "KEPT"), (2, "PROCESSING"), (1, "ACTIVE")]));
    // One that was begun before the one that he left is no news.
    assert!(whole(&stage, &video, 2).await);
    assert_eq!(stored(&stage, &video).await.active_version, Some(1));
    // The next one is.
    assert_eq!(uploaded(&stage, &video, 30.0).await, 4);
    let after = stored(&stage, &video).await;
    assert_eq!((after.active_version, after.duration_ms), (Some(4), 30_000));
    let back = to(3).await.expect(200);
    assert_eq!((&back.body["active_version"], &back.body["duration"]), (&json!(3), &json!(90)));
}

#[tokio::test]
async fn many_uploads_and_switches_at_once_leave_one_version_that_plays() {
    let stage = Stage::with_quota(Quota { max_videos_per_week: None, ..Quota::STANDARD }).await;
    let video = playing(&stage).await;
    let uploads: Vec<Upload> = join_all((0..6).map(|_| begun(&stage, &video))).await;
    let mut numbers: Vec<u32> = uploads.iter().map(|upload| upload.version).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7], "each has a number of its own");
    for upload in &uploads {
        assert_eq!(sent(&stage, upload).await, Completion::Done);
        assert!(planned(&stage, &video, upload.version, 90.0).await);
    }
    // Each package job looks again when another one was faster.
    let until_done = async |number: u32| {
        while version(&stage, &video, number).await.transcoding_status == TranscodingStatus::InProgress {
            whole(&stage, &video, number).await;
        }
    };
    join_all(numbers.iter().map(|number| until_done(*number))).await;
    let after = stored(&stage, &video).await;
    assert_eq!((after.active_version, after.newest_shown), (Some(7), Some(7)));
    let activations = join_all((1..=7).map(|number| activate(&stage, &video, number))).await;
    assert!(activations.iter().all(|reply| [200, 409].contains(&reply.status.as_u16())), "{activations:?}");
    let (active, shown) = (stored(&stage, &video).await.active_version.unwrap(), list(&stage, &video).await);
    let playing: Vec<_> = shown.iter().filter(|(_, state)| state == "ACTIVE").collect();
    assert_eq!(playing.len(), 1, "{shown:?}");
    assert_eq!(playing[0].0, u64::from(active));
    // All others are looked after, the one that plays is not.
    for number in 1..=7 {
        let idle = version(&stage, &video, number).await.idle_since;
        assert_eq!(idle.is_some(), number != active, "{number}: {idle:?}");
    }
}

#[tokio::test]
async fn a_video_that_failed_gets_another_file() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let video = stage.video(&upload.video_id.to_string()).await.unwrap();
    begin(&stage, &video).await.expect_error(409, "VERSION_UNDER_WAY");
    assert_eq!(sent(&stage, &upload).await, Completion::Done);
    begin(&stage, &video).await.expect_error(409, "VERSION_UNDER_WAY");
    assert!(failed(&stage, &video, 1).await);
    assert_eq!(stored(&stage, &video).await.status, VideoStatus::Failed);

    let second = begun(&stage, &video).await;
    assert_eq!(second.version, 2);
    begin(&stage, &video).await.expect_error(409, "VERSION_UNDER_WAY");
    assert_eq!(stored(&stage, &video).await.status, VideoStatus::Failed, "until the file is there");
    assert_eq!(sent(&stage, &second).await, Completion::Done);
    let uploaded = stored(&stage, &video).await;
    assert_eq!((uploaded.status, uploaded.error_reason.as_str()), (VideoStatus::Uploaded, ""));
    // A late word of the first one's failure.
    assert!(!failed(&stage, &video, 1).await);
    assert!(planned(&stage, &video, 2, 90.0).await);
    assert!(whole(&stage, &video, 2).await);
    let ready = stored(&stage, &video).await;
    assert_eq!(
        (ready.status, ready.active_version, ready.file_key),
        (VideoStatus::Ready, Some(2), second.object_key)
    );
}

#[tokio::test]
async fn a_file_that_is_refused_before_its_owner_says_that_it_is_there_stays_refused() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let video = stage.video(&upload.video_id.to_string()).await.unwrap();
    assert!(failed(&stage, &video, 1).await);
    let second = begun(&stage, &video).await;
    assert!(failed(&stage, &video, 2).await);
    assert_eq!(sent(&stage, &second).await, Completion::Done);
    let after = stored(&stage, &video).await;
    assert_eq!((after.status, after.error_reason.as_str()), (VideoStatus::Failed, "It is not a video."));
    assert_eq!(stage.upload(&second.id.to_string()).await.status, UploadStatus::Completed);
}

#[tokio::test]
async fn an_upload_of_a_version_that_is_given_up_takes_only_itself_away() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let upload = begun(&stage, &video).await;
    assert_eq!(stage.counted().await, 1);
    let (uploads, now) = (stage.world.store().uploads(), stage.world.ambient().now());
    for _ in 0..2 {
        assert_eq!(uploads.abort(&upload, &upload.purge(now), now).await.unwrap(), Abortion::Done);
    }
    assert_eq!(stage.counted().await, 0, "given back once");
    assert_eq!(list(&stage, &video).await, states(&[(1, "ACTIVE")]));
    let after = stored(&stage, &video).await;
    assert_eq!((after.status, after.active_version), (VideoStatus::Published, Some(1)));
    assert_eq!(sent(&stage, &upload).await, Completion::Aborted);
    assert!(!planned(&stage, &video, 2, 90.0).await, "an event that comes late begins nothing");

    // One whose file arrived is not given up.
    let third = begun(&stage, &video).await;
    assert!(planned(&stage, &video, 3, 90.0).await);
    assert_eq!(uploads.abort(&third, &third.purge(now), now).await.unwrap(), Abortion::Completed);
}

#[tokio::test]
async fn nothing_comes_back_of_a_deleted_video() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let upload = begun(&stage, &video).await;
    assert_eq!(sent(&stage, &upload).await, Completion::Done);
    assert!(planned(&stage, &video, 2, 90.0).await);
    let (seen, made) = (stored(&stage, &video).await, version(&stage, &video, 2).await);
    let now = stage.world.ambient().now();
    let purge = upload.purge(now);
    assert!(stage.world.store().videos().remove(video.id, stage.teacher.id, &purge, now).await.unwrap());
    let packaged = Packaged { posters: Vec::new(), assets: Vec::new() };
    let versions = stage.world.store().versions();
    assert!(!versions.complete(&seen, &made, &packaged, now).await.unwrap());
    assert!(!versions.activate(&seen, &made, now).await.unwrap());
    assert!(!versions.retire(video.id, 1, now).await.unwrap());
    begin(&stage, &video).await.expect_error(404, "VIDEO_NOT_FOUND");
}

#[tokio::test]
async fn who_may_and_what_is_refused() {
    let stage = Stage::new().await;
    let video = playing(&stage).await;
    let stranger = stage.world.instructor().await;
    crate::stage::channel(&stage.world, &stranger, Quota::STANDARD).await;
    let student = stage.world.student().await;
    let path = at(video.id);
    let all = [
        (Method::POST, path.clone(), Some(file())),
        (Method::GET, path.clone(), None),
        (Method::POST, format!("{path}/1/activate"), None),
        (Method::DELETE, format!("{path}/1"), None),
    ];
    for (method, path, body) in all {
        let call =
            async |caller: &Caller| stage.app.call(method.clone(), &path, Some(caller), body.as_ref()).await;
        call(&stranger).await.expect_error(404, "VIDEO_NOT_FOUND");
        call(&student).await.expect_error(403, "INSTRUCTORS_ONLY");
        let visitor = stage.app.call(method.clone(), &path, None, body.as_ref()).await;
        visitor.expect_error(401, "NOT_AUTHENTICATED");
    }
    // Who teaches and has no channel.
    let newcomer = stage.world.instructor().await;
    stage.app.post(&path, &newcomer, file()).await.expect_error(404, "VIDEO_NOT_FOUND");

    for (field, value) in [
        ("size", json!(0)),
        ("size", json!("1")),
        ("size", json!(50_u64 * 1024 * 1024 * 1024 + 1)),
        ("filename", json!("")),
        ("content_type", json!("text/html")),
        ("mode", json!("courier")),
        ("title", json!("A version has no title")),
    ] {
        let mut body = file();
        body[field] = value.clone();
        let reply = stage.app.post(&path, &stage.teacher, body).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field} {value}: {}", reply.body);
    }
    for number in ["0", "2", "4294967296", "one", "-1"] {
        let reply = stage.app.post(&format!("{path}/{number}/activate"), &stage.teacher, Value::Null).await;
        assert_eq!(reply.status, 404, "{number}");
    }
    let link = domain::link::VideoLink::Youtube { id: "dQw4w9WgXcQ".into() };
    let elsewhere = Video { link: Some(link), active_version: None, latest_version: 0, ..video };
    stage.world.store().put(&elsewhere).await.unwrap();
    begin(&stage, &elsewhere).await.expect_error(409, "VIDEO_HAS_NO_FILE");
}

#[tokio::test]
async fn the_weeks_quota_counts_versions_and_a_repeated_request_begins_one() {
    let quota = Quota { max_videos_per_week: Some(2), ..Quota::STANDARD };
    let stage = Stage::with_quota(quota).await;
    let video = playing(&stage).await;
    let again = async || {
        let request = http::Request::post(at(video.id))
            .header("authorization", format!("Bearer {}", stage.teacher.token))
            .header("content-type", "application/json")
            .header("idempotency-key", "again");
        stage.app.send(request.body(file().to_string().into()).unwrap()).await.expect(201)
    };
    let (one, two) = (again().await, again().await);
    assert_eq!(one.body["upload_id"], two.body["upload_id"]);
    assert_eq!(stage.counted().await, 1);
    begin(&stage, &video).await.expect(201);
    begin(&stage, &video).await.expect_error(429, "QUOTA_VIDEOS_PER_WEEK");
    assert_eq!(stored(&stage, &video).await.latest_version, 3);
}

#[tokio::test]
async fn a_video_has_9999_versions_and_no_more() {
    let stage = Stage::new().await;
    let video = Video { latest_version: 9_998, ..playing(&stage).await };
    stage.world.store().put(&video).await.unwrap();
    let replies = join_all((0..4).map(|_| begin(&stage, &video))).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
    let last = &made[0].body["version"];
    assert_eq!((made.len(), last, refused.len()), (1, &json!(9_999), 3), "the last number goes to one");
    for reply in refused {
        reply.expect_error(409, "TOO_MANY_VERSIONS");
    }
    assert_eq!(stage.counted().await, 1, "what was refused is no upload of the week");
    assert_eq!(list(&stage, &video).await, states(&[(9_999, "PENDING"), (1, "ACTIVE")]));
    let other = stage.world.instructor().await;
    stage.app.post(&at(video.id), &other, file()).await.expect_error(404, "VIDEO_NOT_FOUND");
}
