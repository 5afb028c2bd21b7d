use domain::commerce::{Account, OrderStatus};
use stripe_stand_in::Notice;

use crate::stage::{DECLINED, Stage, VISA};

/// All orders of `count` things.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for rest in permutations(count - 1) {
        for place in 0..count {
            let mut one = rest.clone();
            one.insert(place, count - 1);
            all.push(one);
        }
    }
    all
}

/// The life of a payment with six events that matter here: declined, paid, a part refunded, disputed, and the bank's decision.
async fn life(stage: &Stage) -> (store::entities::Order, Vec<Notice>) {
    let order = stage.order(1).await;
    let (intent, secret) = stage.intent(&order).await;
    stage.stripe.pay(&secret, DECLINED).unwrap_err();
    stage.stripe.pay(&secret, VISA).unwrap();
    let dispute = stage.stripe.open_dispute(&intent).unwrap();
    stage.stripe.close_dispute(&dispute, false).unwrap();
    let kinds = [
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ];
    let mut notices = stage.stripe.take_events();
    notices.retain(|notice| kinds.contains(&notice.kind.as_str()));
    assert_eq!(notices.len(), kinds.len(), "{notices:?}");
    (order, notices)
}

/// Plays the orders of events whose number has this rest modulo [`PARTS`]: one database for many lives, each with a buyer of its own.
async fn play(part: usize) {
    let orders = permutations(6);
    assert_eq!(orders.len(), 720);
    let mut stage = Stage::new().await;
    for order_of_events in orders.into_iter().skip(part).step_by(PARTS) {
        stage.buyer = stage.world.student().await;
        let (order, notices) = life(&stage).await;
        for place in &order_of_events {
            stage.deliver(&notices[*place]).await.expect(200);
        }
        let after = stage.stored(&order).await;
        assert_eq!(after.status, OrderStatus::Refunded, "{order_of_events:?}");
        assert_eq!(stage.enrollments().await, 0, "{order_of_events:?}");
        // The sale, two fees, and both halves of the dispute.
        assert_eq!(stage.sets(&order).await, 5, "{order_of_events:?}");
        assert_eq!(stage.booked(&order, Account::CustomerRefunds).await, 0, "{order_of_events:?}");
        assert_eq!(
            stage.booked(&order, Account::CreatorPayable(stage.teacher.id)).await,
            0,
            "{order_of_events:?}"
        );
    }
    assert_eq!(stage.asides().await.len(), 0);
    stage.holds().await;
}

/// Parts of the 720 orders, which the test runner plays beside each other.
const PARTS: usize = 6;

macro_rules! parts {
    ($(fn $name:ident = $part:literal),*) => { $(
        #[tokio::test]
        async fn $name() {
            play($part).await;
        }
    )* };
}

parts!(
    fn six_events_in_every_order_end_at_the_same_state_1 = 0,
    fn six_events_in_every_order_end_at_the_same_state_2 = 1,
    fn six_events_in_every_order_end_at_the_same_state_3 = 2,
    fn six_events_in_every_order_end_at_the_same_state_4 = 3,
    fn six_events_in_every_order_end_at_the_same_state_5 = 4,
    fn six_events_in_every_order_end_at_the_same_state_6 = 5
);

#[tokio::test]
async fn each_event_ten_times_has_its_effect_once() {
    let stage = Stage::new().await;
    let (order, intent) = stage.charged(2).await;
    stage.stripe.open_dispute(&intent).unwrap();
    let notices = stage.stripe.take_events();
    let mut seen = Vec::new();
    for round in 0..10 {
        for notice in &notices {
            let reply = stage.deliver(notice).await.expect(200);
            assert!(round == 0 || reply.calls == 1, "{}: known at the first look", notice.kind);
        }
        let snapshot = stage.snapshot().await;
        assert!(round == 0 || snapshot == seen, "round {round}");
        seen = snapshot;
    }
    assert_eq!(stage.enrollments().await, 2, "access stays until the bank has decided");
    assert_eq!(stage.stored(&order).await.status, OrderStatus::Disputed);
    stage.holds().await;
}

#[tokio::test]
async fn a_bank_that_decides_for_the_platform_leads_back() {
    let stage = Stage::new().await;
    let (order, intent) = stage.paid(1).await;
    let dispute = stage.stripe.open_dispute(&intent).unwrap();
    stage.deliver_all().await;
    assert_eq!(stage.stored(&order).await.status, OrderStatus::Disputed);
    stage.stripe.close_dispute(&dispute, true).unwrap();
    stage.deliver_all().await;
    assert_eq!((stage.stored(&order).await.status, stage.enrollments().await), (OrderStatus::Paid, 1));
    assert_eq!(stage.booked(&order, Account::CustomerRefunds).await, 0);
    stage.holds().await;
}

#[tokio::test]
async fn unknown_events_are_taken_and_left() {
    let stage = Stage::new().await;
    let before = stage.snapshot().await;
    for (number, kind) in ["customer.created", "payout.paid", "a.kind.of.tomorrow"].into_iter().enumerate() {
        let body = format!(
            r#"{{"id":"evt_{number}","object":"event","type":"{kind}","created":1780315200,"data":{{"object":{{"object":"thing"}}}}}}"#
        );
        let header = stage.stripe.signature(&body, stage.world.ambient().now());
        let reply = stage.post_event(body.into_bytes(), &header).await.expect(200);
        assert_eq!(reply.body, serde_json::json!({"received": true}));
    }
    assert_eq!(stage.snapshot().await.len(), before.len() + 3, "a mark for each");
}
