use domain::{
    admin::AdminActionKind,
    commerce::{Account, OrderStatus, PaymentMethod, payment::SetAsideReason},
};
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::{
    Update,
    entities::{AdminAction, Order},
};
use testkit::shop;

use crate::stage::{INTENT, Stage};

#[tokio::test]
async fn a_bank_transfer_completes_an_order_when_all_of_it_came() {
    let stage = Stage::new().await;
    let order = stage.order(2).await;
    let update = Update::of::<Order>(Order::key_of(order.user_id, order.id))
        .set("payment_method", PaymentMethod::BankTransfer);
    stage.world.store().update_if::<Order>(update).await.unwrap();
    let admin = stage.world.admin().await;
    let path = format!("/api/v1/admin/orders/{}/confirm-transfer", order.id);
    let transfer = |amount: f64| json!({"amount": amount, "reference": "2026-06-01/1"});
    let body = json!({"order_id": order.id});
    stage.app.post(INTENT, &stage.buyer, body).await.expect_error(409, "PAYMENT_METHOD_MISMATCH");
    stage.app.post(&path, &stage.buyer, transfer(30.00)).await.expect_error(403, "ADMINS_ONLY");
    stage.app.post(&path, &admin, transfer(29.99)).await.expect_error(409, "AMOUNT_DIFFERS");
    stage.app.post(&path, &admin, transfer(0.00)).await.expect_error(422, "VALIDATION_FAILED");
    for _ in 0..3 {
        let done = stage.app.post(&path, &admin, transfer(30.00)).await.expect(200);
        assert_eq!((&done.body["status"], &done.body["set_aside_id"]), (&json!("completed"), &Value::Null));
    }
    stage.app.post(&path, &admin, transfer(29.99)).await.expect_error(409, "AMOUNT_DIFFERS");
    assert_eq!((stage.enrollments().await, stage.sets(&order).await), (2, 1));
    assert_eq!(stage.booked(&order, Account::BankClearing).await, 3_000);

    let refund = format!("/api/v1/admin/orders/{}/refund", order.id);
    stage.app.post(&refund, &admin, json!({})).await.expect(201);
    assert_eq!((stage.stored(&order).await.status, stage.at_gateway("refund")), (OrderStatus::Refunded, 0));
    assert_eq!((stage.enrollments().await, stage.booked(&order, Account::BankClearing).await), (0, 0));
    stage.holds().await;
}

#[tokio::test]
async fn a_transfer_that_comes_too_late_or_twice_is_the_buyers_and_goes_back_through_the_bank() {
    for paid_before in [false, true] {
        let stage = Stage::new().await;
        let courses = shop::courses(&stage.world, &stage.teacher, 1).await;
        let order = shop::order_by_transfer(&stage.world, &stage.buyer, &courses).await;
        let admin = stage.world.admin().await;
        let path = format!("/api/v1/admin/orders/{}/confirm-transfer", order.id);
        let confirm = |amount: f64, reference: &'static str| {
            stage.app.post(&path, &admin, json!({"amount": amount, "reference": reference}))
        };
        let reason = if paid_before {
            confirm(10.00, "first").await.expect(200);
            SetAsideReason::PaidTwice
        } else {
            let now = stage.world.ambient().now();
            stage.world.store().orders().expire(order.user_id, order.id, false, now).await.unwrap();
            SetAsideReason::OrderClosed
        };
        let before = (stage.stored(&order).await.status, stage.enrollments().await);
        let held = stage.booked(&order, Account::BankClearing).await;
        let mut id = String::new();
        for _ in 0..3 {
            // Of money that no order waits for any amount is taken down.
            let late = confirm(9.00, "second").await.expect(200);
            id = late.text("set_aside_id");
            assert_eq!(late.body["status"], before.0.name());
        }
        assert_eq!(
            (stage.stored(&order).await.status, stage.enrollments().await),
            before,
            "nothing is granted"
        );
        let asides = stage.asides().await;
        let [aside] = asides.as_slice() else { panic!("{asides:?}") };
        assert_eq!((&aside.subject, aside.reason), (&id, reason));
        let booked = async |account| stage.booked(&order, account).await;
        assert_eq!(booked(Account::BankClearing).await - held, 900);
        assert_eq!(booked(Account::CustomerRefunds).await, -900, "it is the buyer's");
        stage.holds().await;

        let refund = format!("/api/v1/admin/set-asides/{id}/refund");
        for _ in 0..3 {
            stage.app.post(&refund, &admin, json!({})).await.expect(200);
        }
        assert_eq!(booked(Account::BankClearing).await, held);
        assert_eq!((booked(Account::CustomerRefunds).await, booked(Account::GatewayClearing).await), (0, 0));
        assert_eq!((stage.asides().await.len(), stage.at_gateway("refund")), (0, 0), "no gateway is asked");
        stage.holds().await;
    }
}

#[tokio::test]
async fn what_admins_do_with_money_is_in_their_log_with_it() {
    let stage = Stage::new().await;
    let admin = stage.world.admin().await;
    let courses = shop::courses(&stage.world, &stage.teacher, 2).await;
    let order = shop::order_by_transfer(&stage.world, &stage.buyer, &courses).await;
    // A second between two acts, so that the log has them in their order.
    let post = async |path: String, body: Value| {
        stage.world.advance(kernel::SignedDuration::from_secs(1));
        stage.app.post(&path, &admin, body).await
    };
    let confirm = format!("/api/v1/admin/orders/{}/confirm-transfer", order.id);
    let refund = format!("/api/v1/admin/orders/{}/refund", order.id);
    let transfer = |amount: f64, reference: &str| json!({"amount": amount, "reference": reference});
    for _ in 0..2 {
        post(confirm.clone(), transfer(30.00, "1")).await.expect(200);
    }
    let item = json!({"items": [{"item_id": order.lines[0].id}], "reason": "He asked for it."});
    post(refund.clone(), item).await.expect(201);
    post(refund, json!({"items": [{"item_id": order.lines[0].id}]})).await.expect_error(409, "NOTHING_LEFT");
    for (reference, act) in [("2", "refund"), ("3", "resolve")] {
        let aside = post(confirm.clone(), transfer(5.00, reference)).await.expect(200).text("set_aside_id");
        for _ in 0..2 {
            let body = if act == "resolve" { json!({"note": "He was called."}) } else { json!({}) };
            post(format!("/api/v1/admin/set-asides/{aside}/{act}"), body).await.expect(200);
        }
    }
    let share = format!("/api/v1/admin/creators/{}/share", stage.teacher.id);
    let rule = json!({"from": "2026-01-01T00:00:00Z", "share_bp": 8_000});
    stage.world.advance(kernel::SignedDuration::from_secs(1));
    stage.app.put(&share, &admin, json!({"rules": [rule]})).await.expect(200);

    let month = AdminAction::month_of(stage.world.ambient().now());
    let mut log = stage.world.store().admin_actions().of_month(&month, None, 100).await.unwrap().items;
    log.reverse();
    use AdminActionKind as Kind;
    let kinds: Vec<_> = log.iter().map(|line| line.kind).collect();
    let expected = [
        Kind::TransferConfirmed,
        Kind::OrderRefunded,
        Kind::TransferConfirmed,
        Kind::SetAsideReturned,
        Kind::TransferConfirmed,
        Kind::SetAsideResolved,
        Kind::ShareChanged,
    ];
    assert_eq!(kinds, expected, "one line for each change, none where nothing changed");
    let detail = |line: usize, name: &str| log[line].details.get(name).cloned().unwrap_or_default();
    assert!(log.iter().all(|line| line.admin_id == admin.id));
    assert!(log[..6].iter().all(|line| line.user_id == Some(stage.buyer.id)));
    assert_eq!(log[6].user_id, Some(stage.teacher.id));
    assert_eq!((detail(0, "order_id"), detail(0, "amount")), (order.id.to_string(), "30.00 USD".into()));
    assert_eq!((log[1].reason.as_str(), detail(1, "amount")), ("He asked for it.", "10.00 USD".into()));
    assert_eq!((log[5].reason.as_str(), detail(5, "amount")), ("He was called.", "5.00 USD".into()));
    assert_eq!((detail(6, "share_bp_from"), detail(6, "share_bp_to")), ("7000".into(), "8000".into()));
    stage.holds().await;
}

#[tokio::test]
async fn a_card_order_is_not_completed_by_hand() {
    let stage = Stage::new().await;
    let order = stage.order(1).await;
    let admin = stage.world.admin().await;
    let path = format!("/api/v1/admin/orders/{}/confirm-transfer", order.id);
    let body = json!({"amount": 10.00, "reference": "x"});
    stage.app.post(&path, &admin, body).await.expect_error(409, "PAYMENT_METHOD_MISMATCH");
}

#[tokio::test]
async fn a_share_holds_for_what_is_bought_after_it() {
    let stage = Stage::new().await;
    let admin = stage.world.admin().await;
    let path = format!("/api/v1/admin/creators/{}/share", stage.teacher.id);
    let none = stage.app.get(&path, &admin).await.expect(200);
    assert_eq!((&none.body["share_bp"], &none.body["rules"]), (&json!(7_000), &json!([])));
    let before = stage.order(1).await;
    let now = stage.world.ambient().now();
    let rule = json!({"from": now, "until": now + SignedDuration::from_hours(1), "share_bp": 9_000});
    stage.app.put(&path, &stage.teacher, json!({"rules": [rule]})).await.expect_error(403, "ADMINS_ONLY");
    let agreed = stage.app.put(&path, &admin, json!({"rules": [rule]})).await.expect(200);
    assert_eq!(agreed.body["share_bp"], 9_000);
    let backwards = json!({"rules": [{"from": now, "until": now, "share_bp": 1}]});
    stage.app.put(&path, &admin, backwards).await.expect_error(422, "VALIDATION_FAILED");
    assert_eq!(stage.stored(&before).await.lines[0].share_bp.get(), 7_000);
    let other = stage.world.student().await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    let after = shop::order(&stage.world, &other, &[course]).await;
    assert_eq!(after.lines[0].share_bp.get(), 9_000);
    let nobody = format!("/api/v1/admin/creators/{}/share", before.id);
    stage.app.get(&nobody, &admin).await.expect_error(404, "USER_NOT_FOUND");
}

#[tokio::test]
async fn an_instructor_sees_what_he_earned_by_day_and_course() {
    let stage = Stage::new().await;
    let (order, _) = stage.paid(2).await;
    let admin = stage.world.admin().await;
    let post = async || {
        let subject = domain::commerce::Subject::Order(order.id);
        for stored in stage.world.store().ledger().of_subject(subject).await.unwrap() {
            let now = stage.world.ambient().now();
            for _ in 0..3 {
                stage.world.store().ledger().post(&stored.set, now).await.unwrap();
                stage.world.store().revenue().count(&stored, now).await.unwrap();
            }
        }
    };
    post().await;
    let seen = stage.app.get("/api/v1/revenue/", &stage.teacher).await.expect(200);
    assert!(seen.calls <= 3, "{}", seen.calls);
    assert_eq!(seen.body["total"]["creator_amount"], json!(21.00));
    assert_eq!(seen.body["days"][0]["date"], "2026-06-01");
    assert_eq!(
        (&seen.body["days"][0]["sales"], seen.body["courses"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    assert_eq!(seen.body["courses"][0]["net_amount"], json!(20.00));
    assert_eq!(seen.body["courses"][0]["title"], "Rust for Everyone");

    stage.world.advance(SignedDuration::from_hours(24 * 30));
    let admin = stage.world.login(admin.id).await;
    let teacher = stage.world.login(stage.teacher.id).await;
    let refund = format!("/api/v1/admin/orders/{}/refund", order.id);
    stage.app.post(&refund, &admin, json!({})).await.expect(201);
    post().await;
    let july = stage.app.get("/api/v1/revenue/?from=2026-06&to=2026-07", &teacher).await.expect(200);
    assert_eq!(july.body["total"]["creator_amount"], json!(0.00));
    assert_eq!(july.body["days"].as_array().unwrap().len(), 2);
    assert_eq!(july.body["days"][1]["creator_amount"], json!(-21.00));
    for range in ["from=2026-07&to=2026-06", "from=2026-01&to=2027-01", "from=2026-13", "from=x"] {
        stage.app.get(&format!("/api/v1/revenue/?{range}"), &teacher).await.expect(422);
    }
    let buyer = stage.world.login(stage.buyer.id).await;
    stage.app.get("/api/v1/revenue/", &buyer).await.expect_error(403, "INSTRUCTORS_ONLY");
    stage.holds().await;
}
