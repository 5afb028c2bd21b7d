//! Things as their groups would have made them, for the tests of other groups. None is stored yet: a test changes what it is about and
//! puts it with `world.store().put`.

use domain::{
    channel::{ChannelStatus, Quota},
    course::{CourseStatus, LessonKind, Level},
    enrollment::EnrollmentStatus,
    review::{Distribution, Rating},
    upload::{UPLOAD_LIFE, UploadMode, UploadStatus, iso_week},
    video::{TranscodingStatus, VideoStatus, Visibility},
};
use kernel::{Id, Secret, id::kinds};
use store::entities::{Channel, Course, Enrollment, Lesson, Review, Upload, Version, Video};

use crate::{Caller, World};

/// A plan as ingest keeps it: a minute at 25 frames a second in ten chunks, with sound. A deployment meets plans that the one before
/// made, so this text must stay readable.
pub const PLAN: &str = include_str!("../media/plan.json");

/// The channel of this owner.
pub fn channel(world: &World, owner: &Caller, quota: Quota) -> Channel {
    let (id, now): (Id<kinds::Channel>, _) = (world.ambient().id(), world.ambient().now());
    Channel {
        id,
        user_id: owner.id,
        name: "Tech Reviews".into(),
        handle: format!("h-{id}"),
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
        quota,
        created_at: now,
        updated_at: now,
    }
}

/// A draft of this instructor, without a price and without sections.
pub fn course(world: &World, instructor: &Caller) -> Course {
    let (id, now): (Id<kinds::Course>, _) = (world.ambient().id(), world.ambient().now());
    Course {
        id,
        instructor_id: instructor.id,
        slug: format!("course-{id}"),
        title: "Rust for Everyone".into(),
        description: "From zero to ownership.".into(),
        short_description: String::new(),
        category: String::new(),
        level: Level::Beginner,
        language: "en".into(),
        thumbnail: String::new(),
        price_minor: None,
        original_price_minor: None,
        in_plans: false,
        required_order: false,
        currency: "USD".into(),
        outcomes: Vec::new(),
        requirements: Vec::new(),
        prerequisites: String::new(),
        tags: Vec::new(),
        status: CourseStatus::Draft,
        section_order: Vec::new(),
        lesson_count: 0,
        duration_seconds: 0,
        student_count: 0,
        ratings: Distribution::default(),
        recent: Default::default(),
        revision: 1,
        published_at: None,
        created_at: now,
        updated_at: now,
        retired_at: None,
        deleted_at: None,
    }
}

/// An active enrolment that does not end.
pub fn enrollment(world: &World, student: &Caller, course: Id<kinds::Course>) -> Enrollment {
    let now = world.ambient().now();
    Enrollment {
        id: world.ambient().id(),
        user_id: student.id,
        course_id: course,
        instructor_id: None,
        status: EnrollmentStatus::Active,
        sources: None,
        access_revision: 0,
        begun_again_by: None,
        student_name: Secret::new("Ada Lovelace".into()),
        lessons_completed: 0,
        expiry_date: None,
        completed_at: None,
        certificate_code: None,
        certified_at: None,
        enrolled_at: now,
        updated_at: now,
    }
}

/// A review of four stars, in the first version, of a course of some teacher.
pub fn review(world: &World, author: Id<kinds::User>, course: Id<kinds::Course>) -> Review {
    Review {
        id: world.ambient().id(),
        course_id: course,
        user_id: author,
        instructor_id: world.ambient().id(),
        rating: Rating::ALL[3],
        title: "Good".into(),
        comment: "I have learnt a lot.".into(),
        helpful_count: 0,
        edits: 0,
        created_at: world.ambient().now(),
        edited_at: None,
    }
}

/// A private video of this owner outside of courses, in its first version: of a minute, where the state says that it was encoded.
pub fn video(world: &World, owner: &Caller, status: VideoStatus) -> Video {
    let (id, now): (Id<kinds::Video>, _) = (world.ambient().id(), world.ambient().now());
    let played = status.is_playable() || status == VideoStatus::Archived;
    Video {
        id,
        channel_id: world.ambient().id(),
        owner_id: owner.id,
        course_id: None,
        section_id: None,
        lesson_id: None,
        shared_with: std::collections::BTreeSet::new(),
        shared_lessons: std::collections::BTreeSet::new(),
        title: "Ownership".into(),
        description: String::new(),
        status,
        error_reason: String::new(),
        visibility: Visibility::Private,
        publish_when_ready: false,
        order: 1,
        active_version: played.then_some(1),
        newest_shown: played.then_some(1),
        subtitled: None,
        latest_version: 1,
        duration_ms: if played { 60_000 } else { 0 },
        thumbnail_path: if played { format!("/posters/{id}/1/poster_0.jpg") } else { String::new() },
        uploaded_thumbnail: None,
        allow_skip: false,
        max_speed: 1.0,
        show_watermark: true,
        age_restricted: false,
        geo_restrictions: std::collections::BTreeSet::new(),
        tags: Vec::new(),
        file_size: 1_000,
        file_key: format!("uploads/{id}/1/{id}"),
        link: None,
        published_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The open upload of a video's file, in one PUT.
pub fn upload(world: &World, video: &Video) -> Upload {
    let now = world.ambient().now();
    Upload {
        id: Id::from_uuid(video.id.uuid()),
        user_id: video.owner_id,
        channel_id: video.channel_id,
        video_id: video.id,
        version: 1,
        object_key: video.file_key.clone(),
        filename: "film.mp4".into(),
        content_type: "video/mp4".into(),
        size_bytes: video.file_size,
        mode: UploadMode::Single,
        multipart_id: None,
        part_size: 0,
        status: UploadStatus::Open,
        week: iso_week(now),
        valid_until: now + UPLOAD_LIFE,
        created_at: now,
        updated_at: now,
    }
}

/// A lesson of kind video, without one.
pub fn lesson(world: &World, course: Id<kinds::Course>, section: Id<kinds::Section>) -> Lesson {
    let now = world.ambient().now();
    Lesson {
        id: world.ambient().id(),
        course_id: course,
        section_id: section,
        kind: LessonKind::Video,
        title: "Borrowing".into(),
        description: String::new(),
        video_id: None,
        duration_seconds: 0,
        is_preview: false,
        schedule: Default::default(),
        resource_count: 0,
        created_at: now,
        updated_at: now,
    }
}

/// The first version of a video, without a plan, in the state that follows from the video's.
pub fn version(video: &Video) -> Version {
    let source = (video.file_key.clone(), video.file_size);
    Version {
        transcoding_status: match video.status {
            VideoStatus::Pending | VideoStatus::Uploaded => TranscodingStatus::Pending,
            VideoStatus::Processing => TranscodingStatus::InProgress,
            VideoStatus::Failed => TranscodingStatus::Failed,
            VideoStatus::Ready | VideoStatus::Published | VideoStatus::Archived => {
                TranscodingStatus::Completed
            }
        },
        updated_at: video.updated_at,
        ..Version::pending(video.id, 1, source, video.created_at)
    }
}
