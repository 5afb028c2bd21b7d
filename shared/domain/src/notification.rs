//! What somebody is told inside the platform: what it says, where it leads, how long it is kept, and when what was not read is put into
//! one mail.
//!
//! A notification holds what its text is made of, never the text itself: it is written in its reader's language when it is read.

pub mod digest;
mod period;

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

pub use period::Period;

use crate::{
    certificate::CertificateCode,
    identity::{NotificationKind, Role, SecurityEventKind, UserStatus},
};

/// Most notifications that one request marks as read by their identifiers.
pub const READ_MAX: usize = 100;

/// What happened, with all that its text needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// Something happened to the security of the account.
    SecurityEvent {
        /// What.
        event: SecurityEventKind,
        /// Provider of a login, where the event names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider: Option<String>,
        /// New role, where the event names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
        /// New state of the account, where the event names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<UserStatus>,
    },
    /// The copy of his data can be fetched.
    ExportReady,
    /// An order waits for a bank transfer.
    OrderTransferAwaited {
        /// The order.
        order_id: Id<kinds::Order>,
        /// Its number.
        order: String,
        /// What is to be paid, with its currency.
        amount: String,
        /// Until when.
        pay_by: Timestamp,
    },
    /// An order was paid.
    OrderPaid {
        /// The order.
        order_id: Id<kinds::Order>,
        /// Its number.
        order: String,
        /// What was paid, with its currency.
        amount: String,
    },
    /// A try to pay an order failed.
    OrderPaymentFailed {
        /// The order.
        order_id: Id<kinds::Order>,
        /// Its number.
        order: String,
    },
    /// Money of an order is on its way back.
    OrderRefunded {
        /// The order.
        order_id: Id<kinds::Order>,
        /// Its number.
        order: String,
        /// What comes back, with its currency.
        amount: String,
    },
    /// The buyer's bank claims the money of an order.
    OrderDisputed {
        /// The order.
        order_id: Id<kinds::Order>,
        /// Its number.
        order: String,
    },
    /// A payment of a subscription failed.
    PaymentFailed {
        /// Name of the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<String>,
        /// When the plan ends without a payment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<Timestamp>,
        /// Which reminder, from 0.
        reminder: u8,
    },
    /// A subscription has ended since it was not paid.
    SubscriptionLapsed {
        /// Name of the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<String>,
    },
    /// He takes a course now.
    Enrolled {
        /// His enrolment.
        enrollment_id: Id<kinds::Enrollment>,
        /// The course's title.
        course: String,
    },
    /// The certificate of a course that he has completed is there.
    CertificateReady {
        /// Its number.
        code: CertificateCode,
        /// The course's title.
        course: String,
    },
    /// A course of his is published.
    CoursePublished {
        /// The course.
        course_id: Id<kinds::Course>,
        /// Its title.
        course: String,
    },
    /// The teacher replied to his review.
    ReviewReplied {
        /// The course.
        course_id: Id<kinds::Course>,
        /// Its title.
        course: String,
    },
    /// A video of his can be played.
    VideoReady {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Its title.
        video: String,
    },
    /// A video of his could not be processed.
    VideoFailed {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Its title.
        video: String,
    },
    /// The new file of a video of his plays in the place of the one before.
    VersionReady {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Its title.
        video: String,
    },
    /// The new file of a video of his could not be processed; the one before plays on.
    VersionFailed {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Its title.
        video: String,
    },
}

impl Notice {
    /// The name of its kind, as it is stored and shown.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SecurityEvent { .. } => "security_event",
            Self::ExportReady => "export_ready",
            Self::OrderTransferAwaited { .. } => "order_transfer_awaited",
            Self::OrderPaid { .. } => "order_paid",
            Self::OrderPaymentFailed { .. } => "order_payment_failed",
            Self::OrderRefunded { .. } => "order_refunded",
            Self::OrderDisputed { .. } => "order_disputed",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::SubscriptionLapsed { .. } => "subscription_lapsed",
            Self::Enrolled { .. } => "enrolled",
            Self::CertificateReady { .. } => "certificate_ready",
            Self::CoursePublished { .. } => "course_published",
            Self::ReviewReplied { .. } => "review_replied",
            Self::VideoReady { .. } => "video_ready",
            Self::VideoFailed { .. } => "video_failed",
            Self::VersionReady { .. } => "version_ready",
            Self::VersionFailed { .. } => "version_failed",
        }
    }

    /// The kind by which its reader wants it or not. What tells where his money or his account is has the kind that is always told.
    pub const fn category(&self) -> NotificationKind {
        match self {
            Self::SecurityEvent { .. }
            | Self::OrderTransferAwaited { .. }
            | Self::OrderPaid { .. }
            | Self::OrderPaymentFailed { .. }
            | Self::OrderRefunded { .. }
            | Self::OrderDisputed { .. }
            | Self::PaymentFailed { .. }
            | Self::SubscriptionLapsed { .. } => NotificationKind::Security,
            Self::ExportReady => NotificationKind::Account,
            Self::Enrolled { .. } | Self::CertificateReady { .. } => NotificationKind::Learning,
            Self::CoursePublished { .. }
            | Self::VideoReady { .. }
            | Self::VideoFailed { .. }
            | Self::VersionReady { .. }
            | Self::VersionFailed { .. } => NotificationKind::Teaching,
            Self::ReviewReplied { .. } => NotificationKind::Community,
        }
    }

    /// Whether a mail tells it too. What a teacher did himself, or sees while he works, is no mail of its own: a course may have a
    /// hundred videos. His digest has it.
    pub const fn mails(&self) -> bool {
        !matches!(self, Self::CoursePublished { .. } | Self::VideoReady { .. } | Self::VersionReady { .. })
    }

    /// Where it leads: a path of the web client.
    pub fn link(&self) -> String {
        match self {
            Self::SecurityEvent { .. } => "/account/activity".into(),
            Self::ExportReady => "/account/privacy".into(),
            Self::OrderTransferAwaited { order_id, .. }
            | Self::OrderPaid { order_id, .. }
            | Self::OrderPaymentFailed { order_id, .. }
            | Self::OrderRefunded { order_id, .. }
            | Self::OrderDisputed { order_id, .. } => format!("/account/orders/{order_id}"),
            Self::PaymentFailed { .. } | Self::SubscriptionLapsed { .. } => "/account/subscription".into(),
            Self::Enrolled { enrollment_id, .. } => format!("/learn/{enrollment_id}"),
            // Everybody who has the number sees the page, so that it can be passed on from there.
            Self::CertificateReady { code, .. } => code.path(),
            Self::CoursePublished { course_id, .. } | Self::ReviewReplied { course_id, .. } => {
                format!("/courses/{course_id}")
            }
            Self::VideoReady { video_id, .. }
            | Self::VideoFailed { video_id, .. }
            | Self::VersionReady { video_id, .. }
            | Self::VersionFailed { video_id, .. } => format!("/teach/videos/{video_id}"),
        }
    }

    /// One of each kind, for tests that must not forget any.
    pub fn samples() -> Vec<Self> {
        let text = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10";
        let (order_id, course_id) = (Id::of_text(text), Id::of_text(text));
        let (enrollment_id, video_id) = (Id::of_text(text), Id::of_text(text));
        let (order, amount) = (|| "ORD-2026-A00001".to_owned(), || "89.99 USD".to_owned());
        let (course, video) = (|| "Rust for Everyone".to_owned(), || "Ownership".to_owned());
        let at = Timestamp::UNIX_EPOCH;
        let mut all = vec![
            Self::ExportReady,
            Self::OrderTransferAwaited { order_id, order: order(), amount: amount(), pay_by: at },
            Self::OrderPaid { order_id, order: order(), amount: amount() },
            Self::OrderPaymentFailed { order_id, order: order() },
            Self::OrderRefunded { order_id, order: order(), amount: amount() },
            Self::OrderDisputed { order_id, order: order() },
            Self::SubscriptionLapsed { plan: Some("Premium".into()) },
            Self::Enrolled { enrollment_id, course: course() },
            Self::CertificateReady { code: CertificateCode::from_random([0x3c; 8]), course: course() },
            Self::CoursePublished { course_id, course: course() },
            Self::ReviewReplied { course_id, course: course() },
            Self::VideoReady { video_id, video: video() },
            Self::VideoFailed { video_id, video: video() },
            Self::VersionReady { video_id, video: video() },
            Self::VersionFailed { video_id, video: video() },
        ];
        all.extend((0..3).map(|reminder| Self::PaymentFailed {
            plan: Some("Premium".into()),
            ends: Some(at),
            reminder,
        }));
        let told = SecurityEventKind::ALL.into_iter().filter(|event| event.mails());
        all.extend(told.map(|event| Self::SecurityEvent { event, provider: None, role: None, status: None }));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_stored_under_its_name_and_read_again() {
        for notice in Notice::samples() {
            let stored = serde_json::to_value(&notice).unwrap();
            assert_eq!(stored["kind"], notice.name());
            assert_eq!(serde_json::from_value::<Notice>(stored).unwrap(), notice);
        }
    }

    #[test]
    fn each_leads_to_a_page_of_the_client() {
        for notice in Notice::samples() {
            let link = notice.link();
            assert!(link.starts_with('/') && !link.starts_with("//"), "{link}");
        }
    }

    #[test]
    fn what_can_not_be_turned_off_is_about_money_or_the_account() {
        let always: std::collections::BTreeSet<_> = Notice::samples()
            .iter()
            .filter(|notice| !notice.category().is_switchable())
            .map(Notice::name)
            .collect();
        let expected = [
            "order_disputed",
            "order_paid",
            "order_payment_failed",
            "order_refunded",
            "order_transfer_awaited",
            "payment_failed",
            "security_event",
            "subscription_lapsed",
        ];
        assert_eq!(always, expected.into());
    }
}
