//! What the teacher answers.

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::setup::{course, review, reviews_of, student_of, world};

#[tokio::test]
async fn the_teacher_replies_changes_his_mind_and_falls_silent() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, _) = review(&world, &app, course, 2).await;
    let reply = format!("{path}/reply");
    app.patch(&reply, &teacher, json!({"comment": "x"})).await.expect_error(404, "REPLY_NOT_FOUND");
    app.delete(&reply, &teacher).await.expect_error(404, "REPLY_NOT_FOUND");
    let made = app.post(&reply, &teacher, json!({"comment": "What did you miss?"})).await.expect(201);
    assert!(made.calls <= 3, "session, course, transaction: {}", made.calls);
    app.post(&reply, &teacher, json!({"comment": "Again"})).await.expect_error(409, "REPLY_EXISTS");
    let shown =
        async || app.get(&reviews_of(course), None).await.expect(200).body["results"][0]["reply"].clone();
    assert_eq!(shown().await, made.body);
    world.advance(SignedDuration::from_mins(1));
    let changed = app.patch(&reply, &teacher, json!({"comment": "Thank you."})).await.expect(200);
    assert_eq!(
        (&changed.body["comment"], &changed.body["created_at"]),
        (&json!("Thank you."), &made.body["created_at"])
    );
    assert_eq!(changed.body["edited_at"], json!(world.ambient().now()));
    assert_eq!(shown().await, changed.body);
    app.delete(&reply, &teacher).await.expect(204);
    assert_eq!(shown().await, Value::Null);
}

#[tokio::test]
async fn only_the_teacher_of_the_course_replies() {
    let (world, app) = world().await;
    let (teacher, other) = (world.instructor().await, world.instructor().await);
    let id = course(&world, &teacher).await;
    let (path, author) = review(&world, &app, id, 2).await;
    let reply = format!("{path}/reply");
    app.post(&reply, &teacher, json!({"comment": "Thank you."})).await.expect(201);
    let words = json!({"comment": "Mine."});
    for who in [&author, &student_of(&world, id).await] {
        app.post(&reply, who, words.clone()).await.expect_error(403, "INSTRUCTORS_ONLY");
        app.delete(&reply, who).await.expect_error(403, "INSTRUCTORS_ONLY");
    }
    for who in [&other, &world.admin().await] {
        app.post(&reply, who, words.clone()).await.expect_error(404, "COURSE_NOT_FOUND");
        app.patch(&reply, who, words.clone()).await.expect_error(404, "COURSE_NOT_FOUND");
        app.delete(&reply, who).await.expect_error(404, "COURSE_NOT_FOUND");
    }
    // Nor does the teacher of one course reply under another.
    let own = course(&world, &other).await;
    let elsewhere = reply.replace(&id.to_string(), &own.to_string());
    app.post(&elsewhere, &other, words.clone()).await.expect_error(404, "REVIEW_NOT_FOUND");
    app.delete(&elsewhere, &other).await.expect_error(404, "REPLY_NOT_FOUND");
    for comment in [json!(""), json!(" "), json!("x".repeat(2_001)), Value::Null] {
        let body = json!({ "comment": comment });
        app.patch(&reply, &teacher, body).await.expect_error(422, "VALIDATION_FAILED");
    }
    app.patch(&reply, &teacher, json!({"comment": "답".repeat(2_000)})).await.expect(200);
}

#[tokio::test]
async fn a_reply_goes_with_its_review_whoever_is_faster() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    for _ in 0..10 {
        let (path, author) = review(&world, &app, course, 1).await;
        let (reply, words) = (format!("{path}/reply"), json!({"comment": "Why?"}));
        let apps = [app.clone(), app.clone()];
        let (gone, replied) =
            futures::join!(apps[0].delete(&path, &author), apps[1].post(&reply, &teacher, words));
        gone.expect(204);
        assert!([201, 404].contains(&replied.status.as_u16()), "{:?}", replied.body);
    }
    let left = store::entities::belongings::Part::Reviews(course);
    assert!(world.store().belongings().all(&left).await.unwrap().is_empty(), "no review, no guard, no reply");
}

#[tokio::test]
async fn of_many_replies_at_once_one_is_written() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher).await;
    let (path, _) = review(&world, &app, course, 1).await;
    let reply = format!("{path}/reply");
    let apps = vec![app.clone(); 20];
    let tries = apps.iter().map(|app| app.post(&reply, &teacher, json!({"comment": "Why?"})));
    let won = join_all(tries).await.into_iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
}
