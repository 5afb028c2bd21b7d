//! How an upload goes on and ends, as far as S3 is not asked.

use crate::stage::{COMPLETE, Stage};
use domain::{
    sweep::SweepKind,
    upload::{UploadMode, UploadStatus},
    video::VideoStatus,
};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::{
    Sweep, Upload, Video,
    upload::{Abortion, Completion},
};

const MIB: u64 = 1024 * 1024;

fn path(upload: &Upload) -> String {
    format!("/api/v1/media/videos/uploads/{}", upload.id)
}

/// An upload in parts that S3 knows.
async fn in_parts(stage: &Stage, size: u64) -> Upload {
    let upload = Upload {
        mode: UploadMode::Multipart,
        multipart_id: Some("multipart-id".into()),
        part_size: 8 * MIB,
        size_bytes: size,
        ..stage.begun().await
    };
    stage.world.store().put(&upload).await.unwrap();
    upload
}

fn sweep(stage: &Stage, upload: &Upload, kind: SweepKind) -> Sweep {
    Sweep {
        kind,
        due_at: stage.world.ambient().now(),
        subject: upload.id.to_string(),
        video_id: Some(upload.video_id),
        version: 1,
        upload_id: Some(upload.id),
        user_id: None,
        attempt: 0,
    }
}

async fn complete(stage: &Stage, upload: &Upload) -> Completion {
    let sweep = sweep(stage, upload, SweepKind::Upload);
    stage.world.store().uploads().complete(upload, &sweep, stage.world.ambient().now()).await.unwrap()
}

#[tokio::test]
async fn more_part_urls_have_the_exact_size_of_each_part() {
    let stage = Stage::new().await;
    let upload = in_parts(&stage, 20 * MIB).await;
    let parts = format!("{}/parts", path(&upload));
    let reply = stage.app.post(&parts, &stage.teacher, json!({"numbers": [3, 1]})).await.expect(200);
    assert_eq!(reply.calls, 1, "the upload; the session is remembered for some seconds");
    let sizes: Vec<_> = reply.body["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["number"].as_u64(), p["size"].as_u64()))
        .collect();
    assert_eq!(sizes, [(Some(1), Some(8 * MIB)), (Some(3), Some(4 * MIB))]);
    let url = reply.body["parts"][1]["url"].as_str().unwrap();
    assert!(url.contains("partNumber=3") && url.contains("uploadId=multipart-id"), "{url}");
    assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bhost"), "{url}");

    for numbers in
        [json!([]), json!([0]), json!([4]), json!([-1]), json!(["1"]), json!(Vec::from_iter(1..=101))]
    {
        let reply = stage.app.post(&parts, &stage.teacher, json!({"numbers": numbers})).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        let details = reply.body["error"]["details"].as_object().unwrap();
        assert!(details.keys().all(|field| field.starts_with("numbers")), "{numbers}: {details:?}");
    }
}

#[tokio::test]
async fn an_upload_in_one_put_has_no_parts_and_gets_a_new_url() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let parts = format!("{}/parts", path(&upload));
    let reply = stage.app.post(&parts, &stage.teacher, json!({"numbers": [1]})).await;
    reply.expect_error(409, "UPLOAD_NOT_IN_PARTS");
    let shown = stage.app.get(&path(&upload), &stage.teacher).await.expect(200);
    assert_eq!(shown.calls, 1);
    assert_eq!((&shown.body["status"], &shown.body["uploaded"]), (&json!("OPEN"), &json!(0)));
    assert!(shown.text("upload_url").contains("X-Amz-Signature="));
}

#[tokio::test]
async fn a_strangers_upload_does_not_exist() {
    let stage = Stage::new().await;
    let (upload, stranger) = (stage.begun().await, stage.world.instructor().await);
    let at = path(&upload);
    let numbers = json!({"numbers": [1]});
    stage.app.get(&at, &stranger).await.expect_error(404, "UPLOAD_NOT_FOUND");
    stage.app.delete(&at, &stranger).await.expect_error(404, "UPLOAD_NOT_FOUND");
    stage.app.post(&format!("{at}/parts"), &stranger, numbers).await.expect_error(404, "UPLOAD_NOT_FOUND");
    stage
        .app
        .post(&format!("{at}/complete"), &stranger, Value::Null)
        .await
        .expect_error(404, "UPLOAD_NOT_FOUND");
    for body in [json!({"upload_id": upload.id}), json!({"file_key": upload.object_key, "title": "Mine"})] {
        stage.app.post(COMPLETE, &stranger, body).await.expect_error(404, "UPLOAD_NOT_FOUND");
    }
    stage
        .app
        .get("/api/v1/media/videos/uploads/nonsense", &stage.teacher)
        .await
        .expect_error(404, "NOT_FOUND");
    assert_eq!(stage.upload(&upload.id.to_string()).await.status, UploadStatus::Open);
}

#[tokio::test]
async fn completing_twice_gives_the_same_answer_and_never_goes_backwards() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let id = upload.video_id.to_string();
    assert_eq!(complete(&stage, &upload).await, Completion::Done);
    assert_eq!(stage.video(&id).await.unwrap().status, VideoStatus::Uploaded);
    assert_eq!(complete(&stage, &upload).await, Completion::Done);

    let word = json!({"session": stage.section, "title": "Ownership", "file_key": upload.object_key});
    let first = stage.app.post(COMPLETE, &stage.teacher, word.clone()).await.expect(201);
    assert_eq!((&first.body["title"], &first.body["status"]), (&json!("Ownership"), &json!("UPLOADED")));
    assert_eq!(
        (&first.body["source_type"], &first.body["session_id"]),
        (&json!("s3"), &json!(stage.section))
    );
    assert_eq!(first.body["file_key"], upload.object_key);
    let second = stage.app.post(COMPLETE, &stage.teacher, word).await.expect(201);
    assert_eq!(first.body, second.body);

    // Processing is under way when the word comes once more.
    let processing = Video { status: VideoStatus::Processing, ..stage.video(&id).await.unwrap() };
    stage.world.store().put(&processing).await.unwrap();
    let late =
        stage.app.post(&format!("{}/complete", path(&upload)), &stage.teacher, Value::Null).await.expect(200);
    assert_eq!(late.body["status"], "PROCESSING");
}

#[tokio::test]
async fn an_event_that_is_faster_than_the_word_is_not_undone_by_it() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let id = upload.video_id.to_string();
    let failed = Video { status: VideoStatus::Failed, ..stage.video(&id).await.unwrap() };
    stage.world.store().put(&failed).await.unwrap();
    assert_eq!(complete(&stage, &upload).await, Completion::Done);
    assert_eq!(stage.video(&id).await.unwrap().status, VideoStatus::Failed);
    assert_eq!(stage.upload(&upload.id.to_string()).await.status, UploadStatus::Completed);
}

#[tokio::test]
async fn complete_says_which_upload_it_lacks() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    complete(&stage, &upload).await;
    let reply = stage.app.post(COMPLETE, &stage.teacher, json!({"title": "No upload"})).await;
    assert!(reply.expect_error(422, "VALIDATION_FAILED").body["error"]["details"].get("upload_id").is_some());
    let other = json!({"session": stage.lesson, "file_key": upload.object_key, "title": "Elsewhere"});
    let reply = stage.app.post(COMPLETE, &stage.teacher, other).await;
    assert!(reply.expect_error(422, "VALIDATION_FAILED").body["error"]["details"].get("session").is_some());
    let wrong =
        json!({"file_key": format!("uploads/{}/2/{}", upload.video_id, upload.id), "title": "Wrong version"});
    stage.app.post(COMPLETE, &stage.teacher, wrong).await.expect_error(404, "UPLOAD_NOT_FOUND");
}

#[tokio::test]
async fn an_abort_removes_the_video_and_gives_the_count_back_once() {
    let stage = Stage::new().await;
    let reply = stage.presign(stage.for_lesson()).await.expect(201);
    let upload = stage.upload(&reply.text("upload_id")).await;
    let revision = |stage: &Stage| {
        let (store, key) = (stage.world.store().clone(), store::entities::Course::key_of(stage.course));
        async move {
            let course: Option<store::entities::Course> =
                store.get(key, store::Consistency::Strong).await.unwrap();
            course.unwrap().revision
        }
    };
    assert_eq!(revision(&stage).await, 2, "a change of a lesson is one of its course");
    let kept = stage.begun().await;
    assert_eq!(stage.counted().await, 2);

    let at = path(&upload);
    for reply in join_all((0..12).map(|_| stage.app.delete(&at, &stage.teacher))).await {
        reply.expect(204);
    }
    assert_eq!(stage.counted().await, 1);
    assert!(stage.video(&upload.video_id.to_string()).await.is_none());
    assert_eq!(stage.lesson().await.video_id, None);
    assert_eq!(revision(&stage).await, 3);
    let listed = stage.world.store().videos().of_section(stage.section, 10, None).await.unwrap().items;
    assert_eq!(listed.iter().map(|video| video.id).collect::<Vec<_>>(), [kept.video_id]);
    // What S3 may hold is removed once no URL can write any more.
    let after = stage.world.ambient().now() + SignedDuration::from_hours(1);
    let purges = stage.world.store().sweeps().due(SweepKind::Purge, after, 10).await.unwrap();
    assert_eq!(purges.iter().map(|sweep| sweep.video_id).collect::<Vec<_>>(), [Some(upload.video_id)]);

    stage
        .app
        .post(&format!("{at}/complete"), &stage.teacher, Value::Null)
        .await
        .expect_error(409, "UPLOAD_ABORTED");
    assert_eq!(stage.app.get(&at, &stage.teacher).await.expect(200).body["status"], "ABORTED");
}

#[tokio::test]
async fn an_abort_leaves_a_lesson_alone_that_shows_another_video_by_now() {
    let stage = Stage::new().await;
    let first = stage.presign(stage.for_lesson()).await.expect(201).text("upload_id");
    let second = stage.presign(stage.for_lesson()).await.expect(201).text("video_id");
    let first = stage.upload(&first).await;
    stage.app.delete(&path(&first), &stage.teacher).await.expect(204);
    assert_eq!(stage.lesson().await.video_id.unwrap().to_string(), second);
}

#[tokio::test]
async fn a_file_that_has_arrived_is_not_aborted() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    // S3's event was faster than every word of the client.
    let id = upload.video_id.to_string();
    let processing = Video { status: VideoStatus::Processing, ..stage.video(&id).await.unwrap() };
    stage.world.store().put(&processing).await.unwrap();
    stage.app.delete(&path(&upload), &stage.teacher).await.expect_error(409, "UPLOAD_COMPLETED");
    complete(&stage, &upload).await;
    stage.app.delete(&path(&upload), &stage.teacher).await.expect_error(409, "UPLOAD_COMPLETED");
    let numbers = json!({"numbers": [1]});
    let parts = stage.app.post(&format!("{}/parts", path(&upload)), &stage.teacher, numbers).await;
    parts.expect_error(409, "UPLOAD_COMPLETED");
    assert_eq!(stage.counted().await, 1);
    assert!(stage.video(&id).await.is_some());
}

#[tokio::test]
async fn an_upload_that_is_given_up_takes_its_video_off_its_tags() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let tags = ["rust".to_owned(), "video".to_owned()];
    store.videos().set_tags(upload.video_id, stage.teacher.id, &tags, now).await.unwrap().unwrap();
    for _ in 0..2 {
        stage.app.delete(&path(&upload), &stage.teacher).await.expect(204);
        let left = store.video_tags().popular(10, None).await.unwrap().items;
        assert_eq!(left.iter().map(|tag| tag.usage_count).collect::<Vec<_>>(), [0, 0]);
    }
}

#[tokio::test]
async fn of_a_completion_and_an_abort_one_happens() {
    let stage = Stage::new().await;
    for _ in 0..10 {
        let upload = stage.begun().await;
        let purge = sweep(&stage, &upload, SweepKind::Purge);
        let uploads = stage.world.store().uploads();
        let abort = async { uploads.abort(&upload, &purge, stage.world.ambient().now()).await.unwrap() };
        let (completed, aborted) = tokio::join!(complete(&stage, &upload), abort);
        let video = stage.video(&upload.video_id.to_string()).await;
        match (completed, aborted) {
            (Completion::Done, Abortion::Completed) => {
                assert_eq!(video.unwrap().status, VideoStatus::Uploaded)
            }
            (Completion::Aborted | Completion::VideoGone, Abortion::Done) => assert!(video.is_none()),
            both => panic!("{both:?}"),
        }
    }
}

#[tokio::test]
async fn a_deleted_video_ends_its_upload() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let (videos, now) = (stage.world.store().videos(), stage.world.ambient().now());
    let purge = sweep(&stage, &upload, SweepKind::Purge);
    assert!(videos.remove(upload.video_id, stage.teacher.id, &purge, now).await.unwrap());
    assert_eq!(complete(&stage, &upload).await, Completion::VideoGone);
    stage.app.delete(&path(&upload), &stage.teacher).await.expect(204);
    assert_eq!(stage.counted().await, 0);
}

#[tokio::test]
async fn of_two_that_begin_the_same_multipart_upload_one_id_stays() {
    let stage = Stage::new().await;
    let upload = stage.begun().await;
    let uploads = stage.world.store().uploads();
    let (one, two) =
        tokio::join!(uploads.set_multipart(upload.id, "one"), uploads.set_multipart(upload.id, "two"));
    let (one, two) = (one.unwrap().unwrap().multipart_id, two.unwrap().unwrap().multipart_id);
    assert!(one.is_some());
    assert_eq!(one, two);
    stage.app.delete(&path(&stage.begun().await), &stage.teacher).await.expect(204);
}
