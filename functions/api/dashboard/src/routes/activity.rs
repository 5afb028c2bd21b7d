//! The days on which a learner learnt.

use axum::{Json, extract::State};
use domain::activity::{CalendarDay, FROZEN_MAX, calendar};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Platform, Query, SignedIn};
use jiff::{
    ToSpan as _,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

/// Most days that one request shows: a leap year.
const DAYS_MAX: i64 = 366;

/// Which days: a year, or from one day to another, which are at most 366. Without any of them the year up to today.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivityQuery {
    /// A calendar year.
    #[garde(inner(range(min = 2000, max = 2999)))]
    #[param(minimum = 2000, maximum = 2999, example = 2026)]
    year: Option<i16>,
    /// The first day.
    #[garde(inner(custom(check_year)))]
    #[param(value_type = Option<String>, format = Date, example = "2026-01-01")]
    from: Option<Date>,
    /// The last day.
    #[garde(inner(custom(check_year)))]
    #[param(value_type = Option<String>, format = Date, example = "2026-06-30")]
    to: Option<Date>,
}

/// Years of four digits: days are kept in the order of their text.
fn check_year(day: &Date, _: &()) -> garde::Result {
    let valid = (2000..=2999).contains(&day.year());
    if valid { Ok(()) } else { Err(garde::Error::new("must be a day of the years 2000 to 2999")) }
}

impl ActivityQuery {
    /// The first and the last day.
    ///
    /// # Errors
    /// 422 for days that don't go together, or too many.
    fn window(self, today: Date) -> ApiResult<(Date, Date)> {
        let back = |day: Date, days: i64| day.checked_sub(days.days()).unwrap_or(Date::MIN);
        match self {
            Self { year: Some(year), from: None, to: None } => Ok((date(year, 1, 1), date(year, 12, 31))),
            Self { year: Some(_), .. } => Err(ApiError::invalid("year", "send either year, or from and to")),
            Self { year: None, from, to } => {
                let to = to.unwrap_or_else(|| match from {
                    Some(from) => {
                        from.checked_add((DAYS_MAX - 1).days()).unwrap_or(Date::MAX).min(today).max(from)
                    }
                    None => today,
                });
                let from = from.unwrap_or_else(|| back(to, DAYS_MAX - 1));
                if from > to {
                    return Err(ApiError::invalid("to", "must not be before from"));
                }
                if back(to, DAYS_MAX - 1) > from {
                    return Err(ApiError::invalid(
                        "from",
                        format!("must be at most {DAYS_MAX} days before to"),
                    ));
                }
                Ok((from, to))
            }
        }
    }
}

/// A day on which the caller learnt, or one that kept his streak though he did not.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ActivityDayView {
    #[schema(value_type = String, format = Date, example = "2026-06-01")]
    date: Date,
    #[schema(example = 1_860)]
    seconds_learned: u64,
    #[schema(example = 3)]
    lessons_completed: u32,
    /// Whether nothing was learnt and a frozen day kept the streak.
    frozen: bool,
}

impl From<CalendarDay> for ActivityDayView {
    fn from(day: CalendarDay) -> Self {
        Self {
            date: day.day,
            seconds_learned: day.learned_ms / 1_000,
            lessons_completed: day.lessons_completed,
            frozen: day.frozen,
        }
    }
}

/// The days of a learner.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LearningCalendar {
    #[schema(value_type = String, format = Date, example = "2025-06-02")]
    from: Date,
    #[schema(value_type = String, format = Date, example = "2026-06-02")]
    to: Date,
    /// Today in the caller's time zone.
    #[schema(value_type = String, format = Date, example = "2026-06-02")]
    today: Date,
    #[schema(example = 15)]
    current_streak_days: u32,
    #[schema(example = 31)]
    longest_streak_days: u32,
    #[schema(example = 2)]
    frozen_days_left: u32,
    learned_today: bool,
    /// In these days.
    #[schema(example = 893_412)]
    seconds_learned: u64,
    /// Those on which he learnt and those that were frozen, in their order; on all others he did not learn.
    days: Vec<ActivityDayView>,
}

/// The days on which the caller learnt, for a calendar, and his streak. A day is the one of the time zone that he had then, and stays so.
#[utoipa::path(
    get, path = "/dashboard/activity", operation_id = "get_dashboard_activity", tag = "dashboard",
    params(ActivityQuery),
    responses((status = 200, description = "The days", body = LearningCalendar)),
)]
pub(crate) async fn get_dashboard_activity(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(query): Query<ActivityQuery>,
) -> ApiResult<Json<LearningCalendar>> {
    let activities = platform.store().activities();
    let learner = activities.learner(caller.user_id).await?;
    let today = learner.day_of(platform.ambient().now());
    let (from, to) = query.window(today)?;
    // Days after the window know which days before them were frozen.
    let reach = to.checked_add(i64::from(FROZEN_MAX + 1).days()).unwrap_or(to);
    let days = activities.days(caller.user_id, from, reach).await?;
    let activity = learner.activity();
    let (shown, streak) = (calendar(&days, &activity, (from, to), today), activity.streak(today));
    Ok(Json(LearningCalendar {
        from,
        to,
        today,
        current_streak_days: streak.days,
        longest_streak_days: activity.longest_streak,
        frozen_days_left: streak.frozen_left,
        learned_today: streak.today,
        seconds_learned: shown.iter().map(|day| day.learned_ms).sum::<u64>() / 1_000,
        days: shown.into_iter().map(ActivityDayView::from).collect(),
    }))
}
