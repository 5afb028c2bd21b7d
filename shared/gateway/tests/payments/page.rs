//! The payment page and the control paths of the local stack, as a browser and a script see them.

use gateway::{IntentStatus, SubscriptionStatus};
use reqwest::{Client, Response, redirect::Policy};

use crate::{
    stage::{ASKS, DAY, DECLINED, START, Stage, VISA, secret},
    subscriptions::active,
};

async fn submit(stage: &Stage, path: &str, form: String) -> Response {
    let browser = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = browser
        .post(format!("{}{path}", stage.stand_in.base()))
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(form).send().await.unwrap()
}

async fn control(stage: &Stage, path: &str, body: &str) -> serde_json::Value {
    let request = Client::new()
        .post(format!("{}/_control/{path}", stage.stand_in.base()))
        .header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_person_pays_on_the_page_and_is_led_back() {
    let stage = Stage::with(|settings| settings.return_base = "http://learnflow.test".into()).await;
    let intent = stage.intent(1999, "order-1").await;
    let secret = secret(&intent);
    let shown = reqwest::get(format!(
        "{}/pay?client_secret={secret}&return_url=http://learnflow.test/orders",
        stage.stand_in.base()
    ));
    let shown = shown.await.unwrap().text().await.unwrap();
    assert!(shown.contains("19.99 USD") && shown.contains("ORD-2026-A00001"), "{shown}");
    let form = |card: &str, back: &str| format!("client_secret={secret}&card={card}&return_url={back}");

    let declined = submit(&stage, "/pay", form(DECLINED, "http://learnflow.test/orders")).await;
    assert!(declined.text().await.unwrap().contains("Your card was declined."));
    let asked = submit(&stage, "/pay", form(ASKS, "http://learnflow.test/orders")).await;
    assert!(location(&asked).starts_with("/pay/bank?"));
    let no = submit(&stage, "/pay/bank", form("", "http://learnflow.test/orders") + "&agreed=false").await;
    assert!(no.text().await.unwrap().contains("The bank did not agree."));
    let paid = submit(&stage, "/pay", form(VISA, "http://learnflow.test/orders?tab=1")).await;
    let expected =
        format!("http://learnflow.test/orders?tab=1&payment_intent={}&redirect_status=succeeded", intent.id);
    assert_eq!(location(&paid), expected);
    assert_eq!(stage.gateway.intent(&intent.id).await.unwrap().status, IntentStatus::Succeeded);
}

#[tokio::test]
async fn the_page_leads_nowhere_else_and_shows_nothing_without_the_secret() {
    let stage = Stage::with(|settings| settings.return_base = "http://learnflow.test".into()).await;
    let intent = stage.intent(1999, "order-1").await;
    let paid = submit(
        &stage,
        "/pay",
        format!("client_secret={}&card={VISA}&return_url=http://evil.test/", secret(&intent)),
    )
    .await;
    assert!(paid.status().is_success() && !paid.headers().contains_key("location"));
    let guessed = format!("client_secret={}_secret_0&card={VISA}", intent.id);
    assert!(submit(&stage, "/pay", guessed).await.text().await.unwrap().contains("No such intent"));
    let page = reqwest::get(format!("{}/pay?client_secret=%3Cscript%3E", stage.stand_in.base()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(!page.contains("<script>"));
}

#[tokio::test]
async fn a_browser_may_do_only_what_its_secret_allows() {
    let stage = Stage::new().await;
    let (intent, other) = (stage.intent(1999, "a").await, stage.intent(1999, "b").await);
    let attempt = async |id: &str, secret: &str, key: &str| {
        let card = "payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242";
        let form = format!("key={key}&client_secret={secret}&{card}");
        submit(&stage, &format!("/v1/payment_intents/{id}/confirm"), form).await.status().as_u16()
    };
    let secret = secret(&intent);
    assert_eq!(attempt(&other.id, &secret, "pk_test_local").await, 404);
    assert_eq!(attempt(&intent.id, &secret, "pk_test_other").await, 401);
    assert_eq!(attempt(&intent.id, "", "pk_test_local").await, 400);
    let refund = submit(
        &stage,
        "/v1/refunds",
        format!("key=pk_test_local&client_secret={secret}&payment_intent={}", intent.id),
    )
    .await;
    assert_eq!(refund.status().as_u16(), 401);
    assert_eq!(attempt(&intent.id, &secret, "pk_test_local").await, 200);
}

#[tokio::test]
async fn a_script_controls_the_stand_in() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    control(&stage, "declines", r#"{"reason":"insufficient_funds"}"#).await;
    control(&stage, "clock", r#"{"advance":2419200}"#).await;
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().status, SubscriptionStatus::PastDue);
    control(&stage, "faults", r#"{"on":"GET ","kind":"error_before","times":3}"#).await;
    assert!(stage.gateway.subscription(&running.id).await.is_err());

    let paid = stage.paid(700, "a").await;
    let dispute = control(&stage, "disputes", &format!(r#"{{"payment_intent":"{}"}}"#, paid.id)).await;
    let id = dispute["id"].as_str().unwrap();
    assert_eq!(control(&stage, &format!("disputes/{id}/close"), r#"{"won":true}"#).await["status"], "won");
    control(&stage, "webhooks", r#"{"mode":"drop"}"#).await;
    let events = reqwest::get(format!("{}/_control/events", stage.stand_in.base())).await.unwrap();
    let events: Vec<serde_json::Value> = events.json().await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last["type"], "charge.dispute.closed");
    stage.news();
    control(&stage, &format!("events/{}/deliver", last["id"].as_str().unwrap()), "{}").await;
    assert_eq!(stage.news(), ["charge.dispute.closed"]);
    control(&stage, "reset", "{}").await;
    assert!(stage.gateway.subscription(&running.id).await.unwrap_err().is_missing());
}

#[tokio::test]
async fn a_script_ends_the_period_of_one_subscription() {
    let stage = Stage::new().await;
    let running = active(&stage, 999).await;
    stage.days(10);
    let path = format!("subscriptions/{}/end-period", running.id);
    control(&stage, &path, "{}").await;
    let renewed = stage.gateway.subscription(&running.id).await.unwrap();
    // From the 10th of February to that of March.
    let period = (START + 10 * DAY, START + 38 * DAY);
    assert_eq!((renewed.period_start, renewed.period_end), period);
    let invoices = stage.gateway.invoices_of(&running.id, None).await.unwrap().rows;
    assert_eq!(invoices.iter().map(|invoice| invoice.paid).collect::<Vec<_>>(), [999, 999]);

    control(&stage, "declines", r#"{"reason":"insufficient_funds"}"#).await;
    control(&stage, &path, "{}").await;
    assert_eq!(stage.gateway.subscription(&running.id).await.unwrap().status, SubscriptionStatus::PastDue);
}
