//! Money that went back, by a refund or a lost dispute: the order's state, and the places in courses that it gave.

use domain::commerce::{
    OrderEvent, SourceKey,
    order::{Transition, transition},
    refund::{Part as Returned, ends_access},
};
use kernel::{Id, Timestamp, id::kinds};

use super::{BuyerStats, Order, Orders, Part};
use crate::{
    Condition, StoreError, Transaction,
    entities::{Enrollment, EnrollmentGuard, enrollment::LearnerChange},
};

impl Order {
    /// What it means that so much of these lines has gone back, after all that went back before. The ranges of one line follow one another
    /// without gaps, in whichever order refunds succeed, so that their entries in the ledger sum to those of the sale.
    pub(super) fn returned_now(&self, back: &[(Id<kinds::OrderItem>, i64)]) -> Vec<Returned> {
        let part = |(item_id, minor): &(Id<kinds::OrderItem>, i64)| {
            let index = self.lines.iter().position(|line| line.id == *item_id)?;
            let before = self.returned.get(item_id).copied().unwrap_or_default();
            let after = before.saturating_add(*minor);
            let is_whole = after == self.lines.get(index)?.paid_minor;
            Some(Returned { item_id: *item_id, index, before, after, is_whole })
        };
        back.iter().filter_map(part).collect()
    }

    /// The order after these parts have gone back. A state in which it can't be refunded, such as a dispute, stays.
    pub(super) fn after_return(
        &self,
        parts: &[Returned],
        event: impl FnOnce(bool) -> OrderEvent,
        now: Timestamp,
    ) -> Self {
        let mut after = self.next(now);
        after.returned.extend(parts.iter().map(|part| (part.item_id, part.after)));
        let all = after.returned.values().sum::<i64>() >= after.total_minor;
        if let Ok(Transition::To(status)) = transition(self.status, event(all)) {
            after.status = status;
        }
        after
    }
}

impl Orders<'_> {
    /// The buyer's enrolments in the courses of lines of which all went back: two batches, none where there is no such line.
    pub(super) async fn to_revoke(
        &self,
        order: &Order,
        parts: &[Returned],
    ) -> Result<Vec<Enrollment>, StoreError> {
        let whole = parts.iter().filter(|part| part.is_whole).filter_map(|part| order.lines.get(part.index));
        let keys = whole.map(|line| EnrollmentGuard::key_of(order.user_id, line.course_id));
        let found = self.0.batch().with_all::<EnrollmentGuard>(keys).read().await?;
        self.0.enrollments().of_guards(&found.all::<EnrollmentGuard>()?).await
    }

    /// Adds what writes an order that was `before`, with its buyer's counts, and takes the order away from the sources of these enrolments.
    pub(super) fn write_return<'a>(
        &self,
        transaction: Transaction<'a, Part>,
        (before, after): (&Order, &Order),
        enrollments: &[Enrollment],
        now: Timestamp,
    ) -> Transaction<'a, Part> {
        let mut transaction = transaction.put_when(Part::Order, after, Some(before.unchanged()));
        if before.status != after.status {
            let counted = BuyerStats::counted(after.user_id, Some(before.status), after.status, now);
            transaction = transaction.update(Part::Rest, counted);
        }
        let mut learner = LearnerChange::default();
        for enrollment in enrollments {
            if !ends_access(true, enrollment.completed_at.is_some()) {
                continue;
            }
            if let Some(change) = enrollment.revoke(SourceKey::Order(after.id), now) {
                learner.moved(change.from, change.to);
                transaction = transaction.update(Part::Rest, change.update.when(Condition::Exists));
            }
        }
        match learner.update(after.user_id, now) {
            Some(stats) => transaction.update(Part::Rest, stats),
            None => transaction,
        }
    }
}
