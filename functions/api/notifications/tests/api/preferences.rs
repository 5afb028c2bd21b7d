//! How a user wants to be told things.

use domain::identity::{Digest, NotificationKind, Preferences};
use futures::future::join_all;
use serde_json::{Value, json};
use store::{Consistency, entities::DigestPlan};

use crate::setup::{PATH, Stage};

async fn change(stage: &Stage, wish: Value) -> testkit::Reply {
    stage.app.put(&format!("{PATH}/preferences"), &stage.reader, wish).await
}

async fn shown(stage: &Stage) -> Value {
    stage.app.get(&format!("{PATH}/preferences"), &stage.reader).await.expect(200).body
}

async fn plan(stage: &Stage) -> Option<DigestPlan> {
    stage.world.store().get(DigestPlan::key_of(stage.reader.id), Consistency::Strong).await.unwrap()
}

#[tokio::test]
async fn each_kind_is_decided_for_each_channel_and_the_profile_has_the_same() {
    let stage = Stage::new().await;
    let before = shown(&stage).await;
    assert_eq!((&before["digest"], &before["email_notifications_enabled"]), (&json!("off"), &json!(true)));
    for channel in ["email_notifications", "in_app_notifications"] {
        assert_eq!(before[channel]["learning"], true);
        assert_eq!(before[channel]["marketing"], false, "nobody has asked for offers");
    }
    let wish =
        json!({"email_notifications": {"learning": false}, "in_app_notifications": {"community": false}});
    let after = change(&stage, wish).await.expect(200).body;
    assert_eq!(after["email_notifications"]["learning"], false);
    assert_eq!(after["in_app_notifications"]["learning"], true);
    assert_eq!(after["in_app_notifications"]["community"], false);
    assert_eq!(shown(&stage).await, after);
    let user = stage.world.store().users().get(stage.reader.id).await.unwrap().unwrap();
    assert!(!user.preferences.wants(NotificationKind::Learning), "where the profile reads it");
    // What the profile decides shows here.
    let switch_off = |wanted: &mut Preferences| {
        wanted.email_notifications_enabled = false;
        Ok(())
    };
    let decided = stage.world.store().users().change_preferences(stage.reader.id, switch_off).await;
    assert_eq!(decided.unwrap(), Ok(true));
    let off = shown(&stage).await;
    assert_eq!(
        (&off["email_notifications"]["account"], &off["email_notifications"]["security"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(off["in_app_notifications"]["account"], true, "the switch is that of mails");
}

#[tokio::test]
async fn what_is_about_safety_stays_on_and_nothing_is_changed_by_a_refused_wish() {
    let stage = Stage::new().await;
    for (field, wish) in [
        ("email_notifications", json!({"email_notifications": {"security": false}, "digest": "daily"})),
        ("in_app_notifications", json!({"in_app_notifications": {"security": false}, "digest": "daily"})),
    ] {
        let refused = change(&stage, wish).await.expect_error(422, "VALIDATION_FAILED");
        assert!(refused.body["error"]["details"].get(field).is_some(), "{:#}", refused.body);
    }
    for wish in
        [json!({"digest": "hourly"}), json!({"push": true}), json!({"in_app_notifications": {"all": false}})]
    {
        change(&stage, wish).await.expect_error(422, "VALIDATION_FAILED");
    }
    assert_eq!(shown(&stage).await["digest"], "off");
    assert_eq!(plan(&stage).await, None);
}

#[tokio::test]
async fn a_digest_is_planned_when_it_is_wanted_and_dropped_when_it_is_not() {
    let stage = Stage::new().await;
    let mut user = stage.world.store().users().get(stage.reader.id).await.unwrap().unwrap();
    user.timezone = "Asia/Seoul".into();
    stage.world.store().put(&user).await.unwrap();
    assert_eq!(change(&stage, json!({"digest": "daily"})).await.expect(200).body["digest"], "daily");
    let daily = plan(&stage).await.unwrap();
    assert_eq!(daily.due_at.to_string(), "2026-06-01T23:00:00Z", "eight in Seoul");
    assert_eq!((daily.since, daily.frequency), (stage.world.ambient().now(), Digest::Daily));
    change(&stage, json!({"digest": "weekly", "in_app_notifications": {"community": false}}))
        .await
        .expect(200);
    assert_eq!(plan(&stage).await.unwrap().due_at.to_string(), "2026-06-07T23:00:00Z", "Monday in Seoul");
    change(&stage, json!({"email_notifications": {"learning": false}})).await.expect(200);
    assert!(plan(&stage).await.is_some(), "it was not spoken of");
    change(&stage, json!({"digest": "off"})).await.expect(200);
    assert_eq!(plan(&stage).await, None);
}

#[tokio::test]
async fn racing_wishes_are_all_kept() {
    let stage = Stage::new().await;
    let wishes = [
        json!({"digest": "daily"}),
        json!({"in_app_notifications": {"community": false}}),
        json!({"email_notifications": {"learning": false}}),
        json!({"email_notifications": {"teaching": false}}),
    ];
    for reply in join_all(wishes.map(|wish| change(&stage, wish))).await {
        reply.expect(200);
    }
    let all = shown(&stage).await;
    assert_eq!(all["digest"], "daily");
    assert_eq!(all["in_app_notifications"]["community"], false);
    assert_eq!(
        (&all["email_notifications"]["learning"], &all["email_notifications"]["teaching"]),
        (&json!(false), &json!(false))
    );
    assert!(plan(&stage).await.is_some());
}
