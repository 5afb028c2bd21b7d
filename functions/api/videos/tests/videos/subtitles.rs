//! Subtitles of a video, on a real S3.

use cloud::Objects;
use domain::{
    subtitle::{LanguageTag, MAX_BYTES, Subtitles},
    video::{TranscodingStatus, VideoStatus},
};
use futures::future::join_all;
use serde_json::{Value, json};
use store::entities::{StoredPlan, Version, Video};
use testkit::{
    App, Reply,
    aws::{AwsServer, cloud_at},
    fixtures,
};

use crate::stage::{Stage, at, state_on};

const MEDIA: &str = "media-bucket";
const MASTER: &str = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv360/index.m3u8\n";
const SRT: &str = "1\r\n00:00:01,000 --> 00:00:04,000\r\nHello <script>alert(1)</script>& <i>welcome</i>\r\n";

struct Studio {
    stage: Stage,
    app: App,
    objects: Objects,
    video: Video,
    _aws: AwsServer,
}

impl Studio {
    /// A video that plays.
    async fn new() -> Self {
        let (stage, aws) = (Stage::new().await, AwsServer::start("s3"));
        aws.make_bucket(MEDIA);
        let url = aws.url();
        let app = stage.world.app(api_videos::router(), state_on(stage.world.platform.clone(), &url));
        let objects = cloud_at(&url).objects();
        let video = stage.video(VideoStatus::Published).await;
        let version = Version { source_duration_seconds: 60.0, ..fixtures::version(&video) };
        stage.world.store().put(&version).await.unwrap();
        let plan = StoredPlan {
            video_id: video.id,
            version_number: 1,
            plan: fixtures::PLAN.into(),
            created_at: video.created_at,
        };
        stage.world.store().put(&plan).await.unwrap();
        let key = format!("hls/videos/{}/1/master.m3u8", video.id);
        objects.write(MEDIA, &key, "application/vnd.apple.mpegurl", "", MASTER.into()).await.unwrap();
        Self { stage, app, objects, video, _aws: aws }
    }

    fn path(&self, language: &str) -> String {
        format!("{}/subtitles/{language}", at(self.video.id))
    }

    async fn put(&self, language: &str, body: Value) -> Reply {
        self.app.put(&self.path(language), &self.stage.teacher, body).await
    }

    async fn list(&self) -> Vec<Value> {
        let path = format!("{}/subtitles", at(self.video.id));
        let reply = self.app.get(&path, &self.stage.teacher).await.expect(200);
        reply.body["results"].as_array().unwrap().clone()
    }

    async fn stored(&self) -> Video {
        self.stage.stored(&self.video).await.unwrap()
    }

    async fn file(&self, path: &str) -> String {
        let key = format!("hls/videos/{}/1/{path}", self.video.id);
        String::from_utf8(self.objects.read(MEDIA, &key).await.unwrap()).unwrap()
    }

    /// The master playlist by which the video is played now.
    async fn master(&self) -> String {
        match self.stored().await.subtitled {
            Some(subtitled) => self.file(&subtitled.master).await,
            None => self.file("master.m3u8").await,
        }
    }
}

fn uri(line: &str) -> &str {
    line.split("URI=\"").nth(1).unwrap().trim_end_matches('"')
}

#[tokio::test]
async fn a_file_becomes_a_track_of_the_stream() {
    let studio = Studio::new().await;
    let new = json!({"content": SRT, "language_name": "English", "is_default": true});
    let reply = studio.put("EN", new).await.expect(200);
    assert_eq!((&reply.body["language_code"], &reply.body["cues"]), (&json!("en"), &json!(1)));
    let master = studio.master().await;
    let line = master.lines().nth(2).unwrap();
    assert!(
        line.contains("TYPE=SUBTITLES") && line.contains("NAME=\"English\"") && line.contains("DEFAULT=YES"),
        "{line}"
    );
    assert!(master.contains("#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"subs\"\n"), "{master}");
    let list = studio.file(uri(line)).await;
    let file = list.lines().find(|line| line.ends_with(".vtt")).unwrap();
    assert!(list.contains("#EXTINF:60.000,\n"), "{list}");
    let text = studio.file(&format!("subs/{file}")).await;
    // Two frames at 25 a second lie before the first picture.
    let head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7200,LOCAL:00:00:00.000\n";
    assert_eq!(text, format!("{head}\n00:00:01.000 --> 00:00:04.000\nHello alert(1)&amp; <i>welcome</i>\n"));
    assert!(Subtitles::parse(&text).is_ok());
    let shown = studio.app.get(&at(studio.video.id), &studio.stage.teacher).await.expect(200);
    assert_eq!(shown.body["subtitle_languages"], json!(["en"]));
}

#[tokio::test]
async fn who_plays_finds_all_that_his_playlist_names_after_any_change() {
    let studio = Studio::new().await;
    studio.put("en", json!({"content": SRT, "is_default": true})).await.expect(200);
    let before = studio.master().await;
    studio.put("en", json!({"content": SRT.replace("Hello", "Hi")})).await.expect(200);
    studio
        .put("ko", json!({"content": SRT, "language_name": "한국어", "is_default": true}))
        .await
        .expect(200);
    studio.put("fr", json!({"content": SRT, "is_published": false})).await.expect(200);
    studio.app.delete(&studio.path("en"), &studio.stage.teacher).await.expect(204);
    studio
        .app
        .delete(&studio.path("en"), &studio.stage.teacher)
        .await
        .expect_error(404, "SUBTITLES_NOT_FOUND");
    let old = before.lines().find(|line| line.contains("SUBTITLES,")).unwrap();
    let list = studio.file(uri(old)).await;
    let file = list.lines().find(|line| line.ends_with(".vtt")).unwrap();
    assert!(studio.file(&format!("subs/{file}")).await.contains("Hello"));
    assert_eq!(studio.file("master.m3u8").await, MASTER, "nothing is written over");

    let now = studio.master().await;
    let tracks: Vec<&str> = now.lines().filter(|line| line.contains("TYPE=SUBTITLES")).collect();
    assert_eq!(tracks.len(), 1, "what is not published is not offered: {now}");
    assert!(tracks[0].contains("LANGUAGE=\"ko\"") && tracks[0].contains("DEFAULT=YES"));
    let listed = studio.list().await;
    let shown: Vec<_> = listed.iter().map(|one| (&one["language_code"], &one["is_default"])).collect();
    assert_eq!(shown, [(&json!("fr"), &json!(false)), (&json!("ko"), &json!(true))]);
    studio.app.delete(&studio.path("ko"), &studio.stage.teacher).await.expect(204);
    assert_eq!(studio.stored().await.subtitled, None);
}

#[tokio::test]
async fn of_many_changes_at_once_none_is_lost() {
    let studio = Studio::new().await;
    let languages = ["de", "en", "es", "ko"];
    let body = || json!({"content": SRT, "is_default": true});
    let replies = join_all(languages.map(|language| studio.put(language, body()))).await;
    for reply in replies {
        reply.expect(200);
    }
    let master = studio.master().await;
    for language in languages {
        assert!(master.contains(&format!("LANGUAGE=\"{language}\"")), "{language}: {master}");
    }
    assert_eq!(master.matches("DEFAULT=YES").count(), 1, "{master}");
}

#[tokio::test]
async fn a_switch_takes_the_subtitles_of_its_version_along() {
    let studio = Studio::new().await;
    studio.put("en", json!({"content": SRT})).await.expect(200);
    let (store, now) = (studio.stage.world.store(), studio.stage.world.ambient().now());
    let seen = studio.stored().await;
    let two = Version { version_number: 2, ..fixtures::version(&seen) };
    store.put(&two).await.unwrap();
    assert!(store.versions().activate(&seen, &two, now).await.unwrap());
    assert_eq!(studio.stored().await.subtitled, None);
    assert_eq!(studio.list().await, Vec::<Value>::new());
    let one = store.versions().get(studio.video.id, 1).await.unwrap().unwrap();
    // A change of the subtitles that was faster than the switch is seen.
    let stale = Version { subtitled: None, ..one.clone() };
    assert!(!store.versions().activate(&studio.stored().await, &stale, now).await.unwrap());
    assert!(store.versions().activate(&studio.stored().await, &one, now).await.unwrap());
    assert_eq!(studio.stored().await.subtitled.unwrap().languages.len(), 1);
}

#[tokio::test]
async fn what_is_refused() {
    let studio = Studio::new().await;
    let good = || json!({"content": SRT});
    for content in ["nothing", "WEBVTT\n\n", "1\n00:00:02,000 --> 00:00:01,000\nx"] {
        let reply = studio.put("en", json!({"content": content})).await;
        reply.expect_error(422, "SUBTITLES_UNREADABLE");
    }
    for (field, value) in [
        ("content", json!("")),
        ("content", json!(7)),
        ("content", json!("a".repeat(MAX_BYTES + 1))),
        ("language_name", json!("")),
        ("language_name", json!("a".repeat(51))),
        ("is_default", json!("yes")),
        ("url", json!("https://evil.example/en.vtt")),
    ] {
        let mut body = good();
        body[field] = value;
        studio.put("en", body).await.expect_error(422, "VALIDATION_FAILED");
    }
    for language in ["english", "e", "en_US", "..%2Fen", "en%22"] {
        studio.put(language, good()).await.expect_error(404, "NOT_FOUND");
    }
    let (stranger, student) = (studio.stage.world.instructor().await, studio.stage.world.student().await);
    for other in [&stranger, &student] {
        studio.app.put(&studio.path("en"), other, good()).await.expect_error(404, "VIDEO_NOT_FOUND");
        studio.app.delete(&studio.path("en"), other).await.expect_error(404, "VIDEO_NOT_FOUND");
        let list = format!("{}/subtitles", at(studio.video.id));
        studio.app.get(&list, other).await.expect_error(404, "VIDEO_NOT_FOUND");
    }
    studio.app.put(&studio.path("en"), None, good()).await.expect_error(401, "NOT_AUTHENTICATED");
    let waiting = studio.stage.video(VideoStatus::Processing).await;
    studio.stage.put_version(&waiting, TranscodingStatus::InProgress, 8, &[]).await;
    let path = format!("{}/subtitles/en", at(waiting.id));
    studio.app.put(&path, &studio.stage.teacher, good()).await.expect_error(409, "VIDEO_NOT_READY");
    assert!(studio.objects.list(MEDIA, "hls/", 100).await.unwrap().len() == 1, "nothing was written");
}

#[tokio::test]
async fn a_video_has_subtitles_in_fifty_languages_and_no_more() {
    let studio = Studio::new().await;
    studio.put("en", json!({"content": SRT})).await.expect(200);
    let store = studio.stage.world.store();
    let mut full = store.versions().subtitles(studio.video.id, 1).await.unwrap();
    let track = full.tracks.values().next().unwrap().clone();
    // With codes that ISO 639-2 leaves to everybody.
    for letters in ('a'..='t').flat_map(|second| ('a'..='z').map(move |third| (second, third))).take(47) {
        let language: LanguageTag = format!("q{}{}", letters.0, letters.1).parse().unwrap();
        full.tracks.insert(language, track.clone());
    }
    store.put(&full).await.unwrap();
    assert_eq!(studio.list().await.len(), 48);
    let languages = ["de", "es", "fr", "ko", "nl"];
    let replies = join_all(languages.map(|language| studio.put(language, json!({"content": SRT})))).await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 200);
    assert_eq!((made.len(), refused.len()), (2, 3), "of all at once, as many as there is room for");
    for reply in refused {
        reply.expect_error(409, "TOO_MANY_SUBTITLES");
    }
    assert_eq!(studio.list().await.len(), 50);
    let master = studio.master().await;
    assert_eq!(master.matches("TYPE=SUBTITLES").count(), 50);
    // Another text takes the place of the one before; a new language needs room.
    studio.put("en", json!({"content": SRT.replace("Hello", "Hi")})).await.expect(200);
    studio.put("sv", json!({"content": SRT})).await.expect_error(409, "TOO_MANY_SUBTITLES");
    studio.app.delete(&studio.path("en"), &studio.stage.teacher).await.expect(204);
    studio.put("sv", json!({"content": SRT})).await.expect(200);
    assert_eq!(studio.list().await.len(), 50);
}
