//! How many passwords somebody may try, so that guessing is slow and yet nobody is kept out of his own account.
//!
//! Two counts work together. The failures of a pair of account and [`Source`] lock that pair (seeds 000 and 003). The failures
//! of an account from all sources delay what comes from unknown devices. A device on which the account was used before has a
//! count of its own and no delay: a stranger can't lock the owner out of it.
//!
//! A try is counted before its password is looked at, and forgotten when the password was right. Otherwise racers would all
//! be let through before the first of them is counted.

use std::net::IpAddr;

use kernel::{Id, SignedDuration, Timestamp, id::kinds};

/// Failures of an account from one source until it is locked there (seed 000, User).
pub const MAX_FAILURES: u32 = 5;
/// How long it is locked there, and how long failures are remembered (seed 000, `lock_account`).
pub const LOCK: SignedDuration = SignedDuration::from_mins(30);
/// Failures of an account, from anywhere, that delay nobody.
pub const FREE_FAILURES: u32 = 10;
/// The longest delay for unknown devices.
pub const MAX_DELAY: SignedDuration = SignedDuration::from_mins(15);
/// How long an account's failures are remembered after the last of them.
pub const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// From where somebody tries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A device on which this account was used before, told by its cookie.
    Device(Id<kinds::Device>),
    /// Any other: the network, as [`network_of`] names it.
    Network(String),
}

impl Source {
    /// The source of a try from `ip`, on a device that this account has used before or on none.
    pub fn new(known_device: Option<Id<kinds::Device>>, ip: &str) -> Self {
        known_device.map_or_else(|| Self::Network(network_of(ip)), Self::Device)
    }

    /// A name that no other source has.
    pub fn key(&self) -> String {
        match self {
            Self::Device(id) => format!("DEVICE#{id}"),
            Self::Network(network) => format!("NETWORK#{network}"),
        }
    }
}

/// The network that counts as one source: an IPv4 address, or the /64 of an IPv6 address, of which one host has 2^64 (RFC 4291,
/// 2.5.4). Whatever is no address counts as one source together.
pub fn network_of(ip: &str) -> String {
    match ip.trim().parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V4(ip)) => ip.to_string(),
        Ok(IpAddr::V6(ip)) => {
            let prefix = u128::from(ip) & !u128::from(u64::MAX);
            format!("{}/64", std::net::Ipv6Addr::from(prefix))
        }
        Err(_) => "unknown".to_owned(),
    }
}

/// Whether a password may be tried now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// It may not yet.
    Locked {
        /// The time until it may, longer than zero.
        retry_after: SignedDuration,
    },
}

impl Verdict {
    fn until(end: Timestamp, now: Timestamp) -> Self {
        if now < end { Self::Locked { retry_after: end.duration_since(now) } } else { Self::Allowed }
    }

    /// Both must allow it; the longer time counts.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Locked { retry_after: a }, Self::Locked { retry_after: b }) => {
                Self::Locked { retry_after: a.max(b) }
            }
            (Self::Allowed, other) | (other, Self::Allowed) => other,
        }
    }
}

/// The failures of an account from one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How many since they were last forgotten.
    pub count: u32,
    /// When they are forgotten: [`LOCK`] after the last.
    pub reset_at: Timestamp,
}

impl Attempts {
    /// Whether another try from this source may be made.
    pub fn verdict(self, now: Timestamp) -> Verdict {
        if self.count < MAX_FAILURES { Verdict::Allowed } else { Verdict::until(self.reset_at, now) }
    }

    /// The failures after one more at `now`. The clocks of two servers may differ: the end never moves back.
    #[must_use]
    pub fn after_failure(before: Option<Self>, now: Timestamp) -> Self {
        let end = later(now, LOCK);
        match before {
            Some(before) if now < before.reset_at => {
                Self { count: before.count.saturating_add(1), reset_at: before.reset_at.max(end) }
            }
            _ => Self { count: 1, reset_at: end },
        }
    }

    /// Whether the failure that led to this state locked the source: the one moment to tell the owner.
    pub fn has_just_locked(self) -> bool {
        self.count == MAX_FAILURES
    }
}

/// The failures of an account from all sources that are not devices of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// How many since they were last forgotten.
    pub failures: u32,
    /// The last one.
    pub last_at: Timestamp,
}

impl Pressure {
    /// Whether an unknown device may try now.
    pub fn verdict(self, now: Timestamp) -> Verdict {
        Verdict::until(later(self.last_at, delay_after(self.failures)), now)
    }

    /// The failures after one more at `now`.
    #[must_use]
    pub fn after_failure(before: Option<Self>, now: Timestamp) -> Self {
        match before {
            Some(before) if now < later(before.last_at, MEMORY) => {
                Self { failures: before.failures.saturating_add(1), last_at: before.last_at.max(now) }
            }
            _ => Self { failures: 1, last_at: now },
        }
    }
}

/// How long an unknown device waits after the last of so many failures of an account: not at all up to [`FREE_FAILURES`], then a
/// second that doubles with each, at most [`MAX_DELAY`].
pub fn delay_after(failures: u32) -> SignedDuration {
    match failures.checked_sub(FREE_FAILURES) {
        None | Some(0) => SignedDuration::ZERO,
        Some(over) => {
            let seconds = 1_i64.checked_shl(over - 1).filter(|seconds| *seconds > 0).unwrap_or(i64::MAX);
            SignedDuration::from_secs(seconds).min(MAX_DELAY)
        }
    }
}

/// Whether a try from `source` may be made: `here` are the failures of the account from this source, `everywhere` those from all
/// unknown ones, which do not concern a known device.
pub fn verdict(
    source: &Source,
    here: Option<Attempts>,
    everywhere: Option<Pressure>,
    now: Timestamp,
) -> Verdict {
    let here = here.map_or(Verdict::Allowed, |here| here.verdict(now));
    match source {
        Source::Device(_) => here,
        Source::Network(_) => here.and(everywhere.map_or(Verdict::Allowed, |all| all.verdict(now))),
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn device() -> Source {
        Source::new(Some("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap()), "203.0.113.9")
    }

    /// One account and what is counted of it.
    #[derive(Default)]
    struct Account {
        here: HashMap<String, Attempts>,
        everywhere: Option<Pressure>,
    }

    impl Account {
        /// A try with a wrong password; whether it was let through.
        fn fails(&mut self, source: &Source, now: Timestamp) -> bool {
            let here = self.here.get(&source.key()).copied();
            if verdict(source, here, self.everywhere, now) != Verdict::Allowed {
                return false;
            }
            self.here.insert(source.key(), Attempts::after_failure(here, now));
            if matches!(source, Source::Network(_)) {
                self.everywhere = Some(Pressure::after_failure(self.everywhere, now));
            }
            true
        }
    }

    #[test]
    fn five_failures_lock_for_half_an_hour() {
        let mut account = Account::default();
        let source = Source::new(None, "203.0.113.9");
        for second in 0..5 {
            assert!(account.fails(&source, at(second)));
        }
        let here = account.here[&source.key()];
        assert!(here.has_just_locked());
        assert_eq!(here.verdict(at(5)), Verdict::Locked { retry_after: SignedDuration::from_secs(1799) });
        assert_eq!(here.verdict(at(4 + 1799)), Verdict::Locked { retry_after: SignedDuration::from_secs(1) });
        assert_eq!(here.verdict(at(4 + 1800)), Verdict::Allowed);
        assert_eq!(Attempts::after_failure(Some(here), at(4 + 1800)).count, 1);
        assert!(
            account.fails(&Source::new(None, "203.0.113.10"), at(6)),
            "another network is another source"
        );
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_64() {
        for (ip, network) in [
            ("203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9 ", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
            ("", "unknown"),
            ("203.0.113.9:443", "unknown"),
        ] {
            assert_eq!(network_of(ip), network, "{ip}");
        }
    }

    #[test]
    fn the_delay_doubles_from_the_eleventh_failure() {
        let seconds = |failures| delay_after(failures).as_secs();
        assert_eq!(
            [0, 10, 11, 12, 13, 20, 21, 1000, u32::MAX].map(seconds),
            [0, 0, 1, 2, 4, 512, 900, 900, 900]
        );
    }

    #[test]
    fn failures_are_forgotten_after_a_quiet_day() {
        let pressure = Pressure { failures: 40, last_at: at(0) };
        assert_eq!(Pressure::after_failure(Some(pressure), at(86_399)).failures, 41);
        assert_eq!(Pressure::after_failure(Some(pressure), at(86_400)).failures, 1);
    }

    /// A try: which source, and how many seconds pass (or go back, where clocks differ) before it.
    fn tries() -> impl Strategy<Value = Vec<(u8, i64)>> {
        let step = prop_oneof![4 => 0..20i64, 2 => 0..1000i64, 1 => 1700..1900i64, 1 => -300..0i64];
        prop::collection::vec((0..4u8, step), 1..200)
    }

    #[test]
    fn of_ten_thousand_guesses_in_a_day_a_hundred_or_so_are_looked_at() {
        // Spread evenly, from as many networks: spec 09, row 17.
        let (mut account, mut looked_at) = (Account::default(), 0);
        for number in 0..10_000 {
            let source = Source::new(None, &format!("2001:db8:0:{number:x}::1"));
            looked_at += u32::from(account.fails(&source, at(number * 86_400 / 10_000)));
        }
        assert!((90..=10 + 10 + 96).contains(&looked_at), "{looked_at}");
        assert_eq!(verdict(&device(), None, account.everywhere, at(86_400)), Verdict::Allowed);
    }

    proptest! {
        #[test]
        fn no_source_gets_more_than_five_tries_in_half_an_hour(tries in tries(), with_device: bool) {
            let mut account = Account::default();
            let mut admitted: HashMap<String, Vec<i64>> = HashMap::new();
            let mut second = 0;
            for (number, step) in tries {
                second += step;
                let source = if with_device && number == 0 { device() } else { Source::new(None, &format!("203.0.113.{number}")) };
                if account.fails(&source, at(second)) {
                    // By the clock that is ahead of the others: a server whose clock is behind takes no time back.
                    let times = admitted.entry(source.key()).or_default();
                    times.push(times.last().map_or(second, |last| second.max(*last)));
                }
            }
            for times in admitted.values() {
                for six in times.windows(6) {
                    prop_assert!(six[5] - six[0] >= LOCK.as_secs(), "{:?}", six);
                }
            }
        }

        #[test]
        fn a_stranger_never_locks_a_known_device(tries in tries()) {
            let mut account = Account::default();
            let mut second = 0;
            for (number, step) in tries {
                second += step;
                account.fails(&Source::new(None, &format!("203.0.113.{number}")), at(second));
                let owner = device();
                let here = account.here.get(&owner.key()).copied();
                prop_assert_eq!(verdict(&owner, here, account.everywhere, at(second)), Verdict::Allowed);
            }
        }

        #[test]
        fn the_delay_never_falls_and_is_capped(failures: u32) {
            prop_assert!(delay_after(failures) <= delay_after(failures.saturating_add(1)));
            prop_assert!(delay_after(failures) <= MAX_DELAY);
        }

        #[test]
        fn a_stranger_with_any_number_of_networks_guesses_slowly(steps in prop::collection::vec(0..30i64, 1..400)) {
            let mut account = Account::default();
            let (mut second, mut admitted) = (0, Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                second += step;
                if account.fails(&Source::new(None, &format!("2001:db8:0:{number:x}::1")), at(second)) {
                    admitted.push(second);
                }
            }
            // Ten at once, ten more within 1,023 seconds, then one in 15 minutes.
            for (number, pair) in admitted.windows(2).enumerate() {
                let failures = u32::try_from(number).unwrap() + 1;
                prop_assert!(pair[1] - pair[0] >= delay_after(failures).as_secs());
            }
        }

        #[test]
        fn who_waits_as_long_as_he_is_told_is_let_in(count in 0..40u32, failures in 0..40u32, last in 0..4000i64, now in 0..4000i64) {
            let source = Source::new(None, "203.0.113.9");
            let here = Some(Attempts { count, reset_at: at(last) + LOCK });
            let everywhere = Some(Pressure { failures, last_at: at(last) });
            if let Verdict::Locked { retry_after } = verdict(&source, here, everywhere, at(now)) {
                prop_assert!(retry_after > SignedDuration::ZERO);
                prop_assert_eq!(verdict(&source, here, everywhere, at(now) + retry_after), Verdict::Allowed);
            }
        }
    }
}
