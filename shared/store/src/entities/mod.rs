//! One file for each thing that is stored: its fields, its keys, its named access patterns.

pub mod admin_action;
pub mod api_key;
pub mod attendance;
pub mod belongings;
pub mod category;
pub mod channel;
pub mod class;
pub mod commerce;
pub mod course;
pub mod course_archive;
pub mod deletion;
pub mod device;
pub mod enrollment;
pub mod export;
pub mod idempotency;
pub mod lesson_progress;
pub mod login;
pub mod mail;
pub mod mfa;
pub mod notification;
pub mod one_time_token;
pub mod permission;
pub mod person;
pub mod picture;
pub mod pipeline;
pub mod playback;
pub mod player;
pub mod progress;
pub mod quiz;
pub mod rate;
pub mod resource;
pub mod review;
pub mod search_query;
pub mod section;
pub mod security_event;
pub mod session;
pub mod social;
pub mod standing;
pub mod sweep;
pub mod teaching;
pub mod thumbnail;
pub mod upload;
pub mod user;
pub mod version;
pub mod video;
pub mod violation;

pub use admin_action::AdminAction;
pub use api_key::{ApiKey, ApiKeyRing};
pub use attendance::Attendance;
pub use category::{Category, CategoryCount, CategoryGuard};
pub use channel::{Channel, ChannelOfUser, HandleGuard};
pub use commerce::{
    Balance, Basket, BuyerStats, Cart, CartLine, CreatorShare, GatewayEvent, Order, OrderCounter, Payment,
    PromoOfUser, PromoRule, PromoUse, Refund, Reminder, SetAside, StoredSet, Wish,
};
pub use commerce::{
    GatewayCustomer, Reconciliation, SubscriptionInvoice, SubscriptionPlan, SubscriptionReminder,
    UserSubscription,
};
pub use course::{CatalogStats, Course, SlugGuard, TaughtCourse};
pub use course_archive::{CourseExport, CourseImport};
pub use deletion::Deletion;
pub use device::Device;
pub use enrollment::{Enrollment, EnrollmentGuard, LearnerStats};
pub use export::Export;
pub use idempotency::IdempotencyRecord;
pub use lesson_progress::{LessonProgress, TakenLesson};
pub use login::{Beginning, Begun, Gate, LoginFacts, LoginName, LoginSource};
pub use mail::{MailClaim, MailState};
pub use mfa::{Mfa, MfaChallenge, RecoveryCode, SecondFactor};
pub use notification::{DigestPlan, Notification, NotificationCount, NotificationGuard};
pub use one_time_token::OneTimeToken;
pub use permission::VideoPermission;
pub use person::Person;
pub use picture::ProfilePicture;
pub use playback::{EventBatch, PlaybackEvent, PlaybackRecord};
pub use player::Player;
pub use progress::VideoProgress;
pub use quiz::{LessonQuiz, QuizAttempt, QuizKey, QuizRecord};
pub use rate::RateWindow;
pub use resource::{LessonResources, Resource};
pub use review::{Review, ReviewEdit, ReviewGuard, ReviewReply, ReviewVote};
pub use search_query::{PopularSearch, SearchQuery};
pub use section::{Lesson, LessonContent, LessonPlace, Outline, Section, SectionPlace};
pub use security_event::SecurityEvent;
pub use session::Session;
pub use social::{SocialAccount, SocialAttempt, SocialLink};
pub use sweep::Sweep;
pub use teaching::TeachingStats;
pub use thumbnail::CourseThumbnail;
pub use upload::{Upload, WeeklyUploads};
pub use user::{EmailGuard, Registration, User, UsernameGuard};
pub use version::{Asset, Part, PartRun, StoredPlan, Version};
pub use video::Video;
pub use violation::VideoViolations;
