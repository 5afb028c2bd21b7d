//! What the janitor decides from what is stored. What it does with S3 and SQS is tested on the local stack.

use std::{collections::BTreeSet, time::Duration};

use domain::{enrollment::EnrollmentStatus, sweep::SweepKind, upload::UploadStatus, video::VideoStatus};
use kernel::{Id, SignedDuration, Vars, id::kinds};
use store::entities::{Course, Enrollment, Lesson, Part, StoredPlan, Sweep, Version, Video};
use testkit::{Caller, World, fixtures};

use crate::{Context, Task, processing::stragglers, uploads::give_up};

/// The endpoint is the discard port: a call of S3 or SQS would fail, and none is made.
async fn context(world: &World) -> Context {
    let vars = Vars::fixed([
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("TABLE_IDENTITY", "unused"),
        ("TABLE_MEDIA", "unused"),
        ("TABLE_CATALOG", "unused"),
        ("TABLE_LEARNING", "unused"),
        ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
        ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
        ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
        ("PRIVACY_QUEUE_URL", "http://127.0.0.1:9/privacy"),
        ("CERTIFY_QUEUE_URL", "http://127.0.0.1:9/certify"),
        ("DISTRIBUTION_ID", "unused"),
        ("UPLOADS_BUCKET", "uploads"),
        ("MEDIA_BUCKET", "media"),
    ]);
    let context = Context::from_env(vars).await.unwrap();
    Context { store: world.store().clone(), ambient: world.ambient().clone(), ..context }
}

/// A version that is being processed: ten chunks, the sound and the pictures.
async fn processing(world: &World) -> Version {
    let teacher = world.instructor().await;
    let video = fixtures::video(world, &teacher, VideoStatus::Processing);
    let version = Version { parts_total: 12, ..fixtures::version(&video) };
    let plan = StoredPlan {
        video_id: video.id,
        version_number: 1,
        plan: fixtures::PLAN.into(),
        created_at: video.created_at,
    };
    world.store().put(&version).await.unwrap();
    world.store().put(&plan).await.unwrap();
    version
}

/// A worker ends this part, which took so many seconds.
async fn finish(world: &World, version: &Version, part: u32, seconds: u64) -> Version {
    let part = Part {
        video_id: version.video_id,
        version_number: 1,
        part,
        result: "{}".into(),
        cpu_seconds: 1.0,
        created_at: world.ambient().now(),
    };
    let took = Some(Duration::from_secs(seconds));
    let versions = world.store().versions();
    let after = versions.finish_part(&part, took).await.unwrap().unwrap();
    assert!(versions.finish_part(&part, took).await.unwrap().is_none(), "its time counts once");
    after
}

/// The parts that are to be sent once more now.
async fn late(world: &World, version: &Version) -> Vec<u32> {
    let runs = stragglers(world.store(), version, world.ambient().now()).await.unwrap();
    runs.iter().map(|run| run.part).collect()
}

#[tokio::test]
async fn a_part_that_takes_longer_than_its_share_is_sent_once_more() {
    let world = World::new().await;
    let mut version = processing(&world).await;
    let versions = world.store().versions();
    for part in 0..12 {
        versions.begin_part(version.video_id, 1, part, world.ambient().now()).await.unwrap();
    }
    for part in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] {
        version = finish(&world, &version, part, if part < 10 { 40 } else { 0 }).await;
    }
    assert_eq!(version.chunks_ms, 360_000);
    world.advance(SignedDuration::from_secs(120));
    assert_eq!(late(&world, &version).await, Vec::<u32>::new());
    world.advance(SignedDuration::from_secs(1));
    assert_eq!(late(&world, &version).await, [0], "three times what the others took");

    let run = versions.runs(version.video_id, 1, &[0]).await.unwrap().remove(0);
    versions.sent_again(&run).await.unwrap();
    // The second worker's beginning does not make it a part that was never sent again.
    versions.begin_part(version.video_id, 1, 0, world.ambient().now()).await.unwrap();
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(late(&world, &version).await, Vec::<u32>::new());
}

#[tokio::test]
async fn a_part_that_waits_for_a_worker_is_no_straggler() {
    let world = World::new().await;
    let mut version = processing(&world).await;
    for part in 0..9 {
        version = finish(&world, &version, part, 1).await;
    }
    world.advance(SignedDuration::from_hours(1));
    assert_eq!(late(&world, &version).await, Vec::<u32>::new());
    assert_eq!(version.parts_done, (0..9).collect::<BTreeSet<u32>>());
}

struct Abandoned {
    world: World,
    teacher: Caller,
    video: Video,
    lesson: Lesson,
}

impl Abandoned {
    /// A lesson whose video never came.
    async fn new() -> Self {
        let world = World::new().await;
        let teacher = world.instructor().await;
        let course = fixtures::course(&world, &teacher);
        let lesson = fixtures::lesson(&world, course.id, world.ambient().id());
        let video = Video {
            course_id: Some(course.id),
            section_id: Some(lesson.section_id),
            lesson_id: Some(lesson.id),
            ..fixtures::video(&world, &teacher, VideoStatus::Pending)
        };
        let lesson = Lesson { video_id: Some(video.id), ..lesson };
        let store = world.store();
        store
            .put(&Course { section_order: vec![lesson.section_id], lesson_count: 1, ..course })
            .await
            .unwrap();
        store.put(&lesson).await.unwrap();
        store.put(&video).await.unwrap();
        store.put(&fixtures::version(&video)).await.unwrap();
        store.put(&fixtures::upload(&world, &video)).await.unwrap();
        Self { world, teacher, video, lesson }
    }

    async fn give_up(&self) {
        let context = context(&self.world).await;
        let id: Id<kinds::Upload> = Id::from_uuid(self.video.id.uuid());
        let upload = context.store.uploads().get(id).await.unwrap().unwrap();
        give_up(&context, &upload).await.unwrap();
        let upload = context.store.uploads().get(id).await.unwrap().unwrap();
        assert_eq!(upload.status, UploadStatus::Aborted);
        assert!(context.store.videos().get(self.video.id).await.unwrap().is_none());
    }

    async fn shown(&self) -> Option<Id<kinds::Video>> {
        let courses = self.world.store().courses();
        courses.lesson(self.lesson.course_id, self.lesson.id).await.unwrap().unwrap().video_id
    }
}

#[tokio::test]
async fn an_abandoned_upload_frees_its_lesson() {
    let stage = Abandoned::new().await;
    stage.give_up().await;
    assert_eq!(stage.shown().await, None);
    let course = stage.world.store().courses().get(stage.lesson.course_id).await.unwrap().unwrap();
    assert_eq!(course.revision, 2, "a change of a lesson is one of its course");
}

#[tokio::test]
async fn a_lesson_that_shows_another_video_keeps_it() {
    let stage = Abandoned::new().await;
    let other = fixtures::video(&stage.world, &stage.teacher, VideoStatus::Ready).id;
    stage.world.store().put(&Lesson { video_id: Some(other), ..stage.lesson.clone() }).await.unwrap();
    stage.give_up().await;
    assert_eq!(stage.shown().await, Some(other));
}

#[tokio::test]
async fn a_video_that_its_owner_deleted_leaves_its_lesson_too() {
    let stage = Abandoned::new().await;
    let (videos, now) = (stage.world.store().videos(), stage.world.ambient().now());
    let purge = fixtures::upload(&stage.world, &stage.video).purge(now);
    assert_eq!(purge.kind, SweepKind::Purge);
    assert!(videos.remove(stage.video.id, stage.teacher.id, &purge, now).await.unwrap());
    stage.give_up().await;
    assert_eq!(stage.shown().await, None);
}

#[tokio::test]
async fn an_enrolment_whose_time_is_over_ends() {
    let world = World::new().await;
    let (context, student) = (context(&world).await, world.student().await);
    let end = world.ambient().now() + SignedDuration::from_mins(10);
    let enrollment =
        Enrollment { expiry_date: Some(end), ..fixtures::enrollment(&world, &student, world.ambient().id()) };
    let reminder = Sweep {
        kind: SweepKind::Enrollment,
        due_at: end,
        subject: enrollment.id.to_string(),
        video_id: None,
        version: 0,
        upload_id: None,
        user_id: Some(student.id),
        attempt: 0,
    };
    world.store().put(&enrollment).await.unwrap();
    world.store().put(&reminder).await.unwrap();
    let sweep = Task::Sweep { ahead_seconds: 0 };
    let status = async || {
        let found = world.store().enrollments().get(student.id, enrollment.id).await.unwrap();
        found.unwrap().status
    };
    crate::handle(&context, sweep).await.unwrap();
    assert_eq!(status().await, EnrollmentStatus::Active);
    world.advance(SignedDuration::from_mins(10));
    crate::handle(&context, sweep).await.unwrap();
    assert_eq!(status().await, EnrollmentStatus::Expired);
    let left = world.store().sweeps().due(SweepKind::Enrollment, world.ambient().now(), 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
