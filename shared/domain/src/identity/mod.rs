//! Who people are: roles, addresses, names, passwords, and the rules that keep an account its owner's.

mod account;
pub mod address;
pub mod deletion;
pub mod event;
pub mod lockout;
mod names;
pub mod password;
pub mod preferences;
pub mod profile;
pub mod recovery;
pub mod rotation;
pub mod scope;
pub mod signing;
pub mod social;
pub mod step_up;
pub mod totp;
pub mod unsubscribe;

pub use account::{Role, TokenPurpose, UserStatus};
pub use event::SecurityEventKind;
pub use names::{
    USERNAME_MAX, USERNAME_MIN, is_username, normalize_email, username_from_email, written_name,
};
pub use password::{
    PASSWORD_MAX, PASSWORD_MIN, PASSWORD_MIN_FLOOR, PasswordRules, WeakPassword, normalize_password,
};
pub use preferences::{AlwaysSent, Digest, Language, NotificationKind, Preferences};
pub use profile::InvalidProfile;
pub use scope::{Scope, required_scope};
