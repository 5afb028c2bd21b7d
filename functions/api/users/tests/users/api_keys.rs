//! Keys as their owner makes, sees and revokes them.

use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::json;

use crate::stage::Stage;

const PATH: &str = "/api/v1/users/api-keys";

#[tokio::test]
async fn a_secret_is_shown_once_and_stored_nowhere() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let body = json!({"name": "Nightly", "scopes": ["videos:read", "profile:read", "videos:read"], "expires_in_days": 30});
    let made = stage.app.post(PATH, &user, body).await.expect(201);
    assert_eq!(made.calls, 3, "the check, the ring, one transaction");
    let secret = made.text("secret");
    assert!(secret.starts_with("lfk_") && secret.len() == 47, "{secret}");
    assert_eq!(made.body["scopes"], json!(["profile:read", "videos:read"]));
    assert_eq!(made.body["expires_at"], "2026-07-01T12:00:00Z");
    let list = stage.app.get(PATH, &user).await.expect(200);
    assert_eq!(list.body["results"][0]["name"], "Nightly");
    assert_eq!(list.body["results"][0]["last_used_on"], json!(null));
    assert!(!list.body.to_string().contains(&secret[4..]));
    let table = stage.world.dynamodb.scan().table_name("IdentityTable").send().await.unwrap();
    assert!(!format!("{:?}", table.items()).contains(&secret[4..]), "no item holds the secret");
    assert_eq!(stage.events(&user).await, ["api_key_created", "registered"]);
    let other = stage.world.student().await;
    assert_eq!(stage.app.get(PATH, &other).await.expect(200).body["results"], json!([]));
}

#[tokio::test]
async fn of_many_racers_ten_get_a_key() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let body = json!({"name": "A key", "scopes": ["profile:read"]});
    let mut made = 0;
    // A loser of the race for the ring says «busy», and may try again.
    for _ in 0..6 {
        let tries = join_all((0..8).map(|_| stage.app.post(PATH, &user, body.clone()))).await;
        made += tries.iter().filter(|reply| reply.status == 201).count();
    }
    assert_eq!(made, 10);
    let refused = stage.app.post(PATH, &user, body.clone()).await.expect_error(409, "TOO_MANY_API_KEYS");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("Revoke"));
    let list = stage.app.get(PATH, &user).await.expect(200);
    assert_eq!(list.body["results"].as_array().unwrap().len(), 10);
    let id = list.body["results"][3]["id"].as_str().unwrap().to_owned();
    stage.app.delete(&format!("{PATH}/{id}"), &user).await.expect(204);
    stage.app.post(PATH, &user, body.clone()).await.expect(201);
    stage.world.advance(SignedDuration::from_hours(91 * 24));
    let user = stage.world.login(user.id).await;
    let over = stage.app.get(PATH, &user).await.expect(200);
    assert!(over.body["results"].as_array().unwrap().iter().all(|key| key["expired"] == true));
    stage.app.post(PATH, &user, body).await.expect(201);
    let left = stage.app.get(PATH, &user).await.expect(200);
    assert_eq!(left.body["results"].as_array().unwrap().len(), 1, "those that are over make room");
}

#[tokio::test]
async fn making_a_key_takes_a_recent_proof_and_seeing_one_does_not() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    stage.world.advance(SignedDuration::from_mins(10));
    let body = json!({"name": "A key", "scopes": ["profile:read"]});
    stage.app.post(PATH, &user, body.clone()).await.expect_error(403, "REAUTHENTICATION_REQUIRED");
    stage.app.get(PATH, &user).await.expect(200);
    let now = stage.world.ambient().now();
    assert!(stage.world.store().sessions().authenticated(user.session, now).await.unwrap());
    stage.app.post(PATH, &user, body).await.expect(201);
}

#[tokio::test]
async fn a_key_is_revoked_by_its_owner_only_and_once() {
    let stage = Stage::new().await;
    let (user, stranger) = (stage.world.student().await, stage.world.admin().await);
    let (id, _) = stage.key(&user, &["profile:read"]).await;
    let path = format!("{PATH}/{id}");
    stage.app.delete(&path, &stranger).await.expect_error(404, "API_KEY_NOT_FOUND");
    stage.app.delete(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    let tries = join_all((0..5).map(|_| stage.app.delete(&path, &user))).await;
    let done = tries.iter().filter(|reply| reply.status == 204).count();
    assert_eq!(done, 1, "{tries:?}");
    stage.app.delete(&path, &user).await.expect_error(404, "API_KEY_NOT_FOUND");
    assert_eq!(stage.events(&user).await, ["api_key_created", "api_key_revoked", "registered"]);
}

#[tokio::test]
async fn bad_keys_are_named_field_by_field() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let good = json!({"name": "A key", "scopes": ["profile:read"], "expires_in_days": 365});
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("scopes", json!([])),
        ("scopes", json!(["admin:write"])),
        ("scopes", json!("profile:read")),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("expires_in_days", json!(-1)),
        ("secret", json!("mine")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let reply = stage.app.post(PATH, &user, body).await.expect_error(422, "VALIDATION_FAILED");
        let details = reply.body["error"]["details"].as_object().unwrap();
        assert!(details.keys().any(|name| name.starts_with(field)), "{field}: {:#}", reply.body);
    }
    stage.app.post(PATH, &user, good).await.expect(201);
}

#[tokio::test]
async fn a_key_needs_an_address_that_is_ones_own() {
    let stage = Stage::new().await;
    let caller = stage.world.student().await;
    let mut user = stage.world.store().users().get(caller.id).await.unwrap().unwrap();
    user.email_verified_at = None;
    stage.world.store().put(&user).await.unwrap();
    let body = json!({"name": "A key", "scopes": ["profile:read"]});
    stage.app.post(PATH, &caller, body).await.expect_error(403, "EMAIL_NOT_VERIFIED");
    assert_eq!(stage.app.get(PATH, &caller).await.expect(200).body["results"], json!([]));
}
