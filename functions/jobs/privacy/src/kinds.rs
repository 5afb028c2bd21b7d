//! The list of all that the tables hold: what a person sees of it in his export, and what becomes of it when he is erased. A test
//! holds it against the sources of `store`, so that nothing is stored without a decision here.

use store::Table;

/// A kind of item.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// [`store::Entity::TYPE`].
    pub name: &'static str,
    /// Its table.
    pub table: Table,
    /// Where a person sees it.
    pub export: Export,
    /// What becomes of it.
    pub erasure: Erasure,
}

/// What a person sees of a kind of items.
#[derive(Clone, Copy, Debug)]
pub enum Export {
    /// All fields, in this file of the archive, except those that are named: secrets, and what is another's.
    In(&'static str, &'static [&'static str]),
    /// Nothing, for this reason.
    Not(&'static str),
}

/// What becomes of a kind of items when a person is erased.
#[derive(Clone, Copy, Debug)]
pub enum Erasure {
    /// Gone.
    Gone,
    /// Gone, unless others need it (his students a course of his, the platform the bookkeeping of an order): then it stays with nothing
    /// personal in it.
    Pseudonymous,
    /// It stays, for this reason.
    Stays(&'static str),
    /// It is gone long before, since it lives for so long only.
    Expired(&'static str),
}

use Erasure::{Expired, Gone, Pseudonymous, Stays};
use Export::{In, Not};
use Table::{Catalog, Commerce, Identity, Learning, Media, Social};

const SECRET: &str = "it holds nothing but a digest of a secret";
const REPEATS: &str = "it repeats what another file says";
const TECHNICAL: &str = "it says how a file was processed, nothing about a person";
const SHORT: &str = "it lives for minutes and is about a request";

const BOOKS: &str =
    "it is bookkeeping, which the law demands for years: identifiers and amounts, nothing else of a person";
const COUNTS_ALL: &str = "it counts or reckons for all, and names nobody";

const fn kind(name: &'static str, table: Table, export: Export, erasure: Erasure) -> Kind {
    Kind { name, table, export, erasure }
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind("user", Identity, In("profile", &["password_hash"]), Pseudonymous),
    kind("email_guard", Identity, Not(REPEATS), Gone),
    kind("username_guard", Identity, Not(REPEATS), Gone),
    kind("profile_picture", Identity, In("profile-picture", &[]), Gone),
    kind("session", Identity, In("sessions", &["refresh_hash"]), Gone),
    kind("device", Identity, In("devices", &[]), Gone),
    kind("security_event", Identity, In("security-events", &[]), Gone),
    kind("network_address", Identity, In("network-addresses", &["partition"]), Gone),
    kind("mfa", Identity, In("second-factor", &["sealed_secret", "last_step"]), Gone),
    kind("recovery_code", Identity, Not(SECRET), Gone),
    kind("mfa_challenge", Identity, Not(SHORT), Expired("5 minutes")),
    kind("one_time_token", Identity, Not(SHORT), Expired("24 hours")),
    kind("login_attempts", Identity, In("failed-logins", &[]), Gone),
    kind("account_failures", Identity, In("failed-logins", &[]), Gone),
    kind("social_account", Identity, In("linked-logins", &["tokens"]), Gone),
    kind("social_link", Identity, Not(REPEATS), Gone),
    kind("social_attempt", Identity, Not(SHORT), Expired("10 minutes")),
    kind("api_key", Identity, In("api-keys", &[]), Gone),
    kind("api_key_use", Identity, In("api-key-uses", &[]), Gone),
    kind("api_key_ring", Identity, Not(REPEATS), Gone),
    kind("nonce", Identity, Not(SHORT), Expired("10 minutes")),
    kind("idempotency", Identity, Not(REPEATS), Expired("24 hours")),
    kind("rate_window", Identity, Not(SHORT), Expired("two windows of its limit")),
    kind(
        "mail_claim",
        Identity,
        Not(SHORT),
        Expired("30 days; it holds the numbers of a message and of a mail only"),
    ),
    kind(
        "mail_state",
        Identity,
        In("mail", &["address_hash"]),
        Stays(
            "a digest of an address that bounced or complained: it must not be written to again, whoever registers it",
        ),
    ),
    kind(
        "admin_action",
        Identity,
        In("admin-actions", &["admin_id", "ip_address"]),
        Stays(
            "what admins did must stay provable; of the person it holds the identifier only, the words of the admin go",
        ),
    ),
    kind("deletion", Identity, In("deletion", &["event_id"]), Gone),
    kind("export", Identity, In("exports", &[]), Gone),
    kind("course", Catalog, In("courses", &["recent_0", "recent_1", "recent_2", "recent_3"]), Pseudonymous),
    kind(
        "course_thumbnail",
        Catalog,
        Not("it says what became of a picture; the course shows it"),
        Pseudonymous,
    ),
    kind("section", Catalog, In("sections", &[]), Pseudonymous),
    kind("lesson", Catalog, In("lessons", &[]), Pseudonymous),
    kind("lesson_content", Catalog, In("lesson-texts", &[]), Pseudonymous),
    kind("lesson_quiz", Catalog, In("quizzes", &[]), Pseudonymous),
    kind("quiz_key", Catalog, In("quizzes", &[]), Pseudonymous),
    kind("lesson_resources", Catalog, In("lesson-files", &[]), Pseudonymous),
    kind("section_place", Catalog, Not(REPEATS), Pseudonymous),
    kind("lesson_place", Catalog, Not(REPEATS), Pseudonymous),
    kind("slug_guard", Catalog, Not(REPEATS), Pseudonymous),
    kind("taught_course", Catalog, Not(REPEATS), Pseudonymous),
    kind("teaching_stats", Catalog, Not("it counts what his courses count"), Gone),
    kind("course_export", Catalog, In("course-archives", &[]), Gone),
    kind("course_import", Catalog, In("course-archives", &[]), Gone),
    kind("catalog_stats", Catalog, Not("it counts all courses"), Stays("it counts all courses")),
    kind("review", Catalog, In("reviews", &[]), Gone),
    kind("review_guard", Catalog, Not(REPEATS), Gone),
    kind("review_edit", Catalog, In("review-edits", &[]), Gone),
    kind("review_vote", Catalog, In("review-votes", &[]), Gone),
    kind("review_reply", Catalog, In("review-replies", &[]), Pseudonymous),
    kind("category", Catalog, Not("admins make it for all"), Stays("admins make it for all")),
    kind("category_guard", Catalog, Not(REPEATS), Stays("admins make it for all")),
    kind(
        "category_count",
        Catalog,
        Not("it counts courses of all"),
        Stays("it holds a number and the digest of a category's name"),
    ),
    kind("search_query", Catalog, In("searches", &["normalized_query"]), Gone),
    kind(
        "popular_search",
        Catalog,
        Not("it counts the searches of all"),
        Stays("it counts the searches of all for 40 days and names nobody"),
    ),
    kind(
        "video_tag",
        Catalog,
        Not("it counts the videos of all"),
        Stays("it holds a word and a number; of a person's videos that go it counts none"),
    ),
    kind("enrollment", Learning, In("enrollments", &[]), Gone),
    kind("enrollment_guard", Learning, Not(REPEATS), Gone),
    kind("learner_stats", Learning, In("learning-counts", &[]), Gone),
    kind("learner_activity", Learning, In("learning-days", &[]), Gone),
    kind("activity_day", Learning, In("learning-days", &[]), Gone),
    kind("quiz_record", Learning, In("quiz-attempts", &[]), Gone),
    kind("quiz_attempt", Learning, In("quiz-attempts", &[]), Gone),
    kind("video_permission", Learning, In("video-permissions", &[]), Gone),
    kind("video_violations", Learning, In("video-violations", &[]), Gone),
    kind("attendance", Learning, In("attendance", &[]), Gone),
    kind("video_progress", Learning, In("video-progress", &[]), Gone),
    kind("lesson_progress", Learning, In("lesson-progress", &[]), Gone),
    kind("certificate", Learning, In("certificates", &[]), Gone),
    kind(
        "recount",
        Learning,
        Not("it says how far the platform is with comparing counts of all, by their identifiers"),
        Stays("it holds the identifiers of the last place until the janitor's next page"),
    ),
    kind("video", Media, In("videos", &[]), Pseudonymous),
    kind("version", Media, In("video-versions", &["parts_done"]), Pseudonymous),
    kind("plan", Media, Not(TECHNICAL), Pseudonymous),
    kind("part", Media, Not(TECHNICAL), Pseudonymous),
    kind("part_run", Media, Not(TECHNICAL), Pseudonymous),
    kind("asset", Media, Not(TECHNICAL), Pseudonymous),
    kind("subtitles", Media, Not(REPEATS), Pseudonymous),
    kind("video_thumbnail", Media, Not("it says what became of a picture; the video shows it"), Pseudonymous),
    kind("upload", Media, In("uploads", &["multipart_id"]), Gone),
    kind("weekly_uploads", Media, In("upload-counts", &[]), Gone),
    kind("playback", Media, In("plays", &[]), Gone),
    kind("playback_event", Media, In("playback-events", &[]), Gone),
    kind("playback_event_batch", Media, Not(TECHNICAL), Gone),
    kind("player", Media, In("live-plays", &[]), Gone),
    kind(
        "archive_plan",
        Media,
        Not("it names plays whose events are being archived, for minutes"),
        Stays("it holds identifiers of plays only and goes when the work is done"),
    ),
    kind(
        "sweep",
        Media,
        Not("it reminds the platform of work and names things by their identifiers"),
        Stays("it holds identifiers only and goes when the work is done"),
    ),
    kind("cart", Commerce, In("cart", &["open_order"]), Gone),
    kind("wish", Commerce, In("wishlist", &[]), Gone),
    kind("order", Commerce, In("orders", &["returned", "fulfilled"]), Pseudonymous),
    kind("buyer_stats", Commerce, Not(REPEATS), Gone),
    kind("order_counter", Commerce, Not(COUNTS_ALL), Stays(COUNTS_ALL)),
    kind("payment", Commerce, In("payments", &[]), Stays(BOOKS)),
    kind("refund", Commerce, In("refunds", &["requested_by"]), Pseudonymous),
    kind(
        "gateway_event",
        Commerce,
        Not(SHORT),
        Expired("40 days; it holds the number of an event of the payment service only"),
    ),
    kind("revenue_month", Commerce, In("earnings", &[]), Stays(BOOKS)),
    kind("set_aside", Commerce, Not("it reminds staff of a payment that the payments list"), Stays(BOOKS)),
    kind("promo", Commerce, Not("admins make it for all"), Stays("admins make it for all")),
    kind(
        "promo_of_user",
        Commerce,
        Not(REPEATS),
        Stays("it keeps a code from being used too often: an identifier and a count"),
    ),
    kind("promo_use", Commerce, In("promo-codes", &[]), Stays(BOOKS)),
    kind(
        "commerce_reminder",
        Commerce,
        Not("it reminds the platform of work and names things by their identifiers"),
        Stays("it holds identifiers only and goes when the work is done"),
    ),
    kind("ledger_set", Commerce, Not(REPEATS), Stays(BOOKS)),
    kind("balance", Commerce, Not(REPEATS), Stays(BOOKS)),
    kind(
        "creator_share",
        Commerce,
        Not("it holds what was agreed with him, by his identifier"),
        Stays(BOOKS),
    ),
    kind("subscription_plan", Commerce, Not("admins make it for all"), Stays("admins make it for all")),
    kind(
        "subscription",
        Commerce,
        In("subscriptions", &["change", "look_at", "reminders_sent"]),
        Stays(BOOKS),
    ),
    kind("gateway_customer", Commerce, In("payment-customer", &[]), Stays(BOOKS)),
    kind("subscription_invoice", Commerce, In("subscription-payments", &[]), Stays(BOOKS)),
    kind(
        "subscription_reminder",
        Commerce,
        Not("it reminds the platform of work and names things by their identifiers"),
        Stays("it holds identifiers only and goes when the work is done"),
    ),
    kind("reconciliation", Commerce, Not("it compares the books of a day"), Stays(BOOKS)),
    kind("channel", Social, In("channel", &[]), Pseudonymous),
    kind("handle_guard", Social, Not(REPEATS), Gone),
    kind("channel_of_user", Social, Not(REPEATS), Gone),
    kind("notification", Social, In("notifications", &["event_id"]), Gone),
    kind("notification_guard", Social, Not(REPEATS), Gone),
    kind("notification_count", Social, Not(REPEATS), Gone),
    kind("digest_plan", Social, Not("it says when the next mail is due that your profile asks for"), Gone),
];

/// The kind with this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The files of the archive and what they hold, for its README.
pub const FILES: &[(&str, &str)] = &[
    ("profile", "your account: name, address, preferences"),
    ("profile-picture", "the state of your picture; the picture itself is in the folder pictures"),
    ("searches", "what you searched for in the last 90 days, and what you chose of it"),
    ("sessions", "where you are logged in, or were in the last days"),
    ("devices", "devices on which you logged in"),
    ("security-events", "what happened to the security of your account"),
    ("network-addresses", "from which whole network addresses that was done in the last 30 days"),
    ("second-factor", "whether and since when a second factor is on"),
    ("failed-logins", "counts of failed logins"),
    ("linked-logins", "accounts of other providers by which you log in"),
    ("api-keys", "API keys, without their secrets"),
    ("api-key-uses", "on which day each was used last"),
    ("mail", "why mails to your address were stopped"),
    ("admin-actions", "what our staff did to your account"),
    ("deletion", "when you deleted your account"),
    ("exports", "when you asked for your data"),
    ("enrollments", "courses that you take"),
    ("learning-counts", "counts of the courses that you take"),
    ("learning-days", "on which days you learned and how much, and in which courses last"),
    ("video-progress", "how far you have watched which video"),
    ("lesson-progress", "which lessons you opened and completed, and your time with them"),
    (
        "certificates",
        "certificates of courses that you completed; their documents are in the folder certificates",
    ),
    ("video-permissions", "what your teachers allow you for single videos"),
    ("video-violations", "how often your players reported what a video's policy forbids"),
    ("attendance", "whether your teachers have noted you as there"),
    ("quiz-attempts", "what you answered in quizzes, and what it came to"),
    ("plays", "when you watched which video on which device"),
    (
        "playback-events",
        "what your player reported in the last 90 days; older ones are kept without a trace of you",
    ),
    ("live-plays", "what you are watching just now"),
    ("cart", "what is in your cart"),
    ("wishlist", "courses on your wish list"),
    ("subscriptions", "plans that you subscribed to"),
    ("subscription-payments", "what you paid for them"),
    ("payment-customer", "by which number the payment service knows you"),
    ("orders", "what you bought, and where the bills went"),
    ("payments", "your payments"),
    ("refunds", "money that you got back"),
    ("promo-codes", "promo codes that you used"),
    ("earnings", "what your courses sold by month: sales, your share, and what was refunded"),
    ("channel", "your channel"),
    ("notifications", "what you were told inside the platform, and when you read it"),
    ("courses", "courses that you teach"),
    ("sections", "their sections"),
    ("lessons", "their lessons"),
    ("lesson-texts", "the texts of their lessons"),
    ("quizzes", "the quizzes of their lessons, and what is right in them"),
    ("course-archives", "archives of courses that you asked for or sent"),
    ("reviews", "reviews that you wrote"),
    ("review-edits", "what they said before you changed them"),
    ("review-votes", "reviews that you found helpful"),
    ("review-replies", "your replies to reviews of your courses"),
    ("lesson-files", "the lists of the files that belong to them"),
    ("videos", "your videos"),
    ("video-versions", "the files that you uploaded for them, as they were found to be"),
    ("uploads", "your uploads"),
    ("upload-counts", "how many uploads you began in which week"),
];
