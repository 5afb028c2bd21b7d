//! A course with a video, its teacher, and a student who is enrolled in it.

use api_playback::{Keys, Settings, State};
use domain::{
    course::CourseStatus,
    playback::{AccessRule, Limits},
    video::VideoStatus,
};
use ephemeral::{Ephemeral, Valkey};
use http_kit::Platform;
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency, Entity as _,
    entities::{Course, Enrollment, Lesson, Section, Video, VideoPermission, VideoProgress},
};
use testkit::{App, Caller, Reply, World, fixtures, valkey::ValkeyServer};

/// The key of tests' cookies.
pub(crate) const COOKIE_KEY: &str = include_str!("../keys/cloudfront.pem");
/// Its public half.
pub(crate) const COOKIE_PUBLIC_KEY: &str = include_str!("../keys/cloudfront.pub.pem");
/// The key pair's id.
pub(crate) const KEY_PAIR_ID: &str = "K2JCJMDEHXQW5F";
/// A busy machine is no outage of Valkey.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) teacher: Caller,
    pub(crate) student: Caller,
    pub(crate) enrollment: Id<kinds::Enrollment>,
    pub(crate) course: Id<kinds::Course>,
    pub(crate) video: Id<kinds::Video>,
    valkey: Option<ValkeyServer>,
}

pub(crate) fn keys() -> Keys {
    Keys::given(Some((KEY_PAIR_ID, COOKIE_KEY)))
}

pub(crate) const fn limits(max_sessions: u32, max_devices: u32) -> Settings {
    Settings { limits: Limits { max_sessions, max_devices }, ..Settings::STANDARD }
}

impl Stage {
    /// The seed's limits on DynamoDB.
    pub(crate) async fn new() -> Self {
        Self::with(Settings::STANDARD, None).await
    }

    /// Sessions in Valkey.
    pub(crate) async fn on_valkey(settings: Settings) -> Self {
        Self::with(settings, Some(ValkeyServer::start())).await
    }

    pub(crate) async fn with(settings: Settings, valkey: Option<ValkeyServer>) -> Self {
        let world = World::new().await;
        let (teacher, student) = (world.instructor().await, world.student().await);
        let sessions = match &valkey {
            Some(server) => Ephemeral::valkey(Valkey::patient(server.url(), PATIENCE), world.store().clone()),
            None => Ephemeral::dynamo(world.store().clone()),
        };
        let state = State::new(world.platform.clone(), sessions, keys(), settings);
        let app = world.app(api_playback::router(), state);
        let (course, video, enrollment) = (world.ambient().id(), world.ambient().id(), world.ambient().id());
        let stage = Self { world, app, teacher, student, enrollment, course, video, valkey };
        stage.put_course(CourseStatus::Published).await;
        stage.put_video(|_| {}).await;
        stage.enroll(&stage.student, enrollment, course, |_| {}).await;
        stage
    }

    /// The same people and things behind another platform and other keys.
    pub(crate) fn elsewhere(&self, platform: Platform, keys: Keys) -> App {
        assert!(self.valkey.is_none());
        let sessions = Ephemeral::dynamo(self.world.store().clone());
        self.world.app(api_playback::router(), State::new(platform, sessions, keys, Settings::STANDARD))
    }

    pub(crate) fn now(&self) -> i64 {
        self.world.ambient().clock.epoch_seconds()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.world.advance(SignedDuration::from_secs(seconds));
    }

    pub(crate) async fn put_course(&self, status: CourseStatus) {
        let course = Course { id: self.course, status, ..fixtures::course(&self.world, &self.teacher) };
        self.world.store().put(&course).await.unwrap();
    }

    /// The stage's video: 100 seconds of the course, ready, in its first version, as changed.
    pub(crate) async fn put_video(&self, change: impl FnOnce(&mut Video)) -> Id<kinds::Video> {
        let mut video = Video {
            id: self.video,
            course_id: Some(self.course),
            duration_ms: 100_000,
            max_speed: 1.5,
            ..fixtures::video(&self.world, &self.teacher, VideoStatus::Ready)
        };
        change(&mut video);
        self.world.store().put(&video).await.unwrap();
        video.id
    }

    pub(crate) async fn enroll(
        &self,
        who: &Caller,
        id: Id<kinds::Enrollment>,
        course: Id<kinds::Course>,
        change: impl FnOnce(&mut Enrollment),
    ) {
        let mut enrollment = Enrollment { id, ..fixtures::enrollment(&self.world, who, course) };
        change(&mut enrollment);
        self.world.store().put(&enrollment).await.unwrap();
    }

    /// A lesson of the stage's course that shows its video, as changed: the last one of its section.
    pub(crate) async fn put_lesson(&self, change: impl FnOnce(&mut Lesson)) -> Lesson {
        let store = self.world.store();
        let mut course = store.courses().get(self.course).await.unwrap().unwrap();
        let id = course.section_order.first().copied().unwrap_or_else(|| self.world.ambient().id());
        let key = Section::key_of(self.course, id);
        let known: Option<Section> = store.get(key, Consistency::Strong).await.unwrap();
        let now = self.world.ambient().now();
        let mut section = known.unwrap_or_else(|| Section {
            id,
            course_id: self.course,
            title: "Basics".into(),
            description: String::new(),
            lesson_order: Vec::new(),
            created_at: now,
            updated_at: now,
        });
        let mut lesson = Lesson {
            video_id: Some(self.video),
            duration_seconds: 100,
            ..fixtures::lesson(&self.world, self.course, section.id)
        };
        change(&mut lesson);
        section.lesson_order.push(lesson.id);
        course.section_order = vec![section.id];
        course.lesson_count += 1;
        store.put(&lesson).await.unwrap();
        store.put(&section).await.unwrap();
        store.put(&course).await.unwrap();
        if let Some(video) = lesson.video_id {
            self.put_video(|shown| (shown.id, shown.lesson_id) = (video, Some(lesson.id))).await;
        }
        lesson
    }

    /// The student's enrolment as it is stored.
    pub(crate) async fn enrolled(&self) -> Enrollment {
        let enrollments = self.world.store().enrollments();
        enrollments.get(self.student.id, self.enrollment).await.unwrap().unwrap()
    }

    pub(crate) async fn permit(&self, rule: AccessRule, change: impl FnOnce(&mut VideoPermission)) {
        let now = self.world.ambient().now();
        let mut permission = VideoPermission {
            rule,
            ..serde_json::from_value(json!({
                "video_id": self.video, "enrollment_id": self.enrollment, "user_id": self.student.id, "rule": rule,
                "created_at": now, "updated_at": now,
            }))
            .unwrap()
        };
        change(&mut permission);
        self.world.store().put(&permission).await.unwrap();
    }

    pub(crate) async fn set_completed(&self) {
        self.set_progress(Some(true)).await;
    }

    /// The student's progress is whole, or none; without a word there is no row of it.
    pub(crate) async fn set_progress(&self, completed: Option<bool>) {
        let now = self.world.ambient().now();
        let Some(completed) = completed else {
            let key = VideoProgress::key_of(self.video, self.enrollment);
            return self.world.store().delete(VideoProgress::TABLE, key).await.unwrap();
        };
        let progress: VideoProgress = serde_json::from_value(json!({
            "video_id": self.video, "enrollment_id": self.enrollment, "user_id": self.student.id, "progress": f64::from(u8::from(completed)),
            "last_position": 100, "completed": completed, "revision": 1, "created_at": now, "updated_at": now,
        }))
        .unwrap();
        self.world.store().put(&progress).await.unwrap();
    }

    pub(crate) fn path(&self, action: &str) -> String {
        format!("/api/v1/media/videos/{}/{action}", self.video)
    }

    /// The student plays on this device.
    pub(crate) async fn play(&self, device: &str) -> Reply {
        let body = json!({"enrollment_id": self.enrollment, "device_id": device});
        self.app.post(&self.path("play"), &self.student, body).await
    }

    /// The student sends a body with this token.
    pub(crate) async fn send(&self, action: &str, token: &str) -> Reply {
        self.app.post(&self.path(action), &self.student, json!({"token": token})).await
    }

    /// The student reports these events.
    pub(crate) async fn report(&self, token: &str, events: Value) -> Reply {
        self.app.post(&self.path("events"), &self.student, json!({"token": token, "events": events})).await
    }
}

/// The error as both of seed 002's clients and ours read it.
#[track_caller]
pub(crate) fn assert_refused(reply: Reply, status: u16, code: &str) {
    let reply = reply.expect_error(status, code);
    assert_eq!(reply.body["detail"], code, "seed 002's player reads it here");
}
