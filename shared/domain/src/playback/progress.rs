//! Progress that can be trusted (spec 05). A player claims intervals of the video; the server keeps their union, and separately the
//! wall-clock time in which the student really had the video open. What counts is the smaller of the two: the union, or the time
//! multiplied by the highest allowed speed. Both only grow and neither depends on the order of reports, so duplicate, late
//! and offline reports lead to the same state.
//!
//! Where to resume does not depend on the order of reports either, nor on clocks that are right. What one session reports is ordered by the clock
//! of its device, which is the same clock each time; sessions are ordered by the server's, by how long each is known to have played.

use serde::{Deserialize, Serialize};

/// Part of a video from which it counts as completed (seed 000: 90 %).
pub const COMPLETED_FROM: f64 = 0.9;
/// Most disjoint intervals that are kept; above it the smallest gaps close, which never counts more than the time allows.
const INTERVALS_MAX: usize = 500;
/// Most windows of time that are kept one by one; older ones become one sum.
const WINDOWS_MAX: usize = 64;

/// Most sessions whose positions are kept.
const SPOTS_MAX: usize = 8;

/// Where one session was last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// The session; empty where there was none.
    pub session: String,
    /// By the clock of its device, in epoch milliseconds.
    pub at_ms: i64,
    /// In seconds of the video.
    pub position: f64,
    /// Until when the server knows that the session played, in epoch milliseconds.
    pub seen_ms: i64,
}

impl Spot {
    /// What decides where to resume: the session that played last.
    fn order(&self) -> (i64, i64, f64) {
        (self.seen_ms, self.at_ms, self.position)
    }
}

/// What is known of one student and one video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Claimed intervals in seconds of the video, disjoint and in order.
    #[serde(default)]
    pub intervals: Vec<(f64, f64)>,
    /// Wall-clock windows of its plays in epoch milliseconds, disjoint and in order.
    #[serde(default)]
    pub windows: Vec<(i64, i64)>,
    /// Milliseconds of the windows that are no longer kept one by one.
    #[serde(default)]
    pub folded_ms: i64,
    /// End of those windows: time before it is not counted again.
    #[serde(default)]
    pub folded_until_ms: i64,
    /// Part that was watched, 0 to 1. Never falls.
    #[serde(default)]
    pub progress: f64,
    /// Whether [`COMPLETED_FROM`] was reached once.
    #[serde(default)]
    pub completed: bool,
    /// Where to resume, in seconds.
    #[serde(default)]
    pub position: f64,
    /// Until when the session that was there is known to have played, in epoch milliseconds.
    #[serde(default)]
    pub position_at_ms: i64,
    /// Where each session was last.
    #[serde(default)]
    pub spots: Vec<Spot>,
}

/// What a player reports.
#[derive(Clone, Debug)]
pub struct Report {
    /// Intervals that it claims were watched, in seconds.
    pub intervals: Vec<(f64, f64)>,
    /// Where it is, in seconds.
    pub position: Option<f64>,
    /// When it was there by the clock of its device, in epoch milliseconds.
    pub at_ms: i64,
    /// The session, and until when the server knows that it played, in epoch milliseconds.
    pub session: (String, i64),
    /// The wall-clock window of its session up to now, in epoch milliseconds.
    pub window: Option<(i64, i64)>,
}

impl Report {
    /// Whether it says that something was played, in a session that the server knows.
    pub fn is_of_a_play(&self) -> bool {
        self.window.is_some() && self.intervals.iter().any(|(from, to)| from < to)
    }
}

impl Watched {
    /// Takes in a report about a video of `duration` seconds that may be played at `max_rate` times its speed. A rate below 1 counts as 1:
    /// who watches at normal speed is always believed.
    pub fn report(&mut self, report: &Report, duration: f64, max_rate: f64) {
        let claims =
            report.intervals.iter().map(|&(from, to)| (from.clamp(0.0, duration), to.clamp(0.0, duration)));
        self.intervals.extend(claims.filter(|(from, to)| from < to));
        self.intervals = union(std::mem::take(&mut self.intervals));
        close_gaps(&mut self.intervals);
        if let Some((from, to)) = report.window {
            self.windows.push((from.max(self.folded_until_ms), to));
            self.windows = union(std::mem::take(&mut self.windows));
            self.fold();
        }
        if let Some(position) = report.position {
            self.stand_at(report, position.clamp(0.0, duration));
        }
        if duration > 0.0 {
            // What was claimed of a longer version counts as far as this one goes.
            let believed = self.claimed_of(duration).min(self.credit(max_rate));
            self.progress = self.progress.max((believed / duration).min(1.0));
            self.completed |= self.progress >= COMPLETED_FROM;
        }
    }

    /// Seconds of the video that were claimed.
    pub fn claimed(&self) -> f64 {
        self.claimed_of(f64::INFINITY)
    }

    /// Seconds that were claimed of its first `duration` seconds.
    fn claimed_of(&self, duration: f64) -> f64 {
        self.intervals.iter().map(|(from, to)| (to.min(duration) - from).max(0.0)).sum()
    }

    /// Seconds of the video that could have been watched in the time of its plays.
    pub fn credit(&self, max_rate: f64) -> f64 {
        let ms = self.folded_ms + self.windows.iter().map(|(from, to)| to - from).sum::<i64>();
        ms as f64 / 1000.0 * max_rate.max(1.0)
    }

    /// Takes in where a session was.
    fn stand_at(&mut self, report: &Report, position: f64) {
        let (session, seen_ms) = report.session.clone();
        if self.spots.is_empty() && self.position_at_ms > 0 {
            // Stored when there was one position for all sessions.
            let (at_ms, position) = (self.position_at_ms, self.position);
            self.spots.push(Spot { session: String::new(), at_ms, position, seen_ms: at_ms });
        }
        match self.spots.iter_mut().find(|spot| spot.session == session) {
            Some(spot) => {
                spot.seen_ms = spot.seen_ms.max(seen_ms);
                if (report.at_ms, position) > (spot.at_ms, spot.position) {
                    (spot.at_ms, spot.position) = (report.at_ms, position);
                }
            }
            None => self.spots.push(Spot { session, at_ms: report.at_ms, position, seen_ms }),
        }
        let by_order =
            |a: &Spot, b: &Spot| a.order().partial_cmp(&b.order()).unwrap_or(std::cmp::Ordering::Equal);
        self.spots.sort_by(|a, b| by_order(b, a).then_with(|| a.session.cmp(&b.session)));
        self.spots.truncate(SPOTS_MAX);
        if let Some(last) = self.spots.first() {
            (self.position_at_ms, self.position) = (last.seen_ms, last.position);
        }
    }

    fn fold(&mut self) {
        let surplus = self.windows.len().saturating_sub(WINDOWS_MAX);
        for (from, to) in self.windows.drain(..surplus) {
            self.folded_ms += to - from;
            self.folded_until_ms = to;
        }
    }
}

/// The union of intervals, disjoint and in order; empty and reversed ones vanish.
fn union<T: PartialOrd + Copy>(mut intervals: Vec<(T, T)>) -> Vec<(T, T)> {
    intervals.retain(|(from, to)| from < to);
    intervals.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut out: Vec<(T, T)> = Vec::with_capacity(intervals.len());
    for (from, to) in intervals {
        match out.last_mut() {
            Some(last) if from <= last.1 => {
                if to > last.1 {
                    last.1 = to;
                }
            }
            _ => out.push((from, to)),
        }
    }
    out
}

/// Closes the smallest gaps until no more than [`INTERVALS_MAX`] intervals are left.
fn close_gaps(intervals: &mut Vec<(f64, f64)>) {
    let surplus = intervals.len().saturating_sub(INTERVALS_MAX);
    if surplus == 0 {
        return;
    }
    let mut gaps: Vec<f64> = intervals.windows(2).map(|pair| pair[1].0 - pair[0].1).collect();
    gaps.sort_by(f64::total_cmp);
    let widest = gaps[surplus - 1];
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(INTERVALS_MAX);
    for &(from, to) in intervals.iter() {
        match out.last_mut() {
            Some(last) if from - last.1 <= widest => last.1 = to,
            _ => out.push((from, to)),
        }
    }
    *intervals = out;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DURATION: f64 = 100.0;

    /// Whole seconds, so that a bitmap is an exact model.
    fn reports() -> impl Strategy<Value = Vec<Report>> {
        let claims = prop::collection::vec((0u32..110, 0u32..110), 0..6);
        let window = prop::option::of((0i64..200, 0i64..40));
        let report = (claims, window, prop::option::of(0u32..120), 0i64..300, (0u8..3, 0i64..300)).prop_map(
            |(claims, window, position, at, (session, seen))| Report {
                intervals: claims.into_iter().map(|(from, to)| (f64::from(from), f64::from(to))).collect(),
                position: position.map(f64::from),
                at_ms: at * 1000,
                session: (session.to_string(), seen * 1000),
                window: window.map(|(from, length)| (from * 1000, (from + length) * 1000)),
            },
        );
        prop::collection::vec(report, 1..12)
    }

    fn all(reports: &[Report], rate: f64) -> Watched {
        let mut watched = Watched::default();
        for report in reports {
            watched.report(report, DURATION, rate);
        }
        watched
    }

    fn seconds(intervals: impl Iterator<Item = (i64, i64)>, limit: i64) -> usize {
        let mut seen = std::collections::BTreeSet::new();
        for (from, to) in intervals {
            seen.extend(from..to.min(limit));
        }
        seen.len()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn order_and_duplicates_do_not_matter(
            (sent, received) in reports().prop_flat_map(|sent| {
                let twice: Vec<_> = sent.iter().chain(&sent).cloned().collect();
                (Just(sent), Just(twice).prop_shuffle())
            }),
            rate in 1u32..4,
        ) {
            prop_assert_eq!(all(&sent, rate.into()), all(&received, rate.into()));
        }

        #[test]
        fn it_is_what_a_bitmap_says(sent in reports(), rate in 1u32..4) {
            let watched = all(&sent, rate.into());
            let claims = sent.iter().flat_map(|report| &report.intervals).map(|&(from, to)| (from as i64, to as i64));
            let claimed = seconds(claims, DURATION as i64);
            let open = seconds(sent.iter().filter_map(|r| r.window).map(|(from, to)| (from / 1000, to / 1000)), i64::MAX);
            let expected = claimed.min(open * rate as usize) as f64 / DURATION;
            prop_assert!((watched.progress - expected).abs() < 1e-9, "{} {expected}", watched.progress);
            prop_assert_eq!(watched.completed, expected >= COMPLETED_FROM);
            prop_assert!(watched.intervals.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }

        #[test]
        fn nothing_falls(sent in reports(), rate in 1u32..4) {
            let mut watched = Watched::default();
            for report in &sent {
                let before = watched.clone();
                // The rate may be lowered in between: what was reached stays.
                watched.report(report, DURATION, f64::from(rate) / 2.0);
                prop_assert!(watched.progress >= before.progress);
                prop_assert!(watched.completed || !before.completed);
                prop_assert!(watched.position_at_ms >= before.position_at_ms);
            }
        }

        #[test]
        fn what_is_kept_is_bounded_and_never_more_than_the_time(
            claims in prop::collection::vec((0.0..20_000.0f64, 0.1..3.0f64), 0..1_500),
            windows in prop::collection::vec((0i64..100_000_000, 0i64..400_000), 0..150),
        ) {
            let mut watched = Watched::default();
            let (mut earliest, mut latest) = (i64::MAX, 0);
            for (from, length) in windows {
                let window = (from, from + length);
                (earliest, latest) = (earliest.min(from), latest.max(from + length));
                let session = (String::new(), 0);
                let report = Report { intervals: Vec::new(), position: None, at_ms: 0, session, window: Some(window) };
                watched.report(&report, 20_000.0, 1.0);
            }
            let intervals = claims.into_iter().map(|(from, length)| (from, from + length)).collect();
            let session = (String::new(), 0);
            watched.report(&Report { intervals, position: None, at_ms: 0, session, window: None }, 20_000.0, 1.0);
            prop_assert!(watched.intervals.len() <= INTERVALS_MAX && watched.windows.len() <= WINDOWS_MAX);
            prop_assert!(watched.credit(1.0) <= latest.saturating_sub(earliest).max(0) as f64 / 1000.0 + 1e-6);
            prop_assert!(watched.progress * 20_000.0 <= watched.credit(1.0) + 1e-6);
        }
    }

    fn claim(interval: (f64, f64), window: (i64, i64)) -> Report {
        Report {
            intervals: vec![interval],
            position: Some(interval.1),
            at_ms: window.1,
            session: ("a".into(), window.1),
            window: Some(window),
        }
    }

    #[test]
    fn who_claims_all_at_once_waits_as_long_as_who_watches() {
        let mut watched = Watched::default();
        watched.report(&claim((0.0, 100.0), (0, 10_000)), DURATION, 1.0);
        assert_eq!((watched.progress, watched.completed), (0.1, false));
        watched.report(&claim((0.0, 100.0), (0, 89_999)), DURATION, 1.0);
        assert!(!watched.completed);
        watched.report(&claim((0.0, 100.0), (0, 90_000)), DURATION, 1.0);
        assert!(watched.completed);
    }

    #[test]
    fn what_was_watched_of_a_longer_version_counts_within_the_new_one() {
        let mut watched = Watched::default();
        watched.report(&claim((40.0, 100.0), (0, 100_000)), 100.0, 1.0);
        assert_eq!((watched.progress, watched.completed), (0.6, false));
        watched.report(&claim((0.0, 1.0), (0, 100_000)), 50.0, 1.0);
        assert_eq!((watched.progress, watched.completed), (0.6, false), "11 of 50 s, and it never falls");
        watched.report(&claim((0.0, 40.0), (0, 100_000)), 50.0, 1.0);
        assert!(watched.completed);
    }

    #[test]
    fn who_watches_at_the_highest_speed_is_believed() {
        let mut watched = Watched::default();
        for tick in 0..5 {
            let from = f64::from(tick) * 20.0;
            watched.report(&claim((from, from + 20.0), (0, i64::from(tick + 1) * 10_000)), DURATION, 2.0);
        }
        assert_eq!((watched.progress, watched.position), (1.0, 100.0));
    }

    #[test]
    fn a_late_report_does_not_move_the_position_back() {
        let mut watched = Watched::default();
        watched.report(&claim((50.0, 60.0), (50_000, 60_000)), DURATION, 1.0);
        watched.report(&claim((10.0, 20.0), (10_000, 20_000)), DURATION, 1.0);
        assert_eq!((watched.position, watched.progress), (60.0, 0.2));
    }

    fn stand(watched: &mut Watched, session: &str, (at_s, seen_s): (i64, i64), position: f64) {
        let report = Report {
            intervals: Vec::new(),
            position: Some(position),
            at_ms: at_s * 1000,
            session: (session.into(), seen_s * 1000),
            window: None,
        };
        watched.report(&report, DURATION, 1.0);
    }

    #[test]
    fn the_device_that_played_last_says_where_to_resume_whichever_clock_is_wrong() {
        let mut watched = Watched::default();
        // The phone is five minutes ahead and plays until 100; the tablet is right and goes on at 110.
        stand(&mut watched, "phone", (390, 90), 20.0);
        stand(&mut watched, "phone", (400, 100), 30.0);
        stand(&mut watched, "tablet", (110, 110), 31.0);
        assert_eq!(watched.position, 31.0);
        // What the phone sends again changes nothing, nor what it had kept from before.
        stand(&mut watched, "phone", (400, 100), 30.0);
        stand(&mut watched, "phone", (380, 100), 10.0);
        assert_eq!(watched.position, 31.0);
        // Within one session the device's clock decides: he went back, and an older report comes late.
        stand(&mut watched, "tablet", (150, 150), 5.0);
        stand(&mut watched, "tablet", (140, 155), 70.0);
        assert_eq!(watched.position, 5.0);
    }

    #[test]
    fn a_position_from_before_sessions_were_told_apart_stays_until_a_later_one() {
        let mut watched = Watched { position: 50.0, position_at_ms: 100_000, ..Watched::default() };
        stand(&mut watched, "a", (90, 90), 10.0);
        assert_eq!(watched.position, 50.0);
        stand(&mut watched, "a", (120, 120), 20.0);
        assert_eq!(watched.position, 20.0);
    }
}
