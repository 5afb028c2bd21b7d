//! A world in which everything happened that moves money, made by the store's own access patterns.

use std::collections::BTreeMap;

use domain::{
    admin::AdminActionKind,
    certificate::CertificateCode,
    commerce::{
        Amount, BillingInterval, PlanType, Subject, Subscription,
        ledger::{
            dispute_opened, gateway_fee, subscription_dispute_lost, subscription_income, subscription_refund,
        },
        payment::PaymentStatus,
        refund::Wish,
        subscription::{CancelWhen, GatewayObject, GatewayStatus},
    },
    sweep::SweepKind,
    video::VideoStatus,
};
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::json;
use store::entities::{
    AdminAction, Certificate, Course, IdempotencyRecord, Order, Payment, Player, PromoUse, Section,
    StoredSet, SubscriptionInvoice, Sweep, TakenLesson, UserSubscription,
    admin_action::Acted,
    certificate::Issued,
    commerce::{
        order::{Created, DisputeOutcome, RefundRequest, Refunding, Settled},
        promo::PromoUseState,
        subscription::{Begun, PromoOfSubscription},
    },
    enrollment::Enrolled,
    player::LiveSession,
};
use testkit::{Caller, World, fixtures, shop};

async fn order_with_code(world: &World, buyer: &Caller, courses: &[Course], code: Option<&str>) -> Order {
    let now = world.ambient().now();
    let cart = shop::fill_cart(world, buyer, courses).await;
    let code = code.map(|code| code.parse().unwrap());
    world.store().carts().set_promo(cart, code.as_ref(), now).await.unwrap();
    match shop::try_order(world, buyer).await {
        Created::Made(order) => order,
        other => unreachable!("{other:?}"),
    }
}

/// Pays an order as a card does: with an intent that is attached first, and a fee that is known later.
async fn pay(world: &World, order: &Order) -> Order {
    let (store, now) = (world.store(), world.ambient().now());
    let intent = format!("pi_{}", order.id.uuid().simple());
    let payment = Payment::new(order, intent.clone(), now);
    let order = store.orders().attach_intent(order, &payment, now).await.unwrap().unwrap();
    let settlement = shop::payment(&order, &intent);
    let settled = store.orders().settle(order.user_id, order.id, &settlement, now).await.unwrap();
    let fee =
        gateway_fee(Some(Subject::Order(order.id)), &format!("ch_{intent}"), shop::cents(59), now).unwrap();
    assert!(store.ledger().add(&fee).await.unwrap());
    match settled {
        Settled::Done(order) => order,
        other => unreachable!("{other:?}"),
    }
}

async fn refund(world: &World, order: &Order, wish: Wish, settle: bool) {
    let (orders, now) = (world.store().orders(), world.ambient().now());
    let request = RefundRequest { id: world.ambient().id(), wish, requested_by: None, reason: String::new() };
    let begun = orders.begin_refund(order.user_id, order.id, &request, now).await.unwrap();
    assert!(matches!(begun, Refunding::Done(..)), "{begun:?}");
    if settle {
        orders.settle_refund(order.user_id, order.id, request.id, (Some("re_1"), None), now).await.unwrap();
    }
}

async fn dispute(world: &World, order: &Order, outcome: Option<DisputeOutcome>) {
    let (orders, now) = (world.store().orders(), world.ambient().now());
    let number = format!("dp_{}", order.id.uuid().simple());
    let claimed = (number.as_str(), order.total());
    orders.open_dispute(order.user_id, order.id, claimed, None, now).await.unwrap().unwrap();
    if let Some(outcome) = outcome {
        let closed = (number.as_str(), order.total(), outcome);
        orders.close_dispute(order.user_id, order.id, closed, None, now).await.unwrap().unwrap();
    }
}

async fn subscribe(world: &World, user: &Caller, code: Option<&str>) -> UserSubscription {
    let (store, now) = (world.store(), world.ambient().now());
    let id: Id<kinds::Subscription> = world.ambient().id();
    let object = GatewayObject {
        status: GatewayStatus::Incomplete,
        plan_id: world.ambient().id(),
        interval: BillingInterval::Monthly,
        period_start: now,
        period_end: now + SignedDuration::from_hours(24 * 30),
        cancel_at_period_end: false,
        ended_at: None,
    };
    let promo = match code {
        Some(code) => store.promos().get(&code.parse().unwrap()).await.unwrap(),
        None => None,
    };
    let subscription = UserSubscription {
        id,
        user_id: user.id,
        state: Subscription::new(&object, now),
        plan_type: PlanType::Premium,
        price: shop::cents(999),
        customer_id: format!("cus_{}", user.id),
        gateway_id: Some(format!("sub_{id}")),
        item_id: None,
        trial_days: 0,
        promo: promo.as_ref().map(|rule| PromoOfSubscription {
            code: rule.promo.code.clone(),
            discount: shop::cents(99),
            paid: None,
            invoice_id: None,
        }),
        change: None,
        has_payment_method: false,
        reminders_sent: 0,
        look_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let record = promo.as_ref().map(|rule| PromoUse {
        code: rule.promo.code.clone(),
        subject: id.to_string(),
        user_id: user.id,
        discount: shop::cents(99),
        state: PromoUseState::Reserved,
        created_at: now,
        updated_at: now,
    });
    let begun =
        store.subscriptions().begin(&subscription, promo.as_ref().zip(record.as_ref())).await.unwrap();
    assert!(matches!(begun, Begun::Done), "{begun:?}");

    let paid = if promo.is_some() { 900 } else { 999 };
    let invoice = SubscriptionInvoice {
        id: format!("in_{id}"),
        subscription_id: id,
        user_id: user.id,
        number: None,
        reason: Some("subscription_create".into()),
        amount: shop::cents(paid),
        returned_minor: 0,
        status: PaymentStatus::Succeeded,
        attempts: 1,
        intent_id: None,
        charge_id: None,
        paid_at: Some(now),
        created_at: now,
        updated_at: now,
    };
    let income = subscription_income(id, &invoice.id, invoice.amount, 0, now).unwrap();
    assert!(store.subscriptions().invoice_paid(&invoice, &income).await.unwrap());
    let object = GatewayObject { status: GatewayStatus::Active, ..object };
    let mut after =
        UserSubscription { state: subscription.state.follow(&object, now), ..subscription.clone() };
    if let Some(promo) = &mut after.promo {
        promo.paid = Some(Amount { minor: paid, ..promo.discount });
        promo.invoice_id = Some(invoice.id.clone());
    }
    store.subscriptions().change(&subscription, &after, now).await.unwrap().unwrap()
}

/// A part of a subscription's payment is refunded at the gateway's own desk.
async fn refund_part(world: &World, subscription: &UserSubscription, minor: i64) {
    let (store, now) = (world.store(), world.ambient().now());
    let invoice = store.subscriptions().invoices(subscription.id).await.unwrap().remove(0);
    let back = shop::cents(minor);
    let set = subscription_refund(subscription.id, &format!("re_{}", invoice.id), back, 0, now).unwrap();
    assert!(store.subscriptions().invoice_returned(&invoice, back.minor, &[set], now).await.unwrap());
}

/// The bank takes a subscription's payment back for good, after it has ended.
async fn lose(world: &World, subscription: &UserSubscription) {
    let (store, now) = (world.store(), world.ambient().now());
    let invoice = store.subscriptions().invoices(subscription.id).await.unwrap().remove(0);
    let (subject, dispute) = (Subject::Subscription(subscription.id), format!("dp_{}", invoice.id));
    let opened = dispute_opened(subject, &dispute, invoice.amount, now).unwrap();
    assert!(store.ledger().add(&opened).await.unwrap());
    let lost = subscription_dispute_lost(subscription.id, &dispute, invoice.amount, 0, now).unwrap();
    assert!(
        store.subscriptions().invoice_returned(&invoice, invoice.amount.minor, &[lost], now).await.unwrap()
    );
}

async fn answer(world: &World, user: &Caller, operation: &str, body: serde_json::Value) {
    let now = world.ambient().now();
    let record = IdempotencyRecord {
        user_id: user.id,
        operation: operation.to_owned(),
        idempotency_key: "key".into(),
        request_hash: "0".repeat(64),
        attempt_id: world.ambient().id(),
        lease_until: now,
        status: None,
        response: None,
        created_at: now,
    };
    let memory = world.store().idempotency();
    assert!(memory.claim(&record).await.unwrap().is_none());
    memory.finish(&record, 201, &body.to_string()).await.unwrap();
}

/// Adds every set to the balances and to the creators' months, as the reader of the stream does.
pub(crate) async fn post(world: &World) {
    let (store, now) = (world.store(), world.ambient().now());
    for (_, item) in crate::read(world).await {
        if store::item_type(&item) == "ledger_set" {
            let stored: StoredSet = store::from_item(item).unwrap();
            store.ledger().post(&stored.set, now).await.unwrap();
            store.revenue().count(&stored, now).await.unwrap();
        }
    }
}

/// Two students who completed a free course, each with a certificate; one was taken back.
async fn graduates(world: &World, teacher: &Caller) {
    let (store, now) = (world.store(), world.ambient().now());
    let course = shop::course(world, teacher, 0).await;
    let section: Section = serde_json::from_value(json!({
        "id": world.ambient().id::<kinds::Section>(), "course_id": course.id, "title": "Basics", "created_at": now, "updated_at": now,
    }))
    .unwrap();
    let lessons = [(); 2].map(|()| fixtures::lesson(world, course.id, section.id));
    let section = Section { lesson_order: lessons.iter().map(|lesson| lesson.id).collect(), ..section };
    let course = Course { section_order: vec![section.id], lesson_count: 2, ..course };
    store.put(&course).await.unwrap();
    store.put(&section).await.unwrap();
    for lesson in &lessons {
        store.put(lesson).await.unwrap();
    }
    let admin = world.admin().await;
    for revoked in [false, true] {
        let student = world.student().await;
        let enrollment = fixtures::enrollment(world, &student, course.id);
        let made = store.enrollments().enroll_free(&enrollment).await.unwrap();
        assert!(matches!(made, Enrolled::Made(_)), "{made:?}");
        for lesson in &lessons {
            let taken = TakenLesson::new(&enrollment, lesson);
            store.learning().complete(taken, None, now).await.unwrap();
        }
        let certificate: Certificate = serde_json::from_value(json!({
            "code": CertificateCode::from_random(world.ambient().random.bytes()), "enrollment_id": enrollment.id,
            "user_id": student.id, "student_name": "Ada Lovelace", "course_id": course.id, "course_title": "Rust",
            "language": "en", "completed_at": now, "completed_on": "2026-06-01", "issued_at": now, "jws": "",
            "updated_at": now,
        }))
        .unwrap();
        let certificates = store.certificates();
        assert_eq!(certificates.issue(&certificate).await.unwrap(), Issued::Made);
        assert!(certificates.show(&certificate, now).await.unwrap());
        if revoked {
            let kind = AdminActionKind::CertificateRevoked;
            let action = AdminAction::now(world.ambient(), admin.id, "", kind).to_account(student.id);
            assert_eq!(certificates.revoke(&certificate, &action).await.unwrap(), Acted::Done);
        }
    }
}

pub(crate) async fn world() -> World {
    let world = World::new().await;
    let (ada, ben) = (world.instructor().await, world.instructor().await);
    let mut courses = shop::courses(&world, &ada, 4).await;
    courses.extend(shop::courses(&world, &ben, 3).await);
    shop::promo(&world, "TEN", 10, Some(4), 2).await;
    let mut buyers = Vec::new();
    for _ in 0..4 {
        buyers.push(world.student().await);
    }
    let pause = || world.advance(SignedDuration::from_mins(5));

    let first =
        order_with_code(&world, &buyers[0], &[courses[0].clone(), courses[5].clone()], Some("TEN")).await;
    let order = pay(&world, &first).await;
    pause();
    refund(&world, &order, Wish::Items(vec![(order.lines[0].id, None)]), true).await;
    refund(&world, &order, Wish::Items(vec![(order.lines[1].id, Some(333))]), false).await;
    let order = order_with_code(&world, &buyers[0], &[courses[1].clone()], Some("TEN")).await;
    let summary = json!({"id": order.id, "status": "pending", "total_amount": 18.00, "currency": "USD"});
    answer(&world, &buyers[0], "create_order_from_cart", summary).await;

    pause();
    for (buyer, outcome) in [(1, None), (2, Some(DisputeOutcome::Lost)), (3, Some(DisputeOutcome::Won))] {
        let order = order_with_code(&world, &buyers[buyer], &courses[2..4], None).await;
        let order = pay(&world, &order).await;
        let intent = json!({"payment_intent_id": order.payment_id, "amount": 7_000, "currency": "usd"});
        answer(&world, &buyers[buyer], "create_payment_intent", intent).await;
        dispute(&world, &order, outcome).await;
    }
    let order = order_with_code(&world, &buyers[1], &courses[4..6], Some("TEN")).await;
    pay(&world, &order).await;

    pause();
    let order = order_with_code(&world, &buyers[2], &courses[6..], None).await;
    world.store().orders().cancel(order.user_id, order.id, world.ambient().now()).await.unwrap();
    let late = shop::payment(&order, "pi_late");
    let settled = world.store().orders().settle(order.user_id, order.id, &late, world.ambient().now()).await;
    assert!(matches!(settled.unwrap(), Settled::SetAside(_)));

    let live = subscribe(&world, &buyers[3], Some("TEN")).await;
    answer(&world, &buyers[3], "subscribe", json!({"subscription": {"id": live.id}})).await;
    subscribe(&world, &buyers[2], None).await;
    let ended = subscribe(&world, &buyers[1], None).await;
    let now = world.ambient().now();
    let after =
        UserSubscription { state: ended.state.cancel(CancelWhen::Now, now).unwrap(), ..ended.clone() };
    world.store().subscriptions().change(&ended, &after, now).await.unwrap().unwrap();
    lose(&world, &ended).await;
    refund_part(&world, &live, 300).await;

    let seconds = now.as_second();
    for buyer in &buyers {
        let session = LiveSession {
            video_id: world.ambient().id(),
            device_id: "tv".into(),
            started_at: seconds,
            last_seen: seconds,
            expires_at: seconds + 60,
        };
        let player = Player {
            user_id: buyer.id,
            sessions: BTreeMap::from([("one".to_owned(), session)]),
            devices: BTreeMap::new(),
            revision: 1,
            idle_after: seconds + 60,
        };
        assert!(world.store().players().save(&player, None).await.unwrap());
    }
    tag_videos(&world, &ada).await;
    graduates(&world, &ada).await;
    post(&world).await;
    world
}

/// Videos with tags, of which some were taken back and one went with its video.
async fn tag_videos(world: &World, owner: &Caller) {
    let videos = world.store().videos();
    let tags = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut made = Vec::new();
    for words in [&["rust", "web"][..], &["rust"], &["web", "gone"]] {
        world.advance(SignedDuration::from_millis(1));
        let video = fixtures::video(world, owner, VideoStatus::Published);
        world.store().put(&video).await.unwrap();
        let now = world.ambient().now();
        videos.set_tags(video.id, owner.id, &tags(words), now).await.unwrap().unwrap();
        made.push(video.id);
    }
    let now = world.ambient().now();
    videos.set_tags(made[1], owner.id, &tags(&["video", "rust"]), now).await.unwrap().unwrap();
    let purge = Sweep {
        kind: SweepKind::Purge,
        due_at: now,
        subject: made[2].to_string(),
        video_id: Some(made[2]),
        version: 1,
        upload_id: None,
        user_id: Some(owner.id),
        attempt: 0,
    };
    assert!(videos.remove(made[2], owner.id, &purge, now).await.unwrap());
}
