//! GET /search and what is kept of it.

use catalog::documents;
use domain::{
    channel::Quota,
    video::{VideoStatus, Visibility},
};
use jiff::SignedDuration;
use serde_json::json;
use store::entities::Course;
use testkit::fixtures;

use crate::stage::{Stage, encoded, titles};

fn titled(number: usize, course: &mut Course) {
    let name =
        ["Rust <Basics>", "Python Programming", "파이썬으로 배우는 웹", "Data Science", "Rust in Production"];
    course.title = name[number].to_owned();
    course.student_count = number as u64;
    course.description = "A course for everybody who programs.".into();
}

#[tokio::test]
async fn every_kind_is_found_and_marked() {
    let (stage, _) = Stage::with(titled).await;
    let found = stage.get("/search?q=rust").await.expect(200);
    assert_eq!(found.calls, 3, "the search, its count, and its first place among the day's");
    assert_eq!(found.body["courses"]["count"], 2);
    let highlights: Vec<_> = found.body["courses"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["highlights"]["title"])
        .collect();
    assert!(highlights.contains(&&json!("<mark>Rust</mark> &lt;Basics&gt;")), "{highlights:?}");
    assert_eq!((&found.body["instructors"]["count"], &found.body["widened"]), (&json!(0), &json!(false)));

    let found = stage.get("/search?q=lovelace&type=instructor").await.expect(200).body;
    assert!(found.get("courses").is_none());
    let instructor = &found["instructors"]["results"][0];
    assert_eq!((&instructor["last_name"], &instructor["courses_count"]), (&json!("Lovelace"), &json!(5)));
    let found = stage.get("/search?q=mobile&type=category").await.expect(200).body;
    assert_eq!(found["categories"]["results"][0]["slug"], "web-mobile");

    for (typed, title) in
        [("pyhton", "Python Programming"), ("파이선", "파이썬으로 배우는 웹"), ("scien", "Data Science")]
    {
        let found = stage.get(&format!("/search?q={}&type=course", encoded(typed))).await.expect(200).body;
        assert!(titles(&found["courses"]["results"]).contains(&title.to_owned()), "{typed}: {found:#}");
    }
}

#[tokio::test]
async fn channels_and_videos_are_found_with_what_their_cards_show() {
    let stage = Stage::empty().await;
    let mut channel = fixtures::channel(&stage.world, &stage.teacher, Quota::STANDARD);
    (channel.name, channel.handle) = ("Ferris & Films".into(), "crustacean".into());
    (channel.verified, channel.subscriber_count) = (true, 12);
    let mut video = fixtures::video(&stage.world, &stage.teacher, VideoStatus::Published);
    (video.channel_id, video.title) = (channel.id, "Borrowing <explained>".into());
    (video.visibility, video.published_at) = (Visibility::Public, Some(stage.world.ambient().now()));
    stage.write(vec![documents::channel(&channel, 1), documents::video(&video, &channel, 1)]).await;

    let found = stage.get("/search?q=feris").await.expect(200).body;
    assert_eq!(found["widened"], true, "misspelt");
    let card = &found["channels"]["results"][0];
    for (field, value) in [
        ("id", json!(channel.id)),
        ("name", json!("Ferris & Films")),
        ("handle", json!("crustacean")),
        ("verified", json!(true)),
        ("subscriber_count", json!(12)),
        ("highlights", json!({"title": "<mark>Ferris</mark> &amp; Films"})),
    ] {
        assert_eq!(card[field], value, "{field}");
    }
    assert_eq!(found["videos"]["count"], 1, "a video is found by the name of its channel");
    assert_eq!((&found["courses"]["count"], &found["categories"]["count"]), (&json!(0), &json!(0)));

    let found = stage.get("/search?q=borrowing&type=video").await.expect(200).body;
    assert!(found.get("channels").is_none());
    let card = &found["videos"]["results"][0];
    let channel = json!({"id": channel.id, "name": "Ferris & Films", "handle": "crustacean"});
    let picture = format!("https://learn.example{}", video.thumbnail_path);
    for (field, value) in [
        ("id", json!(video.id)),
        ("title", json!("Borrowing <explained>")),
        ("channel", channel),
        ("thumbnail_url", json!(picture)),
        ("duration", json!(60)),
        ("highlights", json!({"title": "<mark>Borrowing</mark> &lt;explained&gt;"})),
    ] {
        assert_eq!(card[field], value, "{field}");
    }
    let by_handle = stage.get("/search?q=crustacean&type=channel").await.expect(200).body;
    assert_eq!(by_handle["channels"]["count"], 1);
    let suggested = stage.get("/search/suggest?q=borr").await.expect(200).body;
    assert_eq!(
        (&suggested["results"][0]["kind"], &suggested["results"][0]["id"]),
        (&json!("video"), &json!(video.id))
    );
    let click = json!({"query_id": found["query_id"], "kind": "video", "id": video.id, "position": 1});
    stage.app.post("/api/v1/search/click", None, click).await.expect(204);
}

#[tokio::test]
async fn what_may_be_meant_is_suggested() {
    let (stage, _) = Stage::with(titled).await;
    let found = stage.get("/search/suggest?q=ru").await.expect(200);
    assert_eq!(found.calls, 0);
    assert_eq!(
        titles(&found.body["results"]),
        ["Rust in Production", "Rust <Basics>"],
        "the most students first"
    );
    assert_eq!(found.body["results"][1]["highlighted"], "<mark>Rust</mark> &lt;Basics&gt;");
    assert_eq!(
        stage.get("/search/suggest?q=ru&limit=1").await.expect(200).body["results"].as_array().unwrap().len(),
        1
    );
    for query in ["q=ru&limit=0", "q=ru&limit=21", "limit=1", &format!("q={}", "a".repeat(201))] {
        stage.get(&format!("/search/suggest?{query}")).await.expect_error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn a_click_counts_once_and_only_for_who_searched() {
    let (stage, courses) = Stage::with(titled).await;
    let (student, other) = (stage.world.student().await, stage.world.student().await);
    let found = stage.app.get("/api/v1/search?q=rust", &student).await.expect(200);
    let click = |query_id: &serde_json::Value, position: u32| json!({"query_id": query_id, "kind": "course", "id": courses[0].id, "position": position});
    let (path, his) = ("/api/v1/search/click", found.body["query_id"].clone());
    stage.app.post(path, &other, click(&his, 1)).await.expect_error(404, "SEARCH_NOT_FOUND");
    stage.app.post(path, None, click(&his, 1)).await.expect_error(404, "SEARCH_NOT_FOUND");
    let first = stage.app.post(path, &student, click(&his, 1)).await.expect(204);
    assert_eq!(first.calls, 2, "the search and the day's count; the session is remembered");
    stage.app.post(path, &student, click(&his, 2)).await.expect(204);

    let visitors = stage.get("/search?q=rust").await.expect(200).body["query_id"].clone();
    stage.app.post(path, None, click(&visitors, 1)).await.expect(204);
    let nothing = json!("01933b7a-3c5e-7000-8000-000000005e01");
    stage.app.post(path, None, click(&nothing, 1)).await.expect_error(404, "SEARCH_NOT_FOUND");
    for (field, wrong) in [
        ("position", json!(0)),
        ("kind", json!("user")),
        ("id", json!("")),
        ("query_id", json!(1)),
        ("more", json!(1)),
    ] {
        let mut body = click(&visitors, 1);
        body[field] = wrong;
        stage.app.post(path, None, body).await.expect_error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn what_several_search_for_and_find_is_popular_for_a_week() {
    let (stage, _) = Stage::with(titled).await;
    for (query, times) in [("Rust", 2), ("%20rust%20", 2), ("python", 3), ("data", 2), ("nothingatall", 5)] {
        for _ in 0..times {
            stage.get(&format!("/search?q={query}")).await.expect(200);
        }
    }
    // Later pages of a search and empty ones are no searches.
    for _ in 0..5 {
        assert!(stage.get("/search?q=data&page=2").await.expect(200).body["query_id"].is_null());
        assert!(stage.get("/search?q=%20").await.expect(200).body["query_id"].is_null());
    }
    let popular = stage.get("/search/popular").await.expect(200);
    let expected = json!([{"query": "rust", "weekly_count": 4}, {"query": "python", "weekly_count": 3}]);
    assert_eq!((&popular.body["results"], popular.calls), (&expected, 7));
    assert_eq!(stage.get("/search/popular?limit=1").await.expect(200).calls, 0, "remembered");

    stage.world.advance(SignedDuration::from_hours(6 * 24));
    stage.get("/search?q=data").await.expect(200);
    let popular = stage.get("/search/popular").await.expect(200).body;
    assert_eq!(popular["results"].as_array().unwrap().len(), 3);
    stage.world.advance(SignedDuration::from_hours(24));
    assert_eq!(stage.get("/search/popular").await.expect(200).body["results"], json!([]));
}
