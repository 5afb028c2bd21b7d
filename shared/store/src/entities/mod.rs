//! One file for each thing that is stored: its fields, its keys, its named access patterns.

pub mod channel;
pub mod course;
pub mod enrollment;
pub mod idempotency;
pub mod permission;
pub mod person;
pub mod pipeline;
pub mod playback;
pub mod player;
pub mod progress;
pub mod rate;
pub mod section;
pub mod session;
pub mod sweep;
pub mod upload;
pub mod user;
pub mod version;
pub mod video;

pub use channel::{Channel, ChannelOfUser, HandleGuard};
pub use course::{CatalogStats, Course, SlugGuard, TaughtCourse};
pub use enrollment::{Enrollment, EnrollmentGuard, LearnerStats};
pub use idempotency::IdempotencyRecord;
pub use permission::VideoPermission;
pub use person::Person;
pub use playback::{EventBatch, PlaybackEvent, PlaybackRecord};
pub use player::Player;
pub use progress::VideoProgress;
pub use rate::RateWindow;
pub use section::{Lesson, LessonContent, LessonPlace, Outline, Section, SectionPlace};
pub use session::Session;
pub use sweep::Sweep;
pub use upload::{Upload, WeeklyUploads};
pub use user::{EmailGuard, User, UsernameGuard};
pub use version::{Asset, Part, StoredPlan, Version};
pub use video::Video;
