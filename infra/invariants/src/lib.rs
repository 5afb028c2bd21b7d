//! What must hold in everything that is stored, whatever was lost, doubled, late or killed (docs/money.md, "How it is checked").
//!
//! [`check`] reads every table page by page, with Scan, which nothing else may do, into plain lists ([`Books`]) and holds them against the
//! invariants: pure functions over the lists, one module each. [`since`] compares two readings: what may never change has not, and nothing
//! went backwards. They run after the system test suite, in component tests, and by `make check-invariants`.
//!
//! The lists of a reading are in memory at once: it is for stacks of tests and of one machine, not for an archive of years.

mod books;
mod checks;
mod finding;

use kernel::{SignedDuration, Timestamp};
use store::{Store, StoreError};

pub use books::Books;
pub use checks::since::since;
pub use finding::{Finding, Invariant};

/// What the stored items alone do not say.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The time.
    pub now: Timestamp,
    /// Live plays that a user may have at once (template parameter MaxSessions).
    pub max_sessions: usize,
    /// How long the reader of the ledger's stream may take to add a set to the balances; none where nothing reads the stream, as in most
    /// component tests.
    pub posting_time: Option<SignedDuration>,
}

impl Circumstances {
    /// Those of a component test: the stream is read by the test, or by nobody.
    pub const fn of_test(now: Timestamp) -> Self {
        Self { now, max_sessions: 3, posting_time: None }
    }
}

/// Reads all tables and gives what does not hold.
///
/// # Errors
/// [`StoreError`] when a table can't be read.
pub async fn check(store: &Store, circumstances: &Circumstances) -> Result<Vec<Finding>, StoreError> {
    Ok(examine(&Books::read(store).await?, circumstances))
}

/// What does not hold in a reading, in the order of the invariants.
pub fn examine(books: &Books, circumstances: &Circumstances) -> Vec<Finding> {
    let mut findings = books.unreadable.clone();
    checks::ledger::check(books, circumstances, &mut findings);
    checks::places::check(books, circumstances.now, &mut findings);
    checks::money::check(books, &mut findings);
    checks::subscriptions::check(books, &mut findings);
    checks::promos::check(books, &mut findings);
    checks::tags::check(books, &mut findings);
    checks::learning::check(books, &mut findings);
    checks::live::check(books, circumstances, &mut findings);
    checks::forward::check(books, &mut findings);
    checks::answers::check(books, &mut findings);
    findings.sort();
    findings
}
