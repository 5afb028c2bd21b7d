//! The end of a sequence: all is told, asked again and done; then everybody's books must agree.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    commerce::{Account, SubscriptionStatus},
    enrollment::gives_access,
};
use invariants::{Books, Circumstances, examine, since};
use kernel::{Id, SignedDuration, id::kinds};
use store::entities::{
    Enrollment,
    commerce::{
        order::RefundStatus,
        reminder::{ReminderKind, SHARDS},
    },
};

use crate::stage::{BUYERS, Stage};

/// Rounds until nothing more happens.
const ROUNDS: usize = 20;
/// A refund that the gateway has not answered is looked at after ten minutes.
const REFUND_PATIENCE: i64 = 11;

impl Stage {
    /// Tells every event that waits, in any order and some of them twice, and lets the jobs do what is left.
    pub(crate) async fn come_to_rest(&mut self) {
        self.stripe.heal();
        self.pass(REFUND_PATIENCE);
        for (number, body, key) in std::mem::take(&mut self.unsure) {
            self.ask_refund(number, body, &key).await;
        }
        assert!(self.unsure.is_empty(), "the gateway answers, and a refund still fails");
        for _ in 0..ROUNDS {
            self.waiting.extend(self.stripe.take_events());
            while !self.waiting.is_empty() {
                let number = self.below(self.waiting.len());
                let event = self.waiting.swap_remove(number);
                assert!(self.deliver(&event).await, "{} is not taken", event.kind);
                if self.chance(20) {
                    assert!(self.deliver(&event).await, "{} is not taken again", event.kind);
                }
                self.waiting.extend(self.stripe.take_events());
            }
            self.job().await;
            self.waiting.extend(self.stripe.take_events());
            if self.waiting.is_empty() {
                break;
            }
        }
        assert!(self.waiting.is_empty(), "it never comes to rest");
        self.refunds_end().await;
        self.post_sets().await;
        // Whoever reads a stream may read it twice.
        self.post_sets().await;
    }

    /// What the gateway had not answered for certain is certain now.
    async fn refunds_end(&mut self) {
        for (number, body) in std::mem::take(&mut self.under_way) {
            let (order, id) = (self.model.orders[number].id, body["id"].as_str().unwrap().parse().unwrap());
            let status = self.world.store().orders().refund(order, id).await.unwrap().unwrap().status;
            match status {
                RefundStatus::Succeeded => self.returned(number, &body),
                RefundStatus::Failed => {}
                RefundStatus::Pending => unreachable!("refund {id} of order {number} never ends"),
            }
        }
    }

    async fn post_sets(&self) {
        let (store, now) = (self.world.store(), self.now());
        for stored in self.books().await.sets {
            store.ledger().post(&stored.set, now).await.unwrap();
            store.revenue().count(&stored, now).await.unwrap();
        }
    }

    pub(crate) async fn agree(&mut self, middle: Option<&Books>) {
        let books = self.books().await;
        let circumstances =
            Circumstances { posting_time: Some(SignedDuration::ZERO), ..Circumstances::of_test(self.now()) };
        let mut findings = examine(&books, &circumstances);
        findings.extend(middle.into_iter().flat_map(|before| since(before, &books)));
        let text: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(text.is_empty(), "{}", text.join("\n"));
        self.orders_agree(&books);
        self.access_agrees(&books);
        self.balances_agree(&books).await;
        self.subscriptions_agree(&books);
        self.nothing_is_under_way().await;
    }

    fn orders_agree(&self, books: &Books) {
        let stored: BTreeMap<_, _> = books.orders.iter().map(|order| (order.id, order)).collect();
        assert_eq!(
            stored.len(),
            self.model.orders.len(),
            "orders that nobody was promised, or that are gone"
        );
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for (number, order) in self.model.orders.iter().enumerate() {
            let there = stored[&order.id];
            assert_eq!(
                there.status.was_paid(),
                order.paid,
                "order {number}, {} is {}",
                order.id,
                there.status
            );
            assert_eq!(there.total_minor, order.total(), "order {number}");
            for line in &order.lines {
                let back = there.returned.get(&line.id).copied().unwrap_or_default();
                assert_eq!(back, line.returned, "what went back of item {} of order {number}", line.id);
            }
            if let Some(code) = order.promo.as_ref().filter(|_| !there.status.is_closed_unpaid()) {
                *uses.entry(code.clone()).or_default() += 1;
            }
        }
        let orders: BTreeSet<_> = self.model.orders.iter().map(|order| order.id.to_string()).collect();
        for record in books.promo_uses.iter().filter(|record| orders.contains(&record.subject)) {
            *uses.get_mut(record.code.as_str()).unwrap() -= 1;
        }
        assert!(uses.values().all(|left| *left == 0), "uses of codes that are not recorded: {uses:?}");
    }

    fn access_agrees(&self, books: &Books) {
        for buyer in 0..BUYERS {
            let id = self.id_of(buyer);
            let places = books.enrollments.iter().filter(|enrollment| {
                let Enrollment { user_id, status, expiry_date, .. } = **enrollment;
                user_id == id && gives_access(status, expiry_date, self.now())
            });
            let course =
                |id: Id<kinds::Course>| self.courses.iter().position(|course| course.id == id).unwrap();
            let has: BTreeSet<usize> = places.map(|enrollment| course(enrollment.course_id)).collect();
            assert_eq!(has, self.model.access(buyer), "the courses of buyer {buyer}");
        }
    }

    async fn balances_agree(&self, books: &Books) {
        let balance = |account: Account| -> i64 {
            books
                .balances
                .iter()
                .filter(|balance| balance.account == account)
                .map(|balance| balance.minor)
                .sum()
        };
        let earned = self.model.earned(|course| course % self.creators.len());
        for (number, creator) in self.creators.iter().enumerate() {
            let expected = earned.get(&number).copied().unwrap_or_default();
            assert_eq!(-balance(Account::CreatorPayable(creator.id)), expected, "what creator {number} has");
        }
        assert_eq!(balance(Account::BankClearing), self.model.at_bank(), "money of bank transfers");
        let (mut net, mut fees, mut after) = (0, 0, None::<String>);
        loop {
            let page = self.gateway.balance_page(0, i64::from(u32::MAX), after.as_deref()).await.unwrap();
            net += page.rows.iter().map(|row| row.net).sum::<i64>();
            fees += page.rows.iter().map(|row| row.fee).sum::<i64>();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(balance(Account::GatewayFees), fees, "the gateway's fees, by its own books");
        assert_eq!(balance(Account::GatewayClearing), net, "money at the gateway, by its own books");
        let disputed: i64 = self
            .model
            .orders
            .iter()
            .filter(|order| order.dispute.is_some())
            .flat_map(|order| &order.lines)
            .map(|line| line.paid - line.returned)
            .sum();
        let late = self.model.late();
        let held = "what banks hold of what buyers claim, less what is theirs";
        assert_eq!(balance(Account::CustomerRefunds), disputed - late, "{held}");
    }

    /// Each of our subscriptions is where the gateway's is.
    fn subscriptions_agree(&self, books: &Books) {
        for ours in &books.subscriptions {
            let status = ours.state.status;
            let Some(theirs) = ours.gateway_id.as_ref().and_then(|id| self.stripe.object(id)) else {
                assert!(
                    status.has_ended() || status == SubscriptionStatus::Pending,
                    "{} is {status} with us alone",
                    ours.id
                );
                continue;
            };
            let right: &[SubscriptionStatus] = match theirs["status"].as_str().unwrap() {
                "incomplete" => &[SubscriptionStatus::Pending],
                "trialing" | "active" => &[SubscriptionStatus::Active],
                "past_due" | "unpaid" => &[SubscriptionStatus::GracePeriod],
                "paused" => &[SubscriptionStatus::Suspended],
                _ => &[SubscriptionStatus::Cancelled, SubscriptionStatus::Expired],
            };
            assert!(
                right.contains(&status),
                "subscription {} is {status}, the gateway says {}",
                ours.id,
                theirs["status"]
            );
        }
        let ids: BTreeSet<_> = books.subscriptions.iter().map(|subscription| subscription.id).collect();
        assert!(
            self.model.subscriptions.iter().all(|promised| ids.contains(&promised.id)),
            "a subscription is gone"
        );
    }

    async fn nothing_is_under_way(&self) {
        for kind in [ReminderKind::Unfulfilled, ReminderKind::Refund, ReminderKind::Unpaid] {
            for shard in 0..SHARDS {
                let due = self.world.store().reminders().due(kind, shard, self.now(), 10).await.unwrap();
                assert!(due.is_empty(), "{kind:?} stays due: {due:?}");
            }
        }
    }
}
