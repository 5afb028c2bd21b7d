//! Exactly once: reports at the same moment, that come twice, and that die half-way.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use serde_json::json;
use store::entities::TakenLesson;
use testkit::{World, conflicts::Conflicts, cut::Cut, dynamo};

use crate::stage::{Stage, spend, watch};

const START: &str = "2026-06-01T12:00:00Z";

#[tokio::test]
async fn devices_that_report_at_once_count_each_second_once() {
    let conflicts = Conflicts::default();
    let url = conflicts.before(dynamo::serve().await).await;
    let mut stage = Stage::on(&Arc::new(World::on(url, START.parse().unwrap()).await)).await;
    conflicts.hold(Duration::from_millis(3));
    for day in 0..3 {
        // Two videos on two devices each, in overlapping pieces, of which each comes twice.
        let from = f64::from(day) * 30.0;
        let pieces = (0..3).flat_map(|piece| [3, 4].map(|lesson| (lesson, from + f64::from(piece) * 10.0)));
        let twice: Vec<_> = pieces.clone().chain(pieces).collect();
        join_all(twice.into_iter().map(|(lesson, from)| stage.watch(lesson, from, from + 12.0))).await;
        stage.pass(24).await;
    }
    assert!(conflicts.met() > 0, "no transaction met another one: the race was none");
    let stats = stage.stats().await;
    // Each video to 92 seconds, which completes it.
    assert_eq!((&stats["seconds_learned"], &stats["lessons_completed"]), (&json!(184), &json!(2)));
    assert_eq!((&stats["days_learned"], &stats["current_streak_days"]), (&json!(3), &json!(3)));
    let days = stage.get("/activity").await.expect(200).body;
    let seconds: Vec<_> =
        days["days"].as_array().unwrap().iter().map(|day| &day["seconds_learned"]).collect();
    assert_eq!(seconds, [64, 60, 60]);
}

/// What a device does at midnight.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Watch,
    WatchToTheEnd,
    Read,
    ReadToTheEnd,
    Say,
}

async fn learn(world: &World, deed: Deed, (text, film): (TakenLesson, TakenLesson)) {
    match deed {
        Deed::Watch => drop(watch(world, film, (0.0, 30.0)).await),
        Deed::WatchToTheEnd => drop(watch(world, film, (0.0, 100.0)).await),
        Deed::Read => spend(world, text, 3).await,
        Deed::ReadToTheEnd => spend(world, text, 30).await,
        Deed::Say => {
            world.store().learning().complete(text, None, world.ambient().now()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn whoever_dies_at_whichever_call_counts_all_or_nothing() {
    let cut = Cut::default();
    cut.after(usize::MAX);
    let url = cut.before(dynamo::serve().await).await;
    let world = Arc::new(World::on(url, START.parse().unwrap()).await);
    for (deed, seconds, lessons) in [
        (Deed::Watch, 30, 0),
        (Deed::WatchToTheEnd, 100, 1),
        (Deed::Read, 3, 0),
        (Deed::ReadToTheEnd, 30, 1),
        (Deed::Say, 5, 1),
    ] {
        for calls in 0.. {
            cut.after(usize::MAX);
            let mut stage = Stage::on(&world).await;
            // The day before, so that the deed closes it.
            stage.watch(4, 0.0, 10.0).await;
            stage.spend(0, 0).await;
            stage.pass(24).await;
            let taken = (stage.taken(0), stage.taken(3));
            cut.after(calls);
            let lived = cut.run(learn(&world, deed, taken)).await;
            cut.after(usize::MAX);
            let half = stage.stats().await;
            let (all, nothing) = ((json!(10 + seconds), json!(lessons)), (json!(10), json!(0)));
            let counted = (half["seconds_learned"].clone(), half["lessons_completed"].clone());
            assert!(counted == all || counted == nothing, "{deed:?} after {calls} calls: {half}");
            learn(&world, deed, taken).await;
            learn(&world, deed, taken).await;
            let stats = stage.stats().await;
            assert_eq!(
                (stats["seconds_learned"].clone(), stats["lessons_completed"].clone()),
                all,
                "{deed:?}"
            );
            assert_eq!(stats["current_streak_days"], 2, "{deed:?}");
            let shown = stage.get("/activity").await.expect(200).body;
            let days = shown["days"].as_array().unwrap();
            let each: Vec<_> = days.iter().map(|day| day["seconds_learned"].as_u64().unwrap()).collect();
            assert_eq!(each, [10, seconds], "{deed:?}");
            if lived.is_some() {
                break;
            }
        }
    }
}
