//! An instructor with a channel and a course, and the application of this group. S3 is never asked: presigning needs no network, and
//! what does is tested on the local stack.

use domain::{
    channel::Quota,
    course::{CourseStatus, LessonKind},
};
use http_kit::Platform;
use kernel::{Id, id::kinds};
use serde_json::{Value, json};
use store::{
    Consistency,
    entities::{Course, Lesson, LessonPlace, SectionPlace, Upload, Video, WeeklyUploads},
};
use testkit::{
    App, Caller, Reply, World,
    aws::{NOWHERE, cloud_at},
    fixtures,
};

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) teacher: Caller,
    pub(crate) channel: Id<kinds::Channel>,
    pub(crate) course: Id<kinds::Course>,
    pub(crate) section: Id<kinds::Section>,
    pub(crate) lesson: Id<kinds::Lesson>,
}

pub(crate) const PRESIGN: &str = "/api/v1/media/videos/presign";
pub(crate) const COMPLETE: &str = "/api/v1/media/videos/complete";

pub(crate) fn state(platform: Platform) -> api_uploads::State {
    api_uploads::State::new(platform, cloud_at(NOWHERE).objects(), "uploads-bucket")
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with_quota(Quota::STANDARD).await
    }

    pub(crate) async fn with_quota(quota: Quota) -> Self {
        let world = World::new().await;
        let app = world.app(api_uploads::router(), state(world.platform.clone()));
        let teacher = world.instructor().await;
        let channel = channel(&world, &teacher, quota).await;
        let (course, section, lesson) = (world.ambient().id(), world.ambient().id(), world.ambient().id());
        let stage = Self { world, app, teacher, channel, course, section, lesson };
        let owner = stage.teacher.id;
        stage.put_course(CourseStatus::Draft).await;
        stage.put_lesson(LessonKind::Video, None).await;
        let store = stage.world.store();
        store
            .put(&SectionPlace { section_id: section, course_id: course, instructor_id: owner })
            .await
            .unwrap();
        let place =
            LessonPlace { lesson_id: lesson, section_id: section, course_id: course, instructor_id: owner };
        store.put(&place).await.unwrap();
        stage
    }

    pub(crate) async fn put_course(&self, status: CourseStatus) {
        let course = Course {
            id: self.course,
            status,
            section_order: vec![self.section],
            lesson_count: 1,
            ..fixtures::course(&self.world, &self.teacher)
        };
        self.world.store().put(&course).await.unwrap();
    }

    pub(crate) async fn put_lesson(&self, kind: LessonKind, video_id: Option<Id<kinds::Video>>) {
        let lesson = fixtures::lesson(&self.world, self.course, self.section);
        let lesson = Lesson { id: self.lesson, kind, video_id, ..lesson };
        self.world.store().put(&lesson).await.unwrap();
    }

    /// The body of an upload for the section.
    pub(crate) fn for_section(&self) -> Value {
        self.body(json!({"kind": "section", "id": self.section}))
    }

    pub(crate) fn for_lesson(&self) -> Value {
        self.body(json!({"kind": "lesson", "id": self.lesson}))
    }

    pub(crate) fn body(&self, target: Value) -> Value {
        json!({"filename": "Lesson 1.mp4", "size": 7_340_032, "content_type": "video/mp4", "target": target})
    }

    pub(crate) async fn presign(&self, body: Value) -> Reply {
        self.app.post(PRESIGN, &self.teacher, body).await
    }

    /// An upload that began.
    pub(crate) async fn begun(&self) -> Upload {
        let reply = self.presign(self.for_section()).await.expect(201);
        self.upload(&reply.text("upload_id")).await
    }

    pub(crate) async fn upload(&self, id: &str) -> Upload {
        self.world.store().uploads().get(id.parse().unwrap()).await.unwrap().unwrap()
    }

    pub(crate) async fn video(&self, id: &str) -> Option<Video> {
        self.world.store().videos().get(id.parse().unwrap()).await.unwrap()
    }

    pub(crate) async fn lesson(&self) -> Lesson {
        let key = Lesson::key_of(self.course, self.lesson);
        self.world.store().get(key, Consistency::Strong).await.unwrap().unwrap()
    }

    /// Uploads of this week that count.
    pub(crate) async fn counted(&self) -> u64 {
        let key = WeeklyUploads::key_of(self.channel, "2026-W23");
        let week: Option<WeeklyUploads> = self.world.store().get(key, Consistency::Strong).await.unwrap();
        week.map_or(0, |week| week.count)
    }
}

pub(crate) async fn channel(world: &World, owner: &Caller, quota: Quota) -> Id<kinds::Channel> {
    let channel = fixtures::channel(world, owner, quota);
    assert_eq!(world.store().channels().create(&channel).await.unwrap(), None);
    channel.id
}
