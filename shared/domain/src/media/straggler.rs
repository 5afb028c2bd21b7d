//! Which parts take longer than their share, and are sent once more (spec 05, step 4). A part does not fail when its worker is
//! slow or has vanished; the whole video then waits for it. The first result wins, so a second worker does no harm.

use std::{collections::BTreeSet, time::Duration};

use super::{PartKind, VersionPlan};

/// So many times its share a part may take. Chunks of one video differ by how much moves in them, by less than this.
const FACTOR: u32 = 3;
/// However small the share: a cold start and a slow download alone take some of it.
const FLOOR: Duration = Duration::from_secs(60);
/// Sound and pictures have no peers to be compared with. Their share is this part of the playing time: both are made many times
/// faster than it plays, on one core.
const PLAYING_TIME_PARTS: u32 = 20;

/// A part that was begun and is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its number.
    pub part: u32,
    /// Since its last beginning.
    pub elapsed: Duration,
    /// Whether it was sent once more before.
    pub sent_again: bool,
}

impl VersionPlan {
    /// Those of the `running` parts that are to be sent once more. `chunks_time` is what the chunks among those `done` took, in sum.
    pub fn stragglers(
        &self,
        done: &BTreeSet<u32>,
        chunks_time: Duration,
        running: impl IntoIterator<Item = Running>,
    ) -> Vec<u32> {
        let is_late = |one: &Running| {
            let share = match self.part(one.part) {
                Some(PartKind::Chunk(_)) => self.chunk_share(done, chunks_time),
                Some(PartKind::Audio | PartKind::Pictures) => {
                    Some(Duration::from_millis(self.plan.duration_ms()) / PLAYING_TIME_PARTS)
                }
                None => None,
            };
            share.is_some_and(|share| one.elapsed > FLOOR.max(share * FACTOR))
        };
        let late = |one: &Running| !one.sent_again && !done.contains(&one.part) && is_late(one);
        running.into_iter().filter(late).map(|one| one.part).collect()
    }

    /// What a chunk takes: the mean of those that are done, once half of them are. Chunks are of one length, and fewer might all be
    /// the easy ones of a quiet beginning.
    fn chunk_share(&self, done: &BTreeSet<u32>, chunks_time: Duration) -> Option<Duration> {
        let finished = done.range(..self.plan.chunks).count();
        let finished = u32::try_from(finished).ok().filter(|finished| *finished > 0)?;
        (finished * 2 >= self.plan.chunks).then(|| chunks_time / finished)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::media::parts::tests::version;

    const SECOND: Duration = Duration::from_secs(1);
    const NONE: [u32; 0] = [];

    fn running(part: u32, seconds: u32) -> Running {
        Running { part, elapsed: SECOND * seconds, sent_again: false }
    }

    /// The parts that are sent again, of a minute in ten chunks of which nine took 40 seconds each.
    fn late(one: Running) -> Vec<u32> {
        let version = version(true);
        assert_eq!(version.plan.chunks, 10);
        version.stragglers(&(1..10).collect(), SECOND * 9 * 40, [one])
    }

    #[test]
    fn a_chunk_is_late_after_three_times_what_the_others_took() {
        assert_eq!(late(running(0, 120)), NONE);
        assert_eq!(late(running(0, 121)), [0]);
    }

    #[test]
    fn it_is_sent_once_more_and_not_again_and_never_when_it_is_done() {
        assert_eq!(late(Running { sent_again: true, ..running(0, 900) }), NONE);
        assert_eq!(late(running(1, 900)), NONE);
        assert_eq!(late(running(99, 900)), NONE, "the plan has no such part");
    }

    #[test]
    fn small_shares_count_as_the_floor() {
        let version = version(true);
        let done: BTreeSet<u32> = (1..10).collect();
        let late = |seconds| version.stragglers(&done, SECOND * 9, [running(0, seconds)]);
        assert_eq!((late(60), late(61)), (vec![], vec![0]));
    }

    #[test]
    fn without_half_of_the_chunks_nothing_is_compared() {
        let version = version(true);
        let late = |done: BTreeSet<u32>| version.stragglers(&done, SECOND * 4, [running(9, 10_000)]);
        assert_eq!(late((0..4).collect()), NONE);
        assert_eq!(late((0..5).collect()), [9]);
        assert_eq!(late(BTreeSet::from([10, 11])), NONE, "sound and pictures are no chunks");
    }

    #[test]
    fn sound_and_pictures_have_a_share_of_the_playing_time() {
        let mut version = version(true);
        let done = BTreeSet::new();
        let all = |version: &VersionPlan, seconds| {
            version.stragglers(&done, Duration::ZERO, [running(10, seconds), running(11, seconds)])
        };
        assert_eq!((all(&version, 60), all(&version, 61)), (vec![], vec![10, 11]));
        version.plan.frames *= 60;
        assert_eq!(
            (all(&version, 540), all(&version, 541)),
            (vec![], vec![10, 11]),
            "three twentieths of an hour"
        );
    }

    proptest! {
        #[test]
        fn who_waits_longer_is_not_less_late(
            done in proptest::collection::btree_set(0u32..12, 0..12),
            total in 0u32..4_000, part in 0u32..14, elapsed in 0u32..1_000, more in 0u32..1_000,
        ) {
            let version = version(true);
            let late = |elapsed| version.stragglers(&done, SECOND * total, [running(part, elapsed)]);
            if !late(elapsed).is_empty() {
                prop_assert!(elapsed >= 60);
                prop_assert_eq!(late(elapsed + more), [part]);
            }
        }
    }
}
