//! The second factor, as its owner and as who has only the password sees it.

use data_encoding::BASE32_NOPAD;
use domain::identity::{SecurityEventKind, TokenPurpose, recovery, totp};
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use store::entities::{RecoveryCode, SecurityEvent};
use testkit::{App, Caller, Reply, World};

use crate::stage::{PASSWORD, bearer, confirmed, login_from, mailed, platform, registered, reset};

const OWNER: &str = "owner@example.com";
const HOME: &str = "203.0.113.7";

struct Stage {
    world: World,
    app: App,
    caller: Caller,
    device: String,
    secret: [u8; totp::SECRET_BYTES],
    recovery: Vec<String>,
}

impl Stage {
    async fn new() -> Self {
        let (world, app) = platform().await;
        let (caller, made) = confirmed(&world, &app, OWNER).await;
        let setup = app.post("/api/v1/auth/mfa/setup", &caller, json!({})).await.expect(200);
        assert!(setup.text("otpauth_uri").starts_with("otpauth://totp/"));
        assert!(setup.text("qr_svg").contains("<svg"));
        let secret = BASE32_NOPAD.decode(setup.text("secret").replace(' ', "").as_bytes()).unwrap();
        let secret: [u8; totp::SECRET_BYTES] = secret.try_into().unwrap();
        let wrong = app.post("/api/v1/auth/mfa/enable", &caller, json!({"code": "000000"})).await;
        wrong.expect_error(401, "MFA_CODE_INVALID");
        let code = totp::code_at(&secret, totp::step_at(world.ambient().now()).unwrap());
        let on = app.post("/api/v1/auth/mfa/enable", &caller, json!({"code": code})).await.expect(200);
        let recovery: Vec<String> = serde_json::from_value(on.body["recovery_codes"].clone()).unwrap();
        assert_eq!(recovery.len(), 10);
        world.advance(SignedDuration::from_secs(30));
        Self { device: made.text("device_token"), world, app, caller, secret, recovery }
    }

    fn code(&self) -> String {
        totp::code_at(&self.secret, totp::step_at(self.world.ambient().now()).unwrap())
    }

    async fn challenge(&self) -> String {
        let reply = login_from(&self.app, OWNER, PASSWORD, HOME, None).await.expect(200);
        assert_eq!(reply.body["mfa_required"], true);
        assert!(reply.body.get("access_token").is_none(), "a password alone opens nothing");
        reply.text("challenge_token")
    }

    async fn verify(&self, challenge: &str, code: &str, more: Value) -> Reply {
        let mut body = json!({"challenge_token": challenge, "code": code});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.app.at(HOME).post("/api/v1/auth/mfa/verify", None, body).await
    }

    async fn kinds(&self) -> Vec<String> {
        let events = self.app.get("/api/v1/auth/events", &self.caller).await.expect(200);
        let events = events.body["results"].as_array().unwrap().iter();
        events.map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_login_needs_password_and_code() {
    let stage = Stage::new().await;
    let challenge = stage.challenge().await;
    stage.verify(&challenge, "000000", json!({})).await.expect_error(401, "MFA_CODE_INVALID");
    let done = stage.verify(&challenge, &stage.code(), json!({})).await.expect(200);
    stage.app.get("/api/v1/auth/me", &bearer(&stage.world, &done)).await.expect(200);
    stage.verify(&challenge, &stage.code(), json!({})).await.expect_error(401, "CHALLENGE_ENDED");
    assert!(stage.kinds().await.contains(&"mfa_enabled".to_owned()));
}

#[tokio::test]
async fn one_code_from_50_racers_works_once() {
    let stage = Stage::new().await;
    let mut challenges = Vec::new();
    for number in 0..50 {
        let reply = login_from(&stage.app, OWNER, PASSWORD, &format!("198.51.100.{number}"), None).await;
        challenges.push(reply.expect(200).text("challenge_token"));
    }
    let code = stage.code();
    let replies = join_all(challenges.iter().map(|token| stage.verify(token, &code, json!({})))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let again = stage.verify(&stage.challenge().await, &code, json!({})).await;
    again.expect_error(401, "MFA_CODE_INVALID");
}

#[tokio::test]
async fn a_challenge_takes_five_codes_and_five_minutes() {
    let stage = Stage::new().await;
    let challenge = stage.challenge().await;
    for _ in 0..5 {
        stage.verify(&challenge, "000000", json!({})).await.expect_error(401, "MFA_CODE_INVALID");
    }
    stage.verify(&challenge, &stage.code(), json!({})).await.expect_error(401, "CHALLENGE_ENDED");
    stage.world.advance(SignedDuration::from_mins(31));
    let late = stage.challenge().await;
    stage.world.advance(SignedDuration::from_mins(5));
    stage.verify(&late, &stage.code(), json!({})).await.expect_error(401, "CHALLENGE_ENDED");
}

#[tokio::test]
async fn who_has_the_password_can_not_try_codes_for_ever() {
    let stage = Stage::new().await;
    let mut tried = 0;
    for _ in 0..20 {
        let login = login_from(&stage.app, OWNER, PASSWORD, HOME, None).await;
        if login.status == 429 {
            break;
        }
        let challenge = login.text("challenge_token");
        for _ in 0..5 {
            tried += i32::from(stage.verify(&challenge, "000000", json!({})).await.status == 401);
        }
    }
    assert!(tried <= 25, "{tried} codes in one moment");
    login_from(&stage.app, OWNER, PASSWORD, HOME, Some(&stage.device)).await.expect(200);
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let stage = Stage::new().await;
    let code = stage.recovery[3].to_uppercase().replace('-', " ");
    stage.verify(&stage.challenge().await, &code, json!({})).await.expect(200);
    stage.verify(&stage.challenge().await, &code, json!({})).await.expect(401);
    assert!(stage.kinds().await.contains(&"recovery_code_used".to_owned()));

    let renew = json!({"code": stage.code()});
    let new = stage.app.post("/api/v1/auth/mfa/recovery-codes", &stage.caller, renew).await.expect(200);
    stage.verify(&stage.challenge().await, &stage.recovery[4], json!({})).await.expect(401);
    let fresh = new.body["recovery_codes"][0].as_str().unwrap();
    stage.verify(&stage.challenge().await, fresh, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_trusted_device_is_asked_once_in_thirty_days() {
    let stage = Stage::new().await;
    let trust = json!({"trust_device": true, "device_token": stage.device});
    stage.verify(&stage.challenge().await, &stage.code(), trust).await.expect(200);
    let login = login_from(&stage.app, OWNER, PASSWORD, HOME, Some(&stage.device)).await.expect(200);
    assert!(login.body.get("access_token").is_some());
    stage.challenge().await;
    stage.world.advance(SignedDuration::from_hours(24 * 30));
    let login = login_from(&stage.app, OWNER, PASSWORD, HOME, Some(&stage.device)).await.expect(200);
    assert_eq!(login.body["mfa_required"], true);
}

#[tokio::test]
async fn it_survives_a_reset_of_the_password_and_distrusts_every_device() {
    let stage = Stage::new().await;
    let trust = json!({"trust_device": true, "device_token": stage.device});
    stage.verify(&stage.challenge().await, &stage.code(), trust).await.expect(200);
    let token = mailed(&stage.world, &stage.caller, OWNER, TokenPurpose::ResetPassword).await;
    reset(&stage.app, &token, "a better horse, and a staple").await.expect(200);
    let device = Some(stage.device.as_str());
    let login = login_from(&stage.app, OWNER, "a better horse, and a staple", HOME, device).await.expect(200);
    assert_eq!(login.body["mfa_required"], true);
}

#[tokio::test]
async fn to_turn_it_off_takes_password_and_code() {
    let stage = Stage::new().await;
    let off = async |password: &str, code: &str| {
        let body = json!({"password": password, "code": code});
        stage.app.post("/api/v1/auth/mfa/disable", &stage.caller, body).await
    };
    off("wrong", &stage.code()).await.expect_error(401, "WRONG_PASSWORD");
    off(PASSWORD, "000000").await.expect_error(401, "MFA_CODE_INVALID");
    off(PASSWORD, &stage.code()).await.expect(200);
    login_from(&stage.app, OWNER, PASSWORD, HOME, None).await.expect(200).text("access_token");
    assert_eq!(stage.kinds().await.iter().filter(|kind| *kind == "mfa_disabled").count(), 1);
    off(PASSWORD, &stage.code()).await.expect_error(409, "MFA_OFF");
}

#[tokio::test]
async fn dangerous_changes_need_a_fresh_proof() {
    let stage = Stage::new().await;
    stage.world.advance(SignedDuration::from_mins(10));
    let caller = &stage.caller;
    let setup = stage.app.post("/api/v1/auth/mfa/setup", caller, json!({})).await;
    setup.expect_error(403, "REAUTHENTICATION_REQUIRED");
    let prove = async |body: Value| stage.app.post("/api/v1/auth/reauthenticate", caller, body).await;
    prove(json!({"password": PASSWORD})).await.expect_error(422, "CODE_REQUIRED");
    prove(json!({"code": "000000"})).await.expect_error(401, "MFA_CODE_INVALID");
    let code = stage.code();
    prove(json!({"code": code})).await.expect(200);
    prove(json!({"code": code})).await.expect_error(401, "MFA_CODE_INVALID");
    stage.app.post("/api/v1/auth/mfa/setup", caller, json!({})).await.expect_error(409, "MFA_ON");
}

#[tokio::test]
async fn a_second_factor_needs_an_address_that_is_ones_own() {
    let (world, app) = platform().await;
    let (caller, _) = registered(&world, &app, OWNER).await;
    let setup = app.post("/api/v1/auth/mfa/setup", &caller, json!({})).await;
    setup.expect_error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn a_login_between_password_and_code_does_not_survive_a_reset() {
    let stage = Stage::new().await;
    let before = stage.challenge().await;
    let token = mailed(&stage.world, &stage.caller, OWNER, TokenPurpose::ResetPassword).await;
    reset(&stage.app, &token, "a better horse, and a staple").await.expect(200);
    let late = stage.verify(&before, &stage.code(), json!({})).await;
    assert!(late.body.get("access_token").is_none());
    late.expect_error(401, "LOGIN_OUTDATED");
    // The other order: the reset first, then the whole login.
    let new = login_from(&stage.app, OWNER, "a better horse, and a staple", HOME, None).await.expect(200);
    let answer = stage.verify(&new.text("challenge_token"), &stage.code(), json!({})).await;
    answer.expect(200);
}

#[tokio::test]
async fn recovery_codes_of_a_factor_that_is_off_do_not_open_the_next_one() {
    let stage = Stage::new().await;
    let off = json!({"password": PASSWORD, "code": stage.code()});
    stage.app.post("/api/v1/auth/mfa/disable", &stage.caller, off).await.expect(200);
    // What a function leaves that dies between turning it off and deleting the codes.
    let user_id = stage.caller.id;
    let hash = recovery::hash(&user_id.to_string(), &stage.recovery[0]).unwrap();
    let left = RecoveryCode { user_id, hash, created_at: stage.world.ambient().now() };
    stage.world.store().put(&left).await.unwrap();
    let setup = stage.app.post("/api/v1/auth/mfa/setup", &stage.caller, json!({})).await.expect(200);
    let secret = BASE32_NOPAD.decode(setup.text("secret").replace(' ', "").as_bytes()).unwrap();
    let secret: [u8; totp::SECRET_BYTES] = secret.try_into().unwrap();
    let code = totp::code_at(&secret, totp::step_at(stage.world.ambient().now()).unwrap());
    stage.app.post("/api/v1/auth/mfa/enable", &stage.caller, json!({"code": code})).await.expect(200);
    let old = stage.verify(&stage.challenge().await, &stage.recovery[0], json!({})).await;
    old.expect_error(401, "MFA_CODE_INVALID");
    assert_eq!(stage.world.store().second_factors().recovery_codes(user_id).await.unwrap().len(), 10);
}

#[tokio::test]
async fn a_wrong_recovery_code_is_said_to_be_wrong_and_counts() {
    let stage = Stage::new().await;
    // Eleven: one more than delay nobody.
    for tries in [5, 5, 1] {
        let challenge = stage.challenge().await;
        for _ in 0..tries {
            let reply = stage.verify(&challenge, "abcd-efgh-jk", json!({})).await;
            reply.expect_error(401, "MFA_CODE_INVALID");
        }
    }
    let elsewhere = login_from(&stage.app, OWNER, PASSWORD, "198.51.100.9", None).await;
    elsewhere.expect_error(429, "ACCOUNT_LOCKED");
}

#[tokio::test]
async fn a_deleted_account_comes_back_only_by_its_second_factor() {
    let stage = Stage::new().await;
    let (store, ambient, id) = (stage.world.store(), stage.world.ambient(), stage.caller.id);
    let user = store.users().get(id).await.unwrap().unwrap();
    let session = store.sessions().of_user(id).await.unwrap()[0].id;
    let event = SecurityEvent::now(ambient, id, SecurityEventKind::Deleted, "", "");
    store.deletions().delete(&user, session, &event, ambient).await.unwrap().unwrap();
    stage.world.advance(SignedDuration::from_secs(60));
    let body = json!({"email": OWNER, "password": PASSWORD});
    let asked = stage.app.at(HOME).post("/api/v1/auth/restore", None, body).await.expect(200);
    assert_eq!(asked.body["mfa_required"], true);
    let challenge = asked.text("challenge_token");
    stage.verify(&challenge, "000000", json!({})).await.expect_error(401, "MFA_CODE_INVALID");
    assert!(store.deletions().of_user(id).await.unwrap().is_some(), "a password alone undoes nothing");
    let back = stage.verify(&challenge, &stage.code(), json!({})).await.expect(200);
    stage.app.get("/api/v1/auth/me", &bearer(&stage.world, &back)).await.expect(200);
    assert!(store.deletions().of_user(id).await.unwrap().is_none());
    stage.app.get("/api/v1/auth/me", &stage.caller).await.expect(401);
}
