//! The family of a session's refresh tokens against a simple model, by random sequences of operations.

use domain::identity::rotation::{Family, Presented};
use kernel::{Random, SignedDuration};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::stage::{bearer, login_from, platform, refresh, registered};

const OWNER: &str = "owner@example.com";

/// A session with all refresh tokens that it ever had.
struct Known {
    model: Family,
    tokens: Vec<String>,
    access: testkit::Caller,
}

fn hash(token: &str) -> String {
    let secret = token.split_once('.').unwrap().1;
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn random_operations_agree_with_the_model() {
    for seed in 0..40 {
        let random = Random::seeded(seed);
        let pick = |of: usize| usize::from(random.bytes::<1>()[0]) % of.max(1);
        let (world, app) = platform().await;
        let (_, made) = registered(&world, &app, OWNER).await;
        let mut sessions: Vec<Known> = Vec::new();
        for step in 0..60 {
            let now = world.ambient().now();
            let at = format!("seed {seed}, step {step}");
            match pick(8) {
                0 => {
                    let device = made.text("device_token");
                    let password = crate::stage::PASSWORD;
                    let login = login_from(&app, OWNER, password, "203.0.113.7", Some(&device)).await;
                    let login = login.expect(200);
                    let token = login.text("refresh_token");
                    let model = Family::begin(hash(&token), now);
                    sessions.push(Known { model, tokens: vec![token], access: bearer(&world, &login) });
                }
                1 if !sessions.is_empty() => {
                    let chosen = pick(sessions.len());
                    let session = &mut sessions[chosen];
                    let status = app.post("/api/v1/auth/logout", &session.access, json!({})).await.status;
                    if status == 200 {
                        session.model.end(now);
                    }
                }
                2 => world.advance(SignedDuration::from_hours(i64::try_from(pick(60)).unwrap())),
                _ if !sessions.is_empty() => {
                    let chosen = pick(sessions.len());
                    let session = &mut sessions[chosen];
                    // Mostly the live token, now and then an old one.
                    let old = pick(5) == 0;
                    let index = if old { pick(session.tokens.len()) } else { session.tokens.len() - 1 };
                    let token = session.tokens[index].clone();
                    let reply = refresh(&app, &token).await;
                    let next = reply.body["refresh"].as_str().map(ToOwned::to_owned);
                    let next_hash = next.as_deref().map(hash).unwrap_or_default();
                    match session.model.present(&hash(&token), &next_hash, now) {
                        Presented::Rotated => {
                            assert_eq!(reply.status, 200, "{at}");
                            session.tokens.push(next.unwrap());
                            let access = reply.text("access");
                            session.access.token = access;
                        }
                        Presented::Reused => {
                            reply.expect_error(401, "REFRESH_TOKEN_REUSED");
                        }
                        Presented::Gone => {
                            reply.expect_error(401, "REFRESH_TOKEN_INVALID");
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
