//! Logins of other providers, as honest people see them.

use api_auth::Settings;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::Body;
use futures::future::join_all;
use http::{Request, StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::SignedDuration;
use serde_json::{Value, json};
use testkit::Caller;

use crate::{
    provider::{CLIENT_ID, CLIENT_SECRET, Signing},
    social_stage::{Stage, ada},
    stage::{bearer, confirmed, registered, settings},
};

async fn linked(stage: &Stage, caller: &Caller) -> Vec<String> {
    let list = stage.app.get("/api/v1/auth/social", caller).await.expect(200);
    let results = list.body["results"].as_array().unwrap().clone();
    results.iter().map(|one| one["provider"].as_str().unwrap().to_owned()).collect()
}

/// Changes an attribute of a user past the API.
async fn set(stage: &Stage, caller: &Caller, name: &str, value: AttributeValue) {
    let key = |text: String| AttributeValue::S(text);
    let call = stage.world.dynamodb.update_item().table_name("IdentityTable");
    call.key("pk", key(format!("USER#{}", caller.id)))
        .key("sk", key("USER".into()))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_person_gets_an_account_and_comes_back_into_it() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    assert_eq!(made.body["user"]["email"], "Ada@gmail.com");
    assert_eq!(made.body["user"]["first_name"], "Ada");
    assert_eq!(made.body["user"]["email_verified"], true);
    let cookies: Vec<_> =
        made.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("lf_oidc=;") && cookie.contains("Max-Age=0")));
    assert!(cookies.iter().any(|cookie| cookie.starts_with("lf_device=")));
    let caller = bearer(&stage.world, &made);
    stage.app.get("/api/v1/auth/me", &caller).await.expect(200);
    assert_eq!(linked(&stage, &caller).await, ["google"]);

    // The address is not what he is found by.
    let mut moved = ada();
    moved["email"] = json!("ada.king@gmail.com");
    let again = stage.log_in(moved).await.expect(200);
    assert_eq!(again.body["user"]["id"], made.body["user"]["id"]);
    assert_eq!(again.body["user"]["email"], "Ada@gmail.com");
    assert_eq!(again.calls, 6, "throttle, attempt, login, user, note, session");
    assert_eq!(stage.google.secrets_seen(), [CLIENT_SECRET, CLIENT_SECRET]);
    assert_eq!(stage.google.discoveries(), 1, "what it tells of itself is kept");
}

#[tokio::test]
async fn only_an_address_that_the_provider_hands_out_counts_as_verified() {
    let stage = Stage::new().await;
    for (subject, email, more, verified) in [
        ("1", "a@gmail.com", json!({"email_verified": true}), true),
        ("2", "b@gmail.com", json!({"email_verified": "true"}), true),
        ("3", "c@gmail.com", json!({"email_verified": false}), false),
        ("4", "d@gmail.com", json!({}), false),
        ("5", "e@example.com", json!({"email_verified": true}), false),
        ("6", "f@example.com", json!({"email_verified": true, "hd": "example.com"}), true),
        ("7", "g@example.com", json!({"email_verified": true, "hd": "gmail.com"}), false),
    ] {
        let mut person = json!({"sub": subject, "email": email, "name": "A Person"});
        person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = stage.log_in(person).await.expect(201);
        assert_eq!(made.body["user"]["email_verified"], verified, "{email}");
    }
    let person = json!({"sub": "8", "email": "h@gmail.com", "email_verified": true});
    let made = stage.trip("other", &stage.other, person, None).await.expect(201);
    assert_eq!(made.body["user"]["email_verified"], false, "the other provider may vouch for nothing");
}

#[tokio::test]
async fn a_login_is_linked_to_the_account_in_which_it_began_and_unlinked_again() {
    let stage = Stage::new().await;
    let (owner, _) = registered(&stage.world, &stage.app, "ada@gmail.com").await;
    let early = stage.app.get("/api/v1/auth/social/google/start", &owner).await;
    early.expect_error(403, "EMAIL_NOT_VERIFIED");
    set(&stage, &owner, "email_verified_at", AttributeValue::S("2026-06-01T12:00:00Z".into())).await;
    stage.log_in(ada()).await.expect_error(409, "LINK_REQUIRED");
    let done = stage.trip("google", &stage.google, ada(), Some(&owner)).await.expect(200);
    assert_eq!(done.body["linked"]["provider"], "google");
    assert_eq!(done.body["linked"]["email"], "Ada@gmail.com");
    stage.trip("google", &stage.google, ada(), Some(&owner)).await.expect(200);
    let back = stage.log_in(ada()).await.expect(200);
    assert_eq!(back.body["user"]["id"], owner.id.to_string());

    let (other, _) = confirmed(&stage.world, &stage.app, "eve@example.com").await;
    let taken = stage.trip("google", &stage.google, ada(), Some(&other)).await;
    taken.expect_error(409, "SOCIAL_ACCOUNT_TAKEN");
    let second = json!({"sub": "google-2", "email": "second@gmail.com"});
    let second = stage.trip("google", &stage.google, second, Some(&owner)).await;
    second.expect_error(409, "PROVIDER_LINKED");
    stage
        .app
        .delete("/api/v1/auth/social/google", &other)
        .await
        .expect_error(404, "SOCIAL_ACCOUNT_NOT_FOUND");

    assert_eq!(linked(&stage, &owner).await, ["google"]);
    stage.app.delete("/api/v1/auth/social/google", &owner).await.expect(204);
    assert!(linked(&stage, &owner).await.is_empty());
    stage
        .app
        .delete("/api/v1/auth/social/google", &owner)
        .await
        .expect_error(404, "SOCIAL_ACCOUNT_NOT_FOUND");
    stage.log_in(ada()).await.expect_error(409, "LINK_REQUIRED");
    let events = stage.app.get("/api/v1/auth/events", &owner).await.expect(200).body;
    for kind in ["social_linked", "social_unlinked"] {
        assert!(events.to_string().contains(kind), "{events:#}");
    }
}

#[tokio::test]
async fn the_last_way_in_stays_whoever_races() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let caller = bearer(&stage.world, &made);
    stage.app.delete("/api/v1/auth/social/google", &caller).await.expect_error(409, "LAST_WAY_IN");
    let elsewhere = json!({"sub": "other-1", "email": "x@example.com"});
    for round in 0..5 {
        let have = linked(&stage, &caller).await;
        for (id, provider, person) in
            [("google", &stage.google, ada()), ("other", &stage.other, elsewhere.clone())]
        {
            if !have.iter().any(|linked| linked == id) {
                stage.trip(id, provider, person, Some(&caller)).await.expect(200);
            }
        }
        let paths = ["/api/v1/auth/social/google", "/api/v1/auth/social/other"];
        let replies = join_all(paths.map(|path| stage.app.delete(path, &caller))).await;
        let codes: Vec<_> = replies.iter().map(|reply| reply.status.as_u16()).collect();
        assert!(codes.contains(&204) && codes.contains(&409), "round {round}: {codes:?}");
        assert_eq!(linked(&stage, &caller).await.len(), 1, "round {round}");
    }
}

#[tokio::test]
async fn it_is_a_login_like_any_other() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let caller = bearer(&stage.world, &made);
    set(&stage, &caller, "mfa_enabled", AttributeValue::Bool(true)).await;
    let asked = stage.log_in(ada()).await.expect(200);
    assert_eq!(asked.body["mfa_required"], true);
    assert!(asked.body.get("access_token").is_none());
    set(&stage, &caller, "status", AttributeValue::S("banned".into())).await;
    stage.log_in(ada()).await.expect_error(403, "ACCOUNT_BANNED");
    set(&stage, &caller, "status", AttributeValue::S("deleted".into())).await;
    stage.log_in(ada()).await.expect_error(403, "ACCOUNT_DELETED");
}

#[tokio::test]
async fn a_known_device_is_no_news() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let caller = bearer(&stage.world, &made);
    let told = async || {
        let events = stage.app.get("/api/v1/auth/events", &caller).await.expect(200).body.to_string();
        events.matches("new_device").count()
    };
    let before = told().await;
    let trip = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&trip.url, ada());
    let cookies = format!("{}; lf_device={}", trip.cookie, made.text("device_token"));
    stage.finish("google", &cookies, json!({"code": code, "state": state}), None).await.expect(200);
    assert_eq!(told().await, before);
    stage.log_in(ada()).await.expect(200);
    assert_eq!(told().await, before + 1);
}

#[tokio::test]
async fn linking_needs_a_fresh_proof_and_a_new_account_the_terms() {
    let stage = Stage::with(Settings { require_terms: true, ..settings() }).await;
    stage.log_in(ada()).await.expect_error(422, "VALIDATION_FAILED");
    let trip = stage.begin("google", None).await;
    let (code, state) = stage.google.log_in(&trip.url, ada());
    let agreed = json!({"code": code, "state": state, "accept_terms": true});
    let made = stage.finish("google", &trip.cookie, agreed, None).await.expect(201);
    let caller = bearer(&stage.world, &made);
    stage.world.advance(SignedDuration::from_mins(11));
    let start = stage.app.get("/api/v1/auth/social/other/start", &caller).await;
    start.expect_error(403, "REAUTHENTICATION_REQUIRED");
    let unlink = stage.app.delete("/api/v1/auth/social/google", &caller).await;
    unlink.expect_error(403, "REAUTHENTICATION_REQUIRED");
}

#[tokio::test]
async fn a_person_without_an_address_can_not_register() {
    let stage = Stage::new().await;
    for person in
        [json!({"sub": "1"}), json!({"sub": "1", "email": "nobody"}), json!({"sub": "1", "email": ""})]
    {
        stage.log_in(person).await.expect_error(422, "PROVIDER_EMAIL_MISSING");
    }
}

#[tokio::test]
async fn keys_that_change_are_read_anew() {
    let stage = Stage::new().await;
    stage.log_in(ada()).await.expect(201);
    stage.google.sign(Signing::With("second"), &["second"]);
    stage.log_in(ada()).await.expect_error(401, "SOCIAL_LOGIN_FAILED");
    assert_eq!(stage.google.discoveries(), 1, "an unknown key is worth one look a minute");
    stage.world.advance(SignedDuration::from_mins(1));
    stage.log_in(ada()).await.expect(200);
    assert_eq!(stage.google.discoveries(), 2);
    stage.world.advance(SignedDuration::from_hours(1));
    stage.log_in(ada()).await.expect(200);
    assert_eq!(stage.google.discoveries(), 3, "without a word about it, it holds for an hour");
}

#[tokio::test]
async fn a_provider_that_is_down_or_does_not_know_us_is_said_to_be_unavailable() {
    let stage = Stage::new().await;
    for (status, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, json!({"message": "down"})),
        (StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"})),
        (StatusCode::OK, json!({"access_token": 5})),
    ] {
        stage.google.answer(status, body);
        let reply = stage.log_in(ada()).await.expect_error(503, "PROVIDER_UNAVAILABLE");
        assert!(reply.headers.contains_key(header::RETRY_AFTER));
    }
    stage.google.behave();
    stage.log_in(ada()).await.expect(201);
    for metadata in [
        json!({"issuer": "https://somebody.else"}),
        json!({"token_endpoint": null}),
        json!({"token_endpoint": "http://10.0.0.1/token"}),
        json!({"jwks_uri": "http://127.0.0.1:1/jwks"}),
    ] {
        stage.other.tell(metadata);
        let start = stage.app.get("/api/v1/auth/social/other/start", None).await;
        start.expect_error(503, "PROVIDER_UNAVAILABLE");
    }
}

#[tokio::test]
async fn apple_posts_a_form_and_wants_a_signed_secret() {
    let stage = Stage::new().await;
    let trip = stage.begin("apple", None).await;
    assert!(trip.url.contains("response_mode=form_post"));
    assert!(
        trip.url.contains(
            "redirect_uri=https%3A%2F%2Flearn.example%2Fapi%2Fv1%2Fauth%2Fsocial%2Fapple%2Fcallback"
        )
    );
    let person = json!({"sub": "apple-1", "email": "x1@privaterelay.appleid.com", "email_verified": "true"});
    let (code, state) = stage.apple.log_in(&trip.url, person);
    let user =
        r#"{"name": {"firstName": "Ada", "lastName": "L ove&lace"}, "email": "x1@privaterelay.appleid.com"}"#;
    let mut form = openidconnect::url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("code", &code).append_pair("state", &state).append_pair("user", user);
    form.append_pair("next", "https://evil.example");
    let request = Request::post("/api/v1/auth/social/apple/callback")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.finish()))
        .unwrap();
    let sent_on = stage.app.send(request).await.expect(303);
    let target = sent_on.headers[header::LOCATION].to_str().unwrap();
    let expected =
        format!("https://learn.example/login/callback/apple?code={code}&state={state}#first_name=Ada");
    assert!(target.starts_with(&expected), "{target}");
    assert!(!target.contains("evil") && !target.contains("privaterelay"));

    let body = json!({"code": code, "state": state, "first_name": "Ada", "last_name": "L ove&lace"});
    let made = stage.finish("apple", &trip.cookie, body, None).await.expect(201);
    assert_eq!(made.body["user"]["last_name"], "L ove&lace");
    let secret = stage.apple.secrets_seen().pop().unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&["https://appleid.apple.com"]);
    rules.set_issuer(&["TEAM"]);
    // Issued by the test's clock.
    rules.validate_exp = false;
    let key = DecodingKey::from_ec_pem(include_bytes!("keys/apple.pub.pem")).unwrap();
    let signed = jsonwebtoken::decode::<Value>(&secret, &key, &rules).unwrap();
    assert_eq!(signed.header.kid.as_deref(), Some("KEY"));
    assert_eq!(signed.claims["sub"], CLIENT_ID);
    assert!(signed.claims["exp"].as_i64().unwrap() - signed.claims["iat"].as_i64().unwrap() <= 15_777_000);
}

#[tokio::test]
async fn the_providers_are_listed_and_no_other_exists() {
    let stage = Stage::new().await;
    let list = stage.app.get("/api/v1/auth/social/providers", None).await.expect(200);
    assert_eq!(list.body["results"][0], json!({"id": "google", "name": "Google"}));
    assert_eq!(list.body["results"].as_array().unwrap().len(), 3);
    stage.app.get("/api/v1/auth/social/none/start", None).await.expect_error(404, "PROVIDER_NOT_FOUND");
    let body = json!({"code": "c", "state": "s"});
    stage.finish("none", "lf_oidc=x", body, None).await.expect_error(404, "PROVIDER_NOT_FOUND");
}

#[tokio::test]
async fn nothing_of_a_trip_lies_open_in_the_table() {
    let stage = Stage::new().await;
    let made = stage.log_in(ada()).await.expect(201);
    let trip = stage.begin("google", &bearer(&stage.world, &made)).await;
    let (_, state) = stage.google.log_in(&trip.url, ada());
    let items = stage.world.dynamodb.scan().table_name("IdentityTable").send().await.unwrap();
    let all = format!("{:?}", items.items());
    assert!(all.contains("OIDCSTATE#") && all.contains("SOCIAL#"));
    let cookie = trip.cookie.split_once('=').unwrap().1;
    for secret in [state.as_str(), cookie, "an-access-token-of", "a-refresh-token-of", CLIENT_SECRET] {
        assert!(!all.contains(secret), "{secret}");
    }
}
