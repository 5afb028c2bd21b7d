//! What decides a play: the video, the student's place in its course, his rule and his overrides.

use domain::{
    course::CourseStatus,
    media::MASTER,
    playback::{AccessRule, Denied, Overrides, Policy, Request, VideoDefaults, effective_policy, may_play},
    video::{VideoStatus, Visibility},
};
use http_kit::{ApiResult, Platform, Principal};
use kernel::{Id, id::kinds};
use store::{
    StoreError,
    entities::{
        Course, Enrollment, Lesson, Subtitled, Video, VideoPermission, activity::Learner,
        enrollment::EnrolledInVideo,
    },
};

use crate::{Settings, refusal};

/// A play that is allowed.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) version: u32,
    /// The name of its master playlist.
    pub(crate) master: String,
    pub(crate) policy: Policy,
}

impl Grant {
    /// To play the version that plays.
    ///
    /// # Errors
    /// 409 for a video that another site shows.
    fn new(video: &Video, policy: Policy) -> ApiResult<Self> {
        match video.link {
            None => {
                let master = master(video.subtitled.as_ref());
                Ok(Self { version: video.active_version.unwrap_or_default(), master, policy })
            }
            Some(_) => Err(refusal::shown_elsewhere()),
        }
    }

    /// The same for a play that began with this version of the video: it stays with it, until its files are about to go. One read where another
    /// version plays by now.
    ///
    /// # Errors
    /// Storage.
    pub(crate) async fn of_play(
        self,
        platform: &Platform,
        video: Id<kinds::Video>,
        version: u32,
    ) -> Result<Self, StoreError> {
        if version == self.version {
            return Ok(self);
        }
        let began_with = platform.store().versions().get(video, version).await?;
        Ok(match began_with.filter(|version| version.retired_at.is_none()) {
            Some(stays) => Self { version, master: master(stays.subtitled.as_ref()), ..self },
            None => self,
        })
    }
}

/// A student whose enrolment gives access now, and his rows about one video.
#[derive(Debug)]
pub(crate) struct Student(pub(crate) EnrolledInVideo);

/// The video, unless it was deleted.
pub(crate) async fn video(platform: &Platform, id: Id<kinds::Video>) -> ApiResult<Video> {
    platform.store().videos().get(id).await?.ok_or_else(refusal::video_not_found)
}

impl Student {
    /// Video, enrolment, permission and progress in one call, and two more where nothing but his plan gives the right. The user is part of the
    /// enrolment's key.
    ///
    /// # Errors
    /// 404 when there is no such video, or the enrolment is not his or gives no access now.
    pub(crate) async fn read(
        platform: &Platform,
        user: Id<kinds::User>,
        enrollment: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> ApiResult<(Video, Self)> {
        Self::checked(platform, platform.store().enrollments().with_video(user, enrollment, video).await?)
            .await
    }

    /// The same with what decides on which day he learns, in the same call.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn read_with_learner(
        platform: &Platform,
        user: Id<kinds::User>,
        enrollment: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> ApiResult<(Video, Self, Learner)> {
        let enrollments = platform.store().enrollments();
        let (found, learner) = enrollments.with_video_and_learner(user, enrollment, video).await?;
        let (video, student) = Self::checked(platform, found).await?;
        Ok((video, student, learner))
    }

    async fn checked(
        platform: &Platform,
        (video, found): (Option<Video>, Option<EnrolledInVideo>),
    ) -> ApiResult<(Video, Self)> {
        let video = video.ok_or_else(refusal::video_not_found)?;
        let now = platform.ambient().now();
        let found = found.ok_or_else(refusal::enrollment_not_found)?;
        if !platform.store().enrollments().gives_access(&found.enrollment, now).await? {
            return Err(refusal::enrollment_not_found());
        }
        Ok((video, Self(found)))
    }

    /// Whether a play may go on that was allowed when it began: the enrolment gives access still, and the teacher has not blocked the video
    /// meanwhile. That a video which may be watched once has become completed does not end the play in which it did. One batch of two, and
    /// two reads more where nothing but a plan gives the right.
    ///
    /// # Errors
    /// 404 or 403.
    pub(crate) async fn check_goes_on(
        platform: &Platform,
        user: Id<kinds::User>,
        enrollment: Id<kinds::Enrollment>,
        video: Id<kinds::Video>,
    ) -> ApiResult<()> {
        let batch = platform.store().batch().with::<Enrollment>(Enrollment::key_of(user, enrollment));
        let key = VideoPermission::key_of(video, enrollment);
        let found = batch.with::<VideoPermission>(key).read().await?;
        let enrollment = found.one::<Enrollment>()?.ok_or_else(refusal::enrollment_not_found)?;
        let now = platform.ambient().now();
        if !platform.store().enrollments().gives_access(&enrollment, now).await? {
            return Err(refusal::enrollment_not_found());
        }
        match found.one::<VideoPermission>()? {
            Some(permission) if permission.rule == AccessRule::Blocked => {
                Err(refusal::denied(Denied::Blocked))
            }
            _ => Ok(()),
        }
    }

    /// Whether the video is shown in the course of the enrolment.
    pub(crate) fn is_enrolled_for(&self, video: &Video) -> bool {
        video.is_in(self.0.enrollment.course_id)
    }

    /// Seed 002's `_check_access` and `_effective_policy`.
    ///
    /// # Errors
    /// 403 with the first reason why he may not play.
    pub(crate) fn grant(&self, video: &Video, settings: Settings) -> ApiResult<Grant> {
        let request = Request {
            status: video.status,
            has_version: video.is_watchable(),
            enrolled: self.is_enrolled_for(video),
            rule: self.0.permission.as_ref().map(|permission| permission.rule),
            completed: self.0.progress.as_ref().is_some_and(|progress| progress.completed),
        };
        may_play(request).map_err(refusal::denied)?;
        Grant::new(video, self.policy(video, settings))
    }

    /// The same for who begins to play or goes on: the lesson must be open for him too. One call more where a lesson shows the video.
    ///
    /// # Errors
    /// As [`Self::grant`], and 403 for a lesson that is locked.
    pub(crate) async fn grant_open(
        &self,
        platform: &Platform,
        video: &Video,
        settings: Settings,
    ) -> ApiResult<Grant> {
        let grant = self.grant(video, settings)?;
        let lesson = self.lesson(platform, video).await?;
        self.check_open(platform, lesson.as_ref()).await?;
        Ok(grant)
    }

    pub(crate) fn policy(&self, video: &Video, settings: Settings) -> Policy {
        let overrides = self.0.permission.as_ref().map(|permission| Overrides {
            allow_skip: permission.allow_skip_override,
            max_speed: permission.max_speed_override,
            show_watermark: permission.show_watermark_override,
            block_speed_control: permission.block_speed_control,
            block_seek: permission.block_seek,
        });
        effective_policy(defaults(video), overrides, settings.limits)
    }
}

/// Whether the video plays without an enrolment: for its owner whenever there is something to play, for everybody when it is
/// published and not private, or a preview lesson of a published course.
///
/// # Errors
/// 403, 401 for a visitor who may be allowed after a login, and 404 for what nobody else may know of.
pub(crate) async fn without_enrollment(
    platform: &Platform,
    video: &Video,
    caller: Option<Principal>,
    settings: Settings,
) -> ApiResult<Grant> {
    let is_owner = caller.is_some_and(|caller| caller.user_id == video.owner_id);
    let is_open = video.visibility != Visibility::Private;
    if !is_owner && !is_open && !is_preview(platform, video).await? {
        return Err(match (video.course_id, caller) {
            (None, _) => refusal::video_not_found(),
            (Some(_), None) => refusal::login_required(),
            (Some(_), Some(_)) => refusal::denied(Denied::NoSessionAccess),
        });
    }
    let hidden = is_open && !is_owner && video.status == VideoStatus::Ready;
    let request = Request {
        status: video.status,
        has_version: video.is_watchable() && !hidden,
        enrolled: true,
        rule: None,
        completed: false,
    };
    may_play(request).map_err(refusal::denied)?;
    let policy = effective_policy(defaults(video), None, settings.limits);
    Grant::new(video, policy)
}

/// The name of the master playlist that a version is played by.
fn master(subtitled: Option<&Subtitled>) -> String {
    subtitled.map_or_else(|| MASTER.to_owned(), |subtitled| subtitled.master.clone())
}

const fn defaults(video: &Video) -> VideoDefaults {
    VideoDefaults {
        allow_skip: video.allow_skip,
        max_speed: video.max_speed,
        show_watermark: video.show_watermark,
    }
}

/// Whether any of the lessons that show it is a preview of a published course: one batch, none for a video of no lesson.
async fn is_preview(platform: &Platform, video: &Video) -> Result<bool, StoreError> {
    let lessons = video.lessons().map(|(course, lesson)| Lesson::key_of(course, lesson));
    let courses = video.lessons().map(|(course, _)| Course::key_of(course));
    let batch = platform.store().batch().with_all::<Lesson>(lessons).with_all::<Course>(courses);
    let found = batch.read().await?;
    let published: Vec<_> = found
        .all::<Course>()?
        .into_iter()
        .filter(|course| course.status == CourseStatus::Published && course.deleted_at.is_none())
        .map(|course| course.id)
        .collect();
    let shows = |lesson: &Lesson| lesson.is_preview && lesson.video_id == Some(video.id);
    Ok(found.all::<Lesson>()?.iter().any(|lesson| shows(lesson) && published.contains(&lesson.course_id)))
}
