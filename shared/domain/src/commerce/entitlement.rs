//! Why a student may take a course: all the sources of his right to it, so that losing one never takes away another.

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::enrollment::EnrollmentStatus;

/// Name of a source. As text it is the key of the enrolment's map: `ORDER#{order}`, `PLAN`, `FREE`, `ADMIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKey {
    /// A paid order.
    Order(Id<kinds::Order>),
    /// The student's plan covers the course.
    Plan,
    /// The course was free.
    Free,
    /// An admin gave it.
    Admin,
}

/// The text names no source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be ORDER#{{id}}, PLAN, FREE or ADMIN")]
pub struct InvalidSource;

impl fmt::Display for SourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(order) => write!(f, "ORDER#{order}"),
            Self::Plan => f.write_str("PLAN"),
            Self::Free => f.write_str("FREE"),
            Self::Admin => f.write_str("ADMIN"),
        }
    }
}

impl FromStr for SourceKey {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        match text {
            "PLAN" => Ok(Self::Plan),
            "FREE" => Ok(Self::Free),
            "ADMIN" => Ok(Self::Admin),
            _ => {
                let order = text.strip_prefix("ORDER#").ok_or(InvalidSource)?;
                order.parse().map(Self::Order).map_err(|_| InvalidSource)
            }
        }
    }
}

impl Serialize for SourceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for SourceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A source of a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Since when.
    pub granted_at: Timestamp,
    /// Line of the order that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<Id<kinds::OrderItem>>,
}

/// The sources of one enrolment. An enrolment of the time before there were prices has no such map: it counts as [`Sources::free`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sources(pub BTreeMap<SourceKey, Source>);

impl Sources {
    /// The one source.
    pub fn of(key: SourceKey, source: Source) -> Self {
        Self(BTreeMap::from([(key, source)]))
    }

    /// Those of an enrolment that was stored without them.
    pub fn free() -> Self {
        Self::of(SourceKey::Free, Source { granted_at: Timestamp::UNIX_EPOCH, item_id: None })
    }

    /// Adds a source. One that is there stays as it is: false.
    pub fn grant(&mut self, key: SourceKey, source: Source) -> bool {
        let new = !self.0.contains_key(&key);
        self.0.entry(key).or_insert(source);
        new
    }

    /// Takes a source away. False if it was not there.
    pub fn revoke(&mut self, key: SourceKey) -> bool {
        self.0.remove(&key).is_some()
    }

    /// Whether there is none: the enrolment has expired.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing but a plan gives the right: it goes with the plan, and comes back with the next one.
    pub fn is_plan_alone(&self) -> bool {
        self.0.len() == 1 && self.0.contains_key(&SourceKey::Plan)
    }

    /// Whether some source is valid now. Orders, free courses and gifts always are; the plan is while it covers the course.
    pub fn give_access(&self, plan_covers: bool) -> bool {
        self.0.keys().any(|key| *key != SourceKey::Plan || plan_covers)
    }
}

/// Whether a student need not buy a course that he is or was enrolled in: he may take it, for good, and not by his plan alone. After a
/// refund or the end of a plan he may buy it again.
pub fn is_owned(status: EnrollmentStatus, expiry: Option<Timestamp>, sources: &Sources) -> bool {
    let lives = matches!(status, EnrollmentStatus::Active | EnrollmentStatus::Completed);
    lives && expiry.is_none() && sources.give_access(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(last: char) -> SourceKey {
        format!("ORDER#01933b7a-3c5e-7000-8000-4f2d1c9a7b1{last}").parse().unwrap()
    }

    fn source() -> Source {
        Source { granted_at: "2026-06-01T00:00:00Z".parse().unwrap(), item_id: None }
    }

    #[test]
    fn losing_one_source_never_takes_away_another() {
        let all = [order('0'), order('1'), SourceKey::Plan, SourceKey::Free, SourceKey::Admin];
        for lost in all {
            let mut sources = Sources::default();
            for key in all {
                assert!(sources.grant(key, source()));
            }
            assert!(sources.revoke(lost) && !sources.revoke(lost));
            assert_eq!(
                sources.0.keys().copied().collect::<Vec<_>>(),
                all.into_iter().filter(|key| *key != lost).collect::<Vec<_>>()
            );
            assert!(sources.give_access(false));
        }
    }

    #[test]
    fn a_plan_gives_access_while_it_covers_the_course_and_the_others_always() {
        for (key, covered, access) in [
            (SourceKey::Plan, true, true),
            (SourceKey::Plan, false, false),
            (order('0'), false, true),
            (SourceKey::Free, false, true),
            (SourceKey::Admin, false, true),
        ] {
            assert_eq!(Sources::of(key, source()).give_access(covered), access, "{key} {covered}");
        }
        let mut bought = Sources::of(SourceKey::Plan, source());
        assert!(bought.is_plan_alone());
        bought.grant(order('0'), source());
        assert!(!bought.is_plan_alone() && bought.give_access(false), "what was bought stays");
        assert!(!Sources::free().is_plan_alone() && !Sources::default().is_plan_alone());
        assert!(!Sources::default().give_access(true), "no source, no access");
        assert!(Sources::free().give_access(false), "enrolments from before there were prices");
    }

    #[test]
    fn what_has_ended_or_is_lent_can_be_bought() {
        use EnrollmentStatus::{Active, Completed, Expired, Suspended};
        let (order, plan) = (Sources::of(order('0'), source()), Sources::of(SourceKey::Plan, source()));
        let mut both = plan.clone();
        both.grant(SourceKey::Free, source());
        let day = Some(Timestamp::MAX);
        for (status, expiry, sources, owned) in [
            (Active, None, &order, true),
            (Completed, None, &order, true),
            (Active, None, &both, true),
            (Active, None, &plan, false),
            (Active, day, &order, false),
            (Active, None, &Sources::default(), false),
            (Expired, None, &order, false),
            (Suspended, None, &order, false),
        ] {
            assert_eq!(is_owned(status, expiry, sources), owned, "{status} {expiry:?} {sources:?}");
        }
    }

    #[test]
    fn a_source_that_comes_again_keeps_its_time() {
        let mut sources = Sources::of(order('0'), source());
        assert!(!sources.grant(order('0'), Source { granted_at: Timestamp::UNIX_EPOCH, item_id: None }));
        assert_eq!(sources, Sources::of(order('0'), source()));
        sources.revoke(order('0'));
        assert!(sources.is_empty());
    }

    #[test]
    fn keys_are_text_in_storage() {
        let sources = Sources(BTreeMap::from([(order('0'), source()), (SourceKey::Plan, source())]));
        let json = serde_json::to_string(&sources).unwrap();
        assert_eq!(
            json,
            r#"{"ORDER#01933b7a-3c5e-7000-8000-4f2d1c9a7b10":{"granted_at":"2026-06-01T00:00:00Z"},"PLAN":{"granted_at":"2026-06-01T00:00:00Z"}}"#
        );
        assert_eq!(serde_json::from_str::<Sources>(&json).unwrap(), sources);
        for text in ["ORDER#", "ORDER#1", "plan", "GIFT", ""] {
            assert!(text.parse::<SourceKey>().is_err(), "{text}");
        }
    }
}
