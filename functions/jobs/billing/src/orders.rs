//! Orders whose time to be paid is over, large ones whose last courses are still to be granted, and refunds that the gateway has not answered
//! for certain.

use checkout::{CheckoutError, Ending, Refunded};
use domain::commerce::OrderStatus;
use jobs::JobError;
use store::entities::{
    Reminder,
    commerce::{
        order::Closed,
        reminder::{ReminderKind, SHARDS},
    },
};

use crate::{BATCH, BATCHES, Context, later};

/// Looks at the orders that are due; gives how many failed.
pub(crate) async fn look_at_due(context: &Context) -> Result<usize, JobError> {
    let (reminders, mut failed) = (context.store.reminders(), 0);
    for kind in [ReminderKind::Unfulfilled, ReminderKind::Unpaid, ReminderKind::Refund] {
        for shard in 0..SHARDS {
            for _ in 0..BATCHES {
                let due = reminders.due(kind, shard, context.ambient.now(), BATCH).await?;
                let (whole, failed_before) = (due.len() == BATCH as usize, failed);
                for reminder in due {
                    if let Err(JobError::Retry(error) | JobError::Fail(error)) =
                        look(context, &reminder).await
                    {
                        failed += 1;
                        tracing::error!(order = %reminder.order_id, %error, "the order stays due");
                    }
                }
                // What failed would be read again.
                if !whole || failed > failed_before {
                    break;
                }
            }
        }
    }
    Ok(failed)
}

async fn look(context: &Context, reminder: &Reminder) -> Result<(), JobError> {
    let (orders, now) = (context.store.orders(), context.ambient.now());
    let (user, id) = (reminder.user_id, reminder.order_id);
    match (reminder.kind, orders.get(user, id).await?) {
        (ReminderKind::Unfulfilled, Some(_)) => drop(orders.fulfil(user, id, now).await?),
        (ReminderKind::Unpaid, Some(order))
            if order.status == OrderStatus::Pending && order.pay_by <= now =>
        {
            match context.desk.give_up(&order, Ending::Expired).await {
                Ok(Closed::Done(_)) => tracing::info!(order = %id, "nobody paid the order in time"),
                Ok(Closed::Already(_) | Closed::Paid(_) | Closed::NoOrder) => {}
                // The next run knows how it ended.
                Err(CheckoutError::UnderWay) => return Ok(()),
                Err(error) => return Err(later(error)),
            }
        }
        (ReminderKind::Refund, Some(order)) => {
            let Some(refund) = reminder.refund_id else { return reminders_done(context, reminder).await };
            if let Some(refund) = orders.refund(id, refund).await? {
                match context.desk.finish_refund(&order, &refund).await {
                    // The gateway still does not say: the next run asks again.
                    Ok(Refunded::UnderWay(..)) => return Ok(()),
                    Ok(_) => {}
                    Err(error) => return Err(later(error)),
                }
            }
        }
        // Its own transactions drop the reminder; one that is left has nothing to tell.
        _ => {}
    }
    reminders_done(context, reminder).await
}

async fn reminders_done(context: &Context, reminder: &Reminder) -> Result<(), JobError> {
    Ok(context.store.reminders().done(reminder).await?)
}
