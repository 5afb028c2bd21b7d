//! Money comes, and the courses open; money goes back, and they close. Through the real functions, with the webhooks of the stand-in.

use serde_json::{Value, json};

use crate::stack::{Course, Person, Shown, Stack, card, clip, text, until};

const FILM: &str = "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p";
/// What a lesson answers who has the course, and who has not.
const OPEN: (u16, &str) = (200, "");
const CLOSED: (u16, &str) = (403, "ENROLLMENT_REQUIRED");

async fn expect(student: &Person, (course, lesson): &(Course, String), expected: (u16, &str)) {
    let (status, code) = student.opens(course, lesson).await;
    assert_eq!((status, code.as_str()), expected);
}

/// The enrolment in a course that was bought.
async fn enrollment_in(student: &Person, course: &Course) -> String {
    let list = student.get("/enrollments").await.ok();
    let mut list = list["results"].as_array().unwrap().iter();
    text(list.find(|one| one["course"]["id"] == course.id).expect("an enrolment"), "id")
}

/// Waits until the teacher has earned so much this month.
async fn earned(teacher: &Person, dollars: f64) -> Value {
    until(&format!("{dollars} dollars for the teacher"), async || {
        let report = teacher.get("/revenue").await.ok();
        (report["total"]["creator_amount"] == dollars).then_some(report)
    })
    .await
}

#[tokio::test]
async fn a_buyer_pays_by_card_and_watches_at_once() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let course = teacher.course_for("To be bought", 49.99).await;
    let scratch = tempfile::tempdir().unwrap();
    let film = clip(scratch.path(), "small.mp4", FILM);
    let video = teacher.upload(&course.section, "small.mp4", &film, "single").await;
    teacher.ready(&video).await;
    let lesson = teacher.lesson(&course.id, &course.section, Some(&video)).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();
    let sold = (course, lesson);
    let course = &sold.0;

    student.wants(&[course]).await;
    let code = stack.promo_code(&admin, 20).await;
    let cart = student.post("/cart/promo", json!({"code": code.to_lowercase()})).await.ok();
    // 20 % of 49.99 is 9.998, of which a code gives 9.99.
    assert_eq!(cart["total_to_pay"], 40.0, "{cart}");
    let purchase = student.checks_out().await;
    let (order, payment) = (&purchase.order, &purchase.payment);
    assert_eq!((&order["status"], &order["total_amount"]), (&json!("pending"), &json!(40.0)));
    assert_eq!((&payment["amount"], &payment["currency"]), (&json!(4000), &json!("usd")));
    expect(&student, &sold, CLOSED).await;

    stack.give_card(payment, card::PAYS).await.expect_success();
    for _ in 0..2 {
        assert_eq!(student.confirm(&purchase).await.ok()["status"], "succeeded");
    }
    expect(&student, &sold, OPEN).await;
    let played = student.play(&video, &enrollment_in(&student, course).await).await.ok();
    let (status, _) = student.file(played["play_url"].as_str().unwrap(), None).await;
    assert_eq!(status, 200, "the stream");

    let paid = student.get(&format!("/orders/{}", purchase.id())).await.ok();
    assert_eq!((&paid["status"], &paid["promo_code"]), (&json!("completed"), &json!(code)));
    assert!(student.get("/cart").await.ok()["items"].as_array().unwrap().is_empty());
    let mail = stack.mail(&student.email, "Your receipt").await;
    assert!(mail.text.contains(&text(&paid, "order_number")), "{}", mail.text);
    let (kind, receipt) = student.fetch(&format!("/orders/{}/receipt", purchase.id())).await;
    assert_eq!(kind, "application/pdf");
    assert!(receipt.starts_with(b"%PDF-") && receipt.trim_ascii_end().ends_with(b"%%EOF"), "a whole PDF");

    // 70 % of the 40 dollars.
    let report = earned(&teacher, 28.0).await;
    assert_eq!((&report["total"]["sales"], &report["total"]["net_amount"]), (&json!(1), &json!(40.0)));
    assert_eq!(report["courses"][0]["course_id"], course.id);
    let again = student.post("/cart/items", json!({"course_id": course.id})).await;
    assert_eq!(again.status, 409, "{again:?}");
    let other = stack.student().await.get(&format!("/orders/{}/receipt", purchase.id())).await;
    assert_eq!(other.code(), "ORDER_NOT_FOUND");
}

#[tokio::test]
async fn a_declined_card_and_a_bank_that_asks_end_in_one_payment() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let sold = teacher.sells("With difficulty", 30.0).await;
    student.wants(&[&sold.0]).await;
    let purchase = student.checks_out().await;

    let shown = stack.give_card(&purchase.payment, card::DECLINED).await;
    assert!(matches!(&shown, Shown::Page(words) if words.contains("Your card was declined.")), "{shown:?}");
    let refused = student.confirm(&purchase).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (402, "PAYMENT_FAILED"));
    stack.mail(&student.email, "The payment of your order failed").await;
    expect(&student, &sold, CLOSED).await;

    assert!(matches!(stack.give_card(&purchase.payment, card::ASKS).await, Shown::Bank));
    assert_eq!(student.confirm(&purchase).await.ok()["status"], "requires_action");
    let shown = stack.answer_bank(&purchase.payment, false).await;
    assert!(matches!(&shown, Shown::Page(words) if words.contains("The bank did not agree.")), "{shown:?}");
    expect(&student, &sold, CLOSED).await;

    assert!(matches!(stack.give_card(&purchase.payment, card::ASKS).await, Shown::Bank));
    stack.answer_bank(&purchase.payment, true).await.expect_success();
    // The browser is closed before it is back: the gateway tells.
    student.sees_order(&purchase.id(), "completed").await;
    expect(&student, &sold, OPEN).await;
    let again = json!({"order_id": purchase.id()});
    let again = student.post("/payments/create-payment-intent", again).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "ORDER_PAID_ALREADY"));
    earned(&teacher, 21.0).await;
}

#[tokio::test]
async fn a_refunded_item_closes_its_course_and_no_other() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let kept = teacher.sells("To be kept", 20.0).await;
    let returned = teacher.sells("To be returned", 10.0).await;
    let purchase = student.buys(&stack, &[&kept.0, &returned.0]).await;
    expect(&student, &kept, OPEN).await;
    expect(&student, &returned, OPEN).await;
    earned(&teacher, 21.0).await;

    let path = format!("/admin/orders/{}/refund", purchase.id());
    let wish = json!({"items": [{"item_id": purchase.item(&returned.0)}], "reason": "Bought by mistake."});
    let refund = admin.post(&path, wish.clone()).await.ok();
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("succeeded"), &json!(10.0)));
    student.sees_order(&purchase.id(), "partially_refunded").await;
    expect(&student, &kept, OPEN).await;
    expect(&student, &returned, CLOSED).await;
    stack.mail(&student.email, "Your refund is on its way").await;
    earned(&teacher, 14.0).await;
    assert_eq!(admin.post(&path, wish).await.code(), "NOTHING_LEFT");

    admin.post(&path, json!({"reason": "The rest as well."})).await.ok();
    student.sees_order(&purchase.id(), "refunded").await;
    expect(&student, &kept, CLOSED).await;
    earned(&teacher, 0.0).await;
}

#[tokio::test]
async fn a_lost_dispute_closes_the_course() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let sold = teacher.sells("To be disputed", 20.0).await;
    let purchase = student.buys(&stack, &[&sold.0]).await;
    earned(&teacher, 14.0).await;

    let dispute = stack.dispute(&purchase).await;
    student.sees_order(&purchase.id(), "disputed").await;
    stack.mail(&student.email, "Your bank has claimed the money of your order").await;
    expect(&student, &sold, OPEN).await;
    let refused = admin.post(&format!("/admin/orders/{}/refund", purchase.id()), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "ORDER_DISPUTED"));

    stack.lose(&dispute).await;
    student.sees_order(&purchase.id(), "refunded").await;
    expect(&student, &sold, CLOSED).await;
    earned(&teacher, 0.0).await;
}

#[tokio::test]
async fn what_costs_nothing_opens_at_once_and_a_transfer_when_it_came() {
    let stack = Stack::open();
    let (admin, teacher, student) = (stack.admin().await, stack.instructor().await, stack.student().await);
    let (given, sold) = (teacher.sells("A gift", 20.0).await, teacher.sells("By transfer", 25.5).await);

    student.wants(&[&given.0]).await;
    let code = stack.promo_code(&admin, 100).await;
    student.post("/cart/promo", json!({"code": code})).await.ok();
    let order = student.order("card").await;
    assert_eq!((&order["status"], &order["payment"]["method"]), (&json!("completed"), &json!("free")));
    expect(&student, &given, OPEN).await;
    student.wants(&[&sold.0]).await;
    let used = student.post("/cart/promo", json!({"code": code})).await;
    assert_eq!(used.code(), "PROMO_USED_BY_YOU");

    let order = student.order("bank_transfer").await;
    assert_eq!(order["status"], "pending");
    let account = &order["payment"]["bank_transfer"];
    assert!(account["iban"].is_string() && account["reference"] == order["order_number"], "{order}");
    let mail = stack.mail(&student.email, "Your order waits for your transfer").await;
    assert!(mail.text.contains(&text(&order, "order_number")), "{}", mail.text);
    let by_card = student.post("/payments/create-payment-intent", json!({"order_id": order["id"]})).await;
    assert_eq!(by_card.code(), "PAYMENT_METHOD_MISMATCH");
    let path = format!("/admin/orders/{}/confirm-transfer", text(&order, "id"));
    let short = admin.post(&path, json!({"amount": 25.49, "reference": "short"})).await;
    assert_eq!(short.code(), "AMOUNT_DIFFERS");
    expect(&student, &sold, CLOSED).await;
    admin.post(&path, json!({"amount": 25.5, "reference": stack.word()})).await.ok();
    expect(&student, &sold, OPEN).await;
    let (kind, _) = student.fetch(&format!("/orders/{}/receipt", text(&order, "id"))).await;
    assert_eq!(kind, "application/pdf");
    // 70 % of the transfer, and nothing of the gift.
    earned(&teacher, 17.85).await;
}
