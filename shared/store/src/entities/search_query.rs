//! What visitors search for, and what is searched for often (seed 003, SearchQuery and PopularSearch).
//!
//! Of who searches, the id of the account is kept at most: no network address, no device, no session. Words that people type may tell
//! of them, so a search is forgotten after [`KEPT`], and nothing is shown to others that was not searched for several times.

use std::collections::HashMap;

use futures::future::try_join_all;
use kernel::{Id, SignedDuration, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Condition, Entity, IndexKey, Key, Query, Store, StoreError, Table, Update, from_item};

/// How long a search is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long the counts of a day are kept: a month and what a roll-up may be late.
const COUNTS_KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);
/// Days that make a popular search (seed 003, PopularSearch.weekly_count).
const DAYS: i64 = 7;
/// Searches of a day that are looked at for the popular ones.
const LEADERS: u32 = 50;
/// Fewest searches in those days of what is shown to everybody.
pub const SHOWN_FROM: u64 = 3;

/// One search.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SearchQuery {
    /// Identifier.
    pub id: Id<kinds::Search>,
    /// Who searched, where he is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Id<kinds::User>>,
    /// As it was typed.
    pub query: String,
    /// The form in which equal searches are counted together.
    pub normalized_query: String,
    /// How much was found.
    pub result_count: u64,
    /// Kind of what was chosen of the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicked_kind: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicked_id: Option<String>,
    /// Its place among the results, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_position: Option<u32>,
    /// When.
    pub created_at: Timestamp,
}

impl SearchQuery {
    fn key_of(id: Id<kinds::Search>) -> Key {
        Key::new(format!("SEARCH#{id}"), "SEARCH")
    }

    /// The partition of index 1 that lists a user's searches.
    pub(crate) fn of_user(user: Id<kinds::User>) -> String {
        format!("SEARCHER#{user}")
    }
}

impl Entity for SearchQuery {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "search_query";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }

    fn index_keys(&self) -> Vec<IndexKey> {
        let place = |user| IndexKey::new(1, Self::of_user(user), self.id.to_string());
        self.user_id.map(place).into_iter().collect()
    }

    fn expires_at(&self) -> Option<i64> {
        Some((self.created_at + KEPT).as_second())
    }
}

/// How often something was searched for on one day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PopularSearch {
    /// The day, in UTC: `2026-06-01`.
    pub day: String,
    /// What, in its normal form.
    pub query: String,
    /// Searches that found something.
    #[serde(default)]
    pub search_count: u64,
    /// Searches of which a result was chosen.
    #[serde(default)]
    pub click_count: u64,
    /// The last search.
    pub last_searched_at: Timestamp,
}

impl PopularSearch {
    fn day_of(at: Timestamp) -> String {
        at.strftime("%Y-%m-%d").to_string()
    }

    fn partition(day: &str) -> String {
        format!("POPULAR#{day}")
    }

    fn key_of(day: &str, query: &str) -> Key {
        Key::new(Self::partition(day), format!("QUERY#{query}"))
    }
}

impl Entity for PopularSearch {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "popular_search";

    fn key(&self) -> Key {
        Self::key_of(&self.day, &self.query)
    }
}

/// Whether a count moves its item in the list of its day: with every change of its first two digits, so that the most searched cost
/// one write more for every ten, hundred, … searches, and the order is right within a tenth.
fn moves(count: u64) -> bool {
    let step = 10_u64.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    count.is_multiple_of(step)
}

/// What became of a click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clicked {
    /// It is noted.
    Noted,
    /// One was noted before; that one stays.
    Before,
    /// The caller has made no such search, or it is forgotten.
    Unknown,
}

/// A choice among the results of a search.
#[derive(Clone, Debug)]
pub struct Click {
    /// The search.
    pub search: Id<kinds::Search>,
    /// Who chose.
    pub user: Option<Id<kinds::User>>,
    /// Kind of what was chosen.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its place among the results, from 1.
    pub position: u32,
}

/// The searches.
pub struct Searches<'a>(&'a Store);

impl Store {
    /// The searches.
    pub fn searches(&self) -> Searches<'_> {
        Searches(self)
    }
}

impl Searches<'_> {
    /// Keeps a search. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, search: &SearchQuery) -> Result<(), StoreError> {
        self.0.put(search).await
    }

    /// Counts a search that found something. One write, and a second one where its place among the day's changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count(&self, query: &str, now: Timestamp) -> Result<(), StoreError> {
        let day = PopularSearch::day_of(now);
        let key = PopularSearch::key_of(&day, query);
        let update = Update::upsert::<PopularSearch>(key.clone())
            .set("day", &day)
            .set("query", query)
            .set("last_searched_at", now)
            .set("expires_at", (now + COUNTS_KEPT).as_second())
            .add("search_count", 1);
        let counted: PopularSearch = from_item(self.0.update(update).await?)?;
        let count = counted.search_count;
        if !moves(count) {
            return Ok(());
        }
        // Fixed width, so that text order is the order of numbers. Of two at once the higher one stays.
        let place = format!("{count:012}");
        let higher = Condition::HasNot("gsi1sk").or(Condition::compare("gsi1sk", "<", &place));
        let update = Update::of::<PopularSearch>(key)
            .set("gsi1pk", PopularSearch::partition(&day))
            .set("gsi1sk", place)
            .when(Condition::Exists)
            .when(higher);
        match self.0.update(update).await {
            Ok(_) | Err(StoreError::ConditionFailed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Notes which result was chosen, for a search of this caller or of nobody, once. Two writes at most.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn click(&self, click: &Click) -> Result<Clicked, StoreError> {
        let nobodys = Condition::HasNot("user_id");
        let his = match click.user {
            Some(user) => nobodys.or(Condition::equals("user_id", user)),
            None => nobodys,
        };
        let update = Update::of::<SearchQuery>(SearchQuery::key_of(click.search))
            .set("clicked_kind", &click.kind)
            .set("clicked_id", &click.id)
            .set("click_position", click.position)
            .when(Condition::Exists)
            .when(Condition::HasNot("clicked_id"))
            .when(his);
        let search: SearchQuery = match self.0.update(update).await {
            Ok(item) => from_item(item)?,
            Err(StoreError::ConditionFailed(Some(item))) => {
                let found: SearchQuery = from_item(*item)?;
                let his = found.user_id.is_none() || found.user_id == click.user;
                return Ok(if his { Clicked::Before } else { Clicked::Unknown });
            }
            Err(StoreError::ConditionFailed(None)) => return Ok(Clicked::Unknown),
            Err(error) => return Err(error),
        };
        let key = PopularSearch::key_of(&PopularSearch::day_of(search.created_at), &search.normalized_query);
        let count = Update::of::<PopularSearch>(key).add("click_count", 1).when(Condition::Exists);
        match self.0.update(count).await {
            Ok(_) | Err(StoreError::ConditionFailed(_)) => Ok(Clicked::Noted),
            Err(error) => Err(error),
        }
    }

    /// What was searched for most in the last seven days, today included, with its searches; at least [`SHOWN_FROM`] times. A query
    /// for each day, all at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn popular(&self, now: Timestamp, limit: usize) -> Result<Vec<(String, u64)>, StoreError> {
        let day = |back: i64| PopularSearch::day_of(now - SignedDuration::from_hours(24 * back));
        let leaders = |back| {
            let query = Query::index(1, PopularSearch::partition(&day(back))).backward().limit(LEADERS);
            self.0.query::<PopularSearch>(query)
        };
        let mut counts: HashMap<String, u64> = HashMap::new();
        for page in try_join_all((0..DAYS).map(leaders)).await? {
            for search in page.items {
                *counts.entry(search.query).or_default() += search.search_count;
            }
        }
        let mut popular: Vec<_> = counts.into_iter().filter(|(_, count)| *count >= SHOWN_FROM).collect();
        popular.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        popular.truncate(limit);
        Ok(popular)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_moves_with_its_first_two_digits() {
        assert!((1..=100).all(moves));
        assert!(!moves(101) && moves(110) && !moves(1_010) && moves(1_100) && moves(5_000_000));
        assert!((1..=1_000).filter(|count| moves(*count)).count() < 200);
    }
}
