//! Lessons that open by date, after days, and in their order.

use domain::learning::Schedule;
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{
    Update,
    entities::{Course, Lesson},
};
use testkit::{App, Caller, Reply};

use crate::stage::{add_lesson, course, enrolled, lessons, mark, spend, take, world};

/// `locked`, `reason` and `opens_at` of each lesson.
async fn shown(app: &App, student: &Caller, path: &str) -> Vec<(Value, Value, Value)> {
    let detail = app.get(path, student).await.expect(200).body;
    let lessons = detail["course"]["curriculum"][0]["lessons"].as_array().unwrap().clone();
    let field = |lesson: &Value, name| lesson[name].clone();
    lessons
        .iter()
        .map(|lesson| (field(lesson, "locked"), field(lesson, "reason"), field(lesson, "opens_at")))
        .collect()
}

fn open() -> (Value, Value, Value) {
    (json!(false), Value::Null, Value::Null)
}

fn locked(reply: Reply) -> Value {
    reply.expect_error(403, "LESSON_LOCKED").body["error"]["details"].clone()
}

#[tokio::test]
async fn a_lesson_opens_when_its_time_has_come() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let date = world.ambient().now() + SignedDuration::from_hours(72);
    let by_date = add_lesson(&world, course.id, |lesson| {
        lesson.schedule = Schedule { opens_at: Some(date), opens_after_days: None };
    });
    let by_date = by_date.await;
    let by_days = add_lesson(&world, course.id, |lesson| {
        lesson.schedule = Schedule { opens_at: None, opens_after_days: Some(1) };
    });
    let by_days = by_days.await;
    add_lesson(&world, course.id, |lesson| {
        lesson.is_preview = true;
        lesson.schedule.opens_at = Some(date);
    })
    .await;
    world.advance(SignedDuration::from_hours(1));
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    let tomorrow = enrollment.enrolled_at + SignedDuration::from_hours(24);
    let not_yet = |opens_at: &_| (json!(true), json!("not_yet"), json!(opens_at));
    let expected = vec![open(), open(), not_yet(&date), not_yet(&tomorrow), open()];
    assert_eq!(shown(&app, &student, &path).await, expected);
    let details = json!({"reason": "not_yet", "opens_at": tomorrow});
    assert_eq!(locked(spend(&app, &student, &path, &by_days, 0).await), details);
    assert_eq!(locked(mark(&app, &student, &path, &by_days).await), details);

    world.advance(SignedDuration::from_hours(24));
    let student = world.login(student.id).await;
    assert_eq!(shown(&app, &student, &path).await[3], open());
    take(&world, &app, &student, &path, &by_days).await.expect(200);
    locked(spend(&app, &student, &path, &by_date, 0).await);
    // What he has completed stays open, whatever the teacher sets afterwards.
    let later = Update::of::<Lesson>(store::Entity::key(&by_days)).set("opens_at", date);
    world.store().update(later).await.unwrap();
    assert_eq!(shown(&app, &student, &path).await[3], open());
    spend(&app, &student, &path, &by_days, 100).await.expect(200);
    world.advance(SignedDuration::from_hours(72));
    let student = world.login(student.id).await;
    take(&world, &app, &student, &path, &by_date).await.expect(200);
}

#[tokio::test]
async fn in_a_required_order_each_lesson_opens_the_next_one() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    add_lesson(&world, course.id, |_| {}).await;
    let order = Update::of::<Course>(Course::key_of(course.id)).set("required_order", true);
    world.store().update(order).await.unwrap();
    let [first, second, third] = <[Lesson; 3]>::try_from(lessons(&world, course.id).await).unwrap();
    let (student, _, path) = enrolled(&world, &app, &course).await;
    let closed = || (json!(true), json!("earlier_lessons"), Value::Null);
    assert_eq!(shown(&app, &student, &path).await, [open(), closed(), closed()]);
    for lesson in [&second, &third] {
        let details = locked(spend(&app, &student, &path, lesson, 0).await);
        assert_eq!(details, json!({"reason": "earlier_lessons", "opens_at": null}));
    }
    take(&world, &app, &student, &path, &first).await.expect(200);
    assert_eq!(shown(&app, &student, &path).await, [open(), open(), closed()]);
    locked(mark(&app, &student, &path, &third).await);
    take(&world, &app, &student, &path, &second).await.expect(200);
    let last = take(&world, &app, &student, &path, &third).await.expect(200).body;
    assert_eq!(last["course_completed"], true);
    assert_eq!(shown(&app, &student, &path).await, [open(), open(), open()]);
}
