//! Logins of other providers, as thieves and forgers see them.

use domain::identity::TokenPurpose;
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use testkit::{Reply, fields};

use crate::{
    provider::Signing,
    social_stage::{Stage, ada},
    stage::{PASSWORD, bearer, confirmed, login_from, mailed, registered, reset},
};

fn back(code: &str, state: &str) -> Value {
    json!({"code": code, "state": state})
}

fn eve() -> Value {
    json!({"sub": "google-evil", "email": "eve@gmail.com", "email_verified": true})
}

#[tokio::test]
async fn a_state_works_in_the_browser_that_began_and_no_other() {
    let stage = Stage::new().await;
    let victim = stage.begin("google", None).await;
    let thief = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&victim.url, ada());
    let (evil_code, evil_state) = stage.google.log_in(&thief.url, eve());
    // The thief's way back in the victim's browser would log the victim in as the thief; the victim's in the thief's browser
    // would log the thief in as the victim.
    for (cookie, code, state) in [
        (&victim.cookie, &evil_code, &evil_state),
        (&thief.cookie, &code, &state),
        (&"lf_oidc=".to_owned(), &code, &state),
        (&"other=1".to_owned(), &code, &state),
    ] {
        let reply = stage.finish("google", cookie, back(code, state), None).await;
        reply.expect_error(400, "SOCIAL_STATE_INVALID");
    }
    // None of this has taken the victim's login from him.
    stage.finish("google", &victim.cookie, back(&code, &state), None).await.expect(201);
}

#[tokio::test]
async fn a_state_works_once_and_for_ten_minutes() {
    let stage = Stage::new().await;
    let trip = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&trip.url, ada());
    let racers = (0..20).map(|_| stage.finish("google", &trip.cookie, back(&code, &state), None));
    let replies = join_all(racers).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| reply.status == 201 || reply.code() == "SOCIAL_STATE_INVALID"));
    let replay = stage.finish("google", &trip.cookie, back(&code, &state), None).await;
    replay.expect_error(400, "SOCIAL_STATE_INVALID");

    let late = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&late.url, ada());
    stage.world.advance(SignedDuration::from_mins(10));
    let reply = stage.finish("google", &late.cookie, back(&code, &state), None).await;
    reply.expect_error(400, "SOCIAL_STATE_INVALID");
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_in_another_attempt() {
    let stage = Stage::new().await;
    let victim = stage.begin("google", None).await;
    let thief = stage.begin("google", None).await;
    let (code, _) = stage.google.log_in(&victim.url, ada());
    let (_, own_state) = stage.google.log_in(&thief.url, eve());
    // The state and the browser are the thief's; PKCE is what does not fit.
    let reply = stage.finish("google", &thief.cookie, back(&code, &own_state), None).await;
    reply.expect_error(401, "SOCIAL_LOGIN_FAILED");
}

async fn lied(stage: &Stage, lie: impl Fn(&mut Value) + Send + Sync + 'static) -> Reply {
    stage.google.lie(lie);
    let reply = stage.log_in(ada()).await;
    stage.google.behave();
    reply
}

type Lie = Box<dyn Fn(&mut Value) + Send + Sync>;

#[tokio::test]
async fn an_id_token_that_is_not_for_us_now_is_refused() {
    let stage = Stage::new().await;
    let other = stage.other.issuer();
    let lies: Vec<(&str, Lie)> = vec![
        ("another nonce", Box::new(|claims| claims["nonce"] = json!("another"))),
        ("no nonce", Box::new(|claims| claims["nonce"] = Value::Null)),
        ("another audience", Box::new(|claims| claims["aud"] = json!("another-client"))),
        ("a second audience", Box::new(|claims| claims["aud"] = json!(["learnflow-client", "another"]))),
        ("no audience", Box::new(|claims| claims["aud"] = json!([]))),
        ("another party", Box::new(|claims| claims["azp"] = json!("another-client"))),
        ("another issuer", Box::new(move |claims| claims["iss"] = json!(other))),
        ("expired", Box::new(|claims| claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 61))),
        ("no expiry", Box::new(|claims| claims["exp"] = Value::Null)),
        ("from the future", Box::new(|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 120))),
        ("another access token", Box::new(|claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA"))),
        ("no subject", Box::new(|claims| claims["sub"] = Value::Null)),
        ("an empty subject", Box::new(|claims| claims["sub"] = json!(""))),
        ("an endless subject", Box::new(|claims| claims["sub"] = json!("x".repeat(256)))),
    ];
    for (what, lie) in lies {
        let reply = lied(&stage, lie).await;
        // What can't even be read as an ID token is the provider's fault; the rest is somebody's.
        assert!(
            matches!(reply.code(), "SOCIAL_LOGIN_FAILED" | "PROVIDER_UNAVAILABLE"),
            "{what}: {:#}",
            reply.body
        );
        assert!(reply.body.get("access_token").is_none());
    }
    stage.log_in(ada()).await.expect(201);
}

#[tokio::test]
async fn a_signature_must_be_the_providers() {
    let stage = Stage::new().await;
    for signing in [
        Signing::Nobody,
        Signing::ByAStranger,
        Signing::ClientSecret,
        Signing::PublicKeyAsSecret,
        Signing::With("second"),
    ] {
        stage.google.sign(signing, &["first"]);
        let reply = stage.log_in(ada()).await;
        assert!(
            matches!(reply.code(), "SOCIAL_LOGIN_FAILED" | "PROVIDER_UNAVAILABLE"),
            "{signing:?}: {:#}",
            reply.body
        );
        // Nor after the keys were read anew.
        stage.world.advance(SignedDuration::from_mins(2));
        let reply = stage.log_in(ada()).await;
        assert_ne!(reply.status, 201, "{signing:?}");
    }
    stage.google.behave();
    stage.log_in(ada()).await.expect(201);
}

#[tokio::test]
async fn an_answer_of_one_provider_is_not_taken_for_anothers() {
    let stage = Stage::new().await;
    let trip = stage.begin("google", None).await;
    assert!(trip.url.contains("redirect_uri=https%3A%2F%2Flearn.example%2Flogin%2Fcallback%2Fgoogle"));
    let (code, state) = stage.google.log_in(&trip.url, ada());
    let mixed = stage.finish("other", &trip.cookie, back(&code, &state), None).await;
    mixed.expect_error(400, "SOCIAL_STATE_INVALID");
    let mut named = back(&code, &state);
    named["iss"] = json!(stage.other.issuer());
    stage.finish("google", &trip.cookie, named, None).await.expect_error(401, "SOCIAL_LOGIN_FAILED");

    let trip = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&trip.url, ada());
    let mut named = back(&code, &state);
    named["iss"] = json!(stage.google.issuer());
    stage.finish("google", &trip.cookie, named, None).await.expect(201);

    stage.other.tell(json!({"authorization_response_iss_parameter_supported": true}));
    let silent = stage.trip("other", &stage.other, ada(), None).await;
    silent.expect_error(401, "SOCIAL_LOGIN_FAILED");
}

#[tokio::test]
async fn whoever_claims_an_address_elsewhere_does_not_get_its_account() {
    let stage = Stage::new().await;
    let (victim, _) = registered(&stage.world, &stage.app, "victim@gmail.com").await;
    for (email, verified) in [
        ("victim@gmail.com", json!(false)),
        ("victim@gmail.com", Value::Null),
        ("VICTIM@Gmail.com", json!(true)),
        (" victim@gmail.com ", json!(true)),
    ] {
        let claims = json!({"sub": "evil", "email": email, "email_verified": verified});
        for (id, provider) in [("google", &stage.google), ("other", &stage.other)] {
            let reply =
                stage.trip(id, provider, claims.clone(), None).await.expect_error(409, "LINK_REQUIRED");
            assert!(reply.body.get("access_token").is_none());
        }
    }
    let list = stage.app.get("/api/v1/auth/social", &victim).await.expect(200);
    assert_eq!(list.body["results"], json!([]));
}

#[tokio::test]
async fn the_same_subject_of_another_issuer_is_another_person() {
    let stage = Stage::new().await;
    let first = stage.log_in(ada()).await.expect(201);
    let mut twin = ada();
    twin["email"] = json!("twin@example.com");
    let second = stage.trip("other", &stage.other, twin, None).await.expect(201);
    assert_ne!(first.body["user"]["id"], second.body["user"]["id"]);
}

#[tokio::test]
async fn a_link_is_finished_by_who_began_it() {
    let stage = Stage::new().await;
    let (victim, _) = confirmed(&stage.world, &stage.app, "victim@example.com").await;
    let (thief, _) = confirmed(&stage.world, &stage.app, "thief@example.com").await;
    for who in [None, Some(&thief)] {
        let trip = stage.begin("google", &victim).await;
        let (code, state) = stage.google.log_in(&trip.url, eve());
        let reply = stage.finish("google", &trip.cookie, back(&code, &state), who).await;
        reply.expect_error(401, "LINK_NEEDS_LOGIN");
    }
    // A login that began without an account stays a login, whoever is signed in when it ends.
    let trip = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&trip.url, eve());
    stage.finish("google", &trip.cookie, back(&code, &state), &victim).await.expect(201);
    for caller in [&victim, &thief] {
        let list = stage.app.get("/api/v1/auth/social", caller).await.expect(200);
        assert_eq!(list.body["results"], json!([]));
    }
}

#[tokio::test]
async fn bad_input_is_named_field_by_field() {
    let stage = Stage::new().await;
    for (body, field) in [
        (json!({"state": "s"}), "code"),
        (json!({"code": "", "state": "s"}), "code"),
        (json!({"code": "x".repeat(4097), "state": "s"}), "code"),
        (json!({"code": 5, "state": "s"}), "code"),
        (json!({"code": "c", "state": ""}), "state"),
        (json!({"code": "c", "state": "x".repeat(129)}), "state"),
        (json!({"code": "c", "state": "s", "iss": "x".repeat(256)}), "iss"),
        (json!({"code": "c", "state": "s", "email": "a@example.com"}), "email"),
    ] {
        let reply =
            stage.finish("google", "lf_oidc=x", body, None).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    let long = stage.finish("google", "lf_oidc=x", back("c", &"s".repeat(128)), None).await;
    long.expect_error(400, "SOCIAL_STATE_INVALID");
}

#[tokio::test]
async fn who_took_an_address_first_loses_it_to_its_owner() {
    let stage = Stage::new().await;
    // This provider may vouch for no address; the thief says that it is the victim's.
    let thief = json!({"sub": "evil", "email": "victim@example.com", "email_verified": true});
    let made = stage.trip("other", &stage.other, thief.clone(), None).await.expect(201);
    assert_eq!(made.body["user"]["email_verified"], false);
    let inside = bearer(&stage.world, &made);
    for (path, body) in [("/api/v1/auth/mfa/setup", json!({}))] {
        stage.app.post(path, &inside, body).await.expect_error(403, "EMAIL_NOT_VERIFIED");
    }
    let link = stage.app.get("/api/v1/auth/social/google/start", &inside).await;
    link.expect_error(403, "EMAIL_NOT_VERIFIED");

    stage.world.advance(SignedDuration::from_secs(1));
    let mail = mailed(&stage.world, &inside, "victim@example.com", TokenPurpose::ResetPassword).await;
    reset(&stage.app, &mail, PASSWORD).await.expect(200);
    stage.app.get("/api/v1/auth/me", &inside).await.expect_error(401, "NOT_AUTHENTICATED");
    let again = stage.trip("other", &stage.other, thief, None).await.expect_error(409, "LINK_REQUIRED");
    assert!(again.body.get("access_token").is_none());
    stage.world.advance(SignedDuration::from_secs(1));
    let owner = login_from(&stage.app, "victim@example.com", PASSWORD, "203.0.113.7", None).await.expect(200);
    let list = stage.app.get("/api/v1/auth/social", &bearer(&stage.world, &owner)).await.expect(200);
    assert_eq!(list.body["results"], json!([]));
}

#[tokio::test]
async fn what_the_owner_linked_stays_at_a_later_reset() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let caller = bearer(&stage.world, &made);
    stage.world.advance(SignedDuration::from_secs(1));
    let mail = mailed(&stage.world, &caller, "ada@gmail.com", TokenPurpose::ResetPassword).await;
    reset(&stage.app, &mail, PASSWORD).await.expect(200);
    stage.log_in(ada()).await.expect(200);
}

#[tokio::test]
async fn who_has_no_password_can_set_one_to_undo_a_deletion() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let caller = bearer(&stage.world, &made);
    let (store, ambient) = (stage.world.store(), stage.world.ambient());
    let user = store.users().get(caller.id).await.unwrap().unwrap();
    let session = store.sessions().of_user(caller.id).await.unwrap()[0].id;
    let kind = domain::identity::SecurityEventKind::Deleted;
    let event = store::entities::SecurityEvent::now(ambient, caller.id, kind, "", "");
    store.deletions().delete(&user, session, &event, ambient).await.unwrap().unwrap();
    let told = stage.log_in(ada()).await.expect_error(403, "ACCOUNT_DELETED");
    assert!(told.body["error"]["message"].as_str().unwrap().contains("/auth/password-reset"));
    stage.world.advance(SignedDuration::from_secs(1));
    let mail = mailed(&stage.world, &caller, "ada@gmail.com", TokenPurpose::ResetPassword).await;
    reset(&stage.app, &mail, PASSWORD).await.expect(200);
    stage.log_in(ada()).await.expect_error(403, "ACCOUNT_DELETED");
    let body = json!({"email": "ada@gmail.com", "password": PASSWORD});
    stage.world.advance(SignedDuration::from_secs(1));
    let back = stage.app.post("/api/v1/auth/restore", None, body).await.expect(200);
    stage.app.get("/api/v1/auth/me", &bearer(&stage.world, &back)).await.expect(200);
}

#[tokio::test]
async fn no_field_of_a_user_can_be_sent_along() {
    let stage = Stage::new().await;
    let sent = ["first_name", "last_name"];
    for field in fields::of_a_user().into_iter().filter(|field| !sent.contains(&field.as_str())) {
        let mut body = back("c", "s");
        body[&field] = json!(true);
        let reply = stage.finish("google", "lf_oidc=x", body, None).await;
        let reply = reply.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(&field).is_some(), "{field}: {:#}", reply.body);
    }
}
