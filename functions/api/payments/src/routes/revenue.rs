//! An instructor sees what he earns.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use domain::commerce::{Amount, Currency, Money};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Instructor, Platform, Query};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Course,
    commerce::revenue::{MONTHS_MAX, RevenueMonth, Sums},
};

/// Which months, and in which currency.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Range {
    /// The first month (UTC); the current one where nothing is sent.
    #[garde(custom(check_month))]
    #[param(example = "2026-04")]
    from: Option<String>,
    /// The last month, at most eleven after the first; the first where nothing is sent.
    #[garde(custom(check_month))]
    #[param(example = "2026-06")]
    to: Option<String>,
    /// Sales in this currency; US dollars where nothing is sent.
    #[garde(skip)]
    #[param(inline, example = "USD")]
    currency: Option<Currency>,
}

fn check_month(month: &Option<String>, _: &()) -> garde::Result {
    match month {
        Some(month) if first_day(month).is_none() => {
            Err(garde::Error::new("must be a year and a month, such as 2026-06"))
        }
        _ => Ok(()),
    }
}

fn first_day(month: &str) -> Option<Date> {
    if month.len() == 7 { format!("{month}-01").parse().ok() } else { None }
}

/// Sums of some time or course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RevenueSums {
    /// Courses sold.
    #[schema(example = 3)]
    sales: i64,
    /// Refunds and lost disputes.
    #[schema(example = 1)]
    refunds: i64,
    /// What buyers paid without tax, less what went back.
    net_amount: Money,
    /// The creator's part of it.
    creator_amount: Money,
}

/// A day on which something was sold or went back.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RevenueDay {
    /// The day, UTC.
    #[schema(value_type = String, format = Date, example = "2026-06-01")]
    date: Date,
    #[serde(flatten)]
    sums: RevenueSums,
}

/// A course of which something was sold or went back.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RevenueCourse {
    course_id: Id<kinds::Course>,
    /// Its title; null where it is gone.
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: Option<String>,
    #[serde(flatten)]
    sums: RevenueSums,
}

/// What an instructor earns.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RevenueReport {
    #[schema(example = "2026-04")]
    from: String,
    #[schema(example = "2026-06")]
    to: String,
    currency: Currency,
    total: RevenueSums,
    /// By day, the oldest first; days without sales and refunds are left out.
    days: Vec<RevenueDay>,
    /// By course over the whole time, what earned most first; at most a hundred.
    courses: Vec<RevenueCourse>,
}

/// Courses that are shown with their titles: as many as one batch reads.
const COURSES_MAX: usize = 100;

impl RevenueSums {
    fn new(sums: Sums, currency: Currency) -> Self {
        let money = |minor| Money(Amount::new(minor, currency));
        Self {
            sales: sums.sales,
            refunds: sums.refunds,
            net_amount: money(sums.net_minor),
            creator_amount: money(sums.creator_minor),
        }
    }
}

fn plus(a: Sums, b: Sums) -> Sums {
    Sums {
        sales: a.sales + b.sales,
        refunds: a.refunds + b.refunds,
        net_minor: a.net_minor + b.net_minor,
        creator_minor: a.creator_minor + b.creator_minor,
    }
}

/// What the caller earned by day and by course. The sums follow the sales within seconds.
#[utoipa::path(
    get, path = "/revenue", operation_id = "get_revenue", tag = "payments",
    params(Range),
    responses((status = 200, description = "The sums", body = RevenueReport)),
)]
pub(crate) async fn get_revenue(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Query(range): Query<Range>,
) -> ApiResult<Json<RevenueReport>> {
    let today = platform.ambient().now().to_zoned(TimeZone::UTC).date();
    let from = range.from.unwrap_or_else(|| RevenueMonth::month_of(today));
    let to = range.to.unwrap_or_else(|| from.clone());
    let currency = range.currency.unwrap_or(Currency::USD);
    let last =
        first_day(&from).and_then(|first| first.checked_add((i64::from(MONTHS_MAX) - 1).months()).ok());
    if to < from || last.is_none_or(|last| to > RevenueMonth::month_of(last)) {
        return Err(ApiError::invalid(
            "to",
            format!("must be from the first month to {MONTHS_MAX} months in all"),
        ));
    }
    let months = platform.store().revenue().months(caller.user_id, currency, (&from, &to)).await?;

    let mut days = BTreeMap::new();
    let mut courses: BTreeMap<Id<kinds::Course>, Sums> = BTreeMap::new();
    for month in &months {
        for (day, sums) in month.days() {
            if let Some(date) = first_day(&month.month).and_then(|first| first.with().day(day).build().ok()) {
                days.insert(date, sums);
            }
        }
        for (course, sums) in month.courses() {
            let before = courses.entry(course).or_default();
            *before = plus(*before, sums);
        }
    }
    let total = days.values().copied().fold(Sums::default(), plus);
    let mut courses: Vec<_> = courses.into_iter().collect();
    courses.sort_by_key(|(id, sums)| (std::cmp::Reverse(sums.creator_minor), *id));
    courses.truncate(COURSES_MAX);
    let keys = courses.iter().map(|(id, _)| Course::key_of(*id));
    let found = platform.store().batch().with_all::<Course>(keys).read().await?.all::<Course>()?;
    let titles: BTreeMap<_, _> = found.into_iter().map(|course| (course.id, course.title)).collect();
    let day = |(date, sums)| RevenueDay { date, sums: RevenueSums::new(sums, currency) };
    let course = |(course_id, sums)| RevenueCourse {
        course_id,
        title: titles.get(&course_id).cloned(),
        sums: RevenueSums::new(sums, currency),
    };
    Ok(Json(RevenueReport {
        from,
        to,
        currency,
        total: RevenueSums::new(total, currency),
        days: days.into_iter().map(day).collect(),
        courses: courses.into_iter().map(course).collect(),
    }))
}
