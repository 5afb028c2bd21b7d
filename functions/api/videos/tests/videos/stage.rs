//! An instructor with a channel and videos, a student of his course, and the application of this group.

use cloud::Cloud;
use contracts::Queue;
use domain::{
    channel::Quota,
    enrollment::EnrollmentStatus,
    video::{TranscodingStatus, VideoStatus},
};
use http_kit::Platform;
use jobs::Publisher;
use kernel::{Id, Vars, id::kinds};
use store::{
    Consistency,
    entities::{Channel, Enrollment, EnrollmentGuard, SectionPlace, Version, Video},
};
use testkit::{App, Caller, World, fixtures};

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) teacher: Caller,
    pub(crate) channel: Id<kinds::Channel>,
    pub(crate) course: Id<kinds::Course>,
    pub(crate) section: Id<kinds::Section>,
}

pub(crate) const VIDEOS: &str = "/api/v1/media/videos";
pub(crate) const PERMISSIONS: &str = "/api/v1/media/video-permissions";

/// The state of the application. The endpoint is the discard port: a call to a queue would fail, and none is made.
fn state(platform: Platform) -> api_videos::State {
    state_on(platform, "http://127.0.0.1:9")
}

/// The state of the application on this S3.
pub(crate) fn state_on(platform: Platform, s3: &str) -> api_videos::State {
    let vars = Vars::fixed([
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", s3),
        ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
        ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
        ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
    ]);
    let cloud = Cloud::from_env(&vars).unwrap();
    let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &Queue::MEDIA).unwrap();
    api_videos::State::new(platform, publisher, cloud.objects(), "media-bucket", "uploads-bucket")
}

pub(crate) fn at(video: Id<kinds::Video>) -> String {
    format!("{VIDEOS}/{video}")
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(World::new().await).await
    }

    pub(crate) async fn on(world: World) -> Self {
        let app = world.app(api_videos::router(), state(world.platform.clone()));
        let teacher = world.instructor().await;
        let (channel, course, section) = (world.ambient().id(), world.ambient().id(), world.ambient().id());
        let stage = Self { world, app, teacher, channel, course, section };
        let channel =
            Channel { id: channel, ..fixtures::channel(&stage.world, &stage.teacher, Quota::STANDARD) };
        assert_eq!(stage.world.store().channels().create(&channel).await.unwrap(), None);
        let place = SectionPlace { section_id: section, course_id: course, instructor_id: stage.teacher.id };
        stage.world.store().put(&place).await.unwrap();
        stage
    }

    /// A video of the section in this state, without a plan. Each is a millisecond younger than the one before.
    pub(crate) async fn video(&self, status: VideoStatus) -> Video {
        self.world.advance(kernel::SignedDuration::from_millis(1));
        let reason = if status == VideoStatus::Failed { "It is not a video." } else { "" };
        let video = Video {
            channel_id: self.channel,
            course_id: Some(self.course),
            section_id: Some(self.section),
            error_reason: reason.into(),
            ..fixtures::video(&self.world, &self.teacher, status)
        };
        self.world.store().put(&video).await.unwrap();
        self.world.store().put(&fixtures::version(&video)).await.unwrap();
        video
    }

    pub(crate) async fn put_version(
        &self,
        video: &Video,
        encoding: TranscodingStatus,
        total: u32,
        done: &[u32],
    ) {
        let version = Version {
            transcoding_status: encoding,
            parts_total: total,
            parts_done: done.iter().copied().collect(),
            ..fixtures::version(video)
        };
        self.world.store().put(&version).await.unwrap();
    }

    pub(crate) async fn stored(&self, video: &Video) -> Option<Video> {
        self.world.store().get(Video::key_of(video.id), Consistency::Strong).await.unwrap()
    }

    /// A student with an enrolment in the course.
    pub(crate) async fn student(&self, status: EnrollmentStatus) -> (Caller, Id<kinds::Enrollment>) {
        let student = self.world.student().await;
        let enrollment = Enrollment { status, ..fixtures::enrollment(&self.world, &student, self.course) };
        let id = enrollment.id;
        let guard = EnrollmentGuard { user_id: student.id, course_id: self.course, enrollment_id: id };
        self.world.store().put(&enrollment).await.unwrap();
        self.world.store().put(&guard).await.unwrap();
        (student, id)
    }
}
