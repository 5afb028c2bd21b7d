//! What every backend promises: the same tests on DynamoDB, on Valkey, and on Valkey with its fallback.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::playback::Limits;
use ephemeral::{DEVICE_GRACE_SECONDS, Dynamo, Ephemeral, Play, Refusal, ShortLived, Valkey};
use futures::future::join_all;
use kernel::{Ambient, Clock, Id, Random, id::kinds};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use testkit::{dynamo, valkey::ValkeyServer};

const TTL: i64 = 600;
const NOW: i64 = 1_780_000_000;
/// A busy machine is no outage.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of the race for the last session.
const ROUNDS: usize = 50;

fn id<T>() -> Id<T> {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let clock = Clock::manual("2026-06-01T12:00:00Z".parse().unwrap());
    Ambient { clock, random: Random::seeded(SEED.fetch_add(1, Ordering::Relaxed)) }.id()
}

fn play(user: Id<kinds::User>, device: &str) -> Play {
    Play { user, session: id(), video: id(), device_id: device.to_owned() }
}

const fn limits(max_sessions: u32, max_devices: u32) -> Limits {
    Limits { max_sessions, max_devices }
}

/// Runs the same test on each backend.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        mod dynamodb { $(
            #[tokio::test]
            async fn $name() {
                let (store, ..) = testkit::dynamo::start().await;
                super::$name(ephemeral::Dynamo::new(store)).await;
            }
        )* }
        mod valkey { $(
            #[tokio::test]
            async fn $name() {
                let server = testkit::valkey::ValkeyServer::start();
                super::$name(ephemeral::Valkey::patient(server.url(), super::PATIENCE)).await;
            }
        )* }
        mod both { $(
            #[tokio::test]
            async fn $name() {
                let (server, (store, ..)) = (testkit::valkey::ValkeyServer::start(), testkit::dynamo::start().await);
                super::$name(ephemeral::Ephemeral::valkey(ephemeral::Valkey::patient(server.url(), super::PATIENCE), store)).await;
            }
        )* }
    };
}

contract![
    a_session_lives_from_its_issue_to_its_end,
    a_heartbeat_prolongs_only_what_is_live,
    of_a_hundred_plays_exactly_as_many_as_allowed_win,
    another_device_counts_even_after_its_session_has_ended,
    the_device_limit_is_named_before_the_session_limit,
    issuing_again_changes_nothing,
    users_do_not_see_each_other,
    hits_are_counted_by_window,
    any_text_is_a_device,
];

async fn a_session_lives_from_its_issue_to_its_end(backend: impl ShortLived) {
    let first = play(id(), "phone");
    assert_eq!(backend.issue(&first, limits(1, 2), TTL, NOW).await.unwrap(), Ok(NOW + TTL));
    assert!(backend.is_active(first.user, first.session, NOW + TTL - 1).await.unwrap());
    assert!(!backend.is_active(first.user, first.session, NOW + TTL).await.unwrap());
    let live = backend.list(first.user, NOW + 1).await.unwrap();
    assert_eq!(live.len(), 1);
    assert_eq!(
        (live[0].0, live[0].1.video_id, live[0].1.device_id.as_str()),
        (first.session, first.video, "phone")
    );
    assert_eq!((live[0].1.started_at, live[0].1.last_seen, live[0].1.expires_at), (NOW, NOW, NOW + TTL));
    assert!(backend.end(first.user, first.session).await.unwrap());
    assert!(!backend.end(first.user, first.session).await.unwrap(), "it is over already");
    assert!(!backend.is_active(first.user, first.session, NOW + 1).await.unwrap());
    assert_eq!(backend.list(first.user, NOW + 1).await.unwrap(), []);
    let next = play(first.user, "phone");
    assert_eq!(backend.issue(&next, limits(1, 2), TTL, NOW + 2).await.unwrap(), Ok(NOW + 2 + TTL));
}

async fn a_heartbeat_prolongs_only_what_is_live(backend: impl ShortLived) {
    let first = play(id(), "phone");
    let (one, now) = (limits(1, 1), NOW);
    assert_eq!(backend.heartbeat(&first, one, TTL, now).await.unwrap(), None, "never issued");
    backend.issue(&first, one, TTL, now).await.unwrap().unwrap();
    assert_eq!(backend.heartbeat(&first, one, TTL, now + 599).await.unwrap(), Some(now + 599 + TTL));
    assert_eq!(backend.list(first.user, now + 600).await.unwrap()[0].1.last_seen, now + 599);
    assert_eq!(
        backend.issue(&play(first.user, "phone"), one, TTL, now + 1198).await.unwrap(),
        Err(Refusal::SessionLimit)
    );
    // Its time is over at its end, not a second later.
    assert_eq!(backend.heartbeat(&first, one, TTL, now + 1199).await.unwrap(), None);
    assert_eq!(
        backend.issue(&play(first.user, "phone"), one, TTL, now + 1199).await.unwrap(),
        Ok(now + 1199 + TTL)
    );
    backend.end(first.user, first.session).await.unwrap();
    assert_eq!(backend.heartbeat(&first, one, TTL, now + 1200).await.unwrap(), None, "ended");
}

async fn of_a_hundred_plays_exactly_as_many_as_allowed_win(backend: impl ShortLived) {
    for max in (0..ROUNDS).flat_map(|_| 1..=3) {
        let user = id();
        let plays: Vec<_> = (0..100).map(|_| play(user, "phone")).collect();
        let answers = join_all(plays.iter().map(|play| backend.issue(play, limits(max, 1), TTL, NOW))).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!(won.len(), max as usize);
        assert!(lost.iter().all(|answer| *answer == Err(Refusal::SessionLimit)));
        assert_eq!(backend.list(user, NOW).await.unwrap().len(), max as usize);
    }
}

async fn another_device_counts_even_after_its_session_has_ended(backend: impl ShortLived) {
    let (user, two) = (id(), limits(9, 2));
    let phone = play(user, "phone");
    backend.issue(&phone, two, TTL, NOW).await.unwrap().unwrap();
    backend.issue(&play(user, "tablet"), two, TTL, NOW + 100).await.unwrap().unwrap();
    backend.end(user, phone.session).await.unwrap();
    let television = play(user, "television");
    assert_eq!(backend.issue(&television, two, TTL, NOW + 101).await.unwrap(), Err(Refusal::DeviceLimit));
    assert_eq!(
        backend.issue(&play(user, "phone"), two, TTL, NOW + 101).await.unwrap(),
        Ok(NOW + 101 + TTL),
        "known"
    );
    // The tablet keeps its place a minute longer than its session, unless it is used.
    let forgotten = NOW + 100 + TTL + DEVICE_GRACE_SECONDS;
    assert_eq!(backend.issue(&television, two, TTL, forgotten - 1).await.unwrap(), Err(Refusal::DeviceLimit));
    assert_eq!(backend.issue(&television, two, TTL, forgotten).await.unwrap(), Ok(forgotten + TTL));
}

async fn the_device_limit_is_named_before_the_session_limit(backend: impl ShortLived) {
    let user = id();
    backend.issue(&play(user, "phone"), limits(1, 1), TTL, NOW).await.unwrap().unwrap();
    let (other, same) = (play(user, "tablet"), play(user, "phone"));
    assert_eq!(backend.issue(&other, limits(1, 1), TTL, NOW).await.unwrap(), Err(Refusal::DeviceLimit));
    assert_eq!(backend.issue(&other, limits(1, 2), TTL, NOW).await.unwrap(), Err(Refusal::SessionLimit));
    assert_eq!(backend.issue(&same, limits(1, 1), TTL, NOW).await.unwrap(), Err(Refusal::SessionLimit));
}

async fn issuing_again_changes_nothing(backend: impl ShortLived) {
    let first = play(id(), "phone");
    for later in [0, 5] {
        assert_eq!(backend.issue(&first, limits(1, 1), TTL, NOW + later).await.unwrap(), Ok(NOW + TTL));
    }
    assert_eq!(backend.list(first.user, NOW).await.unwrap().len(), 1);
}

async fn users_do_not_see_each_other(backend: impl ShortLived) {
    let (one, two) = (play(id(), "phone"), play(id(), "phone"));
    backend.issue(&one, limits(1, 1), TTL, NOW).await.unwrap().unwrap();
    backend.issue(&two, limits(1, 1), TTL, NOW).await.unwrap().unwrap();
    assert!(!backend.end(two.user, one.session).await.unwrap());
    assert!(!backend.is_active(two.user, one.session, NOW).await.unwrap());
    let stolen = Play { user: two.user, ..one.clone() };
    assert_eq!(backend.heartbeat(&stolen, limits(1, 1), TTL, NOW).await.unwrap(), None);
    assert!(backend.is_active(one.user, one.session, NOW).await.unwrap());
}

async fn hits_are_counted_by_window(backend: impl ShortLived) {
    let start = NOW - NOW % 60;
    let counted = join_all((0..20).map(|second| backend.hit("play:203.0.113.7", 60, start + second))).await;
    let mut counted: Vec<_> = counted.into_iter().map(Result::unwrap).collect();
    counted.sort_unstable();
    assert_eq!(counted, (1..=20).collect::<Vec<_>>());
    assert_eq!(backend.hit("play:203.0.113.7", 60, start + 59).await.unwrap(), 21);
    assert_eq!(backend.hit("play:203.0.113.7", 60, start + 60).await.unwrap(), 1);
    assert_eq!(backend.hit("play:203.0.113.8", 60, start).await.unwrap(), 1);
}

async fn any_text_is_a_device(backend: impl ShortLived) {
    let (user, long) = (id(), "다".repeat(128));
    for device in ["web:chrome:1.2.3", "#:.\"'\\{}", " ", long.as_str()] {
        let one = play(user, device);
        backend.issue(&one, limits(9, 9), TTL, NOW).await.unwrap().unwrap();
        assert_eq!(backend.heartbeat(&one, limits(9, 9), TTL, NOW + 1).await.unwrap(), Some(NOW + 1 + TTL));
        let live = backend.list(user, NOW).await.unwrap();
        assert!(live.iter().any(|(session, details)| *session == one.session && details.device_id == device));
    }
}

/// What may happen to one user.
#[derive(Clone, Debug)]
enum Step {
    Issue(&'static str),
    Heartbeat(prop::sample::Index),
    End(prop::sample::Index),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = (Vec<Step>, u32, u32)> {
    let step = prop_oneof![
        3 => prop::sample::select(vec!["phone", "tablet", "television", "laptop"]).prop_map(Step::Issue),
        3 => any::<prop::sample::Index>().prop_map(Step::Heartbeat),
        2 => any::<prop::sample::Index>().prop_map(Step::End),
        2 => prop::sample::select(vec![1i64, 30, 60, 299, 540, 600, 660]).prop_map(Step::Wait),
    ];
    (prop::collection::vec(step, 1..40), 1u32..4, 1u32..4)
}

/// The simplest thing that keeps the promises.
#[derive(Default)]
struct Model {
    sessions: BTreeMap<Id<kinds::Playback>, i64>,
    devices: BTreeMap<String, i64>,
}

impl Model {
    fn issue(&mut self, play: &Play, limits: Limits, now: i64) -> Result<i64, Refusal> {
        self.sessions.retain(|_, end| *end > now);
        self.devices.retain(|_, end| *end > now);
        if !self.devices.contains_key(&play.device_id) && self.devices.len() >= limits.max_devices as usize {
            return Err(Refusal::DeviceLimit);
        }
        if self.sessions.len() >= limits.max_sessions as usize {
            return Err(Refusal::SessionLimit);
        }
        self.prolong(play, now);
        Ok(now + TTL)
    }

    fn prolong(&mut self, play: &Play, now: i64) {
        self.sessions.insert(play.session, now + TTL);
        self.devices.insert(play.device_id.clone(), now + TTL + DEVICE_GRACE_SECONDS);
    }
}

async fn follow(backend: &impl ShortLived, steps: &[Step], limits: Limits) -> Result<(), TestCaseError> {
    let (user, mut now, mut issued, mut model) = (id(), NOW, Vec::<Play>::new(), Model::default());
    for step in steps {
        match step {
            Step::Issue(device) => {
                let new = play(user, device);
                let answer = backend.issue(&new, limits, TTL, now).await.unwrap();
                prop_assert_eq!(answer, model.issue(&new, limits, now));
                issued.push(new);
            }
            Step::Heartbeat(index) if !issued.is_empty() => {
                let known = &issued[index.index(issued.len())];
                let live = model.sessions.get(&known.session).is_some_and(|end| *end > now);
                let answer = backend.heartbeat(known, limits, TTL, now).await.unwrap();
                prop_assert_eq!(answer, live.then_some(now + TTL));
                if live {
                    model.prolong(known, now);
                }
            }
            Step::End(index) if !issued.is_empty() => {
                let known = &issued[index.index(issued.len())];
                backend.end(user, known.session).await.unwrap();
                model.sessions.remove(&known.session);
            }
            Step::Wait(seconds) => now += seconds,
            Step::Heartbeat(_) | Step::End(_) => {}
        }
        let mut live: Vec<_> =
            backend.list(user, now).await.unwrap().into_iter().map(|(id, s)| (id, s.expires_at)).collect();
        live.sort_unstable();
        let expected: Vec<_> =
            model.sessions.iter().filter(|(_, end)| **end > now).map(|(id, end)| (*id, *end)).collect();
        prop_assert_eq!(&live, &expected);
        prop_assert!(live.len() <= limits.max_sessions as usize);
        for known in &issued {
            let active = backend.is_active(user, known.session, now).await.unwrap();
            prop_assert_eq!(active, expected.iter().any(|(id, _)| *id == known.session));
        }
    }
    Ok(())
}

fn agrees_with_the_model(cases: u32, backend: &impl ShortLived, runtime: &tokio::runtime::Runtime) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&steps(), |(steps, max_sessions, max_devices)| {
        runtime.block_on(follow(backend, &steps, limits(max_sessions, max_devices)))
    });
    outcome.unwrap();
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn dynamodb_agrees_with_the_model() {
    let runtime = runtime();
    let (store, ..) = runtime.block_on(dynamo::start());
    agrees_with_the_model(60, &Dynamo::new(store), &runtime);
}

#[test]
fn valkey_agrees_with_the_model() {
    let (runtime, server) = (runtime(), ValkeyServer::start());
    agrees_with_the_model(300, &Valkey::at(server.url()), &runtime);
}

#[test]
fn the_fallback_without_valkey_agrees_with_the_model() {
    let runtime = runtime();
    let (store, ..) = runtime.block_on(dynamo::start());
    agrees_with_the_model(20, &Ephemeral::dynamo(store), &runtime);
}
