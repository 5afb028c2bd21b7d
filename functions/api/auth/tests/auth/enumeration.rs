//! Nobody learns from a login whether an account exists: neither from the body, nor from the calls, nor from the time.

use std::time::{Duration, Instant};

use api_auth::Hasher;
use kernel::SignedDuration;
use serde_json::json;

use crate::stage::{account, platform, settings, state_with_hasher};
use testkit::World;

/// Accounts, each tried as often as it may be without being locked.
const ACCOUNTS: usize = 125;
const TRIES: usize = 4;
/// How far apart the medians may lie (spec 09, row 19).
const APART: f64 = 0.05;

#[tokio::test]
async fn the_time_of_a_wrong_password_is_that_of_an_unknown_account() {
    let world = World::new().await;
    // Argon2 is what takes the time in production, so it has a share of it here: 4 MiB instead of 64.
    let hasher = Hasher::with_memory(world.ambient(), 4096).unwrap();
    let (state, _) = state_with_hasher(&world, world.platform.clone(), settings(), hasher);
    let app = world.app(api_auth::router(), state);
    for number in 0..ACCOUNTS {
        let body = account(&format!("known{number}@example.com"));
        app.post("/api/v1/auth/register", None, body).await.expect(201);
    }
    // A busy machine may disturb one measurement, but hardly three.
    let mut ratios = Vec::new();
    for round in 0..3 {
        // Every attempt is looked at: none is refused for those of the round before.
        world.advance(SignedDuration::from_hours(25));
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for attempt in 0..ACCOUNTS * TRIES {
            let number = attempt % ACCOUNTS;
            let app = app.at(&format!("198.51.{round}.{}", attempt / ACCOUNTS));
            for (name, times) in [("known", &mut known), ("nobody", &mut unknown)] {
                let body =
                    json!({"email": format!("{name}{number}@example.com"), "password": "not this one"});
                let start = Instant::now();
                let reply = app.post("/api/v1/auth/login", None, body).await;
                times.push(start.elapsed());
                reply.expect_error(401, "INVALID_CREDENTIALS");
            }
        }
        let ratio = median(known).as_secs_f64() / median(unknown).as_secs_f64();
        if (ratio - 1.0).abs() <= APART {
            return;
        }
        ratios.push(ratio);
    }
    panic!("known to unknown: {ratios:?}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test]
async fn body_and_calls_are_the_same_for_both() {
    let (_, app) = platform().await;
    app.post("/api/v1/auth/register", None, account("known@example.com")).await.expect(201);
    let wrong = async |email: &str| {
        let body = json!({"email": email, "password": "not this one"});
        app.post("/api/v1/auth/login", None, body).await.expect_error(401, "INVALID_CREDENTIALS")
    };
    let (known, unknown) = (wrong("known@example.com").await, wrong("nobody@example.com").await);
    assert_eq!((known.body, known.calls), (unknown.body, unknown.calls));
}
