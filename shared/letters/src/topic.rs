//! What people are told about.

use domain::{identity::SecurityEventKind, notification::Notice};

/// What a mail or a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A link to confirm an address.
    Verification,
    /// A link to set a password.
    PasswordReset,
    /// [`Notice::ExportReady`].
    ExportReady,
    /// An account was erased.
    Erased,
    /// [`Notice::OrderTransferAwaited`].
    OrderTransferAwaited,
    /// [`Notice::OrderPaid`].
    OrderPaid,
    /// [`Notice::OrderPaymentFailed`].
    OrderPaymentFailed,
    /// [`Notice::OrderRefunded`].
    OrderRefunded,
    /// [`Notice::OrderDisputed`].
    OrderDisputed,
    /// [`Notice::PaymentFailed`], at once.
    PaymentFailed,
    /// [`Notice::PaymentFailed`], some days later.
    PaymentReminder,
    /// [`Notice::PaymentFailed`], the last time.
    PaymentLastReminder,
    /// [`Notice::SubscriptionLapsed`].
    SubscriptionLapsed,
    /// [`Notice::Enrolled`].
    Enrolled,
    /// [`Notice::CertificateReady`].
    CertificateReady,
    /// [`Notice::CoursePublished`].
    CoursePublished,
    /// [`Notice::ReviewReplied`].
    ReviewReplied,
    /// [`Notice::VideoReady`].
    VideoReady,
    /// [`Notice::VideoFailed`].
    VideoFailed,
    /// [`Notice::VersionReady`].
    VersionReady,
    /// [`Notice::VersionFailed`].
    VersionFailed,
    /// What somebody has not read.
    Digest,
    /// [`Notice::SecurityEvent`].
    Event(SecurityEventKind),
}

/// What a reader of a notice can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Set a new password, which throws a thief out.
    Secure,
    /// Take the deletion back.
    Restore,
    /// Ask those who did it.
    Ask,
}

impl From<&Notice> for Topic {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::SecurityEvent { event, .. } => Self::Event(*event),
            Notice::ExportReady => Self::ExportReady,
            Notice::OrderTransferAwaited { .. } => Self::OrderTransferAwaited,
            Notice::OrderPaid { .. } => Self::OrderPaid,
            Notice::OrderPaymentFailed { .. } => Self::OrderPaymentFailed,
            Notice::OrderRefunded { .. } => Self::OrderRefunded,
            Notice::OrderDisputed { .. } => Self::OrderDisputed,
            Notice::PaymentFailed { reminder: 0, .. } => Self::PaymentFailed,
            Notice::PaymentFailed { reminder: 1, .. } => Self::PaymentReminder,
            Notice::PaymentFailed { .. } => Self::PaymentLastReminder,
            Notice::SubscriptionLapsed { .. } => Self::SubscriptionLapsed,
            Notice::Enrolled { .. } => Self::Enrolled,
            Notice::CertificateReady { .. } => Self::CertificateReady,
            Notice::CoursePublished { .. } => Self::CoursePublished,
            Notice::ReviewReplied { .. } => Self::ReviewReplied,
            Notice::VideoReady { .. } => Self::VideoReady,
            Notice::VideoFailed { .. } => Self::VideoFailed,
            Notice::VersionReady { .. } => Self::VersionReady,
            Notice::VersionFailed { .. } => Self::VersionFailed,
        }
    }
}

impl Topic {
    /// The name of its block in the templates.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::ExportReady => "export_ready",
            Self::Erased => "erased",
            Self::OrderTransferAwaited => "order_transfer_awaited",
            Self::OrderPaid => "order_paid",
            Self::OrderPaymentFailed => "order_payment_failed",
            Self::OrderRefunded => "order_refunded",
            Self::OrderDisputed => "order_disputed",
            Self::PaymentFailed => "payment_failed",
            Self::PaymentReminder => "payment_reminder",
            Self::PaymentLastReminder => "payment_last_reminder",
            Self::SubscriptionLapsed => "subscription_lapsed",
            Self::Enrolled => "enrolled",
            Self::CertificateReady => "certificate_ready",
            Self::CoursePublished => "course_published",
            Self::ReviewReplied => "review_replied",
            Self::VideoReady => "video_ready",
            Self::VideoFailed => "video_failed",
            Self::VersionReady => "version_ready",
            Self::VersionFailed => "version_failed",
            Self::Digest => "digest",
            Self::Event(kind) => kind.as_str(),
        }
    }

    /// The name of the block with the text of a notification, which is that of the mail, but where the mail points to what only it shows.
    pub(crate) const fn note(self) -> &'static str {
        match self {
            Self::OrderTransferAwaited => "order_transfer_awaited_note",
            topic => topic.as_str(),
        }
    }

    /// What to do about a notice; `None` for a mail that says so itself.
    pub const fn advice(self) -> Option<Advice> {
        match self {
            Self::Event(SecurityEventKind::Deleted) => Some(Advice::Restore),
            Self::Event(SecurityEventKind::RoleChanged | SecurityEventKind::StatusChanged) => {
                Some(Advice::Ask)
            }
            Self::Event(_) => Some(Advice::Secure),
            _ => None,
        }
    }
}
