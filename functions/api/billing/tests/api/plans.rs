use domain::{admin::AdminActionKind, identity::Role};
use serde_json::json;
use store::entities::AdminAction;
use stripe_stand_in::FaultKind;

use crate::setup::{Stage, VISA};

#[tokio::test]
async fn an_admin_makes_a_plan_and_everybody_sees_it() {
    let stage = Stage::new().await;
    let premium = stage.plan("premium", 999, 14).await;
    stage.plan("basic", 499, 0).await;
    let seen = stage.app.get_kept("/api/v1/plans", 30, &stage.student).await;
    let names: Vec<_> =
        seen.body["results"].as_array().unwrap().iter().map(|plan| &plan["plan_type"]).collect();
    assert_eq!(names, ["basic", "premium"], "the cheapest first");
    let plan = &seen.body["results"][1];
    assert_eq!((&plan["id"], &plan["price_monthly_cents"]), (&json!(premium), &json!(999)));
    assert_eq!((&plan["price_annual_cents"], &plan["annual_saving_cents"]), (&json!(9_990), &json!(1_998)));
    let counts = stage.stripe.counts();
    assert_eq!((counts["product"], counts["price"]), (2, 4));

    let month = AdminAction::month_of(stage.world.ambient().now());
    let log = stage.world.store().admin_actions().of_month(&month, None, 10).await.unwrap().items;
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|line| line.kind == AdminActionKind::PlanCreated && line.user_id.is_none()));
}

#[tokio::test]
async fn only_admins_and_only_one_of_each_type() {
    let stage = Stage::new().await;
    let wish = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999});
    for who in [&stage.student, &stage.world.user(Role::Instructor).await] {
        stage.app.post("/api/v1/admin/plans", who, wish.clone()).await.expect_error(403, "ADMINS_ONLY");
        stage.app.get("/api/v1/admin/plans", who).await.expect_error(403, "ADMINS_ONLY");
    }
    stage.app.post("/api/v1/admin/plans", None, wish.clone()).await.expect(401);
    stage.app.post("/api/v1/admin/plans", &stage.admin, wish.clone()).await.expect(201);
    stage.app.post("/api/v1/admin/plans", &stage.admin, wish).await.expect_error(409, "PLAN_EXISTS");
}

#[tokio::test]
async fn what_is_no_plan() {
    let stage = Stage::new().await;
    let base = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999});
    for (field, value) in [
        ("name", json!("  ")),
        ("name", json!("n".repeat(101))),
        ("plan_type", json!("gold")),
        ("price_monthly_cents", json!(0)),
        ("price_monthly_cents", json!(9.99)),
        ("price_monthly_cents", json!(100_000_000)),
        ("price_annual_cents", json!(0)),
        ("display_currency", json!("XXX")),
        ("trial_days", json!(91)),
        ("colour", json!("red")),
    ] {
        let mut wish = base.clone();
        wish[field] = value;
        let reply = stage.app.post("/api/v1/admin/plans", &stage.admin, wish).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    stage.app.get("/api/v1/plans", None).await.expect(200);
    assert_eq!(stage.stripe.counts().get("product"), None);
}

#[tokio::test]
async fn another_price_is_another_price_at_the_gateway_and_subscribers_keep_theirs() {
    let stage = Stage::new().await;
    let plan = stage.plan("premium", 999, 0).await;
    stage.subscribed(&plan, "monthly", VISA).await;
    let path = format!("/api/v1/admin/plans/{plan}");
    let changed =
        stage.app.patch(&path, &stage.admin, json!({"price_monthly_cents": 1_499, "name": "Better"}));
    assert_eq!(changed.await.expect(200).body["price_monthly_cents"], 1_499);
    assert_eq!(stage.stripe.counts()["price"], 3);
    stage.app.patch(&path, &stage.admin, json!({"price_monthly_cents": 1_499})).await.expect(200);
    assert_eq!(stage.stripe.counts()["price"], 3, "nothing changed");

    stage.advance(31);
    stage.follow().await;
    let kept = stage.subscription().await;
    assert_eq!((&kept["price_cents"], &kept["status"]), (&json!(999), &json!("active")));
    let other = stage.world.student().await;
    let wish = json!({"plan": plan, "interval": "monthly"});
    let new = stage.app.post("/api/v1/subscription", &other, wish).await.expect(201);
    assert_eq!(new.body["subscription"]["price_cents"], 1_499);
}

#[tokio::test]
async fn a_plan_whose_maker_was_stopped_is_finished_by_the_next_attempt() {
    let stage = Stage::new().await;
    // All three tries of the client.
    stage.stripe.fail("POST /v1/prices", FaultKind::ErrorBefore, 3);
    let wish = json!({"name": "Premium", "plan_type": "premium", "price_monthly_cents": 999});
    stage.app.post("/api/v1/admin/plans", &stage.admin, wish).await.expect_error(503, "GATEWAY_UNAVAILABLE");
    assert_eq!(stage.app.get("/api/v1/plans", None).await.body["results"], json!([]), "it can't be paid yet");
    let all = stage.app.get("/api/v1/admin/plans", &stage.admin).await.expect(200);
    let path = format!("/api/v1/admin/plans/{}", all.body["results"][0]["id"].as_str().unwrap());
    stage.app.patch(&path, &stage.admin, json!({})).await.expect(200);
    assert_eq!(stage.app.get("/api/v1/plans", None).await.body["results"].as_array().unwrap().len(), 1);
    assert_eq!(stage.stripe.counts()["product"], 1, "the first attempt's product");
}
