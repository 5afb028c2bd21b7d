//! Progress against a model: two devices with clocks that are wrong report at random, twice, late and in any order.

use std::collections::BTreeSet;

use domain::enrollment::EnrollmentStatus;
use kernel::{Id, id::kinds};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::entities::VideoProgress;

use crate::stage::{Stage, limits};

/// Seconds of the stage's video.
const DURATION: i64 = 100;
/// The highest speed that it may be played at, in halves.
const SPEED_HALVES: i64 = 3;
/// How far a device's clock may be off.
const SKEW: i64 = 300;

/// One device: how far its clock is off, and what it reports: how long it watches before each report, from which second, at which speed in
/// halves, how far it claims to have got, and where it stands.
#[derive(Clone, Debug)]
struct Device {
    skew: i64,
    reports: Vec<(i64, i64, i64, i64)>,
}

fn device() -> impl Strategy<Value = Device> {
    let report = (1i64..25, 0i64..DURATION, 0i64..60, 0i64..=DURATION);
    (-SKEW..=SKEW, prop::collection::vec(report, 1..6)).prop_map(|(skew, reports)| Device { skew, reports })
}

/// A session that is over: when it began and ended by the server's clock, and its reports.
struct Session {
    window: (i64, i64),
    reports: Vec<Value>,
    /// Where its device was last by its own clock.
    last: (i64, i64),
}

/// Plays on a device, and reports each time at once with this chance; gives all that it has to say.
async fn play(stage: &Stage, name: &str, device: &Device, at_once: &[bool]) -> Session {
    let started = stage.now();
    let play = stage.play(name).await.expect(200);
    let session = play.text("session_id");
    let (mut reports, mut last) = (Vec::new(), (i64::MIN, 0));
    for (index, (wait, from, length, position)) in device.reports.iter().enumerate() {
        stage.wait(*wait);
        let at = stage.now() + device.skew;
        let to = (from + length).min(DURATION);
        last = last.max((at, *position));
        let report = json!({
            "video": stage.video, "enrollment": stage.enrollment, "session_id": session,
            "intervals": [[from, to]], "last_position": position, "reported_at": at,
        });
        if at_once[index % at_once.len()] {
            send(stage, &report).await;
        }
        reports.push(report);
    }
    stage.send("end", &play.text("token")).await.expect(200);
    Session { window: (started, stage.now()), reports, last }
}

async fn send(stage: &Stage, report: &Value) {
    let reply = stage.app.put("/api/v1/media/video-progress", &stage.student, report.clone()).await;
    let shown = reply.expect(200).body;
    assert!(shown["progress"].as_f64().unwrap() <= 1.0);
}

async fn stored(stage: &Stage, enrollment: Id<kinds::Enrollment>) -> VideoProgress {
    stage.world.store().progress().get(stage.video, enrollment).await.unwrap().unwrap()
}

/// Whole seconds that these pairs cover.
fn covered(pairs: impl Iterator<Item = (i64, i64)>) -> i64 {
    let seconds: BTreeSet<i64> = pairs.flat_map(|(from, to)| from..to).collect();
    i64::try_from(seconds.len()).unwrap()
}

/// One case: a phone and then a tablet, `gap` seconds apart, and what is sent again afterwards, in this order.
async fn case(devices: [Device; 2], gap: i64, at_once: Vec<bool>, order: Vec<prop::sample::Index>) {
    let stage = Stage::with(limits(1, 2), None).await;
    stage.put_lesson(|_| {}).await;
    let mut sessions = Vec::new();
    for (name, device) in ["phone", "tablet"].into_iter().zip(&devices) {
        sessions.push(play(&stage, name, device, &at_once).await);
        stage.wait(gap);
    }
    // Everything at least once when both are over, some of it twice, in any order.
    let all: Vec<&Value> = sessions.iter().flat_map(|session| &session.reports).collect();
    let mut late = all.clone();
    late.extend(order.iter().map(|index| *index.get(&all)));
    for (at, index) in order.iter().enumerate() {
        let other = index.index(late.len());
        late.swap(at % all.len(), other);
    }
    for report in &late {
        send(&stage, report).await;
    }

    let kept = stored(&stage, stage.enrollment).await;
    let pair = |report: &&Value| {
        let seconds = |index: usize| report["intervals"][0][index].as_i64().unwrap();
        (seconds(0), seconds(1))
    };
    let claimed = covered(all.iter().map(pair));
    let open = covered(sessions.iter().map(|session| session.window));
    let believed = (claimed * 2).min(open * SPEED_HALVES);
    let expected = believed as f64 / 2.0 / DURATION as f64;
    assert!((kept.progress - expected.min(1.0)).abs() < 1e-9, "{} {expected}", kept.progress);
    let union = covered(kept.watched.intervals.iter().map(|(from, to)| (*from as i64, *to as i64)));
    assert_eq!(union, claimed);
    assert_eq!(
        kept.last_position,
        sessions[1].last.1.unsigned_abs(),
        "where the tablet was, which played last"
    );
    let done = believed * 10 >= DURATION * 2 * 9;
    assert_eq!(kept.completed, done);
    let enrollment = stage.enrolled().await;
    let completed = enrollment.status == EnrollmentStatus::Completed;
    assert_eq!((completed, enrollment.lessons_completed), (done, u32::from(done)));

    // Another order leads to the same.
    late.reverse();
    for report in &late {
        send(&stage, report).await;
    }
    let again = stored(&stage, stage.enrollment).await;
    assert_eq!((again.watched, again.revision), (kept.watched, kept.revision), "nothing new was said");
    assert_eq!(stage.enrolled().await.lessons_completed, u32::from(done));
}

#[test]
fn reports_of_two_devices_lead_to_what_was_watched_whatever_becomes_of_them() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let cases = (
        [device(), device()],
        // Twice this and all the watching is less than an access token lives.
        0i64..300,
        prop::collection::vec(any::<bool>(), 1..6),
        prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    );
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 30,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&cases, |(devices, gap, at_once, order)| {
        runtime.block_on(case(devices, gap, at_once, order));
        Ok(())
    });
    outcome.unwrap();
}
