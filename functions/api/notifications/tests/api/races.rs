//! Several requests and jobs at one moment, and a database in trouble.

use futures::future::{join, join_all};
use kernel::{Id, id::kinds};
use store::entities::notification::Told;
use testkit::{World, dynamo, storm::Storm};

use crate::setup::Stage;

#[tokio::test]
async fn racing_jobs_tell_an_event_once() {
    let stage = Stage::new().await;
    let event = stage.world.ambient().id();
    let all: Vec<_> = (0..12).map(|_| stage.notification(event, "One")).collect();
    let notifications = stage.world.store().notifications();
    let told = join_all(all.iter().map(|one| notifications.tell(one))).await;
    let made = told.into_iter().filter(|told| *told.as_ref().unwrap() == Told::Made).count();
    assert_eq!((made, stage.stored_unread().await, stage.unread_count().await), (1, 1, 1));
}

#[tokio::test]
async fn racing_readers_and_jobs_leave_an_exact_count() {
    let stage = Stage::new().await;
    for round in 0..5 {
        let mut ids: Vec<Id<kinds::Notification>> = Vec::new();
        for number in 0..6 {
            ids.push(stage.tell(&format!("{round}-{number}")).await);
        }
        let fresh: Vec<_> = (0..6).map(|_| stage.notification(stage.world.ambient().id(), "New")).collect();
        let notifications = stage.world.store().notifications();
        // The same ones from two devices, overlapping ones from a third, all of them from a fourth.
        let (reads, tells) = join(
            join_all([stage.read(&ids), stage.read(&ids), stage.read(&ids[3..]), stage.read(&ids[..4])]),
            join_all(fresh.iter().map(|one| notifications.tell(one))),
        )
        .await;
        for read in reads {
            read.expect(200);
        }
        assert!(tells.into_iter().all(|told| told.unwrap() == Told::Made));
        let stored = stage.stored_unread().await;
        assert_eq!((stored, stage.unread_count().await), (6 * (round + 1), stored), "round {round}");
    }
    let all = join_all((0..3).map(|_| stage.read_until("2999-01-01T00:00:00Z"))).await;
    assert!(all.into_iter().all(|read| read.status == 200));
    assert_eq!((stage.stored_unread().await, stage.unread_count().await), (0, 0));
}

#[tokio::test]
async fn a_storm_of_lost_answers_and_conflicts_leaves_an_exact_count() {
    for seed in 0..4 {
        let storm = Storm::seeded(seed);
        let url = storm.before(dynamo::serve().await).await;
        let stage = Stage::on(World::on(url, "2026-06-01T12:00:00Z".parse().unwrap()).await).await;
        let notifications = stage.world.store().notifications();
        storm.rage(40);
        for number in 0..12 {
            let one = stage.notification(stage.world.ambient().id(), &number.to_string());
            // As a queue does: again until it is done.
            while notifications.tell(&one).await.is_err() {}
            if number % 3 == 0 {
                let now = stage.world.ambient().now();
                while notifications.mark_read(stage.reader.id, &[one.id], now).await.is_err() {}
            }
        }
        storm.rage(0);
        assert!(storm.troubles() > 3, "{}", storm.troubles());
        assert_eq!((stage.stored_unread().await, stage.unread_count().await), (8, 8), "seed {seed}");
    }
}
