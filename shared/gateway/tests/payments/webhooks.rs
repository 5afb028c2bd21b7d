//! Events: what is read of them, and that they arrive.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use gateway::{Event, EventKind, WebhookError, Webhooks};
use kernel::{Clock, Secret};
use stripe_stand_in::{Mode, Settings, StandIn, World};
use tokio::{net::TcpListener, sync::Notify};

use crate::{
    stage::{DISPUTED, START, Stage, VISA, secret},
    subscriptions::active,
};

#[tokio::test]
async fn an_event_of_the_gateway_is_opened() {
    let stage = Stage::new().await;
    let paid = stage.paid(1999, "order-1").await;
    let notice = stage.stand_in.take_events().pop().unwrap();
    let header = stage.stand_in.signature(&notice.body, stage.clock.now());
    let webhooks = Webhooks::new(Secret::new("whsec_local".into()));
    let event = webhooks.open(notice.body.as_bytes(), &header, stage.clock.now()).await.unwrap();
    assert_eq!(
        (event.id.as_str(), event.kind, event.created, event.livemode),
        (notice.id.as_str(), EventKind::IntentSucceeded, START, false)
    );
    assert_eq!(
        (event.subject.id.as_str(), event.subject.minor, event.subject.currency.as_deref()),
        (paid.id.as_str(), Some(1999), Some("USD"))
    );
    assert_eq!(event.subject.intent.as_deref(), Some(paid.id.as_str()));
    assert_eq!(event.subject.metadata["order_id"], "order-1");
    let stale = webhooks
        .open(notice.body.as_bytes(), &header, stage.clock.now() + kernel::SignedDuration::from_hours(1))
        .await;
    assert!(matches!(stale, Err(WebhookError::Stale)));
}

#[tokio::test]
async fn every_event_of_a_whole_life_leads_to_its_payment_or_subscription() {
    let stage = Stage::new().await;
    let intent = stage.intent(3000, "order-1").await;
    stage.stand_in.pay(&secret(&intent), "4000000000000002").unwrap_err();
    stage.stand_in.pay(&secret(&intent), DISPUTED).unwrap();
    let running = active(&stage, 999).await;
    stage.days(28);
    let news = stage.stand_in.take_events();
    assert!(news.len() > 20);
    for notice in &news {
        let event = Event::parse(notice.body.as_bytes()).unwrap();
        let subject = &event.subject;
        let leads = match event.kind {
            EventKind::IntentSucceeded
            | EventKind::IntentFailed
            | EventKind::DisputeCreated
            | EventKind::DisputeChanged => subject.intent.is_some(),
            EventKind::InvoicePaid | EventKind::SubscriptionChanged => {
                subject.subscription.as_deref() == Some(running.id.as_str())
            }
            _ => true,
        };
        assert!(leads, "{event:?}");
        assert_eq!(event.name, notice.kind);
    }
}

#[test]
fn kinds_that_are_not_known_are_taken_and_what_is_no_event_is_not() {
    let event = Event::parse(br#"{"id":"evt_1","type":"radar.early_fraud_warning.created","created":1,"data":{"object":{"object":"x"}}}"#);
    assert_eq!(event.unwrap().kind, EventKind::Other);
    let expanded = br#"{"id":"e","type":"invoice.paid","created":1,"data":{"object":{"id":"in_1","object":"invoice","amount_paid":7,
        "customer":{"id":"cus_1"},"parent":{"subscription_details":{"subscription":{"id":"sub_1"}}},"metadata":{"a":1,"b":"2"}}}}"#;
    let event = Event::parse(expanded).unwrap();
    assert_eq!(
        (event.subject.subscription.as_deref(), event.subject.customer.as_deref()),
        (Some("sub_1"), Some("cus_1"))
    );
    assert_eq!((event.subject.minor, event.subject.metadata.len()), (Some(7), 1));
    for body in ["", "{}", "[]", r#"{"id":"e","type":"x","created":"now","data":{"object":{"object":"x"}}}"#]
    {
        assert!(matches!(Event::parse(body.as_bytes()), Err(WebhookError::Body(_))), "{body}");
    }
}

/// An endpoint that refuses each event the first time.
#[derive(Default)]
struct Endpoint {
    got: Mutex<Vec<(String, String)>>,
    came: Notify,
}

#[tokio::test]
async fn events_are_delivered_until_they_are_taken() {
    let endpoint = Arc::new(Endpoint::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    // A name that no resolver needs to know.
    let url = format!("http://learnflow.localhost:{}/webhook", listener.local_addr().unwrap().port());
    let take = async |State(endpoint): State<Arc<Endpoint>>, headers: HeaderMap, body: Bytes| {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let header = headers["stripe-signature"].to_str().unwrap().to_owned();
        let mut got = endpoint.got.lock().unwrap();
        let first = !got.iter().any(|(known, _)| *known == body);
        got.push((body, header));
        endpoint.came.notify_one();
        if first { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::NO_CONTENT }
    };
    let router = Router::new().route("/webhook", post(take)).with_state(Arc::clone(&endpoint));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let stage = Stage::with(|settings| {
        settings.webhook_url = Some(url.parse().unwrap());
        settings.clock = Clock::system();
    })
    .await;
    stage.stand_in.set_mode(Mode::Hold);
    let intent = stage.intent(700, "a").await;
    stage.stand_in.pay(&secret(&intent), VISA).unwrap();
    assert!(endpoint.got.lock().unwrap().is_empty());
    // The process may be stopped and started anew in between; what was not delivered is delivered then.
    let saved = serde_json::to_string(&stage.stand_in.world()).unwrap();
    let settings = Settings { webhook_url: Some(url.parse().unwrap()), ..Settings::test(Clock::system()) };
    drop(stage);
    let world: World = serde_json::from_str(&saved).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _resumed = StandIn::resume(settings, world.resumed(Clock::system()), listener).unwrap();
    // Three events, each twice.
    while endpoint.got.lock().unwrap().len() < 6 {
        endpoint.came.notified().await;
    }
    let webhooks = Webhooks::new(Secret::new("whsec_local".into()));
    let got = endpoint.got.lock().unwrap().clone();
    for (body, header) in &got {
        webhooks.open(body.as_bytes(), header, Clock::system().now()).await.unwrap();
    }
}
