//! What a buyer has: cart, wishes, orders, payments. The bookkeeping stays, with nothing in it but identifiers and amounts.

use domain::commerce::Currency;
use jobs::JobError;
use store::{
    Entity as _,
    entities::{Order, Refund, belongings::Part},
    from_item, item_type,
};

use super::{Subject, collect_part, each_page, erase_part};
use crate::{Archive, Context, subscription};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &["cart", "wish", "order", "buyer_stats", "refund"];

/// The kinds of a buyer's partition that stay.
const BOOKKEEPING: &[&str] = &["order", "subscription", "gateway_customer"];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    let user = subject.id();
    // Courses are sold in this one currency.
    let parts = [
        Part::Buyer(user),
        Part::Payments(user),
        Part::Refunds(user),
        Part::PromoUses(user),
        Part::Invoices(user),
        Part::Earnings(user, Currency::USD),
    ];
    for part in parts {
        collect_part(context, &part, archive).await?;
    }
    Ok(())
}

/// Erases what is left.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    // One that began at the moment of the deletion, or that the gateway did not hear of.
    subscription::forget(context, subject.id()).await?;
    let belongings = context.store.belongings();
    let buyer = Part::Buyer(subject.id());
    each_page(context, &buyer, async |items| {
        for item in items.into_iter().filter(|item| item_type(item) == Order::TYPE) {
            belongings.forget_address(&from_item(item)?).await?;
        }
        Ok(())
    })
    .await?;
    each_page(context, &Part::Refunds(subject.id()), async |items| {
        for item in items {
            let refund: Refund = from_item(item)?;
            if !refund.reason.is_empty() {
                belongings.forget_refund_reason(&refund).await?;
            }
        }
        Ok(())
    })
    .await?;
    erase_part(context, &buyer, BOOKKEEPING).await
}
