//! Lessons that several devices complete at once, and requests that die half-way.

use std::time::Duration;

use domain::{enrollment::EnrollmentStatus, playback::Report};
use futures::future::join_all;
use jiff::SignedDuration;
use kernel::{Id, id::kinds};
use store::entities::{
    Enrollment, Lesson, QuizAttempt, TakenLesson, lesson_progress::Visit, progress::Watcher,
};
use testkit::{App, Caller, World, conflicts::Conflicts, cut::Cut, dynamo};

use crate::stage::{app_of, course, enrolled, lessons, mark, spend, stats, stored};

const START: &str = "2026-06-01T12:00:00Z";

/// A student who has opened both lessons of a course long enough ago.
async fn about_to_finish(world: &World, app: &App) -> (Caller, Enrollment, String, Vec<Lesson>) {
    let teacher = world.instructor().await;
    let course = course(world, &teacher, 0).await;
    let lessons = lessons(world, course.id).await;
    let (student, enrollment, path) = enrolled(world, app, &course).await;
    for lesson in &lessons {
        spend(app, &student, &path, lesson, 0).await.expect(200);
    }
    world.advance(SignedDuration::from_mins(1));
    (student, enrollment, path, lessons)
}

async fn assert_completed_once(world: &World, student: &Caller, enrollment: &Enrollment) {
    let after = stored(world, student, enrollment.id).await;
    assert_eq!((after.status, after.lessons_completed), (EnrollmentStatus::Completed, 2));
    assert!(after.completed_at.is_some());
    assert_eq!(stats(world, student.id).await, (1, 0, 1));
    let kept = world.store().learning().of_enrollment(enrollment.id).await.unwrap();
    assert!(kept.len() == 2 && kept.iter().all(|progress| progress.is_completed()), "{kept:?}");
}

#[tokio::test]
async fn of_devices_that_complete_the_last_lessons_at_once_one_completes_the_course() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(dynamo::serve().await).await;
    let world = World::on(url, START.parse().unwrap()).await;
    let app = app_of(&world);
    for round in 0..20 {
        conflicts.hold(Duration::ZERO);
        let (student, enrollment, path, lessons) = about_to_finish(&world, &app).await;
        conflicts.hold(Duration::from_millis(5));
        // Two devices each with one of the last two lessons, one of them impatient.
        let marks = [&lessons[0], &lessons[1], &lessons[0], &lessons[1]];
        let replies = join_all(marks.map(|lesson| mark(&app, &student, &path, lesson))).await;
        let mut completions = 0;
        for reply in replies {
            let reply = reply.expect(200);
            assert_eq!(reply.body["is_completed"], true);
            completions += usize::from(reply.body["course_completed"] == true);
        }
        assert_eq!(completions, 1, "round {round}");
        assert_completed_once(&world, &student, &enrollment).await;
    }
    assert!(conflicts.met() > 0, "no transaction met another one: the race was none");
}

#[tokio::test]
async fn a_teacher_who_adds_a_lesson_at_that_moment_is_before_or_after() {
    let (world, app) = crate::stage::world().await;
    for _ in 0..10 {
        let (student, enrollment, path, lessons) = about_to_finish(&world, &app).await;
        mark(&app, &student, &path, &lessons[0]).await.expect(200);
        let (reply, added) = tokio::join!(
            mark(&app, &student, &path, &lessons[1]),
            crate::stage::add_lesson(&world, enrollment.course_id, |_| {}),
        );
        let completed = reply.expect(200).body["course_completed"] == true;
        let after = stored(&world, &student, enrollment.id).await;
        assert_eq!(after.lessons_completed, 2);
        assert_eq!(after.status == EnrollmentStatus::Completed, completed);
        assert_eq!(stats(&world, student.id).await, if completed { (1, 0, 1) } else { (1, 1, 0) });
        // Whichever came first, the new lesson can be completed, and then the course is.
        spend(&app, &student, &path, &added, 0).await.expect(200);
        world.advance(SignedDuration::from_secs(5));
        mark(&app, &student, &path, &added).await.expect(200);
        let last = stored(&world, &student, enrollment.id).await;
        assert_eq!((last.status, last.lessons_completed), (EnrollmentStatus::Completed, 3));
    }
}

/// Each way in which the last lesson is completed.
#[derive(Clone, Copy, Debug)]
enum Way {
    Said,
    Time,
    Watched,
    Passed,
}

async fn complete(world: &World, way: Way, taken: TakenLesson, id: Id<kinds::QuizAttempt>) {
    let (store, now) = (world.store(), world.ambient().now());
    let TakenLesson { user_id, enrollment_id, lesson_id, course_id, .. } = taken;
    match way {
        Way::Said => drop(store.learning().complete(taken, None, now).await.unwrap()),
        Way::Time => {
            let known = store.learning().get(enrollment_id, lesson_id).await.unwrap();
            let known = (known, store.activities().learner(user_id).await.unwrap());
            let visit = Visit { claimed_seconds: 60, least_seconds: 5 };
            store.learning().visit(taken, known, visit, now).await.unwrap();
        }
        Way::Watched => {
            let video_id = Id::from_uuid(lesson_id.uuid());
            let known = store.progress().get(video_id, enrollment_id).await.unwrap();
            let known = (known, store.activities().learner(user_id).await.unwrap());
            let lesson_id = Some(lesson_id);
            let whose = Watcher { video_id, enrollment_id, user_id, lesson_id, lesson: Some(taken) };
            let report = Report {
                intervals: vec![(0.0, 100.0)],
                position: None,
                at_ms: 0,
                session: (String::new(), 0),
                window: Some((0, 100_000)),
            };
            store.progress().report(whose, known, &report, (100.0, 1.0), now).await.unwrap();
        }
        Way::Passed => {
            let attempt = QuizAttempt {
                id,
                user_id,
                lesson_id,
                course_id,
                version: 1,
                answers: Vec::new(),
                outcomes: Vec::new(),
                score: 1,
                points: 1,
                passed: true,
                created_at: now,
            };
            store.quizzes().attempt(&attempt, 3, Some(taken)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_dies_at_whichever_call_the_next_one_finishes() {
    let cut = Cut::default();
    cut.after(usize::MAX);
    let url = cut.before(dynamo::serve().await).await;
    let world = World::on(url, START.parse().unwrap()).await;
    let app = app_of(&world);
    for way in [Way::Said, Way::Time, Way::Watched, Way::Passed] {
        for calls in 0.. {
            cut.after(usize::MAX);
            let (student, enrollment, _, lessons) = about_to_finish(&world, &app).await;
            let (now, id) = (world.ambient().now(), world.ambient().id());
            let taken = |lesson: &Lesson| TakenLesson::new(&enrollment, lesson);
            world.store().learning().complete(taken(&lessons[0]), None, now).await.unwrap();
            cut.after(calls);
            let lived = cut.run(complete(&world, way, taken(&lessons[1]), id)).await;
            cut.after(usize::MAX);
            let between = stored(&world, &student, enrollment.id).await;
            let half = between.lessons_completed == 2 && between.status != EnrollmentStatus::Completed;
            assert!(!half, "{way:?}: the last lesson without the course, after {calls} calls");
            complete(&world, way, taken(&lessons[1]), id).await;
            assert_completed_once(&world, &student, &enrollment).await;
            if lived.is_some() {
                assert!(calls >= 4, "{way:?}: batch, outline, lessons, transaction: {calls}");
                break;
            }
        }
    }
}
