//! An instructor with a channel and videos, a student of his course, and the application of this group.

use cloud::Cloud;
use contracts::Queue;
use domain::{
    channel::{ChannelStatus, Quota},
    enrollment::EnrollmentStatus,
    video::{TranscodingStatus, VideoStatus, Visibility},
};
use http_kit::Platform;
use jobs::Publisher;
use kernel::{Id, Secret, Vars, id::kinds};
use store::{
    Consistency,
    entities::{Channel, Enrollment, EnrollmentGuard, SectionPlace, Version, Video},
};
use testkit::{App, Caller, World};

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
    let vars = Vars::fixed([
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("INGEST_QUEUE_URL", "http://127.0.0.1:9/ingest"),
        ("TRANSCODE_QUEUE_URL", "http://127.0.0.1:9/transcode"),
        ("PACKAGE_QUEUE_URL", "http://127.0.0.1:9/package"),
    ]);
    let cloud = Cloud::from_env(&vars).unwrap();
    let publisher = Publisher::from_env(&vars, &cloud, platform.ambient(), &Queue::ALL).unwrap();
    api_videos::State::new(platform, publisher)
}

pub(crate) fn at(video: Id<kinds::Video>) -> String {
    format!("{VIDEOS}/{video}")
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let app = world.app(api_videos::router(), state(world.platform.clone()));
        let teacher = world.instructor().await;
        let (channel, course, section) = (world.ambient().id(), world.ambient().id(), world.ambient().id());
        let stage = Self { world, app, teacher, channel, course, section };
        stage.put_channel().await;
        let place = SectionPlace { section_id: section, course_id: course, instructor_id: stage.teacher.id };
        stage.world.store().put(&place).await.unwrap();
        stage
    }

    async fn put_channel(&self) {
        let now = self.world.ambient().now();
        let channel = Channel {
            id: self.channel,
            user_id: self.teacher.id,
            name: "Tech Reviews".into(),
            handle: "techreviews".into(),
            description: String::new(),
            avatar_url: String::new(),
            banner_url: String::new(),
            status: ChannelStatus::Active,
            verified: false,
            verified_at: None,
            subscriber_count: 0,
            total_views: 0,
            total_videos: 0,
            monetization_enabled: false,
            monetization_enabled_at: None,
            quota: Quota::STANDARD,
            created_at: now,
            updated_at: now,
        };
        assert_eq!(self.world.store().channels().create(&channel).await.unwrap(), None);
    }

    /// A video of the section in this state, without a plan. Each is a millisecond younger than the one before.
    pub(crate) async fn video(&self, status: VideoStatus) -> Video {
        self.world.advance(kernel::SignedDuration::from_millis(1));
        let (id, now): (Id<kinds::Video>, _) = (self.world.ambient().id(), self.world.ambient().now());
        let played = status.is_playable() || status == VideoStatus::Archived;
        let video = Video {
            id,
            channel_id: self.channel,
            owner_id: self.teacher.id,
            course_id: Some(self.course),
            section_id: Some(self.section),
            lesson_id: None,
            title: "Ownership".into(),
            description: String::new(),
            status,
            error_reason: if status == VideoStatus::Failed {
                "It is not a video.".into()
            } else {
                String::new()
            },
            visibility: Visibility::Private,
            publish_when_ready: false,
            order: 1,
            active_version: played.then_some(1),
            latest_version: 1,
            duration_seconds: if played { 60 } else { 0 },
            duration_ms: if played { 60_000 } else { 0 },
            thumbnail_path: if played { format!("/posters/{id}/1/poster_0.jpg") } else { String::new() },
            allow_skip: false,
            max_speed: 1.0,
            show_watermark: true,
            file_size: 1_000,
            file_key: format!("uploads/{id}/1/{id}"),
            published_at: None,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        self.world.store().put(&video).await.unwrap();
        let encoding = match status {
            VideoStatus::Pending | VideoStatus::Uploaded => TranscodingStatus::Pending,
            VideoStatus::Processing => TranscodingStatus::InProgress,
            VideoStatus::Failed => TranscodingStatus::Failed,
            VideoStatus::Ready | VideoStatus::Published | VideoStatus::Archived => {
                TranscodingStatus::Completed
            }
        };
        self.put_version(&video, encoding, 0, &[]).await;
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
            video_id: video.id,
            version_number: 1,
            source_object_key: video.file_key.clone(),
            source_version_id: None,
            source_file_size_bytes: video.file_size,
            source_duration_seconds: 0.0,
            source_resolution: String::new(),
            source_codec: String::new(),
            transcoding_profile_set: String::new(),
            transcoding_status: encoding,
            transcoding_started_at: None,
            transcoding_completed_at: None,
            transcoding_error_message: String::new(),
            parts_total: total,
            parts_done: done.iter().copied().collect(),
            parts_sent_at: None,
            progress_at: video.created_at,
            created_at: video.created_at,
            updated_at: video.updated_at,
        };
        self.world.store().put(&version).await.unwrap();
    }

    pub(crate) async fn stored(&self, video: &Video) -> Option<Video> {
        self.world.store().get(Video::key_of(video.id), Consistency::Strong).await.unwrap()
    }

    /// A student with an enrolment in the course.
    pub(crate) async fn student(&self, status: EnrollmentStatus) -> (Caller, Id<kinds::Enrollment>) {
        let student = self.world.student().await;
        let (id, now) = (self.world.ambient().id(), self.world.ambient().now());
        let enrollment = Enrollment {
            id,
            user_id: student.id,
            course_id: self.course,
            status,
            student_name: Secret::new("Ada Lovelace".into()),
            lessons_completed: 0,
            expiry_date: None,
            completed_at: None,
            enrolled_at: now,
            updated_at: now,
        };
        let guard = EnrollmentGuard { user_id: student.id, course_id: self.course, enrollment_id: id };
        self.world.store().put(&enrollment).await.unwrap();
        self.world.store().put(&guard).await.unwrap();
        (student, id)
    }
}
