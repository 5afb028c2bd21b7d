//! A learner's numbers.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Platform, SignedIn};
use serde::Serialize;
use store::entities::LearnerStats;

/// What the caller has learnt (seed 001 §4.8).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DashboardStats {
    /// Courses that he is or was enrolled in.
    #[schema(example = 12)]
    courses_enrolled: u64,
    #[schema(example = 5)]
    courses_completed: u64,
    #[schema(example = 96)]
    lessons_completed: u64,
    /// Whole hours; a second of a video counts once, however often it is played.
    #[schema(example = 248)]
    total_hours_learned: u64,
    /// The same in seconds.
    #[schema(example = 893_412)]
    seconds_learned: u64,
    /// Days on which he learnt.
    #[schema(example = 73)]
    days_learned: u32,
    /// Days in a row up to today or yesterday in his time zone, with frozen days between.
    #[schema(example = 15)]
    current_streak_days: u32,
    #[schema(example = 31)]
    longest_streak_days: u32,
    /// Days that he may miss without an end of the streak: each seventh day of it earns one, two are kept at most.
    #[schema(example = 2)]
    frozen_days_left: u32,
    /// Whether today counts already.
    learned_today: bool,
    /// Of the courses that he reviewed, with two decimals; null where he reviewed none.
    #[schema(example = 4.6)]
    average_rating_given: Option<f64>,
    #[schema(example = 5)]
    certificates_earned: u64,
}

/// The caller's numbers.
#[utoipa::path(
    get, path = "/dashboard/stats", operation_id = "get_dashboard_stats", tag = "dashboard",
    responses((status = 200, description = "The numbers", body = DashboardStats)),
)]
pub(crate) async fn get_dashboard_stats(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
) -> ApiResult<Json<DashboardStats>> {
    let (store, user) = (platform.store(), caller.user_id);
    let batch = store.batch().with_learner(user).with::<LearnerStats>(LearnerStats::key_of(user));
    let reviews = store.reviews();
    let (found, ratings) = tokio::try_join!(batch.read(), reviews.ratings_by(user))?;
    let (stats, learner) = (found.one::<LearnerStats>()?, found.learner(user)?);
    let activity = learner.activity();
    let streak = activity.streak(learner.day_of(platform.ambient().now()));
    let count = |of: fn(&LearnerStats) -> u64| stats.as_ref().map_or(0, of);
    Ok(Json(DashboardStats {
        courses_enrolled: count(|stats| stats.enrollment_count),
        courses_completed: count(|stats| stats.completed_count),
        lessons_completed: activity.lessons_completed,
        total_hours_learned: activity.hours(),
        seconds_learned: activity.learned_ms / 1_000,
        days_learned: activity.days,
        current_streak_days: streak.days,
        longest_streak_days: activity.longest_streak,
        frozen_days_left: streak.frozen_left,
        learned_today: streak.today,
        average_rating_given: (ratings.count() > 0).then(|| ratings.average()),
        certificates_earned: count(|stats| stats.certificates_earned),
    }))
}
