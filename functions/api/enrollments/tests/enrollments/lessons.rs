//! What completes a lesson, and a course.

use domain::{
    course::{
        LessonKind,
        quiz::{Answer, Key, Question, Quiz},
    },
    enrollment::EnrollmentStatus,
    playback::Watched,
};
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Entity as _, Update,
    entities::{Course, Enrollment, Lesson, QuizAttempt, TakenLesson, VideoProgress},
};
use testkit::{App, Caller, Reply, World};

use crate::stage::{add_lesson, course, enrolled, lessons, mark, spend, stats, stored, take, world};

fn missing(reply: Reply) -> Value {
    reply.expect_error(409, "LESSON_NOT_FINISHED").body["error"]["details"].clone()
}

#[tokio::test]
async fn texts_are_completed_by_opening_them_and_their_least_time() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let [first, second] = <[Lesson; 2]>::try_from(lessons(&world, course.id).await).unwrap();
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;

    assert_eq!(missing(mark(&app, &student, &path, &first).await), json!({"missing": "opening"}));
    let opened = spend(&app, &student, &path, &first, 1_000).await.expect(200);
    assert!(opened.calls <= 5, "enrolment, lesson, text, progress: {}", opened.calls);
    assert_eq!(opened.body["watch_time_seconds"], 0, "no more than has passed");
    assert_eq!(opened.body["opened_at"], json!(world.ambient().now()));
    let early = missing(mark(&app, &student, &path, &first).await);
    assert_eq!(early, json!({"missing": "time", "seconds_left": 5}));
    world.advance(SignedDuration::from_secs(5));
    let done = mark(&app, &student, &path, &first).await.expect(200);
    assert!(done.calls <= 5, "session, enrolment, lesson, the same once more, transaction: {}", done.calls);
    let expected = json!({
        "lesson_id": first.id, "enrollment_id": enrollment.id, "is_completed": true, "enrollment_progress": 50,
        "course_completed": false,
    });
    assert_eq!(done.body, expected);
    let completed_at = world.ambient().now();
    world.advance(SignedDuration::from_secs(60));
    assert_eq!(mark(&app, &student, &path, &first).await.expect(200).body, expected, "again");

    // The time that the other one takes completes it, and the course with it.
    spend(&app, &student, &path, &second, 0).await.expect(200);
    world.advance(SignedDuration::from_secs(3));
    let some = spend(&app, &student, &path, &second, 1_000).await.expect(200).body;
    assert_eq!((&some["watch_time_seconds"], &some["completion_percentage"]), (&json!(3), &json!(60)));
    assert_eq!(stored(&world, &student, enrollment.id).await.status, EnrollmentStatus::Active);
    world.advance(SignedDuration::from_secs(2));
    let last = spend(&app, &student, &path, &second, 5).await.expect(200).body;
    assert_eq!((&last["is_completed"], &last["completion_percentage"]), (&json!(true), &json!(100)));
    let after = stored(&world, &student, enrollment.id).await;
    assert_eq!((after.status, after.lessons_completed), (EnrollmentStatus::Completed, 2));
    assert_eq!(after.completed_at, Some(world.ambient().now()));
    assert_eq!(stats(&world, student.id).await, (1, 0, 1));
    let list = app.get("/api/v1/enrollments?status=completed", &student).await.expect(200).body;
    assert_eq!((&list["count"], &list["results"][0]["is_completed"]), (&json!(1), &json!(true)));
    assert!(list["results"][0]["certificate_url"].is_null());
    let detail = app.get(&path, &student).await.expect(200).body;
    let shown = &detail["course"]["curriculum"][0]["lessons"];
    assert_eq!(shown[0]["completed_at"], json!(completed_at));
    assert_eq!((&shown[1]["completed"], &shown[1]["watch_time_seconds"]), (&json!(true), &json!(5)));

    // What is completed stays so when the course gets another lesson, and when that is completed too.
    let late = add_lesson(&world, course.id, |_| {}).await;
    let third = take(&world, &app, &student, &path, &late).await.expect(200).body;
    assert_eq!((&third["enrollment_progress"], &third["course_completed"]), (&json!(100), &json!(false)));
    let later = stored(&world, &student, enrollment.id).await;
    assert_eq!((later.status, later.completed_at), (after.status, after.completed_at));
    assert_eq!(stats(&world, student.id).await, (1, 0, 1));
}

#[tokio::test]
async fn a_longer_text_and_more_files_take_longer() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let long = add_lesson(&world, course.id, |lesson| lesson.content = Some("가".repeat(480))).await;
    let files = add_lesson(&world, course.id, |_| {}).await;
    let update = Update::of::<Lesson>(files.key()).set("kind", LessonKind::File).set("resource_count", 3);
    world.store().update(update).await.unwrap();
    let (student, _, path) = enrolled(&world, &app, &course).await;
    for (lesson, seconds) in [(long, 10), (files, 30)] {
        spend(&app, &student, &path, &lesson, 0).await.expect(200);
        let left = missing(mark(&app, &student, &path, &lesson).await);
        assert_eq!(left, json!({"missing": "time", "seconds_left": seconds}));
        world.advance(SignedDuration::from_secs(seconds));
        mark(&app, &student, &path, &lesson).await.expect(200);
    }
}

fn quiz() -> Quiz {
    let question = Question {
        text: "What happens to a value when its owner goes out of scope?".into(),
        points: 1,
        options: vec!["It leaks".into(), "It is dropped".into()],
        answer: Key::Single { correct: 2 },
        explanation: String::new(),
    };
    Quiz { questions: vec![question], pass_percent: 70, attempts_max: 3 }
}

async fn attempt(world: &World, student: &Caller, lesson: &Lesson, passed: bool, taken: Option<TakenLesson>) {
    let attempt = QuizAttempt {
        id: world.ambient().id(),
        user_id: student.id,
        lesson_id: lesson.id,
        course_id: lesson.course_id,
        version: 1,
        answers: Vec::<Answer>::new(),
        outcomes: Vec::new(),
        score: u32::from(passed),
        points: 1,
        passed,
        created_at: world.ambient().now(),
    };
    world.store().quizzes().attempt(&attempt, 3, taken).await.unwrap();
}

#[tokio::test]
async fn quizzes_are_completed_by_the_attempt_that_passes() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let with_quiz = |lesson: &mut store::entities::section::NewLesson| {
        (lesson.kind, lesson.content, lesson.quiz) = (LessonKind::Quiz, None, Some(quiz()));
    };
    let (one, other) =
        (add_lesson(&world, course.id, with_quiz).await, add_lesson(&world, course.id, with_quiz).await);
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    assert_eq!(missing(mark(&app, &student, &path, &one).await), json!({"missing": "quiz"}));
    attempt(&world, &student, &one, false, Some(TakenLesson::new(&enrollment, &one))).await;
    assert_eq!(stored(&world, &student, enrollment.id).await.lessons_completed, 0);
    attempt(&world, &student, &one, true, Some(TakenLesson::new(&enrollment, &one))).await;
    assert_eq!(stored(&world, &student, enrollment.id).await.lessons_completed, 1);
    mark(&app, &student, &path, &one).await.expect(200);
    assert_eq!(stored(&world, &student, enrollment.id).await.lessons_completed, 1);
    // One that was passed before he was enrolled, in a preview: he says that he is done.
    attempt(&world, &student, &other, true, None).await;
    assert_eq!(mark(&app, &student, &path, &other).await.expect(200).body["enrollment_progress"], 50);
    // Time alone completes no quiz.
    let third = add_lesson(&world, course.id, with_quiz).await;
    spend(&app, &student, &path, &third, 0).await.expect(200);
    world.advance(SignedDuration::from_mins(5));
    let spent = spend(&app, &student, &path, &third, 300).await.expect(200).body;
    assert_eq!((&spent["is_completed"], &spent["completion_percentage"]), (&json!(false), &json!(0)));
}

/// Turns the first lesson into one of kind video; gives it.
async fn with_video(world: &World, course: &Course) -> (Lesson, Id<kinds::Video>) {
    let lesson = lessons(world, course.id).await.remove(0);
    let video = world.ambient().id();
    let update = Update::of::<Lesson>(lesson.key()).set("video_id", video).set("kind", LessonKind::Video);
    world.store().update(update).await.unwrap();
    (Lesson { video_id: Some(video), kind: LessonKind::Video, ..lesson }, video)
}

fn watched(world: &World, enrollment: &Enrollment, video_id: Id<kinds::Video>, part: f64) -> VideoProgress {
    let now = world.ambient().now();
    VideoProgress {
        video_id,
        enrollment_id: enrollment.id,
        user_id: enrollment.user_id,
        progress: part,
        last_position: 10,
        completed: part >= 0.9,
        watched: Watched::default(),
        by_lesson: true,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

async fn completed_in_detail(app: &App, student: &Caller, path: &str) -> (Value, Value) {
    let detail = app.get(path, student).await.expect(200).body;
    (
        detail["lessons_completed"].clone(),
        detail["course"]["curriculum"][0]["lessons"][0]["completed"].clone(),
    )
}

#[tokio::test]
async fn videos_are_completed_by_what_was_watched() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let (lesson, video) = with_video(&world, &course).await;
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    let none = missing(mark(&app, &student, &path, &lesson).await);
    assert_eq!(none, json!({"missing": "watching", "watched_percent": 0, "needed_percent": 90}));
    world.store().put(&watched(&world, &enrollment, video, 0.899)).await.unwrap();
    assert_eq!(missing(mark(&app, &student, &path, &lesson).await)["watched_percent"], 89);
    // It was watched before it was the lesson's: that completes nothing until he says so.
    world.store().put(&watched(&world, &enrollment, video, 0.95)).await.unwrap();
    assert_eq!(completed_in_detail(&app, &student, &path).await, (json!(0), json!(false)));
    let spent = spend(&app, &student, &path, &lesson, 1_000).await.expect(200).body;
    assert_eq!((&spent["watch_time_seconds"], &spent["completion_percentage"]), (&json!(570), &json!(95)));
    mark(&app, &student, &path, &lesson).await.expect(200);
    assert_eq!(completed_in_detail(&app, &student, &path).await, (json!(1), json!(true)));
    assert_eq!(stored(&world, &student, enrollment.id).await.lessons_completed, 1);
}

#[tokio::test]
async fn what_was_counted_before_lessons_were_kept_one_by_one_is_not_counted_again() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let (lesson, video) = with_video(&world, &course).await;
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    let mut old = serde_json::to_value(watched(&world, &enrollment, video, 0.95)).unwrap();
    old.as_object_mut().unwrap().remove("by_lesson");
    world.store().put(&serde_json::from_value::<VideoProgress>(old).unwrap()).await.unwrap();
    let count = Update::of::<Enrollment>(enrollment.key()).set("lessons_completed", 1);
    world.store().update(count).await.unwrap();
    assert_eq!(completed_in_detail(&app, &student, &path).await, (json!(1), json!(true)));
    // The other lesson is the last one.
    let other = lessons(&world, course.id).await.remove(1);
    let done = take(&world, &app, &student, &path, &other).await.expect(200).body;
    assert_eq!((&done["enrollment_progress"], &done["course_completed"]), (&json!(100), &json!(true)));
    mark(&app, &student, &path, &lesson).await.expect(200);
    let after = stored(&world, &student, enrollment.id).await;
    assert_eq!((after.lessons_completed, after.status), (2, EnrollmentStatus::Completed));
}

#[tokio::test]
async fn lessons_that_go_complete_nothing_and_hold_up_nothing() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let third = add_lesson(&world, course.id, |_| {}).await;
    let [first, second, _] = <[Lesson; 3]>::try_from(lessons(&world, course.id).await).unwrap();
    let (student, enrollment, path) = enrolled(&world, &app, &course).await;
    let courses = world.store().courses();
    take(&world, &app, &student, &path, &first).await.expect(200);
    take(&world, &app, &student, &path, &second).await.expect(200);
    // Two were completed and two are left, but not the same.
    courses.delete_lesson(course.id, teacher.id, first.id, world.ambient().now()).await.unwrap();
    let again = mark(&app, &student, &path, &second).await.expect(200).body;
    assert_eq!(again["course_completed"], false);
    assert_eq!(stored(&world, &student, enrollment.id).await.status, EnrollmentStatus::Active);
    assert_eq!(completed_in_detail(&app, &student, &path).await.0, 1);
    mark(&app, &student, &path, &first).await.expect_error(404, "LESSON_NOT_FOUND");
    // Now all that are left are completed, and he says so again.
    courses.delete_lesson(course.id, teacher.id, third.id, world.ambient().now()).await.unwrap();
    let last = mark(&app, &student, &path, &second).await.expect(200).body;
    assert_eq!((&last["course_completed"], &last["enrollment_progress"]), (&json!(true), &json!(100)));
    assert_eq!(stats(&world, student.id).await, (1, 0, 1));
}

#[tokio::test]
async fn only_who_may_take_the_course_learns_in_it() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let (one, other) = (course(&world, &teacher, 0).await, course(&world, &teacher, 0).await);
    let lesson = lessons(&world, one.id).await.remove(0);
    let (student, enrollment, path) = enrolled(&world, &app, &one).await;
    let (stranger, ..) = enrolled(&world, &app, &one).await;
    for who in [&stranger, &teacher] {
        mark(&app, who, &path, &lesson).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
        spend(&app, who, &path, &lesson, 0).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
    }
    let foreign = lessons(&world, other.id).await.remove(0);
    mark(&app, &student, &path, &foreign).await.expect_error(404, "LESSON_NOT_FOUND");
    spend(&app, &student, &path, &foreign, 0).await.expect_error(404, "LESSON_NOT_FOUND");
    let body = json!({"lesson_id": lesson.id, "is_completed": true});
    let marked = app.post(&format!("{path}/mark-lesson-complete"), &student, body).await;
    marked.expect_error(422, "VALIDATION_FAILED");
    let set = Update::of::<Enrollment>(enrollment.key()).set("status", EnrollmentStatus::Suspended);
    world.store().update(set).await.unwrap();
    for reply in [mark(&app, &student, &path, &lesson).await, spend(&app, &student, &path, &lesson, 0).await]
    {
        let refused = reply.expect_error(403, "ENROLLMENT_NOT_ACTIVE");
        assert_eq!(refused.body["error"]["details"]["status"], "suspended");
    }
}
