//! Mails about payments. Each has an identifier that is made of what it is about, so that a run which is stopped and comes again makes the
//! same one, which the consumer knows.

use contracts::{Received, notify::Notify};
use jobs::JobError;
use kernel::{Id, Timestamp, id::kinds};
use store::entities::UserSubscription;

use crate::Context;

/// What a mail is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mail {
    /// A payment failed; the reminder of this number, from 0.
    Unpaid(usize),
    /// The subscription has ended since it was not paid.
    Lapsed,
}

impl Mail {
    /// The same for the same mail of the same grace period.
    fn id(self, subscription: &UserSubscription) -> Id<kinds::Event> {
        let (number, moment) = match self {
            Self::Unpaid(number) => {
                (u32::try_from(number).unwrap_or(u32::MAX), subscription.state.grace_period_ends_at)
            }
            Self::Lapsed => (7, subscription.state.end_date),
        };
        let moment = moment.map_or(0, Timestamp::as_second).rem_euclid(1 << 28);
        // Eight mails of a grace period; two of them begin at least a second apart.
        let moment = u32::try_from(moment).unwrap_or_default();
        subscription.id.derived((moment << 3) ^ number)
    }

    fn message(self, subscription: &UserSubscription) -> Notify {
        let UserSubscription { user_id, id: subscription_id, .. } = *subscription;
        match self {
            Self::Unpaid(number) => Notify::PaymentFailed {
                user_id,
                subscription_id,
                reminder: u8::try_from(number).unwrap_or(u8::MAX),
            },
            Self::Lapsed => Notify::SubscriptionLapsed { user_id, subscription_id },
        }
    }
}

/// Has the mail sent.
pub(crate) async fn send(
    context: &Context,
    mail: Mail,
    subscription: &UserSubscription,
) -> Result<(), JobError> {
    let event = Received {
        event_id: mail.id(subscription),
        occurred_at: context.ambient.now(),
        message: mail.message(subscription),
    };
    Ok(context.publisher.send_events(&[event]).await?)
}
