//! What does not hold.

use std::fmt;

/// What must hold. The numbers are those of the specification of security and faults; 0 is what all others stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Every item is what its type says, under the keys that its content gives.
    Form = 0,
    /// Entries of the ledger sum to zero and never change; balances are their recount.
    Ledger = 1,
    /// An order is paid and not refunded, exactly where each of its lines has one place in its course.
    Places = 2,
    /// captured − refunded = creators + platform + tax + fees.
    Money = 3,
    /// The uses of a promo code are its records of uses, within its limits.
    Promos = 5,
    /// Each counter is the recount of what it counts.
    Counters = 6,
    /// One live subscription of a user, one live refresh token of a family, no more live plays than allowed.
    Live = 7,
    /// No state goes backwards.
    Forward = 9,
    /// The same idempotency key gives the same answer.
    SameAnswer = 11,
    /// What was answered is stored.
    Durable = 12,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Form => "every item is what its type says",
            Self::Ledger => "entries sum to zero, never change, and balances are their recount",
            Self::Places => "paid and not refunded, exactly where there is one place in the course",
            Self::Money => "captured - refunded = creators + platform + tax + fees",
            Self::Promos => "uses = records of uses, within the limits",
            Self::Counters => "each counter is the recount of what it counts",
            Self::Live => "one live subscription, one live refresh token, no more live plays than allowed",
            Self::Forward => "no state goes backwards",
            Self::SameAnswer => "the same idempotency key, the same answer",
            Self::Durable => "what was answered is stored",
        };
        write!(f, "{} ({what})", *self as u8)
    }
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What should hold.
    pub invariant: Invariant,
    /// The keys of what it is about.
    pub subject: String,
    /// What is stored, and what should be.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {}\n  {}: {}", self.invariant, self.subject, self.what)
    }
}

/// Writes findings of one invariant down.
pub(crate) struct Notes<'a> {
    pub(crate) invariant: Invariant,
    pub(crate) findings: &'a mut Vec<Finding>,
}

impl Notes<'_> {
    /// Something does not hold.
    pub(crate) fn note(&mut self, subject: impl fmt::Display, what: impl fmt::Display) {
        let (subject, what) = (subject.to_string(), what.to_string());
        self.findings.push(Finding { invariant: self.invariant, subject, what });
    }

    /// Something that should hold.
    pub(crate) fn demand(&mut self, holds: bool, subject: impl fmt::Display, what: impl fmt::Display) {
        if !holds {
            self.note(subject, what);
        }
    }

    /// Two things that should be the same.
    pub(crate) fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        subject: impl fmt::Display,
        what: &str,
        stored: T,
        expected: T,
    ) {
        if stored != expected {
            self.note(subject, format!("{what} is {stored:?}, should be {expected:?}"));
        }
    }
}
