//! Tokens that we did not make, or not so.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Random;
use serde_json::{Value, json};
use testkit::{Caller, world};

use crate::stage::platform;

#[tokio::test]
async fn forged_tokens_are_refused() {
    let (world, app) = platform().await;
    let caller = world.student().await;
    app.get("/api/v1/auth/me", &caller).await.expect(200);
    let parts: Vec<&str> = caller.token.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let with = |base: &Value, changes: Value| {
        let mut value = base.clone();
        for (name, new) in changes.as_object().unwrap() {
            value[name] = new.clone();
        }
        value
    };
    let header_forged =
        |changes: Value| format!("{}.{}.{}", encode(&with(&header, changes)), parts[1], parts[2]);
    let claims_forged =
        |changes: Value| format!("{}.{}.{}", parts[0], encode(&with(&claims, changes)), parts[2]);
    let stranger = world.student().await;
    // Signed with our own key, but not as we sign.
    let sign = |header: jsonwebtoken::Header, claims: &Value| {
        let key = jsonwebtoken::EncodingKey::from_ed_pem(world::JWT_PRIVATE_KEY.as_bytes()).unwrap();
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let ours = |typ: Option<&str>, kid: Option<&str>| {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.typ = typ.map(Into::into);
        header.kid = kid.map(Into::into);
        header
    };
    let good = || ours(Some("at+jwt"), Some("test"));
    let hmac_with_public_key = {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.typ = Some("at+jwt".into());
        header.kid = Some("test".into());
        let secret = jsonwebtoken::EncodingKey::from_secret(world::JWT_PUBLIC_KEYS.as_bytes());
        jsonwebtoken::encode(&header, &claims, &secret).unwrap()
    };
    let far = claims["exp"].as_i64().unwrap() + 3600;
    // A key of the attacker's own: RFC 8410 wraps the 32 bytes of its seed.
    let der = [&b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &[9; 32]].concat();
    let foreign = jsonwebtoken::EncodingKey::from_ed_der(&der);
    let own = jsonwebtoken::EncodingKey::from_ed_pem(world::JWT_PRIVATE_KEY.as_bytes()).unwrap();
    let raw = |key: &jsonwebtoken::EncodingKey, header: &str, claims: &str| {
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let algorithm = jsonwebtoken::Algorithm::EdDSA;
        format!("{text}.{}", jsonwebtoken::crypto::sign(text.as_bytes(), key, algorithm).unwrap())
    };
    let genuine = (header.to_string(), claims.to_string());
    let foreign_jwk =
        json!({"kty": "OKP", "crv": "Ed25519", "x": "_RckOFqgx1tk-3jNYC-h2ZH96_drE8WO1wLqyDXp9hg"});
    let without = |name: &str| {
        let mut value = claims.clone();
        value.as_object_mut().unwrap().remove(name);
        value.to_string()
    };
    app.get("/api/v1/auth/me", &Caller { token: raw(&own, &genuine.0, &genuine.1), ..caller.clone() })
        .await
        .expect(200);
    let forgeries = [
        raw(&foreign, &genuine.0, &genuine.1),
        raw(&foreign, &with(&header, json!({"jwk": foreign_jwk})).to_string(), &genuine.1),
        raw(&foreign, &with(&header, json!({"jwk": foreign_jwk, "kid": null})).to_string(), &genuine.1),
        raw(&foreign, &with(&header, json!({"x5c": ["MIIB"]})).to_string(), &genuine.1),
        raw(&foreign, &with(&header, json!({"kid": "foreign"})).to_string(), &genuine.1),
        raw(&own, &genuine.0.replacen('{', r#"{"alg":"none","#, 1), &genuine.1),
        raw(&own, &genuine.0, &without("exp")),
        raw(&own, &genuine.0, &without("sub")),
        raw(&own, &genuine.0, &with(&claims, json!({"sub": 5})).to_string()),
        raw(&own, &genuine.0, &with(&claims, json!({"sub": [caller.id]})).to_string()),
        String::new(),
        "x".into(),
        "a.b.c".into(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.{}A", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0u8; 64])),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(Random::seeded(3).bytes::<64>())),
        header_forged(json!({"alg": "none"})),
        header_forged(json!({"alg": "None"})),
        header_forged(json!({"alg": "HS256"})),
        header_forged(json!({"alg": "RS256"})),
        header_forged(json!({"alg": "ES256"})),
        header_forged(json!({"kid": "other"})),
        header_forged(json!({"kid": "../test"})),
        header_forged(json!({"jku": "https://evil.example/jwks.json"})),
        header_forged(json!({"x5u": "https://evil.example/cert.pem"})),
        header_forged(json!({"crit": ["exp"]})),
        hmac_with_public_key,
        claims_forged(json!({"sub": stranger.id})),
        claims_forged(json!({"sid": stranger.session})),
        claims_forged(json!({"exp": far})),
        sign(good(), &with(&claims, json!({"sub": stranger.id}))),
        sign(good(), &with(&claims, json!({"sid": stranger.session}))),
        sign(good(), &with(&claims, json!({"exp": far}))),
        sign(good(), &with(&claims, json!({"iat": far}))),
        sign(good(), &with(&claims, json!({"iss": "https://evil.example"}))),
        sign(good(), &with(&claims, json!({"aud": "another-api"}))),
        sign(ours(Some("JWT"), Some("test")), &claims),
        sign(ours(None, Some("test")), &claims),
        sign(ours(Some("at+jwt"), None), &claims),
        sign(good(), &json!({"sub": caller.id})),
    ];
    assert!(forgeries.len() >= 30, "spec 09, row 2");
    for (number, token) in forgeries.into_iter().enumerate() {
        let forged = Caller { token: token.clone(), ..caller.clone() };
        let reply = app.get("/api/v1/auth/me", &forged).await;
        assert_eq!(reply.status, 401, "forgery {number}: {token}");
    }
    app.get("/api/v1/auth/me", &caller).await.expect(200);
}
