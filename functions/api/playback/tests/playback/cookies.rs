//! The signed cookies, checked as CloudFront checks them.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use http_kit::{Platform, access::AccessKeys};
use rsa::{Pkcs1v15Sign, RsaPublicKey, pkcs8::DecodePublicKey as _};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use testkit::world::{ISSUER, JWT_PUBLIC_KEYS};

use crate::stage::{COOKIE_PUBLIC_KEY, KEY_PAIR_ID, Stage, assert_refused, keys};

/// The cookies by name: value, and attributes as they were sent.
pub(crate) fn cookies(headers: &HeaderMap) -> BTreeMap<String, (String, String)> {
    let read = |value: &http::HeaderValue| {
        let (pair, attributes) = value.to_str().unwrap().split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), (value.to_owned(), attributes.to_owned()))
    };
    headers.get_all("set-cookie").iter().map(read).collect()
}

fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text.replace('-', "+").replace('_', "=").replace('~', "/")).unwrap()
}

#[tokio::test]
async fn they_open_one_version_of_one_video_until_the_session_ends() {
    let stage = Stage::new().await;
    let reply = stage.play("phone").await.expect(200);
    let cookies = cookies(&reply.headers);
    assert_eq!(cookies.len(), 3);
    let policy = decode(&cookies["CloudFront-Policy"].0);
    let expected = format!(
        r#"{{"Statement":[{{"Resource":"https://learn.example/hls/videos/{}/1/*","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}"#,
        stage.video,
        stage.now() + 600
    );
    assert_eq!(String::from_utf8(policy.clone()).unwrap(), expected);
    let key = RsaPublicKey::from_public_key_pem(COOKIE_PUBLIC_KEY).unwrap();
    let signature = decode(&cookies["CloudFront-Signature"].0);
    key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(&policy), &signature).unwrap();
    assert_eq!(cookies["CloudFront-Key-Pair-Id"].0, KEY_PAIR_ID);
    for (value, attributes) in cookies.values() {
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || "-_~".contains(c)), "{value}");
        let path = format!("/hls/videos/{}/1/", stage.video);
        assert_eq!(*attributes, format!("Path={path}; Max-Age=600; HttpOnly; SameSite=Lax; Secure"));
    }
    let url = format!("https://learn.example/hls/videos/{}/1/master.m3u8", stage.video);
    assert_eq!(reply.body["play_url"], url);
}

fn platform(stage: &Stage, base: &str) -> Platform {
    let access = AccessKeys::parse(JWT_PUBLIC_KEYS, ISSUER).unwrap();
    let (store, ambient) = (stage.world.store().clone(), stage.world.ambient().clone());
    Platform::new(store, ambient, access, base, testkit::world::platform_secret())
}

#[tokio::test]
async fn over_plain_http_they_are_not_secure() {
    let stage = Stage::new().await;
    let app = stage.elsewhere(platform(&stage, "http://learn.localhost:4566"), keys());
    let body = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
    let reply = app.post(&stage.path("play"), &stage.student, body).await.expect(200);
    assert!(cookies(&reply.headers).values().all(|(_, attributes)| !attributes.contains("Secure")));
    assert!(reply.text("play_url").starts_with("http://learn.localhost:4566/hls/videos/"));
}

#[tokio::test]
async fn a_deployment_without_them_refuses_playback_alone() {
    let stage = Stage::new().await;
    let token = stage.play("phone").await.expect(200).text("token");
    let none = api_playback::Keys::given(None);
    let broken = api_playback::Keys::given(Some((KEY_PAIR_ID, "no key")));
    let cases = [
        ("", none, json!(["PUBLIC_BASE_URL", "CLOUDFRONT_KEY_PAIR_ID", "CLOUDFRONT_PRIVATE_KEY_SECRET_ARN"])),
        ("", keys(), json!(["PUBLIC_BASE_URL"])),
        ("https://learn.example", broken, json!(["CLOUDFRONT_PRIVATE_KEY_SECRET_ARN"])),
    ];
    for (base, keys, missing) in cases {
        let app = stage.elsewhere(platform(&stage, base), keys);
        let start = json!({"enrollment_id": stage.enrollment, "device_id": "phone"});
        for (action, body) in [("play", start), ("refresh", json!({"token": token}))] {
            let reply = app.post(&stage.path(action), &stage.student, body).await;
            assert_eq!(reply.body["error"]["details"]["missing"], missing);
            assert_refused(reply, 503, "playback_not_configured");
        }
        app.post(&stage.path("heartbeat"), &stage.student, json!({"token": token})).await.expect(200);
        let sessions = app.get("/api/v1/media/sessions", &stage.student).await.expect(200);
        assert_eq!(sessions.body["results"].as_array().map(Vec::len), Some(1), "the refusals opened none");
        assert_eq!(sessions.body["next"], Value::Null);
    }
}
