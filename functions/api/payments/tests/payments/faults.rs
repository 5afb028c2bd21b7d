use std::{
    pin::Pin,
    task::{Context, Poll},
};

use domain::commerce::OrderStatus;
use serde_json::json;
use stripe_stand_in::FaultKind;
use testkit::{Reply, World, storm::Storm};

use crate::stage::{INTENT, Stage};

/// Work that dies: after so many steps it is dropped where it stands. A step ends wherever the work waits.
struct Dying<F> {
    work: Pin<Box<F>>,
    steps: usize,
}

impl<F: Future> Future for Dying<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.steps == 0 {
            return Poll::Ready(None);
        }
        self.steps -= 1;
        match self.work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.steps == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn dying<F: Future>(steps: usize, work: F) -> Dying<F> {
    Dying { work: Box::pin(work), steps }
}

#[tokio::test]
async fn whoever_settles_may_die_at_every_await() {
    let mut stage = Stage::new().await;
    let (mut died, mut steps) = (0, 1);
    loop {
        stage.buyer = stage.world.student().await;
        let (order, _) = stage.charged(2).await;
        let notices = stage.stripe.take_events();
        let notice = notices.iter().find(|notice| notice.kind == "payment_intent.succeeded").unwrap();
        let first = dying(steps, stage.deliver(notice)).await;
        let whole = first.is_some();
        died += usize::from(!whole);
        // The gateway sends it again, and then everything else too.
        for notice in &notices {
            stage.deliver(notice).await.expect(200);
        }
        assert_eq!(stage.stored(&order).await.status, OrderStatus::Paid, "{steps} steps");
        assert_eq!((stage.enrollments().await, stage.sets(&order).await), (2, 2), "{steps} steps");
        if whole {
            break;
        }
        steps += 1;
    }
    // One for each exchange with storage and the gateway at least.
    assert!(died >= 6, "it died at {died} places");
    stage.holds().await;
}

#[tokio::test]
async fn an_order_of_fifty_courses_is_granted_whole_wherever_it_dies() {
    let mut stage = Stage::new().await;
    let mut steps = 1;
    loop {
        stage.buyer = stage.world.student().await;
        let (order, intent) = stage.charged(50).await;
        let whole = dying(steps, stage.confirm(&order, &intent)).await.is_some();
        stage.confirm(&order, &intent).await.expect(200);
        assert!(stage.stored(&order).await.is_fulfilled(), "{steps} steps");
        assert_eq!((stage.enrollments().await, stage.sets(&order).await), (50, 2), "{steps} steps");
        stage.deliver_all().await;
        if whole {
            break;
        }
        steps += 5;
    }
    stage.holds().await;
}

#[tokio::test]
async fn who_begins_to_pay_may_die_at_every_await() {
    let mut stage = Stage::new().await;
    let mut steps = 1;
    loop {
        stage.buyer = stage.world.student().await;
        let order = stage.order(1).await;
        let before = stage.at_gateway("payment_intent");
        let request = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id}));
        let whole = dying(steps, request).await.is_some();
        let mut again = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id})).await;
        while again.status == 503 {
            again = stage.app.post(INTENT, &stage.buyer, json!({"order_id": order.id})).await;
        }
        again.expect(201);
        assert_eq!(stage.at_gateway("payment_intent"), before + 1, "{steps} steps");
        if whole {
            break;
        }
        steps += 1;
    }
    stage.holds().await;
}

#[tokio::test]
async fn a_gateway_that_fails_or_hangs_charges_once_and_loses_nothing() {
    for kind in [
        FaultKind::ErrorBefore,
        FaultKind::ErrorAfter,
        FaultKind::HangBefore,
        FaultKind::HangAfter,
        FaultKind::TooMany,
        FaultKind::Locked,
    ] {
        let stage = Stage::new().await;
        let order = stage.order(1).await;
        stage.stripe.fail("POST /v1/payment_intents", kind, 10);
        let body = json!({"order_id": order.id});
        stage.app.post(INTENT, &stage.buyer, body).await.expect_error(503, "GATEWAY_UNAVAILABLE");
        stage.stripe.heal();
        let (intent, secret) = stage.intent(&order).await;
        assert_eq!(stage.at_gateway("payment_intent"), 1, "{kind:?}");
        stage.stripe.pay(&secret, crate::stage::VISA).unwrap();

        stage.stripe.fail("GET /v1/payment_intents", kind, 100);
        stage.confirm(&order, &intent).await.expect_error(503, "GATEWAY_UNAVAILABLE");
        let notices = stage.stripe.take_events();
        let told = notices.iter().find(|notice| notice.kind == "payment_intent.succeeded").unwrap();
        stage.deliver(told).await.expect_error(503, "GATEWAY_UNAVAILABLE");
        assert_eq!(stage.enrollments().await, 0);
        stage.stripe.heal();
        stage.deliver(told).await.expect(200);
        assert_eq!((stage.enrollments().await, stage.sets(&order).await), (1, 2), "{kind:?}");
        stage.holds().await;
    }
}

/// The same request until it succeeds; whatever it answers before that says that it is worth another try.
async fn insist(stage: &Stage, request: impl AsyncFn() -> Reply) -> Reply {
    for _ in 0..1_000 {
        let reply = request().await;
        if reply.status.is_success() {
            return reply;
        }
        let again = reply.status.is_server_error()
            || ["PAYMENT_UNDER_WAY", "CHANGED_MEANWHILE"].contains(&reply.code());
        assert!(again, "{} {:#}", reply.status, reply.body);
        // Who was told to come back does so a little later.
        stage.world.advance(kernel::SignedDuration::from_secs(1));
    }
    panic!("a thousand tries were not enough");
}

#[tokio::test]
async fn storage_that_refuses_cancels_and_loses_answers_changes_nothing_of_the_outcome() {
    for percent in [1, 10, 25, 50] {
        let storm = Storm::seeded(u64::from(percent));
        let url = storm.before(testkit::dynamo::serve().await).await;
        let mut stage = Stage::on(World::on(url, "2026-06-01T12:00:00Z".parse().unwrap()).await).await;
        let courses = testkit::shop::courses(&stage.world, &stage.teacher, 2).await;
        for _ in 0..6 {
            stage.buyer = stage.world.student().await;
            let order = stage.order_of(&courses).await;
            storm.rage(percent);
            let body = json!({"order_id": order.id});
            let made =
                insist(&stage, async || stage.app.post(INTENT, &stage.buyer, body.clone()).await).await;
            let intent = made.text("payment_intent_id");
            stage.stripe.pay(&made.text("client_secret"), crate::stage::VISA).unwrap();
            let notices = stage.stripe.take_events();
            let confirmed = insist(&stage, async || stage.confirm(&order, &intent).await);
            let told = async {
                for notice in &notices {
                    insist(&stage, async || stage.deliver(notice).await).await;
                }
            };
            let (confirmed, ()) = futures::future::join(confirmed, told).await;
            storm.rage(0);
            assert_eq!(confirmed.body["status"], "succeeded", "{percent} %: {:#}", confirmed.body);
            assert_eq!(stage.stored(&order).await.status, OrderStatus::Paid, "{percent} %");
            assert_eq!((stage.enrollments().await, stage.sets(&order).await), (2, 2), "{percent} %");
        }
        assert!(percent < 10 || storm.troubles() >= 10, "{percent} %: {} troubles", storm.troubles());
        stage.holds().await;
    }
}
