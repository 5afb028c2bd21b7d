//! Anyone looks at somebody.

use axum::{Json, extract::State};
use domain::{
    course::CourseStatus,
    identity::{Role, UserStatus},
};
use http_kit::{ApiResult, Params, Platform, Visitor};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;

use crate::views::user_not_found;

/// Courses that are read at once.
const PAGE: u32 = 100;

/// Somebody as everybody sees him.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PublicProfile {
    id: Id<kinds::User>,
    #[schema(example = "john")]
    username: String,
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[schema(example = "Doe")]
    last_name: Secret<String>,
    #[schema(example = "Software developer")]
    bio: String,
    /// Empty where there is none.
    profile_picture: String,
    is_instructor: bool,
    /// Of instructors only.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    teaching: Option<Teaching>,
    member_since: Timestamp,
}

/// What an instructor has taught.
#[derive(Default, Serialize, utoipa::ToSchema)]
struct Teaching {
    /// Published courses.
    courses_count: u64,
    /// Enrolments in them; who takes two courses counts twice.
    students_count: u64,
    /// Average of the reviews of his courses; null before the first.
    #[schema(example = json!(null))]
    rating: Option<f64>,
}

/// The public profile of a user.
#[utoipa::path(
    get, path = "/users/{id}", operation_id = "get_user", tag = "users", security(()),
    params(("id" = Id<kinds::User>, Path)),
    responses((status = 200, description = "The profile", body = PublicProfile)),
)]
pub(crate) async fn get_user(
    State(platform): State<Platform>,
    Visitor(_caller): Visitor,
    Params(id): Params<Id<kinds::User>>,
) -> ApiResult<Json<PublicProfile>> {
    let user = platform.store().users().get(id).await?;
    let shown = |status| matches!(status, UserStatus::Active | UserStatus::Suspended);
    let user = user.filter(|user| shown(user.status)).ok_or_else(user_not_found)?;
    let teaching = match user.role {
        Role::Student => None,
        Role::Instructor | Role::Admin => Some(teaching(&platform, id).await?),
    };
    Ok(Json(PublicProfile {
        id,
        username: user.username,
        first_name: user.first_name,
        last_name: user.last_name,
        bio: user.bio,
        profile_picture: user.avatar_url,
        is_instructor: user.role >= Role::Instructor,
        teaching,
        member_since: user.created_at,
    }))
}

async fn teaching(platform: &Platform, instructor: Id<kinds::User>) -> ApiResult<Teaching> {
    let (courses, mut start, mut sum) = (platform.store().courses(), None, Teaching::default());
    loop {
        let page = courses.taught_by(instructor, start, PAGE).await?;
        for course in page.items.iter().filter(|course| course.status == CourseStatus::Published) {
            sum.courses_count += 1;
            sum.students_count += course.student_count;
        }
        match page.next {
            Some(next) => start = Some(next),
            None => return Ok(sum),
        }
    }
}
