//! A student with a course of five lessons, who learns in it as the functions of the platform let him.

use std::sync::Arc;

use api_dashboard::State;
use domain::{course::LessonKind, learning::Schedule, playback::Report};
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::Value;
use store::entities::{
    Course, Enrollment, Lesson, Section, TakenLesson, VideoProgress,
    lesson_progress::{Completed, Visit},
    progress::Watcher,
    section::NewLesson,
};
use testkit::{App, Caller, Reply, World, fixtures};

/// Seconds of each video.
pub(crate) const DURATION: f64 = 100.0;

pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) app: App,
    pub(crate) teacher: Caller,
    pub(crate) student: Caller,
    pub(crate) enrollment: Enrollment,
    pub(crate) lessons: Vec<Lesson>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(&Arc::new(World::new().await)).await
    }

    pub(crate) async fn on(world: &Arc<World>) -> Self {
        let app = world.app(api_dashboard::router(), State::new(world.platform.clone()));
        let (teacher, student) = (world.instructor().await, world.student().await);
        let (enrollment, lessons) = course(world, &teacher, &student).await;
        Self { world: Arc::clone(world), app, teacher, student, enrollment, lessons }
    }

    /// Another course of the student.
    pub(crate) async fn another(&self) -> (Enrollment, Vec<Lesson>) {
        self.world.advance(SignedDuration::from_millis(5));
        course(&self.world, &self.teacher, &self.student).await
    }

    pub(crate) async fn live_in(&self, zone: &str) {
        let mut user = self.world.store().users().get(self.student.id).await.unwrap().unwrap();
        user.timezone = zone.into();
        self.world.store().put(&user).await.unwrap();
    }

    /// So many hours pass, after which he logs in again.
    pub(crate) async fn pass(&mut self, hours: i64) {
        self.world.advance(SignedDuration::from_hours(hours));
        self.student = self.world.login(self.student.id).await;
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.app.get(&format!("/api/v1/dashboard{path}"), &self.student).await
    }

    pub(crate) async fn stats(&self) -> Value {
        self.get("/stats").await.expect(200).body
    }

    pub(crate) fn taken(&self, lesson: usize) -> TakenLesson {
        TakenLesson::new(&self.enrollment, &self.lessons[lesson])
    }

    /// Says of a lesson how many seconds he has spent with it, of a text that takes five at least.
    pub(crate) async fn spend(&self, lesson: usize, seconds: u64) {
        spend(&self.world, self.taken(lesson), seconds).await;
    }

    pub(crate) async fn complete(&self, lesson: usize) -> Completed {
        let now = self.world.ambient().now();
        self.world.store().learning().complete(self.taken(lesson), None, now).await.unwrap()
    }

    /// Has watched this part of a lesson's video, in a session that has been open for an hour.
    pub(crate) async fn watch(&self, lesson: usize, from: f64, to: f64) -> VideoProgress {
        watch(&self.world, self.taken(lesson), (from, to)).await
    }
}

pub(crate) async fn spend(world: &World, taken: TakenLesson, seconds: u64) {
    let (store, now) = (world.store(), world.ambient().now());
    let known = store.learning().get(taken.enrollment_id, taken.lesson_id).await.unwrap();
    let known = (known, store.activities().learner(taken.user_id).await.unwrap());
    let visit = Visit { claimed_seconds: seconds, least_seconds: 5 };
    store.learning().visit(taken, known, visit, now).await.unwrap();
}

/// The video of a lesson of the stage.
pub(crate) fn video(lesson: Id<kinds::Lesson>) -> Id<kinds::Video> {
    Id::from_uuid(lesson.uuid())
}

pub(crate) async fn watch(world: &World, taken: TakenLesson, interval: (f64, f64)) -> VideoProgress {
    let (store, now) = (world.store(), world.ambient().now());
    let TakenLesson { user_id, enrollment_id, lesson_id, .. } = taken;
    let known = store.progress().get(video(lesson_id), enrollment_id).await.unwrap();
    let is_completed = known.as_ref().is_some_and(|known| known.completed);
    let whose = Watcher {
        video_id: video(lesson_id),
        enrollment_id,
        user_id,
        lesson_id: Some(lesson_id),
        lesson: (!is_completed).then_some(taken),
    };
    let ms = now.as_millisecond();
    let report = Report {
        intervals: vec![interval],
        position: Some(interval.1),
        at_ms: ms,
        session: ("phone".into(), ms),
        window: Some((ms - 3_600_000, ms)),
    };
    let known = (known, store.activities().learner(user_id).await.unwrap());
    store.progress().report(whose, known, &report, (DURATION, 1.0), now).await.unwrap()
}

/// A published course: three texts and two videos; and the student's enrolment.
async fn course(world: &World, teacher: &Caller, student: &Caller) -> (Enrollment, Vec<Lesson>) {
    let (ambient, now, courses) = (world.ambient(), world.ambient().now(), world.store().courses());
    let course = Course { price_minor: Some(0), ..fixtures::course(world, teacher) };
    assert!(courses.create(&course).await.unwrap());
    let section = Section {
        id: ambient.id(),
        course_id: course.id,
        title: "Basics".into(),
        description: String::new(),
        lesson_order: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    courses.add_section(teacher.id, &section).await.unwrap();
    let mut lessons = Vec::new();
    for (title, kind) in [
        ("Ownership", LessonKind::Text),
        ("Borrowing", LessonKind::Text),
        ("Lifetimes", LessonKind::Text),
        ("Traits", LessonKind::Video),
        ("Macros", LessonKind::Video),
    ] {
        let lesson = NewLesson {
            id: ambient.id(),
            section_id: section.id,
            kind: LessonKind::Text,
            quiz: None,
            resources: Vec::new(),
            title: title.into(),
            description: String::new(),
            content: Some("x".into()),
            video_id: None,
            duration_seconds: Some(600),
            is_preview: false,
            schedule: Schedule::default(),
        };
        let lesson = courses.add_lesson(course.id, teacher.id, &lesson, now).await.unwrap();
        let video_id = (kind == LessonKind::Video).then(|| video(lesson.id));
        lessons.push(Lesson { kind, video_id, ..lesson });
    }
    courses.publish(course.id, teacher.id, now).await.unwrap();
    // Their videos are nowhere: what is learnt is told to the store.
    for lesson in &lessons {
        world.store().put(lesson).await.unwrap();
    }
    let mut enrollment = fixtures::enrollment(world, student, course.id);
    enrollment.sources = Some(domain::commerce::Sources::free());
    world.store().enrollments().enroll_free(&enrollment).await.unwrap();
    (enrollment, lessons)
}
