//! What suspended, banned and demoted users can still do, and when.

use http::Method;
use kernel::SignedDuration;
use serde_json::json;

use crate::stage::Stage;

const PROFILE: &str = "/api/v1/users/profile";

#[tokio::test]
async fn a_suspended_user_reads_and_does_not_write() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let (key, _) = stage.key(&user, &["profile:read"]).await;
    stage.change(&admin, &user, json!({"status": "suspended"})).await.expect(200);
    stage.profile(&user).await;
    for (method, path, body) in [
        (Method::PUT, PROFILE, json!({"bio": "x"})),
        (Method::POST, "/api/v1/users/profile/picture", json!({"content_type": "image/png", "size": 1})),
        (Method::POST, "/api/v1/users/api-keys", json!({"name": "x", "scopes": ["profile:read"]})),
    ] {
        let refused = stage.app.call(method, path, Some(&user), Some(&body)).await;
        refused.expect_error(403, "ACCOUNT_SUSPENDED");
    }
    stage.app.delete(&format!("/api/v1/users/api-keys/{key}"), &user).await.expect(204);
    stage.change(&admin, &user, json!({"status": "active"})).await.expect(200);
    stage.app.put(PROFILE, &user, json!({"bio": "x"})).await.expect(200);
}

#[tokio::test]
async fn a_suspended_admin_has_no_power() {
    let stage = Stage::new().await;
    let (admin, other) = (stage.world.admin().await, stage.world.admin().await);
    stage.change(&admin, &other, json!({"status": "suspended"})).await.expect(200);
    let back = stage.change(&other, &admin, json!({"status": "suspended"})).await;
    back.expect_error(403, "ACCOUNT_SUSPENDED");
}

#[tokio::test]
async fn a_ban_ends_all_sessions_for_good_and_says_so() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let elsewhere = stage.world.login(user.id).await;
    stage.profile(&user).await;
    stage.change(&admin, &user, json!({"status": "banned"})).await.expect(200);
    for session in [&user, &elsewhere] {
        stage.app.get(PROFILE, session).await.expect_error(403, "ACCOUNT_BANNED");
    }
    stage.change(&admin, &user, json!({"status": "active"})).await.expect(200);
    for session in [&user, &elsewhere] {
        stage.app.get(PROFILE, session).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    stage.world.advance(SignedDuration::from_millis(1));
    stage.profile(&stage.world.login(user.id).await).await;
}

/// A session that began while an index lagged is not in the list by which sessions are ended one by one.
#[tokio::test]
async fn a_session_that_no_list_shows_ends_with_the_others() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let item = stage.world.dynamodb.update_item().table_name("IdentityTable");
    let item =
        item.key("pk", attribute(format!("SESSION#{}", user.session))).key("sk", attribute("SESSION".into()));
    item.update_expression("REMOVE gsi1pk, gsi1sk").send().await.unwrap();
    assert!(stage.world.store().sessions().of_user(user.id).await.unwrap().is_empty());
    stage.profile(&user).await;
    stage.app.delete(&format!("/api/v1/admin/users/{}/sessions", user.id), &admin).await.expect(204);
    stage.app.get(PROFILE, &user).await.expect_error(401, "NOT_AUTHENTICATED");
}

fn attribute(text: String) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::S(text)
}

/// Each instance of a function may remember a session for five seconds, and no longer; what an admin does is never remembered.
#[tokio::test]
async fn another_instance_learns_of_a_ban_within_five_seconds() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let elsewhere = stage.another_instance();
    elsewhere.get(PROFILE, &user).await.expect(200);
    stage.change(&admin, &user, json!({"status": "banned"})).await.expect(200);
    elsewhere.get(PROFILE, &user).await.expect(200);
    stage.world.advance(SignedDuration::from_millis(4_999));
    elsewhere.get(PROFILE, &user).await.expect(200);
    stage.world.advance(SignedDuration::from_millis(1));
    elsewhere.get(PROFILE, &user).await.expect_error(403, "ACCOUNT_BANNED");

    let other = stage.world.admin().await;
    elsewhere.get("/api/v1/admin/users", &other).await.expect(200);
    stage.change(&admin, &other, json!({"role": "student"})).await.expect(200);
    elsewhere.get("/api/v1/admin/users", &other).await.expect_error(403, "ADMINS_ONLY");
}

#[tokio::test]
async fn a_check_is_one_call_and_none_within_five_seconds() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let path = "/api/v1/users/api-keys";
    assert_eq!(stage.app.get(path, &user).await.expect(200).calls, 2, "the check and the ring");
    assert_eq!(stage.app.get(path, &user).await.expect(200).calls, 1);
    stage.after_the_cache();
    assert_eq!(stage.app.get(path, &user).await.expect(200).calls, 2);
}
