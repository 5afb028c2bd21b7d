//! The creator's share of what is sold: 70 % unless a rule says otherwise (seed 003, RevenueShare.creator_share_percentage).

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::BasisPoints;

/// The share where no rule says otherwise.
pub const DEFAULT: BasisPoints = BasisPoints::from_percent(70);

/// A creator's share during some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShareRule {
    /// First moment of its time.
    pub from: Timestamp,
    /// The moment after its time; none is for ever.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// The creator's share.
    pub share_bp: BasisPoints,
}

/// The share of a creator with these rules at this moment. Of several rules the one that began last holds, of those that began
/// together the last in the list.
pub fn at(rules: &[ShareRule], now: Timestamp) -> BasisPoints {
    rules
        .iter()
        .filter(|rule| rule.from <= now && rule.until.is_none_or(|until| now < until))
        .max_by_key(|rule| rule.from)
        .map_or(DEFAULT, |rule| rule.share_bp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(from: &str, until: Option<&str>, share: u16) -> ShareRule {
        ShareRule {
            from: from.parse().unwrap(),
            until: until.map(|until| until.parse().unwrap()),
            share_bp: share.try_into().unwrap(),
        }
    }

    #[test]
    fn seventy_percent_unless_a_rule_holds_now() {
        let rules = [
            rule("2026-01-01T00:00:00Z", None, 7_500),
            rule("2026-03-01T00:00:00Z", Some("2026-04-01T00:00:00Z"), 9_000),
            rule("2026-03-01T00:00:00Z", Some("2026-03-02T00:00:00Z"), 10_000),
        ];
        for (now, share) in [
            ("2025-12-31T23:59:59Z", 7_000),
            ("2026-01-01T00:00:00Z", 7_500),
            ("2026-03-01T00:00:00Z", 10_000),
            ("2026-03-02T00:00:00Z", 9_000),
            ("2026-03-31T23:59:59Z", 9_000),
            ("2026-04-01T00:00:00Z", 7_500),
        ] {
            assert_eq!(at(&rules, now.parse().unwrap()).get(), share, "{now}");
        }
        assert_eq!(at(&[], Timestamp::UNIX_EPOCH), DEFAULT);
    }
}
