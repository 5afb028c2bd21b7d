//! Pictures that owners upload for their videos, as far as this group goes: the signed URL, the state, the choice. What becomes of a file is the ingest job's.

use domain::{link::VideoLink, picture::PictureRefusal, video::VideoStatus};
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::entities::{Poster, Version, Video, VideoThumbnail, picture::PictureDecision};
use testkit::fixtures;

use crate::stage::{Stage, at};

fn png(size: u64) -> Value {
    json!({"content_type": "image/png", "size": size})
}

fn thumbnail(video: &Video) -> String {
    format!("{}/thumbnail", at(video.id))
}

impl Stage {
    /// A video that plays, with two pictures out of it.
    async fn film(&self) -> Video {
        let video = self.video(VideoStatus::Published).await;
        let poster =
            |n: u64| Poster { path: format!("/posters/{}/1/poster_{n}.jpg", video.id), at_ms: n * 1_500 };
        let version = Version { posters: (0..2).map(poster).collect(), ..fixtures::version(&video) };
        self.world.store().put(&version).await.unwrap();
        video
    }

    /// What the ingest job makes of an upload that begins now.
    async fn decide(&self, video: &Video, refused: Option<PictureRefusal>) -> Id<kinds::Picture> {
        self.world.advance(SignedDuration::from_secs(1));
        let (id, now) = (self.world.ambient().id(), self.world.ambient().now());
        let shown = || PictureDecision::Shown(format!("/{}", VideoThumbnail::object_key(video.id, id)));
        let decision = refused.map_or_else(shown, PictureDecision::Refused);
        assert!(self.world.store().pictures().decide(video.id, id, &decision, now).await.unwrap());
        self.world.advance(SignedDuration::from_secs(1));
        id
    }

    /// The pictures of a video: number, upload, whether it is chosen.
    async fn candidates(&self, video: &Video) -> Vec<(Value, Value, bool)> {
        let reply = self.app.get(&format!("{}s", thumbnail(video)), &self.teacher).await.expect(200);
        let results = reply.body["results"].as_array().unwrap();
        let one = |one: &Value| {
            (one["candidate"].clone(), one["picture_id"].clone(), one["is_chosen"].as_bool().unwrap())
        };
        results.iter().map(one).collect()
    }
}

fn url(video: &Video, id: Id<kinds::Picture>) -> String {
    format!("https://learn.example/posters/videos/{}/{id}.jpg", video.id)
}

#[tokio::test]
async fn an_upload_gets_a_url_for_exactly_one_picture() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Processing).await;
    let reply = stage.app.post(&thumbnail(&video), &stage.teacher, png(248_113)).await.expect(201);
    assert_eq!(reply.calls, 3, "the session, the video, the count of the hour");
    let address = reply.text("upload_url");
    let key = format!("/uploads-bucket/pictures/videos/{}/{}", video.id, reply.text("picture_id"));
    assert!(address.contains(&key), "{address}");
    assert!(address.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{address}");
    assert_eq!(reply.body["headers"]["content-type"], "image/png");

    for body in [png(0), png(5 * 1024 * 1024 + 1), json!({"content_type": "image/gif", "size": 1})] {
        let reply = stage.app.post(&thumbnail(&video), &stage.teacher, body).await;
        reply.expect_error(422, "VALIDATION_FAILED");
    }
    let (student, other) = (stage.world.student().await, stage.world.instructor().await);
    let path = thumbnail(&video);
    stage.app.post(&path, &student, png(1)).await.expect_error(403, "INSTRUCTORS_ONLY");
    stage.app.post(&path, &other, png(1)).await.expect_error(404, "VIDEO_NOT_FOUND");
    stage.app.get(&path, &other).await.expect_error(404, "VIDEO_NOT_FOUND");
    for _ in 1..10 {
        stage.app.post(&path, &stage.teacher, png(5 * 1024 * 1024)).await.expect(201);
    }
    stage.app.post(&path, &stage.teacher, png(1)).await.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn the_owner_chooses_between_his_own_picture_and_those_out_of_the_video() {
    let stage = Stage::new().await;
    let video = stage.film().await;
    let (path, teacher) = (thumbnail(&video), &stage.teacher);
    let state = stage.app.get(&path, teacher).await.expect(200).body;
    let poster = |n: u32| format!("https://learn.example/posters/{}/1/poster_{n}.jpg", video.id);
    assert_eq!(state, json!({"thumbnail": poster(0), "picture_id": null, "error": null}));

    let id = stage.decide(&video, None).await;
    let state = stage.app.get(&path, teacher).await.expect(200);
    assert_eq!(state.body, json!({"thumbnail": url(&video, id), "picture_id": id, "error": null}));
    assert_eq!(state.calls, 2, "the video, the uploads");
    let posters = [(json!(0), Value::Null, false), (json!(1), Value::Null, false)];
    let [first, second] = posters.clone();
    assert_eq!(stage.candidates(&video).await, [first, second, (Value::Null, json!(id), true)]);
    let seen = stage.app.get(&at(video.id), teacher).await.expect(200);
    assert_eq!(seen.body["thumbnail_url"], url(&video, id));

    for _ in 0..2 {
        let chosen = stage.app.put(&path, teacher, json!({"candidate": 1})).await.expect(200);
        assert_eq!(chosen.body["thumbnail_url"], poster(1));
    }
    let [first, _] = posters;
    let chosen = (json!(1), Value::Null, true);
    assert_eq!(stage.candidates(&video).await, [first, chosen, (Value::Null, json!(id), false)]);
    for _ in 0..2 {
        let back = stage.app.put(&path, teacher, json!({"picture_id": id})).await.expect(200);
        assert_eq!((&back.body["thumbnail_url"], back.calls), (&json!(url(&video, id)), 2));
    }
    assert_eq!(
        stage.stored(&video).await.unwrap().thumbnail(),
        url(&video, id).replace("https://learn.example", "")
    );

    // One that is refused says why, and changes nothing else.
    stage.decide(&video, Some(PictureRefusal::Animated)).await;
    let state = stage.app.get(&path, teacher).await.expect(200).body;
    assert_eq!(state["thumbnail"], url(&video, id));
    assert!(state["error"].as_str().unwrap().contains("animated"), "{state}");

    // Another one takes its place: the one before can't come back.
    let newer = stage.decide(&video, None).await;
    assert_eq!(stage.candidates(&video).await[2], (Value::Null, json!(newer), true));
    stage.app.put(&path, teacher, json!({"picture_id": id})).await.expect_error(409, "CHANGED_MEANWHILE");
    for body in [json!({}), json!({"candidate": 1, "picture_id": newer}), json!({"picture_id": "1"})] {
        stage.app.put(&path, teacher, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    let other = stage.world.instructor().await;
    let reply = stage.app.put(&path, &other, json!({"picture_id": newer})).await;
    reply.expect_error(404, "VIDEO_NOT_FOUND");
}

#[tokio::test]
async fn an_upload_that_was_begun_before_a_choice_does_not_undo_it() {
    let stage = Stage::new().await;
    let video = stage.film().await;
    let under_way = stage.world.ambient().id();
    stage.world.advance(SignedDuration::from_secs(1));
    stage.app.put(&thumbnail(&video), &stage.teacher, json!({"candidate": 1})).await.expect(200);
    let late = PictureDecision::Shown("/late.jpg".into());
    let now = stage.world.ambient().now();
    let decided = stage.world.store().pictures().decide(video.id, under_way, &late, now).await;
    assert!(!decided.unwrap());
    assert_eq!(
        stage.stored(&video).await.unwrap().thumbnail(),
        format!("/posters/{}/1/poster_1.jpg", video.id)
    );
}

#[tokio::test]
async fn a_video_that_another_site_shows_may_have_a_picture_too() {
    let stage = Stage::new().await;
    let link = VideoLink::parse("https://www.youtube.com/watch?v=dQw4w9WgXcQ").unwrap();
    let video = Video {
        link: Some(link),
        active_version: None,
        thumbnail_path: String::new(),
        ..stage.video(VideoStatus::Ready).await
    };
    stage.world.store().put(&video).await.unwrap();
    assert_eq!(stage.candidates(&video).await, []);
    let path = thumbnail(&video);
    stage.app.post(&path, &stage.teacher, png(1_000)).await.expect(201);
    let id = stage.decide(&video, None).await;
    assert_eq!(stage.candidates(&video).await, [(Value::Null, json!(id), true)]);
    let seen = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    assert_eq!(seen.body["thumbnail_url"], url(&video, id));
    let reply = stage.app.put(&path, &stage.teacher, json!({"candidate": 0})).await;
    reply.expect_error(409, "VIDEO_NOT_READY");
    stage.app.put(&path, &stage.teacher, json!({"picture_id": id})).await.expect(200);
}
