use std::fmt;

use serde::{Deserialize, Serialize};

/// An exact fraction: a frame rate in frames per second, a time base in seconds per tick, an aspect ratio.
///
/// Always reduced; the denominator is never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Rational {
    num: u32,
    den: u32,
}

#[derive(Serialize, Deserialize)]
struct Parts {
    num: u32,
    den: u32,
}

impl Rational {
    /// `num / den`, reduced; `None` when either is zero (none of the quantities above can be).
    pub const fn new(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        let g = gcd(num, den);
        Some(Self { num: num / g, den: den / g })
    }

    /// The integer `n`, with 0 taken as 1.
    pub const fn whole(n: u32) -> Self {
        Self { num: if n == 0 { 1 } else { n }, den: 1 }
    }

    /// Reads `30000/1001`, `16:9` or `25`, as ffprobe prints them; `0/0` and `N/A` are `None`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(['/', ':']) {
            Some((n, d)) => Self::new(n.trim().parse().ok()?, d.trim().parse().ok()?),
            None => Self::new(text.trim().parse().ok()?, 1),
        }
    }

    /// The closest fraction with denominator 1001 or 1000 to a positive, finite value.
    pub fn approximate(value: f64) -> Option<Self> {
        if !(value.is_finite() && (0.0005..4_000_000.0).contains(&value)) {
            return None;
        }
        [1, 1001, 1000]
            .into_iter()
            .filter_map(|den| Self::new((value * f64::from(den)).round() as u32, den))
            .min_by(|a, b| (a.value() - value).abs().total_cmp(&(b.value() - value).abs()))
    }

    /// The numerator.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// As a float, for display and for choices that need no exactness.
    pub fn value(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// `ticks × self`, rounded to the nearest integer, halves away from zero (as `av_rescale_q` rounds), in
    /// units of `1 / per_second`. With a time base as `self` this turns its ticks into another clock's.
    pub fn rescale(self, ticks: i64, per_second: Rational) -> i64 {
        let num = i128::from(ticks) * i128::from(self.num) * i128::from(per_second.num);
        let den = i128::from(self.den) * i128::from(per_second.den);
        let half = if num < 0 { -(den / 2) } else { den / 2 };
        i64::try_from((num + half) / den).unwrap_or(if num < 0 { i64::MIN } else { i64::MAX })
    }

    /// The inverse: a time base from a rate.
    pub const fn inverse(self) -> Self {
        Self { num: self.den, den: self.num }
    }

    /// Divided by a whole number (zero is taken as one).
    pub const fn divided_by(self, n: u32) -> Self {
        let g = gcd(self.num, if n == 0 { 1 } else { n });
        match self.den.checked_mul(if n == 0 { 1 } else { n } / g) {
            Some(den) => Self { num: self.num / g, den },
            None => self,
        }
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

impl TryFrom<Parts> for Rational {
    type Error = &'static str;

    fn try_from(p: Parts) -> Result<Self, Self::Error> {
        Self::new(p.num, p.den).ok_or("a fraction must have a numerator and a denominator above zero")
    }
}

impl From<Rational> for Parts {
    fn from(r: Rational) -> Self {
        Self { num: r.num, den: r.den }
    }
}
