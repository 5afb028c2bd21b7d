//! Anyone looks at a course.

use axum::{Json, extract::State};
use domain::course::progress_percent;
use http_kit::{ApiResult, Params, Platform, Principal, Visitor};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Course, Enrollment, EnrollmentGuard, Person};

use crate::{
    access::as_viewer,
    refusals::course_not_found,
    views::{CourseTeacher, CourseView, SectionView, curriculum},
};

/// A course with its curriculum.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CourseDetail {
    #[serde(flatten)]
    course: CourseView,
    instructor: TeacherProfile,
    curriculum: Vec<SectionView>,
    /// Whether the caller has an enrolment that gives access now; false for visitors.
    enrolled: bool,
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

/// What a teacher says of himself.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TeacherAbout {
    #[schema(example = "10+ years of teaching experience")]
    bio: String,
    profile_picture: String,
}

/// The course by its id or slug. Drafts are shown to their instructor only.
#[utoipa::path(
    get, path = "/courses/{id}", operation_id = "get_course", tag = "courses", security(()),
    params(("id" = String, Path, description = "Its id or slug", example = "complete-web-development-bootcamp-2026")),
    responses((status = 200, description = "The course", body = CourseDetail)),
)]
pub(crate) async fn get_course(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    Params(name): Params<String>,
) -> ApiResult<Json<CourseDetail>> {
    let courses = platform.store().courses();
    let id = match name.parse() {
        Ok(id) => id,
        Err(_) => courses.id_of_slug(&name).await?.ok_or_else(course_not_found)?,
    };
    let outline = courses.outline(id).await?.ok_or_else(course_not_found)?;
    if !as_viewer(caller, &outline.course, None, platform.ambient().now()).may_see(outline.course.status) {
        return Err(course_not_found());
    }
    let (teacher, enrollment) = people(&platform, caller, &outline.course).await?;
    let viewer = as_viewer(caller, &outline.course, enrollment.as_ref(), platform.ambient().now());
    let name = CourseTeacher::new(outline.course.instructor_id, teacher.as_ref());
    let (bio, profile_picture) = teacher.map(|teacher| (teacher.bio, teacher.avatar_url)).unwrap_or_default();
    let lessons = outline.course.lesson_count;
    Ok(Json(CourseDetail {
        course: outline.course.clone().into(),
        instructor: TeacherProfile { name, profile: TeacherAbout { bio, profile_picture } },
        curriculum: curriculum(outline, viewer, &platform),
        enrolled: viewer.enrolled,
        enrollment_id: enrollment.as_ref().map(|found| found.id),
        progress: enrollment.map(|found| progress_percent(found.lessons_completed, lessons)),
    }))
}

/// The teacher and the caller's enrolment: one batch over two tables, and one read for who is enrolled.
async fn people(
    platform: &Platform,
    caller: Option<Principal>,
    course: &Course,
) -> ApiResult<(Option<Person>, Option<Enrollment>)> {
    let store = platform.store();
    let student = caller.filter(|caller| caller.user_id != course.instructor_id).map(|caller| caller.user_id);
    let guard = student.map(|student| EnrollmentGuard::key_of(student, course.id));
    let batch = store.batch().with_people([course.instructor_id]).with_all::<EnrollmentGuard>(guard);
    let found = batch.read().await?;
    let enrollment = match found.one::<EnrollmentGuard>()? {
        Some(guard) => store.enrollments().get(guard.user_id, guard.enrollment_id).await?,
        None => None,
    };
    Ok((found.one()?, enrollment))
}
