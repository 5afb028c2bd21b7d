//! A session as the family of its refresh tokens: each token is exchanged for the next one once, and one that comes again ends
//! the family, since it is then in two hands (RFC 9700, 4.14.2). The store does the same in one conditional write; this is the
//! model that its tests compare it with.

use kernel::{SignedDuration, Timestamp};

/// Life of a refresh token (seed 000): 7 days from the last refresh.
pub const REFRESH_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The refresh tokens of one login. At most one of them is live at a time (invariant 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// How often it was refreshed.
    pub generation: u32,
    /// SHA-256 of the live token.
    pub live_hash: String,
    /// When the live token stops working.
    pub valid_until: Timestamp,
    /// When the family was ended, by a logout or a replay.
    pub revoked_at: Option<Timestamp>,
}

/// What became of a token that was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// It was the live one; its successor is the live one now.
    Rotated,
    /// It was not the live one: a replay. The family has ended, and the owner is to be told.
    Reused,
    /// The family has ended or expired: nothing changes.
    Gone,
}

impl Family {
    /// The family that a login begins.
    pub fn begin(first_hash: String, now: Timestamp) -> Self {
        Self { generation: 0, live_hash: first_hash, valid_until: life_from(now), revoked_at: None }
    }

    /// Whether its live token works.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.valid_until
    }

    /// Somebody presents a token; `next_hash` is that of the successor which he gets if it is the live one.
    pub fn present(&mut self, hash: &str, next_hash: &str, now: Timestamp) -> Presented {
        if !self.is_live(now) {
            return Presented::Gone;
        }
        if self.live_hash != hash {
            self.end(now);
            return Presented::Reused;
        }
        next_hash.clone_into(&mut self.live_hash);
        self.generation = self.generation.saturating_add(1);
        self.valid_until = life_from(now);
        Presented::Rotated
    }

    /// Ends the family; the first end counts.
    pub fn end(&mut self, now: Timestamp) {
        self.revoked_at.get_or_insert(now);
    }
}

fn life_from(now: Timestamp) -> Timestamp {
    now.checked_add(REFRESH_LIFE).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_replay_ends_the_family() {
        let mut family = Family::begin("a".into(), at(0));
        assert_eq!(family.present("a", "b", at(1)), Presented::Rotated);
        assert_eq!(family.present("a", "c", at(2)), Presented::Reused);
        assert_eq!(family.present("b", "d", at(3)), Presented::Gone, "the honest successor is dead too");
        assert_eq!((family.generation, family.revoked_at), (1, Some(at(2))));
    }

    #[test]
    fn a_token_works_for_seven_days_from_the_last_refresh() {
        let week = 7 * 86_400;
        let mut family = Family::begin("a".into(), at(0));
        assert!(!family.is_live(at(week)));
        assert_eq!(family.present("a", "b", at(week - 1)), Presented::Rotated);
        assert_eq!(family.present("b", "c", at(2 * week - 2)), Presented::Rotated);
        assert_eq!(family.present("c", "d", at(3 * week)), Presented::Gone);
        assert_eq!(family.revoked_at, None, "an expired token that comes again is no attack");
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// Presents the token that was handed out as the n-th, counted from the newest.
        Present(usize),
        Guess,
        LogOut,
        Wait(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => Just(Step::Present(0)),
            2 => (1..5usize).prop_map(Step::Present),
            1 => Just(Step::Guess),
            1 => Just(Step::LogOut),
            3 => (0..500_000i64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn each_token_is_exchanged_once_and_nothing_outlives_the_end(steps in prop::collection::vec(step(), 1..60)) {
            let mut handed_out = vec!["token-0".to_owned()];
            let mut family = Family::begin(handed_out[0].clone(), at(0));
            let mut exchanged = std::collections::BTreeSet::new();
            let mut now = 0;
            for step in steps {
                let token = match step {
                    Step::Wait(seconds) => { now += seconds; continue }
                    Step::LogOut => { family.end(at(now)); continue }
                    Step::Guess => "guess".to_owned(),
                    Step::Present(back) => handed_out[handed_out.len().saturating_sub(back + 1)].clone(),
                };
                let before = family.clone();
                let next = format!("token-{}", handed_out.len());
                match family.present(&token, &next, at(now)) {
                    Presented::Rotated => {
                        prop_assert!(before.is_live(at(now)) && before.live_hash == token);
                        prop_assert!(exchanged.insert(token), "a token was exchanged twice");
                        prop_assert_eq!(family.generation, before.generation + 1);
                        handed_out.push(next);
                    }
                    Presented::Reused => prop_assert!(before.is_live(at(now)) && !family.is_live(at(now))),
                    Presented::Gone => {
                        prop_assert!(!before.is_live(at(now)));
                        prop_assert_eq!(&family, &before);
                    }
                }
            }
        }
    }
}
