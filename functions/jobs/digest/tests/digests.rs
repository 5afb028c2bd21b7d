//! The plans of digests, through the days.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a step of a test that fails ends the test")]

use contracts::{Queue, Received, notify::Notify};
use domain::identity::{Digest, Preferences};
use job_digest::{Context, Task, handle};
use jobs::{Publisher, Sent};
use kernel::{SignedDuration, Timestamp};
use store::{
    Consistency,
    entities::{DigestPlan, User, notification::SHARDS},
};
use testkit::{Caller, World, cut::Cut, dynamo};

/// The 1st of June 2026, a Monday, at noon.
const NOON: &str = "2026-06-01T12:00:00Z";

struct Stage {
    world: World,
    context: Context,
    sent: Sent,
    reader: Caller,
}

impl Stage {
    async fn new() -> Self {
        Self::on(World::new().await).await
    }

    async fn on(world: World) -> Self {
        let (publisher, sent) = Publisher::keeping_for_tests(world.ambient());
        let context = Context::new(world.store().clone(), publisher, world.ambient().clone());
        let reader = world.student().await;
        Self { world, context, sent, reader }
    }

    async fn user(&self) -> User {
        self.world.store().users().get(self.reader.id).await.unwrap().unwrap()
    }

    async fn change(&self, change: impl FnOnce(&mut User)) {
        let mut user = self.user().await;
        change(&mut user);
        self.world.store().put(&user).await.unwrap();
    }

    /// As `PUT /notifications/preferences` does.
    async fn wants(&self, digest: Digest) {
        let now = self.world.ambient().now();
        let decide = |wanted: &mut Preferences| {
            wanted.digest = digest;
            Ok(())
        };
        let done = self.world.store().notifications().change_preferences(self.reader.id, now, decide).await;
        assert!(done.unwrap().unwrap().is_some());
    }

    async fn plan(&self) -> Option<DigestPlan> {
        self.world.store().get(DigestPlan::key_of(self.reader.id), Consistency::Strong).await.unwrap()
    }

    async fn run(&self) {
        handle(&self.context, Task::Due).await.unwrap();
    }

    /// What was sent since the last look.
    fn sent(&self) -> Vec<Received<Notify>> {
        self.sent.take(Queue::Notify).iter().map(|text| contracts::receive(text).unwrap()).collect()
    }

    /// So much time goes by, with a run every quarter of an hour; gives the windows of the digests.
    async fn hours(&self, hours: i64) -> Vec<(String, String)> {
        for _ in 0..hours * 4 {
            self.world.advance(SignedDuration::from_mins(15));
            self.run().await;
        }
        self.sent().into_iter().map(window).collect()
    }
}

fn window(sent: Received<Notify>) -> (String, String) {
    match sent.message {
        Notify::Digest { since, until, .. } => (since.to_string(), until.to_string()),
        other => panic!("{other:?}"),
    }
}

fn windows<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(since, until)| (since.to_owned(), until.to_owned())).to_vec()
}

#[tokio::test]
async fn every_morning_has_one_and_each_goes_on_where_the_one_before_ended() {
    let stage = Stage::new().await;
    assert!(stage.hours(24).await.is_empty(), "nobody has asked for one");
    stage.change(|user| user.timezone = "Asia/Seoul".into()).await;
    stage.wants(Digest::Daily).await;
    assert_eq!(
        stage.hours(48).await,
        windows([
            ("2026-06-02T12:00:00Z", "2026-06-02T23:00:00Z"),
            ("2026-06-02T23:00:00Z", "2026-06-03T23:00:00Z"),
        ])
    );
    stage.wants(Digest::Off).await;
    assert!(stage.hours(48).await.is_empty());
}

#[tokio::test]
async fn mondays_have_one_and_a_standstill_makes_one_mail() {
    let stage = Stage::new().await;
    stage.wants(Digest::Weekly).await;
    assert_eq!(stage.hours(24 * 8).await, windows([(NOON, "2026-06-08T08:00:00Z")]));
    stage.wants(Digest::Daily).await;
    // Nothing runs for five days.
    stage.world.advance(SignedDuration::from_hours(24 * 5));
    stage.run().await;
    stage.run().await;
    let sent: Vec<_> = stage.sent().into_iter().map(window).collect();
    assert_eq!(sent, windows([("2026-06-09T12:00:00Z", "2026-06-10T08:00:00Z")]));
    assert_eq!(
        stage.hours(24).await,
        windows([("2026-06-10T08:00:00Z", "2026-06-15T08:00:00Z")]),
        "what came meanwhile is in the next one"
    );
}

#[tokio::test]
async fn a_run_that_dies_anywhere_is_followed_by_one_that_sends_the_same_message() {
    for requests in 0.. {
        let cut = Cut::default();
        cut.after(usize::MAX);
        let url = cut.before(dynamo::serve().await).await;
        let stage = Stage::on(World::on(url, NOON.parse().unwrap()).await).await;
        stage.wants(Digest::Daily).await;
        stage.world.advance(SignedDuration::from_hours(20));
        cut.after(requests);
        let done = cut.run(handle(&stage.context, Task::Due)).await;
        cut.after(usize::MAX);
        stage.run().await;
        stage.run().await;
        let sent = stage.sent();
        assert!((1..=2).contains(&sent.len()), "killed at request {requests}: {sent:?}");
        assert!(sent.iter().all(|one| (one.event_id, &one.message) == (sent[0].event_id, &sent[0].message)));
        let due: Timestamp = "2026-06-03T08:00:00Z".parse().unwrap();
        assert_eq!(stage.plan().await.unwrap().due_at, due);
        if let Some(result) = done {
            result.unwrap();
            assert_eq!(sent.len(), 1);
            break;
        }
    }
}

#[tokio::test]
async fn runs_at_one_moment_send_one_message_for_its_consumer() {
    let stage = Stage::new().await;
    stage.wants(Digest::Daily).await;
    stage.world.advance(SignedDuration::from_hours(20));
    let (one, two) = tokio::join!(handle(&stage.context, Task::Due), handle(&stage.context, Task::Due));
    assert!(one.is_ok() && two.is_ok());
    let sent = stage.sent();
    assert!(sent.iter().all(|message| message.event_id == sent[0].event_id), "{sent:?}");
    stage.run().await;
    assert!(stage.sent().is_empty());
}

#[tokio::test]
async fn what_its_reader_has_changed_since_is_minded() {
    let stage = Stage::new().await;
    stage.wants(Digest::Daily).await;
    // He moves to where it is earlier: the hour comes later, and nothing is left out.
    stage.change(|user| user.timezone = "America/Los_Angeles".into()).await;
    assert_eq!(stage.hours(20).await, windows([]), "it is one in the morning there");
    assert_eq!(stage.hours(8).await, windows([(NOON, "2026-06-02T15:00:00Z")]));
    // The main switch stops mails; the wish stays.
    stage.change(|user| user.preferences.email_notifications_enabled = false).await;
    assert!(stage.hours(48).await.is_empty());
    stage.change(|user| user.preferences.email_notifications_enabled = true).await;
    assert_eq!(stage.hours(24).await, windows([("2026-06-04T15:00:00Z", "2026-06-05T15:00:00Z")]));
    // The link of a mail stops it without a word to the plan.
    stage.change(|user| user.preferences.digest = Digest::Off).await;
    assert!(stage.hours(24).await.is_empty());
    assert_eq!(stage.plan().await, None);
    stage.wants(Digest::Weekly).await;
    stage.change(|user| user.status = domain::identity::UserStatus::Deleted).await;
    assert!(stage.hours(24 * 8).await.is_empty());
    assert_eq!(stage.plan().await, None, "an account that is gone");
}

/// A query for each shard, and a read and a write for each plan that is due: whoever else there is costs nothing.
#[tokio::test]
async fn nobody_is_read_whose_time_has_not_come() {
    let cut = Cut::default();
    cut.after(usize::MAX);
    let url = cut.before(dynamo::serve().await).await;
    let stage = Stage::on(World::on(url, NOON.parse().unwrap()).await).await;
    for _ in 0..10 {
        stage.world.student().await;
    }
    stage.wants(Digest::Daily).await;
    let requests = async || {
        cut.after(1_000);
        stage.run().await;
        let made = 1_000 - cut.left();
        cut.after(usize::MAX);
        made
    };
    assert_eq!(requests().await, usize::from(SHARDS));
    stage.world.advance(SignedDuration::from_hours(20));
    assert_eq!(requests().await, usize::from(SHARDS) + 2);
    assert_eq!(stage.sent().len(), 1);
}

#[test]
fn the_samples_are_what_the_schedule_and_a_person_send() {
    let due = include_str!("../../../../events/schedule/digest-due.json");
    assert!(matches!(serde_json::from_str(due).unwrap(), Task::Due));
    let recount = include_str!("../../../../events/schedule/digest-recount.json");
    assert!(matches!(serde_json::from_str(recount).unwrap(), Task::Recount { .. }));
}
