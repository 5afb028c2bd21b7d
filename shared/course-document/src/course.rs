//! What a course says of itself.

use domain::{
    course::{CourseStatus, Level, Price, price::CURRENCY, slug::slugify, tag::normalized},
    review::Distribution,
};
use garde::Validate;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Course, course::RecentReviews};

use crate::{
    Fault,
    fields::{language_code, not_blank, picture, tag_list},
};

/// A new course; it begins as a draft.
#[derive(Debug, Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCourse {
    /// Title.
    #[garde(length(chars, max = 255), custom(not_blank))]
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    pub title: String,
    /// Description.
    #[serde(default)]
    #[garde(length(chars, max = 10_000))]
    pub description: String,
    /// What lists show of it.
    #[serde(default)]
    #[garde(length(chars, max = 500))]
    pub short_description: String,
    /// Category.
    #[serde(default)]
    #[garde(length(chars, max = 100))]
    #[schema(example = "Development")]
    pub category: String,
    /// Level.
    #[serde(default)]
    #[garde(skip)]
    pub level: Level,
    /// ISO 639-1.
    #[serde(default = "english")]
    #[garde(custom(language_code))]
    #[schema(example = "en")]
    pub language: String,
    /// Address of its picture; empty for none.
    #[serde(default)]
    #[garde(custom(picture))]
    pub thumbnail: String,
    /// 0 makes the course free; without a price it can't be published.
    #[garde(skip)]
    pub price: Option<Price>,
    /// The price before a discount.
    #[garde(skip)]
    pub original_price: Option<Price>,
    /// Whether plans open it, besides its price.
    #[serde(default)]
    #[garde(skip)]
    #[schema(example = false)]
    pub in_plans: bool,
    /// Whether students must complete its lessons in their order.
    #[serde(default)]
    #[garde(skip)]
    #[schema(example = false)]
    pub required_order: bool,
    /// What students can do afterwards.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    pub outcomes: Vec<String>,
    /// What they need.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 200)))]
    pub requirements: Vec<String>,
    /// What one should know before.
    #[serde(default)]
    #[garde(length(chars, max = 2_000))]
    #[schema(example = "Basic HTML")]
    pub prerequisites: String,
    /// Words by which the course is found: at most 20 of 50 characters. Case, white space around them and a leading # don't count.
    #[serde(default)]
    #[garde(custom(tag_list))]
    #[schema(example = json!(["javascript", "web development"]))]
    pub tags: Vec<String>,
}

fn english() -> String {
    "en".into()
}

impl CreateCourse {
    /// The draft that it becomes.
    ///
    /// # Errors
    /// [`Fault`] where the price before a discount is below the price.
    pub fn into_draft(
        self,
        id: Id<kinds::Course>,
        instructor_id: Id<kinds::User>,
        now: Timestamp,
    ) -> Result<Course, Fault> {
        if self.original_price.is_some_and(|original| self.price.is_some_and(|price| original < price)) {
            return Err(Fault::new("original_price", "must not be below the price"));
        }
        Ok(Course {
            id,
            instructor_id,
            slug: slugify(&self.title),
            title: self.title,
            description: self.description,
            short_description: self.short_description,
            category: self.category,
            level: self.level,
            language: self.language,
            thumbnail: self.thumbnail,
            price_minor: self.price.map(Price::minor),
            original_price_minor: self.original_price.map(Price::minor),
            in_plans: self.in_plans,
            required_order: self.required_order,
            currency: CURRENCY.into(),
            outcomes: self.outcomes,
            requirements: self.requirements,
            prerequisites: self.prerequisites,
            tags: normalized(&self.tags),
            status: CourseStatus::Draft,
            section_order: Vec::new(),
            lesson_count: 0,
            duration_seconds: 0,
            student_count: 0,
            ratings: Distribution::default(),
            recent: RecentReviews::default(),
            revision: 1,
            published_at: None,
            created_at: now,
            updated_at: now,
            retired_at: None,
            deleted_at: None,
        })
    }
}

impl From<Course> for CreateCourse {
    fn from(course: Course) -> Self {
        Self {
            price: course.price_minor.map(Price::from_minor),
            original_price: course.original_price_minor.map(Price::from_minor),
            title: course.title,
            description: course.description,
            short_description: course.short_description,
            category: course.category,
            level: course.level,
            language: course.language,
            thumbnail: course.thumbnail,
            in_plans: course.in_plans,
            required_order: course.required_order,
            outcomes: course.outcomes,
            requirements: course.requirements,
            prerequisites: course.prerequisites,
            tags: course.tags,
        }
    }
}
