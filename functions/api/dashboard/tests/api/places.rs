//! Where he goes on.

use domain::enrollment::EnrollmentStatus;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::{Entity as _, Update, entities::Enrollment};

use crate::stage::{Stage, spend, watch};

const PATH: &str = "/continue-learning";

/// Enrolments and titles of the lessons.
fn shown(body: &Value) -> Vec<(&str, &str)> {
    let results = body["results"].as_array().unwrap().iter();
    results
        .map(|one| {
            let title = one["current_lesson"]["title"].as_str();
            (one["enrollment_id"].as_str().unwrap(), title.unwrap_or("none"))
        })
        .collect()
}

#[tokio::test]
async fn he_goes_on_where_he_was_last() {
    let stage = Stage::new().await;
    let first = stage.get(PATH).await.expect(200).body;
    let course = stage.world.store().courses().get(stage.enrollment.course_id).await.unwrap().unwrap();
    let expected = json!({
        "enrollment_id": stage.enrollment.id,
        "course": {
            "id": course.id, "title": course.title, "slug": course.slug, "thumbnail": course.thumbnail,
            "instructor": "Ada Lovelace",
        },
        "progress_percent": 0, "lessons_completed": 0, "total_lessons": 5, "last_learned_at": null,
        "current_lesson": {
            "id": stage.lessons[0].id, "title": "Ownership", "order": 1, "kind": "text", "duration_minutes": 10,
            "video_id": null, "last_position": 0, "locked": false, "opens_at": null,
        },
    });
    assert_eq!(first["results"], json!([expected]));

    // In a video, with its position.
    stage.watch(3, 0.0, 42.0).await;
    let watching = stage.get(PATH).await.expect(200).body;
    let lesson = &watching["results"][0]["current_lesson"];
    assert_eq!((&lesson["title"], &lesson["order"]), (&json!("Traits"), &json!(4)));
    assert_eq!((&lesson["last_position"], &lesson["kind"]), (&json!(42), &json!("video")));
    assert_eq!(watching["results"][0]["last_learned_at"], json!(stage.world.ambient().now()));
    // It is done: the next one; and after the last one the first that is left.
    stage.watch(3, 0.0, 100.0).await;
    assert_eq!(shown(&stage.get(PATH).await.body)[0].1, "Macros");
    stage.watch(4, 0.0, 100.0).await;
    let back = stage.get(PATH).await.body;
    assert_eq!(shown(&back)[0].1, "Ownership");
    assert_eq!(
        (&back["results"][0]["progress_percent"], &back["results"][0]["lessons_completed"]),
        (&json!(40), &json!(2))
    );
}

#[tokio::test]
async fn courses_come_by_when_he_learnt_in_them_with_a_bounded_number_of_calls() {
    let stage = Stage::new().await;
    let mut all = vec![(stage.enrollment.clone(), stage.lessons.clone())];
    for _ in 0..4 {
        all.push(stage.another().await);
    }
    let id = |number: usize| all[number].0.id.to_string();
    let order = async |query: &str| {
        let body = stage.get(&format!("{PATH}{query}")).await.expect(200).body;
        shown(&body).into_iter().map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(order("").await, [id(4), id(3), id(2), id(1)], "the newest first");
    for number in [0, 2] {
        stage.world.advance(SignedDuration::from_mins(1));
        let (enrollment, lessons) = &all[number];
        spend(&stage.world, store::entities::TakenLesson::new(enrollment, &lessons[1]), 0).await;
    }
    assert_eq!(order("?limit=3").await, [id(2), id(0), id(4)]);
    let reply = stage.get(&format!("{PATH}?limit=4")).await;
    assert_eq!(reply.calls, 4 + 2 * 4, "sums and list; enrolments; two for each; teachers and videos");
    assert_eq!(shown(&reply.body)[0].1, "Borrowing");
    for limit in ["0", "9", "x"] {
        stage.get(&format!("{PATH}?limit={limit}")).await.expect_error(422, "VALIDATION_FAILED");
    }

    // What he may not take now, and what he has completed, is left out.
    let set = async |number: usize, status: EnrollmentStatus| {
        let one = &all[number].0;
        let update = Update::of::<Enrollment>(one.key()).set("status", status);
        let update = update.set("gsi2pk", Enrollment::status_partition(one.user_id, status));
        stage.world.store().update(update).await.unwrap();
    };
    set(2, EnrollmentStatus::Suspended).await;
    set(4, EnrollmentStatus::Completed).await;
    let over = Update::of::<Enrollment>(all[3].0.key()).set("expiry_date", stage.world.ambient().now());
    stage.world.store().update(over).await.unwrap();
    assert_eq!(order("").await, [id(0), id(1)]);
}

#[tokio::test]
async fn a_lesson_that_is_locked_says_so() {
    let stage = Stage::new().await;
    let opens_at = stage.world.ambient().now() + SignedDuration::from_hours(48);
    let update = Update::of::<store::entities::Lesson>(stage.lessons[0].key()).set("opens_at", opens_at);
    stage.world.store().update(update).await.unwrap();
    let body = stage.get(PATH).await.expect(200).body;
    let lesson = &body["results"][0]["current_lesson"];
    assert_eq!((&lesson["locked"], &lesson["opens_at"]), (&json!(true), &json!(opens_at)));
}

#[tokio::test]
async fn a_video_that_was_completed_in_the_old_way_is_not_the_one_to_go_on_with() {
    let stage = Stage::new().await;
    let mut old = watch(&stage.world, stage.taken(3), (0.0, 50.0)).await;
    (old.completed, old.by_lesson) = (true, false);
    stage.world.store().put(&old).await.unwrap();
    assert_eq!(shown(&stage.get(PATH).await.expect(200).body)[0].1, "Macros");
}
