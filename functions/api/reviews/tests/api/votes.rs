//! Who finds a review helpful.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::setup::{course, review, reviews_of, world};

#[tokio::test]
async fn a_vote_counts_once_however_often_it_is_given() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, author) = review(&world, &app, course, 5).await;
    let path = format!("{path}/helpful");
    let reader = world.student().await;
    let voted = app.post(&path, &reader, Value::Null).await.expect(200);
    assert!(voted.calls <= 4, "session, course with review, transaction, review: {}", voted.calls);
    let one = json!({"helpful_count": 1, "found_helpful": true});
    assert_eq!(voted.body, one);
    assert_eq!(app.post(&path, &reader, Value::Null).await.expect(200).body, one);
    let shown = |page: testkit::Reply| {
        let review = &page.body["results"][0];
        (review["helpful_count"].clone(), review["found_helpful"].clone())
    };
    assert_eq!(shown(app.get(&reviews_of(course), &reader).await.expect(200)), (json!(1), json!(true)));
    assert_eq!(shown(app.get(&reviews_of(course), &teacher).await.expect(200)), (json!(1), json!(false)));
    assert_eq!(shown(app.get(&reviews_of(course), None).await.expect(200)), (json!(1), json!(false)));

    let none = json!({"helpful_count": 0, "found_helpful": false});
    assert_eq!(app.delete(&path, &reader).await.expect(200).body, none);
    assert_eq!(app.delete(&path, &reader).await.expect(200).body, none);
    app.post(&path, &author, Value::Null).await.expect_error(409, "OWN_REVIEW");
    app.post(&path, None, Value::Null).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn a_vote_needs_a_review_that_the_voter_may_see() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let id = course(&world, &teacher).await;
    let (path, author) = review(&world, &app, id, 5).await;
    let (reader, helpful) = (world.student().await, format!("{path}/helpful"));
    let missing = format!("{}/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/helpful", reviews_of(id));
    app.post(&missing, &reader, Value::Null).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.delete(&missing, &reader).await.expect_error(404, "REVIEW_NOT_FOUND");
    let other = course(&world, &teacher).await;
    let elsewhere = helpful.replace(&id.to_string(), &other.to_string());
    app.post(&elsewhere, &reader, Value::Null).await.expect_error(404, "REVIEW_NOT_FOUND");
    world.store().courses().unpublish(id, teacher.id, world.ambient().now()).await.unwrap();
    app.post(&helpful, &reader, Value::Null).await.expect_error(404, "COURSE_NOT_FOUND");
    app.post(&helpful, &teacher, Value::Null).await.expect(200);
    app.delete(&path, &author).await.expect(204);
    app.delete(&helpful, &teacher).await.expect_error(404, "REVIEW_NOT_FOUND");
}

#[tokio::test]
async fn votes_at_the_same_moment_are_each_counted_once() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, _) = review(&world, &app, course, 5).await;
    let path = format!("{path}/helpful");
    let readers = join_all((0..40).map(|_| world.student())).await;
    // Each of them three times.
    let apps = vec![app.clone(); 120];
    let votes = apps.iter().zip(readers.iter().cycle()).map(|(app, who)| app.post(&path, who, Value::Null));
    for vote in join_all(votes).await {
        assert_eq!(vote.expect(200).body["found_helpful"], true);
    }
    let count = async || app.get(&reviews_of(course), None).await.body["results"][0]["helpful_count"].clone();
    assert_eq!(count().await, 40);
    let back = apps.iter().zip(readers[..15].iter().cycle()).map(|(app, who)| app.delete(&path, who));
    for reply in join_all(back).await {
        reply.expect(200);
    }
    assert_eq!(count().await, 25);
    // Its place in the order is that of its count.
    let (next, _) = review(&world, &app, course, 5).await;
    for reader in &readers[..26] {
        app.post(&format!("{next}/helpful"), reader, Value::Null).await.expect(200);
    }
    let list = format!("{}?ordering=-helpful_count", reviews_of(course));
    let counts = crate::setup::column(&app.get(&list, None).await, "helpful_count");
    assert_eq!(counts, [json!(26), json!(25)]);
}
