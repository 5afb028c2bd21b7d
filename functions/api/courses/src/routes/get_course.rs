//! Anyone looks at a course.

use std::collections::HashMap;

use api_views::CourseTeacher;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{
    badge::{is_bestseller, is_new},
    course::{CourseStatus, progress_percent},
    review::{Rating, RatingSummary},
};
use http_kit::{ApiResult, Caching, Keep, Params, Platform, Principal, Visitor};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{Cart, Course, Enrollment, EnrollmentGuard, Person, Review, TeachingStats, Wish};

use crate::{
    access::as_viewer,
    refusals::course_not_found,
    slugs::Slugs,
    version::tagged,
    views::{CourseView, SectionView, curriculum, preview},
};

/// A course with its curriculum.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseDetail {
    #[serde(flatten)]
    course: CourseView,
    /// Many students and good ratings.
    is_bestseller: bool,
    /// Published in the last 30 days.
    is_new: bool,
    /// POST it to watch the first lesson that is a preview; null where there is none.
    #[schema(
        example = "https://learn.example/api/v1/media/videos/01933b7a-3c5e-7000-8000-4f2d1c9a7b10/play"
    )]
    preview_video_url: Option<String>,
    instructor: TeacherProfile,
    curriculum: Vec<SectionView>,
    reviews: ReviewsView,
    /// Whether the caller has an enrolment that gives access now; false for visitors.
    enrolled: bool,
    /// Whether it is in the caller's cart; false for visitors.
    in_cart: bool,
    /// Whether it is on the caller's wish list; false for visitors.
    in_wishlist: bool,
    /// The caller's enrolment.
    enrollment_id: Option<Id<kinds::Enrollment>>,
    /// The caller's progress in percent; null without an enrolment.
    progress: Option<u32>,
}

/// The course's teacher.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TeacherProfile {
    #[serde(flatten)]
    name: CourseTeacher,
    profile: TeacherAbout,
}

/// What a teacher says of himself, and what his courses say of him.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct TeacherAbout {
    #[schema(example = "10+ years of teaching experience")]
    bio: String,
    profile_picture: String,
    /// Published courses.
    #[schema(example = 12)]
    courses_count: u64,
    /// Enrolments in all his courses; who takes two of them counts twice.
    #[schema(example = 523_456)]
    students_count: u64,
    /// Average of the reviews of his courses with two decimals; null before the first.
    #[schema(example = 4.8)]
    rating: Option<f64>,
}

/// The ratings; GET /courses/{id}/reviews has all reviews.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReviewsView {
    #[serde(flatten)]
    summary: RatingSummary,
    /// Up to four of the newest, the newest first.
    recent: Vec<RecentReviewView>,
}

/// A review on the page of its course.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RecentReviewView {
    id: Id<kinds::Review>,
    /// His name; empty where the account is gone.
    #[schema(example = "John Smith")]
    author: Secret<String>,
    /// Empty where there is none.
    avatar: String,
    rating: Rating,
    /// When it was written.
    date: Timestamp,
    #[schema(example = "Best course ever!")]
    title: String,
    #[schema(example = "Absolutely fantastic course!")]
    comment: String,
    #[schema(example = 234)]
    helpful_count: u32,
}

/// The course by its id or slug. Drafts are shown to their instructor only, who also gets its version as ETag, for `If-Match`, and to who is
/// enrolled.
#[utoipa::path(
    get, path = "/courses/{id}", operation_id = "get_course", tag = "courses", security(()),
    params(("id" = String, Path, description = "Its id or slug", example = "complete-web-development-bootcamp-2026")),
    responses(
        (status = 200, description = "The course", body = CourseDetail),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn get_course(
    State(platform): State<Platform>,
    State(slugs): State<Slugs>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(name): Params<String>,
) -> ApiResult<Response> {
    let outline = slugs.outline(platform.store(), &name).await?.ok_or_else(course_not_found)?;
    let now = platform.ambient().now();
    let about = About::read(&platform, caller, &outline.course).await?;
    let viewer = as_viewer(&platform, caller, &outline.course, about.enrollment.as_ref()).await?;
    if !viewer.enrolled && !viewer.may_see(outline.course.status) {
        return Err(course_not_found());
    }
    let About { people, teaching, recent, enrollment, in_cart, in_wishlist } = about;
    let course = outline.course.clone();
    let curriculum = curriculum(outline, viewer, &platform);
    let (lessons, version, published) = (course.lesson_count, course.revision, course.published_at);
    let detail = CourseDetail {
        is_bestseller: is_bestseller(course.student_count, course.ratings.average_hundredths()),
        is_new: course.status == CourseStatus::Published && published.is_some_and(|at| is_new(at, now)),
        preview_video_url: preview(&curriculum),
        instructor: teacher(course.instructor_id, people.get(&course.instructor_id), teaching.as_ref()),
        curriculum,
        reviews: ReviewsView {
            summary: course.ratings.into(),
            recent: recent.into_iter().map(|review| shown(review, &people)).collect(),
        },
        course: course.into(),
        enrolled: viewer.enrolled,
        in_cart,
        in_wishlist,
        enrollment_id: enrollment.as_ref().map(|found| found.id),
        progress: enrollment.map(|found| progress_percent(found.lessons_completed, lessons)),
    };
    match viewer.owner {
        true => Ok(tagged(version, detail).into_response()),
        false => caching.json(Keep::Minute, &detail),
    }
}

/// What a page shows besides the course and its lessons.
struct About {
    people: HashMap<Id<kinds::User>, Person>,
    teaching: Option<TeachingStats>,
    /// The newest first.
    recent: Vec<Review>,
    /// The caller's.
    enrollment: Option<Enrollment>,
    /// Whether the caller has it in his cart.
    in_cart: bool,
    /// Whether the caller has it on his wish list.
    in_wishlist: bool,
}

impl About {
    /// One batch over four tables, and one read for who is enrolled.
    async fn read(platform: &Platform, caller: Option<Principal>, course: &Course) -> ApiResult<Self> {
        let student = caller.map(|caller| caller.user_id).filter(|id| *id != course.instructor_id);
        let authors = course.recent.iter().map(|one| one.user_id);
        let batch = platform
            .store()
            .batch()
            .with_people(authors.chain([course.instructor_id]))
            .with::<TeachingStats>(TeachingStats::key_of(course.instructor_id))
            .with_all::<Review>(course.recent.iter().map(|one| Review::key_of(course.id, one.review_id)))
            .with_all::<EnrollmentGuard>(student.map(|student| EnrollmentGuard::key_of(student, course.id)))
            .with_all::<Cart>(student.map(Cart::key_of))
            .with_all::<Wish>(student.map(|student| Wish::key_of(student, course.id)));
        let found = batch.read().await?;
        let enrollment = match found.one::<EnrollmentGuard>()? {
            Some(guard) => platform.store().enrollments().get(guard.user_id, guard.enrollment_id).await?,
            None => None,
        };
        let mut recent: Vec<Review> = found.all()?;
        recent.sort_unstable_by_key(|review| std::cmp::Reverse(review.id));
        let people = found.all::<Person>()?.into_iter().map(|person| (person.id, person)).collect();
        let in_cart = found.one::<Cart>()?.is_some_and(|cart| cart.line_of(course.id).is_some());
        let in_wishlist = found.one::<Wish>()?.is_some();
        Ok(Self { people, teaching: found.one()?, recent, enrollment, in_cart, in_wishlist })
    }
}

fn teacher(id: Id<kinds::User>, person: Option<&Person>, teaching: Option<&TeachingStats>) -> TeacherProfile {
    let (bio, profile_picture) =
        person.map(|person| (person.bio.clone(), person.avatar_url.clone())).unwrap_or_default();
    let numbers = teaching.map_or_else(TeacherAbout::default, |numbers| {
        let ratings = numbers.ratings();
        TeacherAbout {
            courses_count: numbers.courses(),
            students_count: numbers.students(),
            rating: (ratings.count() > 0).then(|| ratings.average()),
            ..TeacherAbout::default()
        }
    });
    TeacherProfile {
        name: CourseTeacher::new(id, person),
        profile: TeacherAbout { bio, profile_picture, ..numbers },
    }
}

fn shown(review: Review, people: &HashMap<Id<kinds::User>, Person>) -> RecentReviewView {
    let author = people.get(&review.user_id);
    RecentReviewView {
        id: review.id,
        author: author.map_or_else(|| Secret::new(String::new()), Person::full_name),
        avatar: author.map(|author| author.avatar_url.clone()).unwrap_or_default(),
        rating: review.rating,
        date: review.created_at,
        title: review.title,
        comment: review.comment,
        helpful_count: review.helpful_count,
    }
}
