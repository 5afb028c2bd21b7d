//! What people are to be told, by mail and inside the platform. No message holds a link, a token or a name: the consumer makes or reads them
//! when it writes.

use domain::{
    certificate::CertificateCode,
    identity::{Language, SecurityEventKind},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Message, Queue};

/// Somebody is to be told something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notify {
    /// Something happened to the security of an account. Travels with the identifier of the event as that of its envelope.
    SecurityEvent {
        /// Whose account.
        user_id: Id<kinds::User>,
        /// The event, under which the identity table keeps it.
        event_id: Id<kinds::Event>,
        /// What happened.
        event: SecurityEventKind,
    },
    /// The owner is to show that the address is his.
    Verification {
        /// Whose address.
        user_id: Id<kinds::User>,
    },
    /// Somebody asked for a link to set a new password. Sent for any address, known or not, so that the asker learns nothing.
    PasswordReset {
        /// The address in its normal form.
        email: String,
    },
    /// An export of somebody's data can be fetched.
    ExportReady {
        /// Whose data.
        user_id: Id<kinds::User>,
        /// The export.
        export_id: Id<kinds::Export>,
    },
    /// An order waits for a bank transfer: where the money is to go.
    OrderTransferAwaited {
        /// The buyer.
        user_id: Id<kinds::User>,
        /// The order.
        order_id: Id<kinds::Order>,
    },
    /// An order was paid: its receipt.
    OrderPaid {
        /// The buyer.
        user_id: Id<kinds::User>,
        /// The order.
        order_id: Id<kinds::Order>,
    },
    /// A try to pay an order failed. The order still waits for a while.
    OrderPaymentFailed {
        /// The buyer.
        user_id: Id<kinds::User>,
        /// The order.
        order_id: Id<kinds::Order>,
    },
    /// Money of an order is on its way back.
    OrderRefunded {
        /// The buyer.
        user_id: Id<kinds::User>,
        /// The order.
        order_id: Id<kinds::Order>,
        /// The refund.
        refund_id: Id<kinds::Refund>,
    },
    /// The buyer's bank claims the money of an order.
    OrderDisputed {
        /// The buyer.
        user_id: Id<kinds::User>,
        /// The order.
        order_id: Id<kinds::Order>,
    },
    /// A payment of a subscription failed, and has not been made up for.
    PaymentFailed {
        /// Whose subscription.
        user_id: Id<kinds::User>,
        /// The subscription.
        subscription_id: Id<kinds::Subscription>,
        /// Which reminder, from 0.
        reminder: u8,
    },
    /// A subscription has ended since it was not paid.
    SubscriptionLapsed {
        /// Whose subscription.
        user_id: Id<kinds::User>,
        /// The subscription.
        subscription_id: Id<kinds::Subscription>,
    },
    /// A student takes a course now.
    Enrolled {
        /// The student.
        user_id: Id<kinds::User>,
        /// His enrolment.
        enrollment_id: Id<kinds::Enrollment>,
    },
    /// The certificate of a course that a student has completed is there.
    CertificateReady {
        /// The student.
        user_id: Id<kinds::User>,
        /// The certificate.
        code: CertificateCode,
    },
    /// A course is published.
    CoursePublished {
        /// The course.
        course_id: Id<kinds::Course>,
    },
    /// A teacher replied to a review of his course.
    ReviewReplied {
        /// The course.
        course_id: Id<kinds::Course>,
        /// The review.
        review_id: Id<kinds::Review>,
    },
    /// A video can be played for the first time.
    VideoReady {
        /// The video.
        video_id: Id<kinds::Video>,
    },
    /// A video could not be processed.
    VideoFailed {
        /// The video.
        video_id: Id<kinds::Video>,
    },
    /// A new version of a video plays in the place of another one.
    VersionReady {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Which version.
        version: u32,
    },
    /// A new version of a video could not be processed, and another one plays on.
    VersionFailed {
        /// The video.
        video_id: Id<kinds::Video>,
        /// Which version.
        version: u32,
    },
    /// The time of somebody's digest has come. Travels with an identifier that is made of whose it is and when it was due.
    Digest {
        /// Whose.
        user_id: Id<kinds::User>,
        /// What was made until then was in the one before.
        since: Timestamp,
        /// What was made later is in the next one.
        until: Timestamp,
    },
    /// An account was erased. The address is nowhere else by then.
    Erased {
        /// The address in its normal form.
        email: String,
        /// The language that the owner had chosen.
        language: Language,
    },
}

impl Notify {
    /// The mail that an event of an account makes, if it makes one.
    pub fn about(
        user_id: Id<kinds::User>,
        event_id: Id<kinds::Event>,
        event: SecurityEventKind,
    ) -> Option<Self> {
        match event {
            SecurityEventKind::Registered => Some(Self::Verification { user_id }),
            event => event.mails().then_some(Self::SecurityEvent { user_id, event_id, event }),
        }
    }
}

impl Message for Notify {
    const QUEUE: Queue = Queue::Notify;
    const NAME: &'static str = "notify";
    const VERSION: u16 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_asks_for_a_verification_and_a_login_for_nothing() {
        let user_id = "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap();
        let event_id = "01933b7a-3c5e-7000-8000-00000000e001".parse().unwrap();
        for event in SecurityEventKind::ALL {
            let expected = match event {
                SecurityEventKind::Registered => Some(Notify::Verification { user_id }),
                event if event.mails() => Some(Notify::SecurityEvent { user_id, event_id, event }),
                _ => None,
            };
            assert_eq!(Notify::about(user_id, event_id, event), expected, "{event:?}");
        }
        assert_eq!(Notify::about(user_id, event_id, SecurityEventKind::Login), None);
    }
}
