//! What an API key may do.

use serde::{Deserialize, Serialize};

/// A permission of an API key: one group of the API, to read or to write. Writing does not include reading.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Scope {
    /// Own profile, preferences and notifications; public profiles.
    #[serde(rename = "profile:read")]
    ProfileRead,
    /// Changes the profile. Never the address, the password, the second factor.
    #[serde(rename = "profile:write")]
    ProfileWrite,
    /// Courses, sections, lessons, categories, the search.
    #[serde(rename = "courses:read")]
    CoursesRead,
    /// Makes and changes courses.
    #[serde(rename = "courses:write")]
    CoursesWrite,
    /// Videos, their versions, processing and statistics.
    #[serde(rename = "videos:read")]
    VideosRead,
    /// Uploads, changes and deletes videos, subtitles, pictures.
    #[serde(rename = "videos:write")]
    VideosWrite,
    /// Channels and subscriptions to them.
    #[serde(rename = "channels:read")]
    ChannelsRead,
    /// Makes and changes channels; subscribes.
    #[serde(rename = "channels:write")]
    ChannelsWrite,
    /// Enrolments, progress, certificates, the dashboard, the history.
    #[serde(rename = "learning:read")]
    LearningRead,
    /// Enrols in what is free or paid for; marks lessons as complete.
    #[serde(rename = "learning:write")]
    LearningWrite,
    /// Comments, reviews, playlists.
    #[serde(rename = "community:read")]
    CommunityRead,
    /// Writes comments and reviews; keeps playlists.
    #[serde(rename = "community:write")]
    CommunityWrite,
    /// Figures of own channels, videos and courses.
    #[serde(rename = "analytics:read")]
    AnalyticsRead,
}

/// A group of scopes: what a part of the API is about.
#[derive(Clone, Copy)]
enum Group {
    Profile,
    Courses,
    Videos,
    Channels,
    Learning,
    Community,
    Analytics,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 13] = [
        Self::ProfileRead,
        Self::ProfileWrite,
        Self::CoursesRead,
        Self::CoursesWrite,
        Self::VideosRead,
        Self::VideosWrite,
        Self::ChannelsRead,
        Self::ChannelsWrite,
        Self::LearningRead,
        Self::LearningWrite,
        Self::CommunityRead,
        Self::CommunityWrite,
        Self::AnalyticsRead,
    ];

    /// The name as it is stored and shown, such as `courses:read`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProfileRead => "profile:read",
            Self::ProfileWrite => "profile:write",
            Self::CoursesRead => "courses:read",
            Self::CoursesWrite => "courses:write",
            Self::VideosRead => "videos:read",
            Self::VideosWrite => "videos:write",
            Self::ChannelsRead => "channels:read",
            Self::ChannelsWrite => "channels:write",
            Self::LearningRead => "learning:read",
            Self::LearningWrite => "learning:write",
            Self::CommunityRead => "community:read",
            Self::CommunityWrite => "community:write",
            Self::AnalyticsRead => "analytics:read",
        }
    }
}

/// The scope that an API key needs for a request; `None` means that no API key may make it. The default is `None`: what is
/// not listed here is closed to keys. Closed on purpose: logins and everything that changes who can log in, money, admin and
/// moderation, playback (it is bound to a device), beacons (a program that counts views is a fraud).
///
/// `path` may be a request's path or a route's template, with or without `/api/v1` and a slash at the end.
pub fn required_scope(method: &str, path: &str) -> Option<Scope> {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    // A segment that a router or a proxy could read in two ways is none of ours.
    if segments.iter().any(|segment| segment.is_empty() || segment.contains(['%', '\\']) || *segment == "..")
    {
        return None;
    }
    let write = match method {
        "GET" | "HEAD" => false,
        "POST" | "PUT" | "PATCH" | "DELETE" => true,
        _ => return None,
    };
    match (group(&segments, method)?, write) {
        (Group::Profile, false) => Some(Scope::ProfileRead),
        (Group::Profile, true) => Some(Scope::ProfileWrite),
        (Group::Courses, false) => Some(Scope::CoursesRead),
        (Group::Courses, true) => Some(Scope::CoursesWrite),
        (Group::Videos, false) => Some(Scope::VideosRead),
        (Group::Videos, true) => Some(Scope::VideosWrite),
        (Group::Channels, false) => Some(Scope::ChannelsRead),
        (Group::Channels, true) => Some(Scope::ChannelsWrite),
        (Group::Learning, false) => Some(Scope::LearningRead),
        (Group::Learning, true) => Some(Scope::LearningWrite),
        (Group::Community, false) => Some(Scope::CommunityRead),
        (Group::Community, true) => Some(Scope::CommunityWrite),
        (Group::Analytics, false) => Some(Scope::AnalyticsRead),
        (Group::Analytics, true) => None,
    }
}

fn group(segments: &[&str], method: &str) -> Option<Group> {
    let reads = matches!(method, "GET" | "HEAD");
    match segments {
        ["users", "profile"] if method != "DELETE" => Some(Group::Profile),
        ["users", "profile", "picture"] => Some(Group::Profile),
        // The public profile. Anything else below /users is an account's security, unless it is listed above.
        ["users", id] if reads && is_id(id) => Some(Group::Profile),
        ["notifications", ..] => Some(Group::Profile),
        ["courses", _, "enroll"] => Some(Group::Learning),
        ["courses", _, "reviews", ..] => Some(Group::Community),
        ["courses", _, "lessons", _, "quiz-attempts", ..] => Some(Group::Learning),
        ["courses" | "instructor", ..] => Some(Group::Courses),
        ["categories" | "search", ..] if reads => Some(Group::Courses),
        ["media", "videos", _, "play" | "refresh" | "heartbeat" | "end" | "events"] => None,
        ["media", "lectures", _, "sessions", _, "videos", _] => Some(Group::Videos),
        ["media", "lectures", _, "sessions", _, "videos", _, "stats"] => Some(Group::Videos),
        ["media" | "lectures", "video-progress", ..] => Some(Group::Learning),
        ["lectures", "videos", ..] => Some(Group::Videos),
        ["lectures", "sessions", _] if reads => Some(Group::Courses),
        ["media", "videos" | "images" | "subtitles" | "video-permissions", ..] => Some(Group::Videos),
        ["videos", _, "comments", ..] => Some(Group::Community),
        ["videos", "liked"] if reads => Some(Group::Community),
        ["videos", _] if reads => Some(Group::Videos),
        ["comments" | "playlists", ..] => Some(Group::Community),
        ["channels" | "subscriptions", ..] => Some(Group::Channels),
        ["enrollments", ..] => Some(Group::Learning),
        ["certificates" | "dashboard" | "history", ..] if reads => Some(Group::Learning),
        ["analytics", ..] => Some(Group::Analytics),
        _ => None,
    }
}

/// A UUID, or the place of one in a route's template.
fn is_id(segment: &str) -> bool {
    segment == "{id}" || segment.parse::<kernel::Id<kernel::id::kinds::User>>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_scope_is_written_as_it_is_named() {
        let names: BTreeSet<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        assert_eq!(names.len(), Scope::ALL.len());
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
    }

    #[test]
    fn a_request_needs_the_scope_of_its_group() {
        for (method, path, scope) in [
            ("GET", "/api/v1/courses", Some(Scope::CoursesRead)),
            ("GET", "/api/v1/courses/", Some(Scope::CoursesRead)),
            ("HEAD", "/courses/{id}", Some(Scope::CoursesRead)),
            ("PATCH", "/api/v1/courses/러스트-입문", Some(Scope::CoursesWrite)),
            ("POST", "/api/v1/courses/{id}/enroll", Some(Scope::LearningWrite)),
            ("POST", "/api/v1/courses/{id}/reviews/{rid}/reply", Some(Scope::CommunityWrite)),
            ("GET", "/api/v1/instructor/courses", Some(Scope::CoursesRead)),
            ("POST", "/api/v1/media/videos/presign", Some(Scope::VideosWrite)),
            ("GET", "/api/v1/media/videos/{id}/stats", Some(Scope::VideosRead)),
            ("PUT", "/api/v1/media/video-progress", Some(Scope::LearningWrite)),
            ("GET", "/api/v1/users/profile", Some(Scope::ProfileRead)),
            ("PUT", "/api/v1/users/profile", Some(Scope::ProfileWrite)),
            ("GET", "/api/v1/users/01890a5d-ac96-774b-bcce-b302099a8057", Some(Scope::ProfileRead)),
            ("GET", "/api/v1/analytics/channels/{id}", Some(Scope::AnalyticsRead)),
            ("POST", "/api/v1/playlists", Some(Scope::CommunityWrite)),
        ] {
            assert_eq!(required_scope(method, path), scope, "{method} {path}");
        }
    }

    #[test]
    fn logins_money_admin_and_playback_are_closed_to_keys() {
        for (method, path) in [
            ("POST", "/api/v1/auth/login"),
            ("GET", "/api/v1/auth/me"),
            ("POST", "/api/v1/auth/mfa/disable"),
            ("PUT", "/api/v1/users/change-password"),
            ("GET", "/api/v1/users/export"),
            ("GET", "/api/v1/users/api-keys"),
            ("POST", "/api/v1/users/api-keys"),
            ("DELETE", "/api/v1/users/profile"),
            ("POST", "/api/v1/users/become-instructor"),
            ("GET", "/api/v1/admin/users"),
            ("PATCH", "/api/v1/admin/users/{id}"),
            ("POST", "/api/v1/orders/create-from-cart"),
            ("GET", "/api/v1/payments/transactions"),
            ("POST", "/api/v1/cart/items"),
            ("GET", "/api/v1/payouts"),
            ("GET", "/api/v1/revenue"),
            ("POST", "/api/v1/subscription"),
            ("POST", "/api/v1/flags"),
            ("POST", "/api/v1/media/videos/{id}/play"),
            ("GET", "/api/v1/media/sessions"),
            ("POST", "/api/v1/videos/{id}/view"),
            ("POST", "/api/v1/watch-sessions"),
            ("DELETE", "/api/v1/history"),
            ("OPTIONS", "/api/v1/courses"),
            ("get", "/api/v1/courses"),
            ("GET", "/api/v1/courses/../admin/users"),
            ("GET", "/api/v1/%61dmin/users"),
            ("GET", "/api/v1//courses"),
            ("GET", "courses"),
            ("GET", "/"),
            ("GET", ""),
        ] {
            assert_eq!(required_scope(method, path), None, "{method} {path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_of_a_closed_group_opens(
            first in prop::sample::select(vec![
                "auth", "admin", "orders", "payments", "cart", "wishlist", "plans", "subscription", "promo-codes",
                "payouts", "revenue", "flags", "moderation", "appeals", "health", "watch-sessions",
            ]),
            rest in "(/[a-z0-9{}.-]{0,9}){0,4}",
            method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ) {
            prop_assert_eq!(required_scope(method, &format!("/api/v1/{first}{rest}")), None);
        }

        #[test]
        fn reading_needs_no_right_to_write_and_writing_none_to_read(path in "(/[a-z-]{1,12}){1,5}") {
            let is = |method, end| required_scope(method, &path).is_none_or(|s| s.as_str().ends_with(end));
            prop_assert!(is("GET", ":read"));
            prop_assert!(["POST", "PUT", "PATCH", "DELETE"].iter().all(|method| is(method, ":write")));
        }
    }
}
