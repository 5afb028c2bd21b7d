//! Tags of videos and their counts.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    sweep::SweepKind,
    video::{VideoStatus, Visibility},
};
use futures::future::join_all;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency,
    entities::{Sweep, Video, VideoTag},
};
use testkit::{Reply, World, conflicts::Conflicts, cut::Cut, dynamo, storm::Storm};

use crate::stage::{Stage, VIDEOS, at};

const START: &str = "2026-06-01T12:00:00Z";
const POPULAR: &str = "/api/v1/media/videos/tags/popular";

async fn put(stage: &Stage, video: &Video, tags: &[&str]) -> Reply {
    stage.app.put(&format!("{}/tags", at(video.id)), &stage.teacher, json!({"tags": tags})).await
}

/// The count of a tag as it is stored.
async fn count(stage: &Stage, tag: &str) -> Option<i64> {
    let found: Option<VideoTag> =
        stage.world.store().get(VideoTag::key_of(tag), Consistency::Strong).await.unwrap();
    found.map(|tag| tag.usage_count)
}

/// What visitors see of the counts.
async fn popular(stage: &Stage) -> Vec<(String, i64)> {
    let page = stage.app.get(&format!("{POPULAR}?page_size=100"), None).await.expect(200);
    let row = |one: &Value| (one["name"].as_str().unwrap().to_owned(), one["usage_count"].as_i64().unwrap());
    page.body["results"].as_array().unwrap().iter().map(row).collect()
}

/// The counts are those of the videos, of which none is deleted that has tags.
async fn assert_exact(stage: &Stage, videos: &[Video]) {
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for video in videos {
        let stored = stage.stored(video).await.unwrap();
        assert!(stored.deleted_at.is_none() || stored.tags.is_empty(), "{:?}", stored.tags);
        stored.tags.into_iter().for_each(|tag| *expected.entry(tag).or_default() += 1);
    }
    assert_eq!(popular(stage).await.into_iter().collect::<BTreeMap<_, _>>(), expected);
}

fn purge(stage: &Stage, video: Id<kinds::Video>) -> Sweep {
    Sweep {
        kind: SweepKind::Purge,
        due_at: stage.world.ambient().now(),
        subject: video.to_string(),
        video_id: Some(video),
        version: 0,
        upload_id: None,
        user_id: Some(stage.teacher.id),
        attempt: 0,
    }
}

#[tokio::test]
async fn tags_have_one_form_and_replace_those_of_before() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Published).await;
    let sent = ["# #Rust", " rust ", "Web  Development", "한국어", "\u{1112}\u{1161}\u{11ab}국어"];
    let changed = put(&stage, &video, &sent).await.expect(200);
    assert_eq!(changed.calls, 3, "the session, the video, the transaction");
    assert_eq!(changed.body["tags"], json!(["rust", "web development", "한국어"]));
    let again = put(&stage, &video, &["rust", "Web Development", "한국어"]).await.expect(200);
    assert_eq!(again.calls, 1, "the video: nothing is new, and the session is remembered");
    let changed = put(&stage, &video, &["video", "rust"]).await.expect(200);
    assert_eq!(changed.calls, 5, "two that were lost are looked at, and forgotten");
    let seen = stage.app.get(&at(video.id), &stage.teacher).await.expect(200);
    assert_eq!(seen.body["tags"], json!(["video", "rust"]), "in the order in which they were sent");
    assert_eq!(popular(&stage).await, [("rust".into(), 1), ("video".into(), 1)]);
    assert_eq!(count(&stage, "web development").await, None, "what nobody uses is forgotten");
    assert_eq!(put(&stage, &video, &[]).await.expect(200).body["tags"], json!([]));
    assert_eq!(popular(&stage).await, []);
}

#[tokio::test]
async fn limits_and_what_is_anothers() {
    let stage = Stage::new().await;
    let video = stage.video(VideoStatus::Pending).await;
    let path = format!("{}/tags", at(video.id));
    let many: Vec<_> = (0..21).map(|number| format!("tag {number}")).collect();
    for body in [
        json!({"tags": many}),
        json!({"tags": ["가".repeat(51)]}),
        json!({"tags": ["rust", " # "]}),
        json!({"tags": "rust"}),
        json!({"tags": [1]}),
        json!({}),
        json!({"tags": [], "more": true}),
    ] {
        stage.app.put(&path, &stage.teacher, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    stage.app.put(&path, &stage.teacher, json!({"tags": many[..20]})).await.expect(200);
    let other = stage.world.instructor().await;
    let stolen = stage.app.put(&path, &other, json!({"tags": ["mine"]})).await;
    stolen.expect_error(404, "VIDEO_NOT_FOUND");
    stage.app.put(&path, None, json!({"tags": []})).await.expect(401);
    stage.app.delete(&at(video.id), &stage.teacher).await.expect(204);
    put(&stage, &video, &["back"]).await.expect_error(404, "VIDEO_NOT_FOUND");
    assert_eq!(popular(&stage).await, [], "all 20 went with it, and nothing came");
}

#[tokio::test]
async fn the_most_used_come_first_page_by_page() {
    let stage = Stage::new().await;
    let mut videos = Vec::new();
    for tags in [&["c", "a", "b"][..], &["b", "a"], &["b"], &[]] {
        let mut video = stage.video(VideoStatus::Published).await;
        video.visibility = Visibility::Public;
        stage.world.store().put(&video).await.unwrap();
        put(&stage, &video, tags).await.expect(200);
        videos.push(video);
    }
    assert_eq!(popular(&stage).await, [("b".into(), 3), ("a".into(), 2), ("c".into(), 1)]);
    let (mut names, mut next) = (Vec::new(), Some(format!("{POPULAR}?page_size=1")));
    while let Some(path) = next {
        let page = stage.app.get(&path, None).await.expect(200);
        assert!(page.calls <= 1, "{}", page.calls);
        names.extend(page.body["results"].as_array().unwrap().iter().map(|tag| tag["name"].clone()));
        let link = page.body["next"].as_str().map(str::to_owned);
        next = link.map(|link| link.trim_start_matches("https://learn.example").to_owned());
    }
    assert_eq!(names, ["b", "a", "c"]);
    stage.app.get_kept(POPULAR, 2, &stage.teacher).await;
    let page = stage.app.get(&format!("/api/v1/videos/{}", videos[0].id), None).await.expect(200);
    assert_eq!(page.body["tags"], json!(["c", "a", "b"]));
    for path in [format!("{POPULAR}?page_size=0"), format!("{POPULAR}?page_size=101")] {
        stage.app.get(&path, None).await.expect_error(422, "VALIDATION_FAILED");
    }
    // What another owner-only list says of them stays untouched by the word in the path.
    stage.app.get(&format!("{VIDEOS}/tags"), &stage.teacher).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_deletion_takes_a_video_off_its_tags_once() {
    let stage = Stage::new().await;
    let (one, two) = (stage.video(VideoStatus::Published).await, stage.video(VideoStatus::Processing).await);
    put(&stage, &one, &["rust", "alone"]).await.expect(200);
    put(&stage, &two, &["rust"]).await.expect(200);
    let path = at(one.id);
    let replies = join_all((0..10).map(|_| stage.app.delete(&path, &stage.teacher))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 204).count(), 1);
    assert_eq!((count(&stage, "rust").await, count(&stage, "alone").await), (Some(1), None));
    assert_exact(&stage, &[one, two]).await;
}

#[tokio::test]
async fn changes_and_deletions_that_race_leave_exact_counts() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(dynamo::serve().await).await;
    let stage = Stage::on(World::on(url, START.parse().unwrap()).await).await;
    let mut videos = Vec::new();
    for _ in 0..4 {
        videos.push(stage.video(VideoStatus::Published).await);
    }
    conflicts.hold(Duration::from_millis(3));
    let sets: [&[&str]; 5] = [&["a", "b"], &["b", "c"], &[], &["c", "a", "d"], &["b"]];
    for round in 0..4 {
        let changes = (0..20).map(|number| {
            let (video, tags) = (&videos[number % 4], sets[(number + round) % 5]);
            let stage = &stage;
            async move {
                if round == 3 && number < 2 {
                    let deleted = stage.app.delete(&at(video.id), &stage.teacher).await;
                    assert!([204, 503].contains(&deleted.status.as_u16()), "{:#}", deleted.body);
                } else {
                    let status = put(stage, video, tags).await.status.as_u16();
                    assert!([200, 404, 503].contains(&status), "{status}");
                }
            }
        });
        join_all(changes).await;
        assert_exact(&stage, &videos).await;
    }
    assert!(conflicts.met() > 20, "{} transactions met another one", conflicts.met());
}

#[tokio::test]
async fn sixty_videos_that_get_one_tag_at_once_are_all_counted() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(dynamo::serve().await).await;
    let stage = Stage::on(World::on(url, START.parse().unwrap()).await).await;
    let mut videos = Vec::new();
    for _ in 0..60 {
        videos.push(stage.video(VideoStatus::Published).await);
    }
    conflicts.hold(Duration::from_millis(5));
    for reply in join_all(videos.iter().map(|video| put(&stage, video, &["rust"]))).await {
        reply.expect(200);
    }
    conflicts.hold(Duration::ZERO);
    assert!(conflicts.met() > 60, "{} transactions met another one", conflicts.met());
    assert_eq!(popular(&stage).await, [("rust".into(), 60)]);
}

#[tokio::test]
async fn whoever_dies_at_whichever_call_counts_all_or_nothing() {
    let cut = Cut::default();
    cut.after(usize::MAX);
    let url = cut.before(dynamo::serve().await).await;
    let stage = Stage::on(World::on(url, START.parse().unwrap()).await).await;
    let (video, store) = (stage.video(VideoStatus::Published).await, stage.world.store());
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    for (number, wanted) in [&["a", "b"][..], &["b", "c"], &["d"], &[]].into_iter().enumerate() {
        let wanted = tags(wanted);
        for calls in 0.. {
            let now = stage.world.ambient().now();
            cut.after(calls);
            let done = cut.run(store.videos().set_tags(video.id, stage.teacher.id, &wanted, now)).await;
            cut.after(usize::MAX);
            assert_exact(&stage, std::slice::from_ref(&video)).await;
            if let Some(done) = done {
                assert_eq!(done.unwrap().unwrap().tags, wanted, "change {number}");
                break;
            }
        }
    }
    store
        .videos()
        .set_tags(video.id, stage.teacher.id, &tags(&["a"]), stage.world.ambient().now())
        .await
        .unwrap();
    for calls in 0.. {
        cut.after(calls);
        let purge = purge(&stage, video.id);
        let now = stage.world.ambient().now();
        let done = cut.run(store.videos().remove(video.id, stage.teacher.id, &purge, now)).await;
        cut.after(usize::MAX);
        assert_exact(&stage, std::slice::from_ref(&video)).await;
        if done.is_some() {
            break;
        }
    }
    assert!(stage.stored(&video).await.unwrap().deleted_at.is_some());
}

#[tokio::test]
async fn a_storm_of_lost_answers_and_conflicts_leaves_exact_counts() {
    for seed in 0..4 {
        let storm = Storm::seeded(seed);
        let url = storm.before(dynamo::serve().await).await;
        let stage = Stage::on(World::on(url, START.parse().unwrap()).await).await;
        let videos = [stage.video(VideoStatus::Published).await, stage.video(VideoStatus::Published).await];
        let sets: [&[&str]; 4] = [&["a", "b"], &["b"], &["c", "a"], &[]];
        storm.rage(40);
        for (number, tags) in sets.iter().cycle().take(12).enumerate() {
            // As a person does: again until it is done.
            while put(&stage, &videos[number % 2], tags).await.status != 200 {}
        }
        storm.rage(0);
        assert!(storm.troubles() > 3, "{}", storm.troubles());
        assert_exact(&stage, &videos).await;
    }
}
