//! Valkey down, hanging, emptied, back again: nobody is locked out, and nothing that was ended comes back.
#![expect(clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use std::time::{Duration, Instant};

use domain::{
    playback::{Limits, PlaybackStatus},
    sweep::SweepKind,
};
use ephemeral::{Ephemeral, Play, Refusal, ShortLived, Valkey};
use kernel::{Ambient, Clock, Random, Timestamp};
use store::{
    Store,
    entities::{PlaybackRecord, Sweep},
};
use testkit::{dynamo, valkey::ValkeyServer};

const TTL: i64 = 600;
const NOW: i64 = 1_780_000_000;
const ONE: Limits = Limits { max_sessions: 1, max_devices: 1 };

/// A play with its record, as the playback function makes both.
async fn recorded(store: &Store, seed: u64) -> Play {
    let now = Timestamp::from_second(NOW).unwrap();
    let ambient = Ambient { clock: Clock::manual(now), random: Random::seeded(seed) };
    let play =
        Play { user: ambient.id(), session: ambient.id(), video: ambient.id(), device_id: "phone".into() };
    let record = PlaybackRecord {
        session_id: play.session,
        video_id: play.video,
        version: 1,
        enrollment_id: None,
        user_id: play.user,
        device_id: play.device_id.clone(),
        status: PlaybackStatus::Active,
        violation_count: 0,
        started_at: now,
        valid_until: Timestamp::from_second(NOW + TTL).unwrap(),
        ended_at: None,
    };
    let reminder = Sweep {
        kind: SweepKind::Playback,
        due_at: record.valid_until,
        subject: play.session.to_string(),
        video_id: None,
        version: 0,
        upload_id: None,
        user_id: None,
        attempt: 0,
    };
    store.playbacks().begin(&record, &reminder).await.unwrap();
    play
}

fn ephemeral(url: String, store: &Store) -> Ephemeral {
    Ephemeral::valkey(Valkey::at(url), store.clone())
}

#[tokio::test]
async fn a_session_outlives_the_server_that_issued_it() {
    let (server, (store, ..)) = (ValkeyServer::start(), dynamo::start().await);
    let (state, play) = (ephemeral(server.url(), &store), recorded(&store, 1).await);
    state.issue(&play, ONE, TTL, NOW).await.unwrap().unwrap();
    drop(server);
    assert_eq!(state.heartbeat(&play, ONE, TTL, NOW + 60).await.unwrap(), Some(NOW + 60 + TTL));
    assert!(state.is_active(play.user, play.session, NOW + 61).await.unwrap());
    let other = recorded(&store, 2).await;
    assert_eq!(state.issue(&other, ONE, TTL, NOW + 62).await.unwrap(), Ok(NOW + 62 + TTL), "new plays begin");
    let second = Play { session: other.session, ..play.clone() };
    assert_eq!(
        state.issue(&second, ONE, TTL, NOW + 62).await.unwrap(),
        Err(Refusal::SessionLimit),
        "limits hold"
    );
    assert_eq!(state.hit("anybody", 60, NOW).await.unwrap(), 0, "limits of rates fail open");
}

#[tokio::test]
async fn an_emptied_server_takes_its_sessions_over_again() {
    let (server, (store, ..)) = (ValkeyServer::start(), dynamo::start().await);
    let (state, play, ended) =
        (ephemeral(server.url(), &store), recorded(&store, 1).await, recorded(&store, 2).await);
    for play in [&play, &ended] {
        state.issue(play, ONE, TTL, NOW).await.unwrap().unwrap();
    }
    store
        .playbacks()
        .finish(ended.session, ended.user, PlaybackStatus::Ended, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let port = server.port();
    drop(server);
    let _server = ValkeyServer::start_on(port);
    // The open connection is broken; a new one is tried at once.
    assert_eq!(state.heartbeat(&play, ONE, TTL, NOW + 60).await.unwrap(), Some(NOW + 60 + TTL));
    assert_eq!(state.list(play.user, NOW + 61).await.unwrap().len(), 1, "the new server holds it");
    assert_eq!(
        state.heartbeat(&ended, ONE, TTL, NOW + 60).await.unwrap(),
        None,
        "what was ended stays ended"
    );
    let rival = Play { session: ended.session, ..play.clone() };
    assert_eq!(state.issue(&rival, ONE, TTL, NOW + 62).await.unwrap(), Err(Refusal::SessionLimit));
}

#[tokio::test]
async fn a_session_of_the_outage_can_be_ended_after_it() {
    let (server, (store, ..)) = (ValkeyServer::start(), dynamo::start().await);
    let play = recorded(&store, 1).await;
    // Another instance of the function, for which Valkey was down.
    Ephemeral::dynamo(store.clone()).issue(&play, ONE, TTL, NOW).await.unwrap().unwrap();
    let state = ephemeral(server.url(), &store);
    assert!(state.end(play.user, play.session).await.unwrap());
    assert!(!Ephemeral::dynamo(store).is_active(play.user, play.session, NOW).await.unwrap());
}

#[tokio::test]
async fn a_server_that_hangs_costs_its_patience_once() {
    let (store, ..) = dynamo::start().await;
    // It takes connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let state = ephemeral(format!("redis://{}", listener.local_addr().unwrap()), &store);
    let play = recorded(&store, 1).await;
    let started = Instant::now();
    state.issue(&play, ONE, TTL, NOW).await.unwrap().unwrap();
    for minute in 1..=20 {
        assert!(state.heartbeat(&play, ONE, TTL, NOW + 60 * minute).await.unwrap().is_some());
    }
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_server_without_the_tls_that_is_asked_for_is_down() {
    let (server, (store, ..)) = (ValkeyServer::start(), dynamo::start().await);
    let state = ephemeral(format!("rediss://127.0.0.1:{}", server.port()), &store);
    let play = recorded(&store, 1).await;
    state.issue(&play, ONE, TTL, NOW).await.unwrap().unwrap();
    assert_eq!(
        Valkey::at(server.url()).list(play.user, NOW).await.unwrap(),
        [],
        "nothing went over plain TCP"
    );
    assert_eq!(state.list(play.user, NOW).await.unwrap().len(), 1);
}
