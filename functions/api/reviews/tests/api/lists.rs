//! The list: orders, filter, pages.

use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use testkit::{App, World};

use crate::setup::{column, course, review, reviews_of, world};

/// Reviews of these ratings, a second apart; the paths.
async fn written(world: &World, app: &App, course: Id<kinds::Course>, ratings: &[u8]) -> Vec<String> {
    let mut paths = Vec::new();
    for rating in ratings {
        paths.push(review(world, app, course, *rating).await.0);
        world.advance(SignedDuration::from_secs(1));
    }
    paths
}

/// The ids of all pages from this one on, and the `count` that each of them told.
async fn walk(app: &App, first: &str) -> (Vec<Value>, Vec<Value>) {
    let (mut ids, mut counts, mut next) = (Vec::new(), Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let page = app.get(&path, None).await.expect(200);
        assert!(page.calls <= 3, "{path}: {}", page.calls);
        ids.extend(column(&page, "id"));
        counts.push(page.body["count"].clone());
        next = page.body["next"]
            .as_str()
            .map(|url| url.strip_prefix("https://learn.example").unwrap().to_owned());
    }
    (ids, counts)
}

#[tokio::test]
async fn every_order_with_and_without_a_filter_goes_through_all_pages() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    // By age: 0 to 6.
    let ratings = [3, 5, 3, 1, 5, 3, 4];
    let paths = written(&world, &app, course, &ratings).await;
    // Of another course: in none of the lists.
    let other = crate::setup::course(&world, &teacher).await;
    written(&world, &app, other, &[3, 5]).await;
    let voters = [world.student().await, world.student().await];
    for (review, votes) in [(0, 1), (2, 2), (3, 1)] {
        for voter in &voters[..votes] {
            app.post(&format!("{}/helpful", paths[review]), voter, Value::Null).await.expect(200);
        }
    }
    let ids: Vec<_> = paths.iter().map(|path| json!(path.rsplit('/').next().unwrap())).collect();
    let expect = async |query: &str, order: &[usize]| {
        for size in [1, 2, 100] {
            let first = format!("{}?page_size={size}{query}", reviews_of(course));
            let (found, counts) = walk(&app, &first).await;
            let places: Vec<_> =
                found.iter().map(|id| ids.iter().position(|one| one == id).unwrap()).collect();
            assert_eq!(places, order, "{first}");
            assert!(counts.iter().all(|count| *count == order.len()), "{first}: {counts:?}");
        }
    };
    expect("", &[6, 5, 4, 3, 2, 1, 0]).await;
    expect("&ordering=-created_at", &[6, 5, 4, 3, 2, 1, 0]).await;
    expect("&ordering=created_at", &[0, 1, 2, 3, 4, 5, 6]).await;
    expect("&ordering=-rating", &[4, 1, 6, 5, 2, 0, 3]).await;
    expect("&ordering=rating", &[3, 0, 2, 5, 6, 1, 4]).await;
    expect("&ordering=-helpful_count", &[2, 3, 0, 6, 5, 4, 1]).await;
    expect("&rating=3", &[5, 2, 0]).await;
    expect("&rating=3&ordering=created_at", &[0, 2, 5]).await;
    expect("&rating=3&ordering=-rating", &[5, 2, 0]).await;
    expect("&rating=3&ordering=rating", &[0, 2, 5]).await;
    expect("&rating=3&ordering=-helpful_count", &[2, 0, 5]).await;
    expect("&rating=2", &[]).await;

    let second = app.get(&format!("{}?page=2&page_size=3", reviews_of(course)), None).await.expect(200);
    assert_eq!(column(&second, "id"), [ids[3].clone(), ids[2].clone(), ids[1].clone()]);
    assert_eq!((&second.body["total_pages"], &second.body["current_page"]), (&json!(3), &json!(2)));
    let summary =
        json!({"count": 7, "rating": 3.43, "distribution": {"5": 2, "4": 1, "3": 3, "2": 0, "1": 1}});
    assert_eq!(second.body["summary"], summary, "24 stars of 7 reviews");
}

#[tokio::test]
async fn odd_queries_are_refused_or_answered_sanely() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (one, two) = (course(&world, &teacher).await, course(&world, &teacher).await);
    written(&world, &app, one, &[5, 5, 4]).await;
    for query in [
        "rating=0",
        "rating=6",
        "rating=x",
        "rating=",
        "rating=5.0",
        "ordering=best",
        "ordering=",
        "page=0",
        "page_size=0",
        "page_size=101",
        "page_size=1000000000",
        "page_size=-1",
        "page=1002&page_size=1",
    ] {
        let path = format!("{}?{query}", reviews_of(one));
        app.get(&path, None).await.expect_error(422, "VALIDATION_FAILED");
    }
    let beyond = app.get(&format!("{}?page=500&page_size=2", reviews_of(one)), None).await.expect(200);
    assert_eq!((column(&beyond, "id").len(), &beyond.body["count"]), (0, &json!(3)));

    // A cursor is one of its list: this course, this order, this filter.
    let first = app.get(&format!("{}?page_size=1", reviews_of(one)), None).await.expect(200);
    let next = first.text("next").strip_prefix("https://learn.example").unwrap().to_owned();
    app.get(&next, None).await.expect(200);
    for other in [
        next.replace(&one.to_string(), &two.to_string()),
        next.replace("ordering=%2Dcreated%5Fat", "ordering=created_at"),
        format!("{next}&rating=5"),
        format!("{next}x"),
    ] {
        assert_ne!(other, next);
        app.get(&other, None).await.expect_error(400, "INVALID_CURSOR");
    }
    app.get("/api/v1/courses/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/reviews", None)
        .await
        .expect_error(404, "COURSE_NOT_FOUND");
}

#[tokio::test]
async fn visitors_pages_may_be_kept_and_those_with_votes_of_somebody_may_not() {
    let (world, app) = world().await;
    let course = course(&world, &world.instructor().await).await;
    let (_, author) = review(&world, &app, course, 4).await;
    review(&world, &app, course, 5).await;
    for query in ["", "?rating=4", "?page_size=1&ordering=created_at"] {
        let seen = app.get_kept(&format!("{}{query}", reviews_of(course)), 30, &author).await;
        assert_eq!(seen.body["own_review_id"], Value::Null);
    }
}
