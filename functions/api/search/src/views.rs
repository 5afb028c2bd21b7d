//! A course as lists and searches show it.

use api_views::CourseTeacher;
use catalog::CourseCard;
use domain::{
    badge::{is_bestseller, is_new},
    course::{Level, Price, discount_percent, duration_hours},
};
use http_kit::{ApiError, ApiResult};
use kernel::{Id, Secret, Timestamp, id::kinds};
use search::Document;
use serde::{Serialize, de::DeserializeOwned};

use crate::{filter, own::Own};

/// A course in a list (seed 001 §4.3).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseListItem {
    id: Id<kinds::Course>,
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
    #[schema(example = "complete-web-development-bootcamp-2026")]
    slug: String,
    short_description: String,
    instructor: CourseTeacher,
    thumbnail: String,
    /// Average of all ratings with two decimals; 0 where there is none.
    #[schema(example = 4.67)]
    rating: f64,
    #[schema(example = 45_280)]
    rating_count: u32,
    student_count: u64,
    lesson_count: u32,
    #[schema(example = 52.5)]
    duration_hours: f64,
    level: Level,
    #[schema(example = "en")]
    language: String,
    price: Option<Price>,
    original_price: Option<Price>,
    #[schema(example = 30)]
    discount_percent: u64,
    #[schema(example = "USD")]
    currency: String,
    /// Whether a plan opens it, too.
    in_plans: bool,
    #[schema(example = "Development")]
    category: String,
    tags: Vec<String>,
    /// Many students and good ratings.
    is_bestseller: bool,
    /// Published in the last 30 days.
    is_new: bool,
    published_at: Timestamp,
    /// Whether the caller may take it now; false for visitors.
    enrolled: bool,
    /// Whether it is in the caller's cart; false for visitors.
    in_cart: bool,
    /// Whether it is on the caller's wish list; false for visitors.
    in_wishlist: bool,
}

/// An id of the index.
pub(crate) fn id<K>(text: &str) -> ApiResult<Id<K>> {
    text.parse().map_err(ApiError::internal)
}

/// What a document carries beyond the index's own fields.
pub(crate) fn card<C: DeserializeOwned>(document: &mut Document) -> ApiResult<C> {
    serde_json::from_value(document.extra.take()).map_err(ApiError::internal)
}

/// Stars.
pub(crate) fn rating(hundredths: u16) -> f64 {
    f64::from(hundredths) / 100.0
}

/// The course that a document is about.
///
/// # Errors
/// 500 when the index holds what is no id.
pub(crate) fn course_id(document: &Document) -> ApiResult<Id<kinds::Course>> {
    id(&document.id)
}

impl CourseListItem {
    /// A course of the index.
    ///
    /// # Errors
    /// 500 when the document is not one of ours.
    pub(crate) fn new(mut document: Document, own: &Own, now: Timestamp) -> ApiResult<Self> {
        let card: CourseCard = card(&mut document)?;
        let (price, original) = (card.price_minor, card.original_price_minor);
        let (price, original) = (price.map(Price::from_minor), original.map(Price::from_minor));
        let teacher = document.instructor.as_ref().map(|named| named.id.as_str()).unwrap_or_default();
        let published_at = Timestamp::from_second(document.published_at).map_err(ApiError::internal)?;
        let id = course_id(&document)?;
        Ok(Self {
            id,
            instructor: CourseTeacher {
                id: self::id(teacher)?,
                first_name: Secret::new(card.first_name),
                last_name: Secret::new(card.last_name),
            },
            title: document.title,
            slug: document.slug,
            short_description: document.subtitle,
            thumbnail: document.thumbnail.unwrap_or_default(),
            rating: rating(document.rating_hundredths),
            rating_count: document.rating_count,
            student_count: document.students,
            lesson_count: card.lesson_count,
            duration_hours: duration_hours(card.duration_seconds),
            level: document.level.map(filter::level).unwrap_or_default(),
            language: document.language,
            price,
            original_price: original,
            discount_percent: discount_percent(price, original),
            currency: document.currency,
            in_plans: card.in_plans,
            category: document.category.map(|named| named.name).unwrap_or_default(),
            tags: document.tags,
            is_bestseller: is_bestseller(document.students, u64::from(document.rating_hundredths)),
            is_new: is_new(published_at, now),
            published_at,
            enrolled: own.enrolled.contains(&id),
            in_cart: own.in_cart.contains(&id),
            in_wishlist: own.in_wishlist.contains(&id),
        })
    }
}
