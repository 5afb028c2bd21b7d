//! Subscriptions whose time has come: a renewal of which nobody told, a reminder, the end of a grace period, a beginning or a change that was
//! stopped half way.

use billing::{Applied, next_look};
use domain::commerce::{SubscriptionStatus, subscription::DUNNING_DAYS};
use jobs::JobError;
use store::entities::{SubscriptionReminder, UserSubscription, commerce::reminder::SHARDS};

use crate::{
    BATCH, BATCHES, Context, later,
    mails::{Mail, send},
};

/// Looks at the subscriptions that are due; gives how many failed.
pub(crate) async fn look_at_due(context: &Context) -> Result<usize, JobError> {
    let (subscriptions, mut failed) = (context.store.subscriptions(), 0);
    for shard in 0..SHARDS {
        for _ in 0..BATCHES {
            let due = subscriptions.due(shard, context.ambient.now(), BATCH).await?;
            let (whole, failed_before) = (due.len() == BATCH as usize, failed);
            for reminder in due {
                if let Err(JobError::Retry(error) | JobError::Fail(error)) = look(context, &reminder).await {
                    failed += 1;
                    tracing::error!(subscription = %reminder.id, %error, "the subscription stays due");
                }
            }
            // What failed would be read again.
            if !whole || failed > failed_before {
                break;
            }
        }
    }
    Ok(failed)
}

async fn look(context: &Context, reminder: &SubscriptionReminder) -> Result<(), JobError> {
    let subscriptions = context.store.subscriptions();
    let found = subscriptions.find(reminder.user_id, reminder.id).await?;
    let Some(found) = found.filter(|found| found.look_at == Some(reminder.due_at)) else {
        return Ok(subscriptions.forget(reminder).await?);
    };
    let Some(current) = follow(context, found).await? else { return Ok(()) };
    if current.state.status.has_ended() {
        return lapsed(context, &current).await;
    }
    let now = context.ambient.now();
    if let Some(ended) = current.state.lapse(now) {
        // What was paid in this moment was seen above; what is not is not collected any more.
        return match context.billing.end(&current, ended, true, now).await.map_err(later)? {
            Some(ended) => lapsed(context, &ended).await,
            None => Ok(()),
        };
    }
    let due = current.state.reminders_due(now);
    let mut after = current.clone();
    if due > current.reminders_sent {
        // Of several that were missed the last one says it all.
        send(context, Mail::Unpaid(due.min(DUNNING_DAYS.len()) - 1), &current).await?;
        after.reminders_sent = due;
    }
    after.look_at = next_look(&after, now);
    // Where somebody else was faster, his reminder tells when to look.
    if after != current {
        subscriptions.change(&current, &after, now).await?;
    }
    Ok(())
}

/// The subscription as the gateway has it now; `None` where it will be looked at anew.
async fn follow(context: &Context, found: UserSubscription) -> Result<Option<UserSubscription>, JobError> {
    let (billing, now) = (&context.billing, context.ambient.now());
    if found.state.status.has_ended() {
        return Ok(Some(found));
    }
    let Some(gateway_id) = &found.gateway_id else {
        // Who asked the gateway was stopped, and the subscriber has not come back.
        return billing.give_up(&found, now).await.map_err(later);
    };
    if let Some(change) = &found.change {
        let made = billing.make_change(&found, change, now).await.map_err(later)?;
        tracing::info!(subscription = %found.id, ?made, "a change that was agreed is made");
        return Ok(None);
    }
    match billing.follow(gateway_id, now).await.map_err(later)? {
        Applied::Done(current) => Ok(Some(*current)),
        Applied::NotOurs | Applied::Stale => Err(JobError::retry("the gateway's object is not ours")),
    }
}

/// Tells the subscriber that it has ended since it was not paid, where this is why, and looks no more.
async fn lapsed(context: &Context, ended: &UserSubscription) -> Result<(), JobError> {
    if ended.look_at.is_none() {
        return Ok(());
    }
    if ended.state.status == SubscriptionStatus::Cancelled {
        send(context, Mail::Lapsed, ended).await?;
    }
    let after = UserSubscription { look_at: None, ..ended.clone() };
    context.store.subscriptions().change(ended, &after, context.ambient.now()).await?;
    Ok(())
}
