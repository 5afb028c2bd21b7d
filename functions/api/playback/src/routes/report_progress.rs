//! A player reports which intervals of a video were watched.

use axum::{Json, extract::State};
use domain::playback::{Denied, Report};
use ephemeral::{Ephemeral, ShortLived as _};
use garde::Validate;
use http_kit::{ApiResult, Body, Platform, Principal, SignedIn};
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{PlaybackRecord, enrollment::EnrolledInVideo, progress::Watcher};

use crate::{Settings, grant::Student, lesson::InLesson, refusal, views::VideoProgressView};

/// How far ahead a device's clock may be; what is further ahead counts as this.
const CLOCK_SKEW_MAX: SignedDuration = SignedDuration::from_mins(10);

/// What was watched.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportProgress {
    #[garde(skip)]
    video: Id<kinds::Video>,
    #[garde(skip)]
    enrollment: Id<kinds::Enrollment>,
    /// The session in which it was watched, be it over by now. Without it the live session of this video counts.
    #[garde(skip)]
    session_id: Option<Id<kinds::Playback>>,
    /// Up to 200 pairs of seconds, as `[[0, 12.5], [40, 55]]`.
    #[garde(length(max = 200), inner(custom(check_interval)))]
    #[schema(example = json!([[0.0, 12.5], [40.0, 55.0]]))]
    intervals: Vec<[f64; 2]>,
    /// Where the player is, in seconds.
    #[garde(inner(range(min = 0.0)))]
    last_position: Option<f64>,
    /// When it was there by the device's clock, in epoch seconds; now where it is left out. A report from offline times says it, and does not
    /// move the position back. The clock need not be right, only the same for all reports of a session.
    #[garde(inner(range(min = 0)))]
    reported_at: Option<i64>,
}

fn check_interval(interval: &[f64; 2], _: &()) -> garde::Result {
    let [from, to] = *interval;
    let valid = from.is_finite() && to.is_finite() && from >= 0.0 && from <= to;
    if valid { Ok(()) } else { Err(garde::Error::new("must be [from, to] with 0 <= from <= to")) }
}

/// Takes in watched intervals. Their union counts as far as the time in which the video was open allows at the highest permitted
/// speed; duplicate, late and reordered reports lead to the same state.
#[utoipa::path(
    put, path = "/media/video-progress", operation_id = "report_video_progress", tag = "playback",
    request_body = ReportProgress,
    responses((status = 200, description = "The progress", body = VideoProgressView)),
)]
pub(crate) async fn report_progress(
    State(platform): State<Platform>,
    State(sessions): State<Ephemeral>,
    State(settings): State<Settings>,
    SignedIn(caller): SignedIn,
    Body(body): Body<ReportProgress>,
) -> ApiResult<Json<VideoProgressView>> {
    let claim = Claim {
        video: body.video,
        enrollment: body.enrollment,
        session: body.session_id,
        watched: Watching::Intervals(body.intervals.iter().map(|[from, to]| (*from, *to)).collect()),
        position: body.last_position,
        reported_at: body.reported_at,
    };
    take(&platform, &sessions, settings, caller, claim).await.map(Json)
}

/// What a report says, in either of its shapes.
pub(crate) struct Claim {
    pub(crate) video: Id<kinds::Video>,
    pub(crate) enrollment: Id<kinds::Enrollment>,
    pub(crate) session: Option<Id<kinds::Playback>>,
    pub(crate) watched: Watching,
    pub(crate) position: Option<f64>,
    pub(crate) reported_at: Option<i64>,
}

/// What was watched.
pub(crate) enum Watching {
    /// Pairs of seconds.
    Intervals(Vec<(f64, f64)>),
    /// This part of the video from its beginning, 0 to 1.
    Part(f64),
}

/// Checks whose report it is and takes it in.
pub(crate) async fn take(
    platform: &Platform,
    sessions: &Ephemeral,
    settings: Settings,
    caller: Principal,
    claim: Claim,
) -> ApiResult<VideoProgressView> {
    let now = platform.ambient().now();
    let student = Student::read_with_learner(platform, caller.user_id, claim.enrollment, claim.video);
    let (record, (video, student, learner)) = tokio::try_join!(read(platform, caller, &claim), student)?;
    if !student.is_enrolled_for(&video) {
        return Err(refusal::denied(Denied::NoSessionAccess));
    }
    // The length, of which shares are computed, comes with the first version that plays; nobody has watched anything before.
    if video.link.is_some() {
        return Err(refusal::shown_elsewhere());
    }
    if video.active_version.is_none() {
        return Err(refusal::denied(Denied::NotReady));
    }
    let lesson = student.lesson(platform, &video).await?;
    student.check_open(platform, lesson.as_ref()).await?;
    let (session, window) = match record {
        Some(record) => {
            let end = record.ended_at.unwrap_or(now).min(record.valid_until).min(now);
            (record.session_id.to_string(), Some((record.started_at.as_millisecond(), end.as_millisecond())))
        }
        None => {
            let live = sessions.list(caller.user_id, now.as_second()).await?;
            let of_video = live.into_iter().find(|(_, session)| session.video_id == video.id);
            let window = |started_at| (started_at * 1000, now.as_millisecond());
            of_video.map_or((String::new(), None), |(id, session)| {
                (id.to_string(), Some(window(session.started_at)))
            })
        }
    };
    let duration = video.duration_ms as f64 / 1_000.0;
    let reported_at = claim.reported_at.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let at = reported_at.unwrap_or(now).min(now + CLOCK_SKEW_MAX);
    let seen_ms = window.map_or(at.min(now).as_millisecond(), |(_, end)| end);
    let report = Report {
        intervals: match claim.watched {
            Watching::Intervals(intervals) => intervals,
            Watching::Part(part) => vec![(0.0, part * duration)],
        },
        position: claim.position,
        at_ms: at.as_millisecond(),
        session: (session, seen_ms),
        window,
    };
    let policy = student.policy(&video, settings);
    let whose = Watcher {
        video_id: video.id,
        enrollment_id: claim.enrollment,
        user_id: caller.user_id,
        lesson_id: lesson.as_ref().map(InLesson::id),
        lesson: student.completes(lesson.as_ref()),
    };
    let limits = (duration, policy.playback_rate.max);
    let EnrolledInVideo { enrollment, progress, .. } = student.0;
    let progress =
        platform.store().progress().report(whose, (progress, learner), &report, limits, now).await?;
    Ok(VideoProgressView::new(&progress, &enrollment))
}

/// The record of the session, where one is named: one read.
async fn read(platform: &Platform, caller: Principal, claim: &Claim) -> ApiResult<Option<PlaybackRecord>> {
    let Some(session) = claim.session else { return Ok(None) };
    let record = platform.store().playbacks().get(session).await?;
    let his = record.filter(|record| record.user_id == caller.user_id && record.video_id == claim.video);
    his.map(Some).ok_or_else(refusal::session_not_found)
}
