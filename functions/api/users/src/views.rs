//! People as the API shows them.

use std::collections::BTreeMap;

use domain::{
    activity::{Activity, day_of},
    identity::{Language, NotificationKind, Role, UserStatus},
};
use http_kit::{ApiError, ApiResult, Platform};
use jiff::civil::Date;
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::{LearnerActivity, LearnerStats, ProfilePicture, User};

/// Somebody as he sees himself (seed 001 §4.9).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OwnProfile {
    id: Id<kinds::User>,
    #[schema(example = "user@example.com")]
    email: Secret<String>,
    #[schema(example = "john")]
    username: String,
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[schema(example = "Doe")]
    last_name: Secret<String>,
    role: Role,
    profile: ProfileDetails,
    preferences: PreferencesView,
    /// When he asked to become an instructor, while an admin has not decided.
    instructor_requested_at: Option<Timestamp>,
}

/// What he says about himself, and what he has learned.
#[derive(Serialize, utoipa::ToSchema)]
struct ProfileDetails {
    #[schema(example = "Software developer")]
    bio: String,
    /// Empty where there is none.
    #[schema(example = "https://learn.example/avatars/01933b7a/01933b7b.jpg")]
    profile_picture: String,
    /// Why the last uploaded picture is not shown.
    #[schema(example = "The picture is animated. Upload one that stands still.")]
    profile_picture_error: Option<String>,
    /// Empty where there is none.
    #[schema(example = "+1234567890")]
    phone: Secret<String>,
    #[schema(value_type = Option<String>, format = Date, example = "1995-04-23")]
    birthdate: Option<Secret<Date>>,
    #[schema(example = "USA")]
    country: String,
    /// IANA name; empty for UTC.
    #[schema(example = "America/Los_Angeles")]
    timezone: String,
    language: Language,
    /// Whole hours; a second of a video counts once, however often it is played.
    total_hours_learned: u64,
    courses_completed: u64,
    /// Days in a row up to today or yesterday in his time zone, with frozen days between.
    current_streak_days: u32,
    /// Certificates of completed courses that were not taken back.
    certificates_earned: u64,
    /// When he learnt last, to some ten minutes; null before he has.
    last_activity: Option<Timestamp>,
}

/// Which mails he gets.
#[derive(Serialize, utoipa::ToSchema)]
struct PreferencesView {
    /// The main switch.
    email_notifications_enabled: bool,
    /// What is in force for each kind, with defaults and the main switch applied.
    #[schema(example = json!({"security": true, "learning": true, "marketing": false}))]
    email_notifications: BTreeMap<NotificationKind, bool>,
}

impl OwnProfile {
    /// Reads everything of it in one call; 404 when the account is gone.
    pub(crate) async fn read(platform: &Platform, user: Id<kinds::User>) -> ApiResult<Self> {
        let batch = platform.store().batch().with::<User>(User::key_of(user));
        let batch = batch.with::<ProfilePicture>(ProfilePicture::key_of(user));
        let batch = batch.with::<LearnerActivity>(LearnerActivity::key_of(user));
        let found = batch.with::<LearnerStats>(LearnerStats::key_of(user)).read().await?;
        let user = found.one::<User>()?.ok_or_else(user_not_found)?;
        let activity = found.one::<LearnerActivity>()?.map(|known| known.activity).unwrap_or_default();
        let now = platform.ambient().now();
        Ok(Self::of(user, found.one()?, found.one()?, &activity, now))
    }

    fn of(
        user: User,
        picture: Option<ProfilePicture>,
        stats: Option<LearnerStats>,
        activity: &Activity,
        now: Timestamp,
    ) -> Self {
        let today = day_of(now, &user.timezone);
        let error = picture.and_then(|picture| picture.refusal).map(|refusal| refusal.to_string());
        let preferences = PreferencesView {
            email_notifications_enabled: user.preferences.email_notifications_enabled,
            email_notifications: user.preferences.in_force(),
        };
        let profile = ProfileDetails {
            bio: user.bio,
            profile_picture: user.avatar_url,
            profile_picture_error: error,
            phone: user.phone.unwrap_or_else(|| Secret::new(String::new())),
            birthdate: user.birthdate,
            country: user.country,
            timezone: user.timezone,
            language: user.language,
            total_hours_learned: activity.hours(),
            courses_completed: stats.as_ref().map_or(0, |stats| stats.completed_count),
            current_streak_days: activity.streak(today).days,
            certificates_earned: stats.map_or(0, |stats| stats.certificates_earned),
            last_activity: activity.recent.first().map(|recent| recent.at),
        };
        Self {
            id: user.id,
            email: user.email,
            username: user.username,
            first_name: user.first_name,
            last_name: user.last_name,
            role: user.role,
            profile,
            preferences,
            instructor_requested_at: user.instructor_requested_at,
        }
    }
}

/// An account as admins see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccountView {
    id: Id<kinds::User>,
    email: Secret<String>,
    username: String,
    first_name: Secret<String>,
    last_name: Secret<String>,
    role: Role,
    status: UserStatus,
    email_verified_at: Option<Timestamp>,
    mfa_enabled: bool,
    /// When the user asked to become an instructor, while nobody has decided.
    instructor_requested_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            username: user.username,
            first_name: user.first_name,
            last_name: user.last_name,
            role: user.role,
            status: user.status,
            email_verified_at: user.email_verified_at,
            mfa_enabled: user.mfa_enabled,
            instructor_requested_at: user.instructor_requested_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
            deleted_at: user.deleted_at,
        }
    }
}

/// The answer where there is no such user, or not for this caller.
pub(crate) fn user_not_found() -> ApiError {
    ApiError::not_found("USER_NOT_FOUND", "There is no such user. Check the id.")
}
