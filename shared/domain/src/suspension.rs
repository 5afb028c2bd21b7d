//! What a suspended account may still do: read, watch, and look after its own safety, data and appeal.

/// Whether a suspended user may make this request. `template` is the route's, such as `/api/v1/courses/{id}`. A method that only
/// reads is always allowed; of the others those that are listed here.
pub fn may(method: &str, template: &str) -> bool {
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        return true;
    }
    let path = template.strip_prefix("/api/v1/").unwrap_or(template);
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments[..] {
        // Logging out, passwords, the second factor.
        ["auth", ..] | ["users", "change-password"] => true,
        // One's own data and keys: taking them away is nobody's punishment.
        ["users", "profile"] | ["users", "profile", "picture"] | ["users", "api-keys", _] => {
            method == "DELETE"
        }
        ["users", "unsubscribe"] | ["appeals", ..] => true,
        // What he is told, and how.
        ["notifications", "read" | "preferences"] => true,
        // Watching: a course that was paid for stays watchable.
        ["media", "videos", _, "play" | "refresh" | "heartbeat" | "end" | "events"] => true,
        ["media" | "lectures", "video-progress", ..] | ["media", "sessions", ..] => true,
        // What he reads of it counts as what he watches does.
        ["enrollments", _, "mark-lesson-complete"] | ["enrollments", _, "lessons", _, "progress"] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_watching_and_safety_stay_open() {
        for (method, template) in [
            ("GET", "/api/v1/courses"),
            ("POST", "/api/v1/auth/logout"),
            ("PUT", "/api/v1/users/change-password"),
            ("DELETE", "/api/v1/users/profile"),
            ("DELETE", "/api/v1/users/api-keys/{id}"),
            ("POST", "/api/v1/appeals"),
            ("POST", "/api/v1/notifications/read"),
            ("POST", "/api/v1/media/videos/{id}/play"),
            ("PUT", "/api/v1/media/video-progress"),
            ("POST", "/api/v1/enrollments/{id}/mark-lesson-complete"),
            ("PUT", "/api/v1/enrollments/{id}/lessons/{lesson_id}/progress"),
        ] {
            assert!(may(method, template), "{method} {template}");
        }
    }

    #[test]
    fn whatever_others_could_see_is_closed() {
        for (method, template) in [
            ("POST", "/api/v1/courses"),
            ("PUT", "/api/v1/users/profile"),
            ("POST", "/api/v1/users/profile/picture"),
            ("POST", "/api/v1/users/api-keys"),
            ("POST", "/api/v1/users/become-instructor"),
            ("PATCH", "/api/v1/channels/{id}"),
            ("POST", "/api/v1/media/videos/presign"),
            ("POST", "/api/v1/media/videos/{id}/publish"),
            ("POST", "/api/v1/videos/{id}/comments"),
            ("PATCH", "/api/v1/admin/users/{id}"),
            ("TRACE", "/api/v1/courses"),
            ("POST", ""),
        ] {
            assert!(!may(method, template), "{method} {template}");
        }
    }
}
