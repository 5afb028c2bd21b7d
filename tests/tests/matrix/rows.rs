//! The table. A column for each actor: O he may, L he must log in, F he may not, H he does not learn that it exists.

use super::{
    Actor, Outcome,
    world::Needs::{
        self, ApiKey, Category, Draft, Login, Nothing, Permission, Play, Review, Session, Upload,
    },
};

/// An operation, and what comes of it for everybody.
pub(super) struct Row {
    pub(super) operation: &'static str,
    pub(super) method: &'static str,
    /// Below `/api/v1` (a few stand at the root), with the names of [`super::world::World`] in braces.
    pub(super) path: &'static str,
    /// One letter for each of [`Actor::ALL`]: visitor, student, enrolled, owner, other, admin.
    expected: &'static str,
    /// JSON; empty for none.
    pub(super) body: &'static str,
    pub(super) needs: Needs,
}

impl Row {
    pub(super) fn expected(&self, actor: Actor) -> Outcome {
        match self.expected.as_bytes()[actor as usize] {
            b'O' => Outcome::Ok,
            b'L' => Outcome::LogIn,
            b'F' => Outcome::Forbidden,
            b'H' => Outcome::Hidden,
            other => panic!("{}: what is {}?", self.operation, char::from(other)),
        }
    }
}

const fn row(
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    expected: &'static str,
    body: &'static str,
    needs: Needs,
) -> Row {
    Row { operation, method, path, expected, body, needs }
}

/// Everybody.
const PUBLIC: &str = "OOOOOO";
/// Who has an account; it is about his own things.
const SELF: &str = "LOOOOO";
/// Instructors and admins; it is about their own things.
const TEACH: &str = "LFFOOO";
/// The owner; who teaches does not learn that it exists, the others may not teach.
const TEACHES_IT: &str = "LFFOHH";
/// The owner.
const OWNER: &str = "LHHOHH";
/// Admins.
const ADMIN: &str = "LFFFFO";
/// The student whose enrolment it is.
const STUDENT: &str = "LHOHHH";

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row("get_jwks", "GET", "/.well-known/jwks.json", PUBLIC, "", Nothing),
    row("get_health", "GET", "/health", PUBLIC, "", Nothing),
    row("get_deep_health", "GET", "/health/deep", "LFFFFO", "", Nothing),
    row("get_openapi", "GET", "/openapi.json", PUBLIC, "", Nothing),
    row("get_docs", "GET", "/docs", PUBLIC, "", Nothing),
    row("register", "POST", "/auth/register", PUBLIC, r#"{"email": "{word}@example.com", "password": "correct horse battery staple", "first_name": "Ada", "last_name": "Lim"}"#, Nothing),
    row("get_me", "GET", "/auth/me", SELF, "", Nothing),
    row("list_sessions", "GET", "/auth/sessions", SELF, "", Nothing),
    row("end_session", "DELETE", "/auth/sessions/{session}", OWNER, "", Session),
    row("logout", "POST", "/auth/logout", SELF, "", Login),
    row("logout_all", "POST", "/auth/logout-all", SELF, "", Login),
    row("login", "POST", "/auth/login", PUBLIC, r#"{"email": "{email}", "password": "correct horse battery staple"}"#, Nothing),
    row("refresh", "POST", "/auth/refresh", PUBLIC, r#"{"refresh": "{refresh}"}"#, Login),
    row("restore_account", "POST", "/auth/restore", PUBLIC, r#"{"email": "{email}", "password": "correct horse battery staple"}"#, Login),
    row("verify_mfa", "POST", "/auth/mfa/verify", "LLLLLL", r#"{"challenge_token": "none", "code": "000000"}"#, Nothing),
    row("setup_mfa", "POST", "/auth/mfa/setup", SELF, "", Login),
    row("enable_mfa", "POST", "/auth/mfa/enable", SELF, "{}", Login),
    row("disable_mfa", "POST", "/auth/mfa/disable", SELF, "{}", Nothing),
    row("renew_recovery_codes", "POST", "/auth/mfa/recovery-codes", SELF, "{}", Login),
    row("reauthenticate", "POST", "/auth/reauthenticate", SELF, "{}", Nothing),
    row("verify_email", "POST", "/auth/verify-email", PUBLIC, r#"{"token": "none"}"#, Nothing),
    row("resend_verification", "POST", "/auth/resend-verification", SELF, "", Nothing),
    row("request_password_reset", "POST", "/auth/password-reset", PUBLIC, r#"{"email": "{word}@example.com"}"#, Nothing),
    row("confirm_password_reset", "POST", "/auth/password-reset/confirm", PUBLIC, r#"{"token": "none", "new_password": "a better horse, and a staple"}"#, Nothing),
    row("change_password", "PUT", "/users/change-password", SELF, "{}", Nothing),
    row("list_devices", "GET", "/auth/devices", SELF, "", Nothing),
    row("forget_device", "DELETE", "/auth/devices/{nobody}", "LHHHHH", "", Nothing),
    row("list_security_events", "GET", "/auth/events", SELF, "", Nothing),
    row("list_social_providers", "GET", "/auth/social/providers", PUBLIC, "", Nothing),
    row("start_social_login", "GET", "/auth/social/{provider}/start", PUBLIC, "", Nothing),
    row("finish_social_login", "POST", "/auth/social/{provider}/callback", PUBLIC, r#"{"code": "none", "state": "none"}"#, Nothing),
    row("list_social_accounts", "GET", "/auth/social", SELF, "", Nothing),
    row("unlink_social_account", "DELETE", "/auth/social/{provider}", "LHHHHH", "", Nothing),
    row("create_channel", "POST", "/channels", TEACH, r#"{"name": "A channel", "handle": "{word}"}"#, Nothing),
    row("get_own_channel", "GET", "/channels/me", "LHHOOO", "", Nothing),
    row("get_channel", "GET", "/channels/{channel}", PUBLIC, "", Nothing),
    row("update_channel", "PATCH", "/channels/{channel}", OWNER, r#"{"description": "New words."}"#, Nothing),
    row("get_channel_quota", "GET", "/channels/{channel}/quota", OWNER, "", Nothing),
    row("list_courses", "GET", "/courses", PUBLIC, "", Nothing),
    row("list_related_courses", "GET", "/courses/{course}/related", PUBLIC, "", Nothing),
    row("list_related_courses_of", "GET", "/courses/related/{course}", PUBLIC, "", Nothing),
    row("search", "GET", "/search?q=rust", PUBLIC, "", Nothing),
    row("suggest", "GET", "/search/suggest?q=ru", PUBLIC, "", Nothing),
    row("list_popular_searches", "GET", "/search/popular", PUBLIC, "", Nothing),
    row("click_result", "POST", "/search/click", "HHHHHH", r#"{"query_id": "01933b7a-3c5e-7000-8000-000000005e01", "kind": "course", "id": "none", "position": 1}"#, Nothing),
    row("get_sitemap", "GET", "/sitemap.xml", PUBLIC, "", Nothing),
    row("get_sitemap_file", "GET", "/sitemaps/{sitemap_file}", PUBLIC, "", Nothing),
    row("get_course_feed", "GET", "/feeds/courses.rss", PUBLIC, "", Nothing),
    row("get_robots", "GET", "/robots.txt", PUBLIC, "", Nothing),
    row("list_own_courses", "GET", "/instructor/courses", TEACH, "", Nothing),
    row("create_course", "POST", "/courses", TEACH, r#"{"title": "A course {word}"}"#, Nothing),
    row("get_course", "GET", "/courses/{course}", PUBLIC, "", Nothing),
    row("get_course", "GET", "/courses/{new_course}", "HHHOHH", "", Nothing),
    row("update_course", "PATCH", "/courses/{course}", TEACHES_IT, r#"{"short_description": "New words."}"#, Nothing),
    row("list_sections", "GET", "/courses/{course}/sections", PUBLIC, "", Nothing),
    row("list_sections", "GET", "/courses/{new_course}/sections", "HHHOHH", "", Nothing),
    row("create_section", "POST", "/courses/{new_course}/sections", TEACHES_IT, r#"{"title": "More"}"#, Nothing),
    row("update_section", "PATCH", "/courses/{course}/sections/{section}", TEACHES_IT, r#"{"title": "Other words"}"#, Nothing),
    row("reorder_sections", "POST", "/courses/{new_course}/sections/reorder", TEACHES_IT, r#"{"order": ["{new_section}", "{empty_section}"]}"#, Draft),
    row("create_lesson", "POST", "/courses/{new_course}/sections/{new_section}/lessons", TEACHES_IT, r#"{"kind": "text", "title": "To read", "content": "Words."}"#, Nothing),
    row("get_lesson", "GET", "/courses/{course}/lessons/{lesson}", "LFOOFF", "", Nothing),
    row("take_quiz", "POST", "/courses/{course}/lessons/{quiz_lesson}/quiz-attempts", "LFOOFF", r#"{"quiz_version": 1, "answers": []}"#, Nothing),
    row("list_quiz_attempts", "GET", "/courses/{course}/lessons/{quiz_lesson}/quiz-attempts", "LFOOFF", "", Nothing),
    row("upload_resource", "POST", "/courses/{new_course}/resources", TEACHES_IT, r#"{"content_type": "application/pdf", "size": 1000}"#, Nothing),
    row("add_resource", "POST", "/courses/{course}/lessons/{lesson}/resources", TEACHES_IT, r#"{"resource_id": "{new_resource}", "title": "Slides", "file_name": "slides.pdf"}"#, Needs::Resource),
    row("get_resource", "GET", "/courses/{course}/lessons/{lesson}/resources/{resource}", "LFOOFF", "", Nothing),
    row("remove_resource", "DELETE", "/courses/{course}/lessons/{lesson}/resources/{resource}", TEACHES_IT, "", Needs::AddedResource),
    row("update_lesson", "PATCH", "/courses/{course}/lessons/{lesson}", TEACHES_IT, r#"{"title": "Other words"}"#, Nothing),
    row("reorder_lessons", "POST", "/courses/{new_course}/sections/{new_section}/lessons/reorder", TEACHES_IT, r#"{"order": ["{new_lesson}"]}"#, Draft),
    row("delete_lesson", "DELETE", "/courses/{new_course}/lessons/{new_lesson}", TEACHES_IT, "", Draft),
    row("delete_section", "DELETE", "/courses/{new_course}/sections/{empty_section}", TEACHES_IT, "", Draft),
    row("duplicate_course", "POST", "/courses/{course}/duplicate", TEACHES_IT, "", Nothing),
    row("export_course", "GET", "/courses/{course}/export", TEACHES_IT, "", Nothing),
    row("import_course", "POST", "/courses/import", TEACH, r#"{"format": 1, "course": {"title": "From a document"}}"#, Nothing),
    row("request_course_archive", "POST", "/courses/{course}/archive", TEACHES_IT, "", Nothing),
    row("get_course_archive", "GET", "/courses/{course}/archive", TEACHES_IT, "", Nothing),
    row("upload_course_archive", "POST", "/courses/import-archive/ticket", TEACH, r#"{"size": 1000}"#, Nothing),
    row("import_course_archive", "POST", "/courses/import-archive", TEACH, r#"{"archive_id": "{nobody}"}"#, Nothing),
    row("get_course_import", "GET", "/courses/import-archive/{nobody}", "LFFHHH", "", Nothing),
    row("upload_thumbnail", "POST", "/courses/{new_course}/thumbnail", TEACHES_IT, r#"{"content_type": "image/png", "size": 1000}"#, Nothing),
    row("get_thumbnail", "GET", "/courses/{course}/thumbnail", TEACHES_IT, "", Nothing),
    row("publish_course", "POST", "/courses/{new_course}/publish", TEACHES_IT, "", Draft),
    row("unpublish_course", "POST", "/courses/{new_course}/unpublish", TEACHES_IT, "", Nothing),
    row("list_reviews", "GET", "/courses/{new_course}/reviews", "HHHOHH", "", Nothing),
    row("delete_course", "DELETE", "/courses/{new_course}", TEACHES_IT, "", Draft),
    row("list_categories", "GET", "/categories", PUBLIC, "", Nothing),
    row("create_category", "POST", "/admin/categories", ADMIN, r#"{"name": "Another one of the matrix"}"#, Nothing),
    row("update_category", "PATCH", "/admin/categories/{category}", ADMIN, r#"{"icon": "film"}"#, Category),
    row("delete_category", "DELETE", "/admin/categories/{category}", ADMIN, "", Category),
    row("list_reviews", "GET", "/courses/{course}/reviews", PUBLIC, "", Nothing),
    row("create_review", "POST", "/courses/{course}/reviews", "LFOOFF", r#"{"rating": 5, "comment": "Words."}"#, Nothing),
    row("update_review", "PATCH", "/courses/{course}/reviews/{review}", STUDENT, r#"{"rating": 4}"#, Review),
    row("list_review_edits", "GET", "/courses/{course}/reviews/{review}/edits", "LHOHHO", "", Review),
    row("vote_for_review", "POST", "/courses/{course}/reviews/{review}/helpful", SELF, "", Nothing),
    row("take_back_vote", "DELETE", "/courses/{course}/reviews/{review}/helpful", SELF, "", Nothing),
    row("create_reply", "POST", "/courses/{course}/reviews/{review}/reply", TEACHES_IT, r#"{"comment": "Thank you."}"#, Nothing),
    row("update_reply", "PATCH", "/courses/{course}/reviews/{review}/reply", TEACHES_IT, r#"{"comment": "Thanks."}"#, Nothing),
    row("delete_reply", "DELETE", "/courses/{course}/reviews/{review}/reply", TEACHES_IT, "", Nothing),
    row("delete_review", "DELETE", "/courses/{course}/reviews/{review}", "LHOHHO", "", Review),
    row("enroll_in_course", "POST", "/courses/{open_course}/enroll", SELF, "", Nothing),
    row("list_enrollments", "GET", "/enrollments", SELF, "", Nothing),
    row("get_enrollment", "GET", "/enrollments/{enrollment}", STUDENT, "", Nothing),
    row("presign_upload", "POST", "/media/videos/presign", TEACHES_IT, r#"{"filename": "film.mp4", "size": 1000, "target": {"kind": "section", "id": "{section}"}}"#, Nothing),
    row("presign_upload_parts", "POST", "/media/videos/uploads/{new_upload}/parts", TEACHES_IT, r#"{"numbers": [1]}"#, Nothing),
    row("get_upload", "GET", "/media/videos/uploads/{new_upload}", TEACHES_IT, "", Nothing),
    row("complete_upload", "POST", "/media/videos/uploads/{new_upload}/complete", TEACHES_IT, "", Nothing),
    row("complete_video", "POST", "/media/videos/complete", TEACHES_IT, r#"{"file_key": "{new_key}"}"#, Nothing),
    row("abort_upload", "DELETE", "/media/videos/uploads/{new_upload}", TEACHES_IT, "", Upload),
    row("list_videos", "GET", "/media/videos", SELF, "", Nothing),
    row("list_videos", "GET", "/media/videos?section={section}", "LHOOHH", "", Nothing),
    row("get_video", "GET", "/media/videos/{video}", "LHOOHH", "", Nothing),
    row("update_video", "PATCH", "/media/videos/{video}", OWNER, r#"{"title": "Other words"}"#, Nothing),
    row("get_video_processing", "GET", "/media/videos/{video}/processing", OWNER, "", Nothing),
    row("retry_video", "POST", "/media/videos/{video}/retry", OWNER, "", Nothing),
    row("set_video_policy", "POST", "/media/videos/{video}/set-policy", OWNER, r#"{"max_speed": 2}"#, Nothing),
    row("publish_video", "POST", "/media/videos/{video}/publish", OWNER, "", Nothing),
    row("create_video_permission", "POST", "/media/video-permissions", OWNER, r#"{"video": "{video}", "enrollment": "{enrollment}", "rule": "free"}"#, Nothing),
    row("list_video_permissions", "GET", "/media/video-permissions?video={video}", OWNER, "", Nothing),
    row("get_video_permission", "GET", "/media/video-permissions/{permission}", OWNER, "", Nothing),
    row("update_video_permission", "PATCH", "/media/video-permissions/{permission}", OWNER, r#"{"block_seek": true}"#, Nothing),
    row("delete_video_permission", "DELETE", "/media/video-permissions/{permission}", OWNER, "", Permission),
    row("play_video", "POST", "/media/videos/{video}/play", "LFOOFF", r#"{"device_id": "test", "enrollment_id": "{own_enrollment}"}"#, Nothing),
    row("heartbeat_playback", "POST", "/media/videos/{video}/heartbeat", "LLOLLL", r#"{"token": "{play_token}"}"#, Nothing),
    row("refresh_playback", "POST", "/media/videos/{video}/refresh", "LLOLLL", r#"{"token": "{play_token}"}"#, Nothing),
    row("report_playback_events", "POST", "/media/videos/{video}/events", "OLOLLL", r#"{"token": "{play_token}", "events": [{"type": "pause"}]}"#, Nothing),
    row("report_video_progress", "PUT", "/media/video-progress", STUDENT, r#"{"video": "{video}", "enrollment": "{enrollment}", "intervals": [[0, 0.5]]}"#, Nothing),
    row("update_video_progress", "POST", "/media/video-progress/update_progress", STUDENT, r#"{"video": "{video}", "enrollment": "{enrollment}", "last_position": 0.5}"#, Nothing),
    row("list_video_progress", "GET", "/media/video-progress?enrollment={enrollment}", STUDENT, "", Nothing),
    row("list_playback_sessions", "GET", "/media/sessions", SELF, "", Nothing),
    row("end_playback_session", "DELETE", "/media/sessions/{play}", STUDENT, "", Play),
    row("end_playback", "POST", "/media/videos/{video}/end", "OLOLLL", r#"{"token": "{play_token}"}"#, Play),
    row("archive_video", "POST", "/media/videos/{video}/archive", OWNER, "", Nothing),
    row("delete_video", "DELETE", "/media/videos/{new_video}", OWNER, "", Upload),
    row("get_profile", "GET", "/users/profile", SELF, "", Nothing),
    row("update_profile", "PUT", "/users/profile", SELF, r#"{"bio": "New words."}"#, Nothing),
    row("upload_picture", "POST", "/users/profile/picture", SELF, r#"{"content_type": "image/png", "size": 1000}"#, Nothing),
    row("remove_picture", "DELETE", "/users/profile/picture", SELF, "", Nothing),
    row("get_user", "GET", "/users/{bystander}", PUBLIC, "", Nothing),
    row("show_unsubscribe", "GET", "/users/unsubscribe", PUBLIC, "", Nothing),
    row("unsubscribe", "POST", "/users/unsubscribe", PUBLIC, "", Nothing),
    row("list_api_keys", "GET", "/users/api-keys", SELF, "", Nothing),
    row("create_api_key", "POST", "/users/api-keys", SELF, r#"{"name": "A program", "scopes": ["profile:read"]}"#, Login),
    row("revoke_api_key", "DELETE", "/users/api-keys/{api_key}", OWNER, "", ApiKey),
    row("list_users", "GET", "/admin/users", ADMIN, "", Nothing),
    row("update_user", "PATCH", "/admin/users/{bystander}", ADMIN, r#"{"status": "suspended"}"#, Nothing),
    row("unlock_user", "POST", "/admin/users/{bystander}/unlock", ADMIN, "", Nothing),
    row("list_user_sessions", "GET", "/admin/users/{bystander}/sessions", ADMIN, "", Nothing),
    row("end_user_sessions", "DELETE", "/admin/users/{bystander}/sessions", ADMIN, "", Nothing),
    row("list_admin_actions", "GET", "/admin/actions", ADMIN, "", Nothing),
    // Late: students teach from here on.
    row("become_instructor", "POST", "/users/become-instructor", SELF, "", Nothing),
    row("request_export", "POST", "/users/export", SELF, "", Login),
    row("get_export", "GET", "/users/export", SELF, "", Login),
    // The last row, always: it ends the accounts that all others use.
    row("delete_profile", "DELETE", "/users/profile", SELF, "", Nothing),
];
