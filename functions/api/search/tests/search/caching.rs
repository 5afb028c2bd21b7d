//! What may be kept, and what answers while S3 does not.

use axum::body::Body;
use catalog::documents;
use http::{StatusCode, header};
use testkit::Reply;

use crate::stage::Stage;

fn header(reply: &Reply, name: header::HeaderName) -> Option<&str> {
    reply.headers.get(name).map(|value| value.to_str().unwrap())
}

/// At most five seconds old, and ten minutes while the function fails.
const MOMENT: &str = "public, max-age=0, s-maxage=2, stale-while-revalidate=3, stale-if-error=600";

async fn ask_with_tag(stage: &Stage, path: &str, tag: &str) -> Reply {
    let request = http::Request::builder().uri(format!("/api/v1{path}")).header(header::IF_NONE_MATCH, tag);
    stage.app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_visitors_answer_may_be_kept_and_has_a_tag() {
    let (stage, _) = Stage::with(|number, course| course.title = format!("Course {number}")).await;
    for (path, cache) in [
        ("/courses", MOMENT),
        ("/search/suggest?q=cour", MOMENT),
        ("/search/popular", "public, max-age=300, stale-if-error=3600"),
        ("/search?q=course", "private, no-cache"),
    ] {
        let first = stage.get(path).await.expect(200);
        assert_eq!(header(&first, header::CACHE_CONTROL), Some(cache), "{path}");
        assert_eq!(header(&first, header::VARY), Some("authorization, origin"), "{path}");
        let tag = header(&first, header::ETAG).unwrap();
        let again = ask_with_tag(&stage, path, tag).await;
        assert_eq!(
            (again.status, header(&again, header::ETAG)),
            (StatusCode::NOT_MODIFIED, Some(tag)),
            "{path}"
        );
        assert!(again.body.is_null(), "{path}");
        ask_with_tag(&stage, path, "\"another\"").await.expect(200);
    }
}

#[tokio::test]
async fn the_answer_of_who_is_known_is_never_kept() {
    let (stage, _) = Stage::with(|_, _| {}).await;
    let student = stage.world.student().await;
    for path in ["courses", "search?q=rust", "search/suggest?q=ru", "search/popular"] {
        let reply = stage.app.get(&format!("/api/v1/{path}"), &student).await.expect(200);
        assert_eq!(header(&reply, header::CACHE_CONTROL), Some("private, no-store"), "{path}");
        assert_eq!(header(&reply, header::ETAG), None, "{path}");
    }
}

#[tokio::test]
async fn who_could_never_open_the_index_does_not_show_an_empty_catalogue() {
    let stage = Stage::empty().await;
    stage.write(vec![documents::course(&stage.course(), None, 1)]).await;
    stage.objects.set_down(true);
    for path in ["/courses", "/search?q=rust", "/search/suggest?q=ru", "/courses/rust/related"] {
        let refused = stage.get(path).await.expect_error(503, "SEARCH_UNAVAILABLE");
        assert_eq!(header(&refused, header::RETRY_AFTER), Some("3"), "{path}");
        assert_eq!(header(&refused, header::ETAG), None, "{path}");
    }
    stage.objects.set_down(false);
    stage.pass();
    assert_eq!(stage.titles("/courses").await.len(), 1);
}

#[tokio::test]
async fn a_newer_index_is_seen_after_seconds_and_an_old_one_answers_while_s3_is_down() {
    let (stage, courses) = Stage::with(|number, course| course.title = format!("Course {number}")).await;
    assert_eq!(stage.titles("/courses").await.len(), 5);
    let tag = header(&stage.get("/courses").await, header::ETAG).unwrap().to_owned();

    stage.objects.set_down(true);
    let mut course = courses[0].clone();
    course.title = "Renamed".into();
    stage.write(vec![documents::course(&course, None, 2)]).await;
    assert!(stage.titles("/courses").await.contains(&"Course 0".to_owned()));
    ask_with_tag(&stage, "/courses", &tag).await.expect(304);

    stage.objects.set_down(false);
    assert!(stage.titles("/courses").await.contains(&"Course 0".to_owned()), "asked a moment ago");
    stage.pass();
    assert!(stage.titles("/courses").await.contains(&"Renamed".to_owned()));
    ask_with_tag(&stage, "/courses", &tag).await.expect(200);
}
