//! How long network addresses are kept whole.

use kernel::SignedDuration;
use serde_json::Value;
use store::Table;
use testkit::{Caller, Reply, World};

use crate::stage::{PASSWORD, account, bearer, login_from, platform, refresh};

const HOME: &str = "203.0.113.7";
const NETWORK: &str = "203.0.113.0/24";
const OWNER: &str = "ada@learn.example";
const EVENTS: &str = "/api/v1/auth/events";

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

fn addresses(reply: &Reply) -> Vec<&str> {
    reply.body["results"].as_array().unwrap().iter().map(|one| one["ip_address"].as_str().unwrap()).collect()
}

/// How many items hold the whole address, of those that DynamoDB has not deleted by now.
async fn holders(world: &World) -> usize {
    let now = world.ambient().now().as_second();
    let mut holders = 0;
    let mut start = None;
    loop {
        let page = world.store().audit_page(Table::Identity, start).await.unwrap();
        holders += page
            .items
            .iter()
            .filter(|item| {
                item.get("expires_at").is_none_or(|at| at.as_n().unwrap().parse::<i64>().unwrap() > now)
            })
            .filter(|item| format!("{item:?}").contains(HOME))
            .count();
        start = page.next;
        if start.is_none() {
            return holders;
        }
    }
}

#[tokio::test]
async fn a_whole_address_is_shown_and_kept_for_thirty_days() {
    let (world, app) = platform().await;
    let made = app.at(HOME).post("/api/v1/auth/register", None, account(OWNER)).await.expect(201);
    let mut caller = bearer(&world, &made);
    let events = app.get(EVENTS, &caller).await.expect(200);
    assert_eq!((addresses(&events), events.calls), (vec![HOME], 3), "the check, the events, their addresses");
    let devices = app.get("/api/v1/auth/devices", &caller).await.expect(200);
    assert_eq!(addresses(&devices), [NETWORK], "a device is kept for 400 days");
    assert_eq!(addresses(&sessions(&app, &caller).await), [HOME]);

    // A session that goes on for longer than that: its last refresh that is sure to be before the end takes the address away.
    let mut token = made.text("refresh_token");
    for (day, shown) in [(6, HOME), (12, HOME), (18, HOME), (24, NETWORK), (29, NETWORK)] {
        let so_far = world.ambient().now().duration_since(made_at(&world, &caller).await);
        world.advance(days(day) - so_far);
        let next = refresh(&app, &token).await.expect(200);
        assert_eq!(next.calls, 2, "no call more than without this rule");
        token = next.text("refresh_token");
        caller.token = next.text("access_token");
        assert_eq!(addresses(&sessions(&app, &caller).await), [shown], "day {day}");
    }
    assert_eq!(addresses(&app.get(EVENTS, &caller).await.expect(200)), [HOME]);
    assert_eq!(holders(&world).await, 1, "what the event came from");

    world.advance(days(1));
    caller.token = refresh(&app, &token).await.expect(200).text("access_token");
    let events = app.get(EVENTS, &caller).await.expect(200);
    assert_eq!((addresses(&events), events.calls), (vec![NETWORK], 2), "also before DynamoDB has deleted it");
    assert_eq!(holders(&world).await, 0);
}

#[tokio::test]
async fn a_known_device_is_known_from_any_address() {
    let (world, app) = platform().await;
    let made = app.at(HOME).post("/api/v1/auth/register", None, account(OWNER)).await.expect(201);
    world.advance(SignedDuration::from_secs(1));
    let first = login_from(&app, OWNER, PASSWORD, HOME, None).await.expect(200);
    world.advance(days(40));
    let device = first.text("device_token");
    let again = login_from(&app, OWNER, PASSWORD, "2001:db8:7:1::5", Some(&device)).await.expect(200);
    assert!(again.calls <= 4, "{} calls", again.calls);
    let caller = Caller { token: again.text("access_token"), ..bearer(&world, &made) };
    let kinds = app.get(EVENTS, &caller).await.expect(200);
    let kinds: Vec<&Value> =
        kinds.body["results"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["new_device", "registered"], "and nothing of the second login");
    let devices = app.get("/api/v1/auth/devices", &caller).await.expect(200);
    assert!(addresses(&devices).contains(&"2001:db8:7::/48"), "{:?}", devices.body);
}

async fn sessions(app: &testkit::App, caller: &Caller) -> Reply {
    app.get("/api/v1/auth/sessions", caller).await.expect(200)
}

async fn made_at(world: &World, caller: &Caller) -> kernel::Timestamp {
    world.store().users().get(caller.id).await.unwrap().unwrap().created_at
}
