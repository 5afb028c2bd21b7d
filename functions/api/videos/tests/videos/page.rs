//! The public page of a video.

use domain::{
    channel::ChannelStatus,
    link::VideoLink,
    subtitle::LanguageTag,
    video::{VideoStatus, Visibility},
};
use jiff::civil::date;
use kernel::Secret;
use serde_json::{Value, json};
use store::entities::{Channel, Subtitled, Video};
use testkit::{Caller, Reply};

use crate::stage::Stage;

fn page(video: &Video) -> String {
    format!("/api/v1/videos/{}", video.id)
}

async fn video(stage: &Stage, status: VideoStatus, change: impl FnOnce(&mut Video)) -> Video {
    let mut video = stage.video(status).await;
    video.visibility = Visibility::Public;
    video.published_at = Some(stage.world.ambient().now());
    change(&mut video);
    stage.world.store().put(&video).await.unwrap();
    video
}

#[track_caller]
fn assert_hidden(reply: Reply) {
    let reply = reply.expect_error(404, "VIDEO_NOT_FOUND");
    assert!(!reply.body.to_string().contains("Ownership"), "{:#}", reply.body);
}

#[tokio::test]
async fn everybody_sees_a_published_video_and_whose_it_is() {
    let stage = Stage::new().await;
    let languages = ["en", "ko"].map(|tag| tag.parse::<LanguageTag>().unwrap()).to_vec();
    let public = video(&stage, VideoStatus::Published, |video| {
        video.description = "What a borrow is.".into();
        video.subtitled = Some(Subtitled { languages, master: "master-1.m3u8".into() });
    })
    .await;
    let seen = stage.app.get(&page(&public), None).await.expect(200);
    assert_eq!(seen.calls, 2, "the video and its channel");
    assert_eq!(seen.headers["cache-control"], "private, no-store", "it depends on the country");
    let channel = stage.world.store().channels().get(stage.channel).await.unwrap().unwrap();
    let expected = json!({
        "id": public.id, "title": "Ownership", "description": "What a borrow is.", "tags": [], "duration_seconds": 60,
        "thumbnail_url": format!("https://learn.example/posters/{}/1/poster_0.jpg", public.id),
        "channel": {
            "id": channel.id, "handle": channel.handle, "name": "Tech Reviews", "avatar_url": "", "verified": false,
            "subscriber_count": 0,
        },
        "status": "PUBLISHED", "visibility": "PUBLIC", "published_at": public.published_at, "age_restricted": false,
        "subtitle_languages": ["en", "ko"], "source_type": "s3", "youtube_id": "", "external_url": "",
        "can_play": true, "cannot_play_reason": null,
    });
    assert_eq!(seen.body, expected, "and nothing of its owner's business");
    let student = stage.world.student().await;
    let again = stage.app.get(&page(&public), &student).await.expect(200);
    assert_eq!((again.body, again.calls), (expected, 3), "the session is one more");
}

#[tokio::test]
async fn what_is_not_published_or_private_exists_for_its_owner_alone() {
    let stage = Stage::new().await;
    let (student, other) = (stage.world.student().await, stage.world.instructor().await);
    let see = async |video: &Video, who: Option<&Caller>| {
        stage.app.call(http::Method::GET, &page(video), who, None).await
    };
    for status in VideoStatus::ALL {
        for visibility in [Visibility::Public, Visibility::Unlisted, Visibility::Private] {
            let one = video(&stage, status, |video| video.visibility = visibility).await;
            let own = see(&one, Some(&stage.teacher)).await.expect(200);
            let reason = if status.is_playable() { Value::Null } else { json!("video_not_ready") };
            assert_eq!(
                (&own.body["can_play"], &own.body["cannot_play_reason"]),
                (&json!(status.is_playable()), &reason)
            );
            let shown = status == VideoStatus::Published && visibility != Visibility::Private;
            for who in [None, Some(&student), Some(&other)] {
                let reply = see(&one, who).await;
                if shown {
                    assert_eq!(reply.expect(200).body, own.body);
                } else {
                    assert_hidden(reply);
                }
            }
        }
    }
    let public = video(&stage, VideoStatus::Published, |_| {}).await;
    let channels = stage.world.store();
    let channel = channels.channels().get(stage.channel).await.unwrap().unwrap();
    channels.put(&Channel { status: ChannelStatus::Suspended, ..channel }).await.unwrap();
    assert_hidden(see(&public, None).await);
    see(&public, Some(&stage.teacher)).await.expect(200);
    video(&stage, VideoStatus::Published, |video| {
        video.id = public.id;
        video.deleted_at = Some(stage.world.ambient().now());
    })
    .await;
    assert_hidden(see(&public, Some(&stage.teacher)).await);
    assert_hidden(stage.app.get(&format!("/api/v1/videos/{}", stage.channel), None).await);
}

#[tokio::test]
async fn what_another_site_shows_is_embedded() {
    let stage = Stage::new().await;
    let elsewhere = video(&stage, VideoStatus::Published, |video| {
        video.link = Some(VideoLink::Youtube { id: "dQw4w9WgXcQ".into() });
        video.active_version = None;
    })
    .await;
    let seen = stage.app.get(&page(&elsewhere), None).await.expect(200).body;
    assert_eq!((&seen["source_type"], &seen["youtube_id"]), (&json!("youtube"), &json!("dQw4w9WgXcQ")));
    assert_eq!((&seen["can_play"], &seen["cannot_play_reason"]), (&json!(false), &json!("video_external")));
}

#[tokio::test]
async fn who_may_not_watch_learns_why_and_nothing_more() {
    let stage = Stage::new().await;
    let kept = video(&stage, VideoStatus::Published, |video| {
        video.geo_restrictions = ["KR".to_owned()].into();
        video.age_restricted = true;
    })
    .await;
    let student = stage.world.student().await;
    let (korea, elsewhere) = (stage.app.from_country("KR"), stage.app.from_somewhere());
    let refused = |reply: Reply, status: u16, code: &str| {
        let reply = reply.expect_error(status, code);
        assert_eq!(reply.body["detail"], code, "as at play");
        assert!(!reply.body.to_string().contains("Ownership"), "{:#}", reply.body);
        assert_eq!(reply.headers["cache-control"], "private, no-store");
        reply
    };
    refused(korea.get(&page(&kept), None).await, 403, "country_blocked");
    refused(korea.get(&page(&kept), &student).await, 403, "country_blocked");
    refused(stage.app.get(&page(&kept), None).await, 403, "country_unknown");
    refused(elsewhere.get(&page(&kept), None).await, 401, "login_required");
    let unsaid = refused(elsewhere.get(&page(&kept), &student).await, 403, "birthdate_required");
    assert_eq!(unsaid.calls, 3, "the video, its channel, the date of birth; the session is remembered");
    for (born, code) in [(date(2008, 6, 2), Some("age_restricted")), (date(2008, 6, 1), None)] {
        let store = stage.world.store();
        let mut user = store.users().get(student.id).await.unwrap().unwrap();
        user.birthdate = Some(Secret::new(born));
        store.put(&user).await.unwrap();
        let reply = elsewhere.get(&page(&kept), &student).await;
        match code {
            Some(code) => drop(refused(reply, 403, code)),
            None => assert_eq!(reply.expect(200).body["age_restricted"], true),
        }
    }
    let own = korea.get(&page(&kept), &stage.teacher).await.expect(200);
    assert_eq!(own.body["can_play"], true, "his own rules say nothing to him");
}
