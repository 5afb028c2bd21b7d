//! Courses that somebody would like to have: one item for each of them.

use domain::commerce::Currency;
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::cart::{Added, Cart, CartLine, with_line};
use crate::{
    Condition, Entity, Key, Position, Query, QueryPage, Store, StoreError, Table, TransactionError,
    from_item, transaction::wait_for_turn,
};

/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 20;

/// A course on a wish list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wish {
    /// Whose.
    pub user_id: Id<kinds::User>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Its title when it was added: shown where the course is gone.
    pub title: String,
    /// Its price when it was added, in minor units.
    pub price_minor: u64,
    /// Its currency.
    pub currency: Currency,
    /// When it was added.
    pub added_at: Timestamp,
}

impl Wish {
    /// What the sort keys of wishes begin with.
    const PREFIX: &'static str = "WISH#";

    /// The key of a wish.
    pub fn key_of(user: Id<kinds::User>, course: Id<kinds::Course>) -> Key {
        Key::new(super::partition_of_user(user), format!("{}{course}", Self::PREFIX))
    }
}

impl Entity for Wish {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "wish";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.course_id)
    }
}

/// The wish lists.
pub struct Wishes<'a>(&'a Store);

impl Store {
    /// The wish lists.
    pub fn wishes(&self) -> Wishes<'_> {
        Wishes(self)
    }
}

impl Wishes<'_> {
    /// Puts a course on the list; gives what is there when it was on it before. One write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add(&self, wish: &Wish) -> Result<Option<Wish>, StoreError> {
        self.0.put_new(wish).await
    }

    /// Takes a course off the list: one write. `false` when it was not on it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, user: Id<kinds::User>, course: Id<kinds::Course>) -> Result<bool, StoreError> {
        let taken: Option<Wish> = self.0.take_if(Wish::key_of(user, course), Condition::Exists).await?;
        Ok(taken.is_some())
    }

    /// A page of the list by the age of the courses: one query of the user's partition, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_user(
        &self,
        user: Id<kinds::User>,
        start: Option<Position>,
        limit: u32,
    ) -> Result<QueryPage<Wish>, StoreError> {
        let query = Query::partition(super::partition_of_user(user)).prefix(Wish::PREFIX);
        self.0.window(query.backward().after(start), 0, limit).await
    }

    /// Moves a course from the list into the cart `known` in one transaction; only takes it off the list where the cart has it already. One
    /// write, and two calls more for each change of the cart that was faster.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others change the cart that this one finds no gap.
    pub async fn move_to_cart(
        &self,
        mut known: Cart,
        line: &CartLine,
        now: Timestamp,
    ) -> Result<Added, StoreError> {
        let user = known.user_id;
        let wish = Wish::key_of(user, line.course_id);
        for round in 0..ROUNDS {
            let after = match with_line(&known, line, now) {
                Ok(after) => after,
                Err(Added::Already(there)) => {
                    self.0.delete(Table::Commerce, wish).await?;
                    return Ok(Added::Already(there));
                }
                Err(refused) => return Ok(refused),
            };
            let transaction = self.0.transaction().put_when("cart", &after, Some(known.unchanged())).delete(
                "wish",
                Table::Commerce,
                wish.clone(),
                None,
            );
            match transaction.commit().await {
                Ok(()) => return Ok(Added::Done(line.clone())),
                Err(TransactionError::Failed { item, .. }) => {
                    wait_for_turn(round).await;
                    known = match item {
                        Some(item) => from_item(*item)?,
                        None => Cart::empty(user, now),
                    };
                }
                Err(TransactionError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
