//! Anyone looks at somebody.

use axum::{Json, extract::State};
use domain::identity::{Role, UserStatus};
use http_kit::{ApiResult, Params, Platform, Visitor};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::TeachingStats;

use crate::views::user_not_found;

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
    /// Published courses. Of instructors only, as the two that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12)]
    courses_count: Option<u64>,
    /// Enrolments in all his courses; who takes two of them counts twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 523_456)]
    students_count: Option<u64>,
    /// Average of the reviews of his courses with two decimals; null before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, example = 4.8)]
    rating: Option<Option<f64>>,
    member_since: Timestamp,
}

/// What an instructor has taught.
#[derive(Default)]
struct Teaching {
    courses_count: u64,
    students_count: u64,
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
        courses_count: teaching.as_ref().map(|taught| taught.courses_count),
        students_count: teaching.as_ref().map(|taught| taught.students_count),
        rating: teaching.map(|taught| taught.rating),
        member_since: user.created_at,
    }))
}

/// His numbers, which change with his courses: one read, however many there are.
async fn teaching(platform: &Platform, instructor: Id<kinds::User>) -> ApiResult<Teaching> {
    let key = TeachingStats::key_of(instructor);
    let found: Option<TeachingStats> =
        platform.store().batch().with::<TeachingStats>(key).read().await?.one()?;
    Ok(found.map_or_else(Teaching::default, |numbers| {
        let ratings = numbers.ratings();
        Teaching {
            courses_count: numbers.courses(),
            students_count: numbers.students(),
            rating: (ratings.count() > 0).then(|| ratings.average()),
        }
    }))
}
