//! Storage behind a proxy that can cut the job off; what is sent is kept.

use std::collections::BTreeSet;

use contracts::{Envelope, Queue};
use domain::{
    course::{CourseStatus, LessonKind},
    enrollment::EnrollmentStatus,
};
use jobs::{Publisher, Sent};
use kernel::{Id, Vars, id::kinds};
use store::{
    Update,
    entities::{Course, LearnerStats, Lesson, Section, TakenLesson, enrollment::Enrolled},
};
use testkit::{
    Caller, World,
    aws::{NOWHERE, job_settings},
    cut::Cut,
    fixtures, shop,
};

use super::*;
use crate::{Task, handle};

struct Stage {
    world: World,
    cut: Cut,
    settings: Vec<(String, String)>,
}

/// A published course with lessons.
struct Taught {
    course: Course,
    lessons: Vec<Lesson>,
}

/// Somebody who takes it.
struct Student {
    caller: Caller,
    enrollment: Id<kinds::Enrollment>,
}

impl Stage {
    async fn new() -> Self {
        let (world, cut) = (World::new().await, Cut::default());
        cut.after(usize::MAX);
        let own = [
            ("INGEST_QUEUE_URL", "unused"),
            ("TRANSCODE_QUEUE_URL", "unused"),
            ("PACKAGE_QUEUE_URL", "unused"),
            ("PRIVACY_QUEUE_URL", "unused"),
            ("CERTIFY_QUEUE_URL", "unused"),
            ("DISTRIBUTION_ID", "unused"),
            ("UPLOADS_BUCKET", "unused"),
            ("MEDIA_BUCKET", "unused"),
        ];
        let settings = job_settings(NOWHERE, &cut.before(world.dynamodb_url.clone()).await, &own);
        Self { world, cut, settings }
    }

    /// A fresh instance of the job, and what it sends.
    fn context(&self) -> (Context, Sent) {
        let (publisher, sent) = Publisher::keeping_for_tests(self.world.ambient());
        let vars = Vars::fixed(self.settings.clone());
        (Context { publisher, ..Context::with(vars, self.world.ambient().clone()).unwrap() }, sent)
    }

    /// Runs the job until the round has ended; gives what it sent.
    async fn recount(&self) -> Vec<String> {
        let (context, sent) = self.context();
        handle(&context, Task::Recount { course_id: None }).await.unwrap();
        sent.take(Queue::Certify)
    }

    async fn round(&self) -> Recount {
        self.world.store().recounts().last().await.unwrap().unwrap()
    }

    async fn course(&self, lessons: usize) -> Taught {
        self.world.advance(SignedDuration::from_secs(1));
        let (world, store) = (&self.world, self.world.store());
        let course = shop::course(world, &world.instructor().await, 0).await;
        let section: Id<kinds::Section> = world.ambient().id();
        let lesson = || Lesson { kind: LessonKind::Text, ..fixtures::lesson(world, course.id, section) };
        let lessons: Vec<_> = std::iter::repeat_with(lesson).take(lessons).collect();
        let now = world.ambient().now();
        let section = Section {
            id: section,
            course_id: course.id,
            title: "Basics".into(),
            description: String::new(),
            lesson_order: lessons.iter().map(|lesson| lesson.id).collect(),
            created_at: now,
            updated_at: now,
        };
        let (section_order, lesson_count) = (vec![section.id], u32::try_from(lessons.len()).unwrap());
        let course = Course { section_order, lesson_count, ..course };
        store.put(&course).await.unwrap();
        store.put(&section).await.unwrap();
        for lesson in &lessons {
            store.put(lesson).await.unwrap();
        }
        Taught { course, lessons }
    }

    /// A student who has completed so many of the lessons.
    async fn student(&self, taught: &Taught, completed: usize) -> Student {
        let caller = self.world.student().await;
        let enrollment = fixtures::enrollment(&self.world, &caller, taught.course.id);
        let made = self.world.store().enrollments().enroll_free(&enrollment).await.unwrap();
        assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
        let student = Student { caller, enrollment: enrollment.id };
        for lesson in &taught.lessons[..completed] {
            self.complete(&student, lesson).await;
        }
        student
    }

    async fn complete(&self, student: &Student, lesson: &Lesson) {
        let enrollment = self.stored(student).await;
        let (learning, now) = (self.world.store().learning(), self.world.ambient().now());
        learning.complete(TakenLesson::new(&enrollment, lesson), None, now).await.unwrap();
    }

    /// Damages the count of a student.
    async fn set_count(&self, student: &Student, count: u32) {
        let key = Enrollment::key_of(student.caller.id, student.enrollment);
        let update = Update::of::<Enrollment>(key).set("lessons_completed", count);
        self.world.store().update(update).await.unwrap();
    }

    async fn stored(&self, student: &Student) -> Enrollment {
        self.world.store().enrollments().get(student.caller.id, student.enrollment).await.unwrap().unwrap()
    }

    async fn count(&self, student: &Student) -> u32 {
        self.stored(student).await.lessons_completed
    }

    /// A student's enrolments that are active, and completed.
    async fn stats(&self, student: &Student) -> (u64, u64) {
        let batch = self.world.store().batch().with::<LearnerStats>(LearnerStats::key_of(student.caller.id));
        let stats = batch.read().await.unwrap().one::<LearnerStats>().unwrap().unwrap();
        (stats.active_count, stats.completed_count)
    }
}

#[tokio::test]
async fn a_wrong_count_is_mended_and_a_right_one_is_left() {
    let stage = Stage::new().await;
    let taught = stage.course(3).await;
    let (low, high, none) =
        (stage.student(&taught, 2).await, stage.student(&taught, 1).await, stage.student(&taught, 0).await);
    let gone = stage.student(&taught, 2).await;
    stage.set_count(&low, 0).await;
    stage.set_count(&high, 9).await;
    stage.set_count(&none, 1).await;
    // A lesson that has gone from the course stays counted, as the live code leaves it.
    let (courses, course) = (stage.world.store().courses(), &taught.course);
    let now = stage.world.ambient().now();
    courses.delete_lesson(course.id, course.instructor_id, taught.lessons[0].id, now).await.unwrap();
    let untouched = stage.stored(&gone).await.updated_at;
    stage.world.advance(SignedDuration::from_secs(1));
    assert!(stage.recount().await.is_empty());
    for (student, count) in [(&low, 2), (&high, 1), (&none, 0), (&gone, 2)] {
        assert_eq!(stage.count(student).await, count);
    }
    assert_eq!(stage.stored(&gone).await.updated_at, untouched);
    let round = stage.round().await;
    assert_eq!((round.looked_at, round.mended, round.completed, round.certified), (4, 3, 0, 0));
    assert!(round.ended_at.is_some());

    // The next round begins a week after this one began.
    stage.set_count(&low, 7).await;
    stage.world.advance(SignedDuration::from_hours(7 * 24 - 1));
    stage.recount().await;
    assert_eq!(stage.count(&low).await, 7);
    stage.world.advance(SignedDuration::from_hours(1));
    stage.recount().await;
    assert_eq!(stage.count(&low).await, 2);
    assert_eq!(stage.round().await.mended, 1);
}

#[tokio::test]
async fn a_course_whose_lessons_are_all_completed_is_completed_once() {
    let stage = Stage::new().await;
    let taught = stage.course(2).await;
    let (student, other) = (stage.student(&taught, 1).await, stage.student(&taught, 0).await);
    let (courses, course) = (stage.world.store().courses(), &taught.course);
    let now = stage.world.ambient().now();
    courses.delete_lesson(course.id, course.instructor_id, taught.lessons[1].id, now).await.unwrap();
    assert_eq!(stage.stored(&student).await.status, EnrollmentStatus::Active);
    // Its count is wrong besides.
    stage.set_count(&student, 0).await;
    let ((one, _), (two, _)) = (stage.context(), stage.context());
    let (first, second) = tokio::join!(go_on(&one), go_on(&two));
    first.unwrap();
    second.unwrap();
    let after = stage.stored(&student).await;
    assert_eq!((after.status, after.lessons_completed), (EnrollmentStatus::Completed, 1));
    assert!(after.completed_at.is_some());
    assert_eq!(stage.stats(&student).await, (0, 1), "counted once");
    assert_eq!(stage.stored(&other).await.status, EnrollmentStatus::Active);
    stage.world.advance(EVERY);
    stage.recount().await;
    assert_eq!(stage.stored(&student).await.completed_at, after.completed_at);
    assert_eq!(stage.stats(&student).await, (0, 1));
}

#[tokio::test]
async fn who_completed_a_course_and_has_no_certificate_gets_one() {
    let stage = Stage::new().await;
    let taught = stage.course(1).await;
    let (old, certified, learner) =
        (stage.student(&taught, 1).await, stage.student(&taught, 1).await, stage.student(&taught, 0).await);
    let key = Enrollment::key_of(certified.caller.id, certified.enrollment);
    let update = Update::of::<Enrollment>(key).set("certificate_code", "LF-7K3M-9QXA-2D5T");
    stage.world.store().update(update.set("certified_at", stage.world.ambient().now())).await.unwrap();
    let mut messages = stage.recount().await;
    stage.world.advance(EVERY);
    messages.extend(stage.recount().await);
    assert_eq!(messages.len(), 2, "asked for in each round until it is there");
    let mut ids = BTreeSet::new();
    for text in &messages {
        let (user_id, enrollment_id) = (old.caller.id, old.enrollment);
        assert_eq!(
            contracts::decode::<Certify>(text).unwrap(),
            Certify::Issue { user_id, enrollment_id },
            "not {}",
            learner.enrollment
        );
        ids.insert(serde_json::from_str::<Envelope>(text).unwrap().event_id);
    }
    assert_eq!(ids.len(), 1, "one message, sent twice");
}

#[tokio::test]
async fn a_run_that_dies_before_any_of_its_requests_leaves_the_rest_to_the_next() {
    let stage = Stage::new().await;
    let mut taught = Vec::new();
    for _ in 0..3 {
        taught.push(stage.course(2).await);
    }
    let mut students = Vec::new();
    for taught in &taught {
        students.push((stage.student(taught, 1).await, 1));
        students.push((stage.student(taught, 2).await, 2));
    }
    for requests in 0.. {
        for (student, count) in &students {
            stage.set_count(student, count + 5).await;
        }
        let (context, sent) = stage.context();
        stage.cut.after(requests);
        let lived = stage.cut.run(go_on(&context)).await;
        stage.cut.after(usize::MAX);
        stage.world.advance(SignedDuration::from_hours(1));
        let mut messages = sent.take(Queue::Certify);
        messages.extend(stage.recount().await);
        let when = format!("after {requests} requests");
        for (student, count) in &students {
            assert_eq!(stage.count(student).await, *count, "{when}");
        }
        let asked: BTreeSet<_> =
            messages.iter().map(|text| serde_json::from_str::<Envelope>(text).unwrap().event_id).collect();
        assert_eq!(asked.len(), 3, "each graduate, {when}");
        assert!(stage.round().await.ended_at.is_some(), "{when}");
        stage.world.advance(EVERY);
        if let Some(lived) = lived {
            lived.unwrap();
            assert!(requests > 20, "{requests}");
            break;
        }
    }
}

#[tokio::test]
async fn a_lesson_that_is_completed_meanwhile_is_never_lost() {
    let stage = Stage::new().await;
    let taught = stage.course(3).await;
    for round in 0..10 {
        let student = stage.student(&taught, 1).await;
        stage.set_count(&student, 9).await;
        let (context, _) = stage.context();
        let (recounted, ()) = tokio::join!(go_on(&context), async {
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            stage.complete(&student, &taught.lessons[1]).await;
        });
        recounted.unwrap();
        // Mended before or after it, or not at all because of it.
        let count = stage.count(&student).await;
        assert!([2, 10].contains(&count), "{count} in round {round}");
        stage.world.advance(EVERY);
        stage.recount().await;
        assert_eq!(stage.count(&student).await, 2);
        stage.world.advance(EVERY);
    }
}

#[tokio::test]
async fn a_class_of_more_than_a_page_and_one_that_is_not_published_are_recounted() {
    let stage = Stage::new().await;
    let taught = stage.course(1).await;
    let store = stage.world.store();
    let caller = stage.world.student().await;
    for _ in 0..=PAGE {
        let enrollment = fixtures::enrollment(&stage.world, &caller, taught.course.id);
        store.put(&Enrollment { lessons_completed: 3, ..enrollment }).await.unwrap();
    }
    stage.recount().await;
    let round = stage.round().await;
    assert_eq!((round.looked_at, round.mended), (u64::from(PAGE) + 1, u64::from(PAGE) + 1));

    let draft = Course { status: CourseStatus::Draft, ..stage.course(1).await.course };
    let caller = stage.world.student().await;
    let enrollment =
        Enrollment { lessons_completed: 3, ..fixtures::enrollment(&stage.world, &caller, draft.id) };
    store.put(&draft).await.unwrap();
    store.put(&enrollment).await.unwrap();
    let student = Student { caller, enrollment: enrollment.id };
    stage.world.advance(EVERY);
    stage.recount().await;
    assert_eq!(stage.count(&student).await, 3);
    let asked = format!(r#"{{"task": "recount", "course_id": "{}"}}"#, draft.id);
    handle(&stage.context().0, serde_json::from_str(&asked).unwrap()).await.unwrap();
    assert_eq!(stage.count(&student).await, 0);
    let scheduled = include_str!("../../../../../events/schedule/janitor-recount.json");
    assert!(matches!(serde_json::from_str(scheduled).unwrap(), Task::Recount { course_id: None }));
}
