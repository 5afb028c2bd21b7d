//! What somebody means to buy (seed 001 §3.2, §4.4): one item for each user.

use std::collections::BTreeSet;

use domain::commerce::{Currency, PromoCode, order::LINES_MAX};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use crate::{Condition, Consistency, Entity, Key, Store, StoreError, Table, transaction::wait_for_turn};

/// Rounds of reading and writing until a change that races others gives up.
const ROUNDS: u32 = 20;

/// A course in a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Identifier.
    pub id: Id<kinds::CartItem>,
    /// The course.
    pub course_id: Id<kinds::Course>,
    /// Who teaches it; that never changes.
    pub instructor_id: Id<kinds::User>,
    /// Its title when it was added: shown where the course is gone.
    pub title: String,
    /// Its price when it was added, in minor units: shown, never charged.
    pub price_minor: u64,
    /// Its currency.
    pub currency: Currency,
    /// When it was added.
    pub added_at: Timestamp,
}

/// A cart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cart {
    /// Whose.
    pub user_id: Id<kinds::User>,
    /// Its courses, in the order in which they were added; at most [`LINES_MAX`].
    #[serde(default)]
    pub lines: Vec<CartLine>,
    /// The promo code. Whether it holds is asked whenever the cart is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promo_code: Option<PromoCode>,
    /// The order that was made from it last, and may still wait to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_order: Option<Id<kinds::Order>>,
    /// Grows by one with every write; conditions compare it.
    pub revision: u64,
    /// First line.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl Cart {
    /// The key of a user's cart.
    pub fn key_of(user: Id<kinds::User>) -> Key {
        Key::new(super::partition_of_user(user), "CART")
    }

    /// A cart without lines, that is stored nowhere yet.
    pub fn empty(user_id: Id<kinds::User>, now: Timestamp) -> Self {
        Self {
            user_id,
            lines: Vec::new(),
            promo_code: None,
            open_order: None,
            revision: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Its identifier: a user has one cart, so its number is the user's.
    pub fn id(&self) -> Id<kinds::Cart> {
        Id::from_uuid(self.user_id.uuid())
    }

    /// The line of this course.
    pub fn line_of(&self, course: Id<kinds::Course>) -> Option<&CartLine> {
        self.lines.iter().find(|line| line.course_id == course)
    }

    /// The cart without the lines of these courses, and without `order` where that is its open one; `None` where it has neither. The promo
    /// code goes with the order: it was used.
    pub(super) fn after_purchase(
        &self,
        order: Id<kinds::Order>,
        courses: &BTreeSet<Id<kinds::Course>>,
        now: Timestamp,
    ) -> Option<Self> {
        let is_open = self.open_order == Some(order);
        if !is_open && !self.lines.iter().any(|line| courses.contains(&line.course_id)) {
            return None;
        }
        let mut after = self.changed(now);
        after.lines.retain(|line| !courses.contains(&line.course_id));
        if is_open {
            after.open_order = None;
            after.promo_code = None;
        }
        Some(after)
    }

    /// The next version, to be changed and written.
    fn changed(&self, now: Timestamp) -> Self {
        Self { revision: self.revision + 1, updated_at: now, ..self.clone() }
    }

    /// What must hold when the version that follows this one is written.
    pub(super) fn unchanged(&self) -> Condition {
        match self.revision {
            0 => Condition::NotExists,
            revision => Condition::equals("revision", revision),
        }
    }
}

impl Entity for Cart {
    const TABLE: Table = Table::Commerce;
    const TYPE: &'static str = "cart";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

/// What became of a course that was to go into a cart.
#[derive(Clone, Debug)]
pub enum Added {
    /// It is in it.
    Done(CartLine),
    /// It was in it before.
    Already(CartLine),
    /// The cart has [`LINES_MAX`] lines.
    Full,
    /// The cart has courses of this other currency; one order is paid in one.
    OtherCurrency(Currency),
}

/// The carts.
pub struct Carts<'a>(pub(super) &'a Store);

impl Store {
    /// The carts.
    pub fn carts(&self) -> Carts<'_> {
        Carts(self)
    }
}

/// The cart with a line more, or why not.
pub(super) fn with_line(cart: &Cart, line: &CartLine, now: Timestamp) -> Result<Cart, Added> {
    if let Some(there) = cart.line_of(line.course_id) {
        return Err(Added::Already(there.clone()));
    }
    if cart.lines.len() >= LINES_MAX {
        return Err(Added::Full);
    }
    if let Some(other) = cart.lines.iter().find(|other| other.currency != line.currency) {
        return Err(Added::OtherCurrency(other.currency));
    }
    let mut after = cart.changed(now);
    after.lines.push(line.clone());
    Ok(after)
}

impl Carts<'_> {
    /// A user's cart; an empty one where he has none. One read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, user: Id<kinds::User>, now: Timestamp) -> Result<Cart, StoreError> {
        let found = self.0.get(Cart::key_of(user), Consistency::Strong).await?;
        Ok(found.unwrap_or_else(|| Cart::empty(user, now)))
    }

    /// Puts a course into the cart `known` (as the caller has just read it): one write, and two calls more for each change that was faster.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Throttled`] when so many others change it that this one finds no gap.
    pub async fn add(&self, known: Cart, line: &CartLine, now: Timestamp) -> Result<Added, StoreError> {
        let mut refused = None;
        let plan = |cart: &Cart| with_line(cart, line, now).map_err(|why| refused = Some(why)).ok();
        self.change(known, now, plan).await?;
        Ok(refused.unwrap_or_else(|| Added::Done(line.clone())))
    }

    /// Takes a line out: a read and a write. `false` when the cart has no such line.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn remove(
        &self,
        user: Id<kinds::User>,
        line: Id<kinds::CartItem>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let cart = self.get(user, now).await?;
        let plan = |cart: &Cart| {
            let mut after = cart.changed(now);
            after.lines.retain(|one| one.id != line);
            (after.lines.len() < cart.lines.len()).then_some(after)
        };
        self.change(cart, now, plan).await
    }

    /// Takes all lines and the promo code out: a read and a write. An order that was made from it stays.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn clear(&self, user: Id<kinds::User>, now: Timestamp) -> Result<(), StoreError> {
        let cart = self.get(user, now).await?;
        let plan = |cart: &Cart| {
            let is_empty = cart.lines.is_empty() && cart.promo_code.is_none();
            let after = Cart { lines: Vec::new(), promo_code: None, ..cart.changed(now) };
            (!is_empty).then_some(after)
        };
        self.change(cart, now, plan).await.map(|_| ())
    }

    /// Gives the cart `known` a promo code, or takes it away: one write, and two calls more for each change that was faster. Gives the cart
    /// as it is afterwards; without a write where the code was there already.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn set_promo(
        &self,
        known: Cart,
        code: Option<&PromoCode>,
        now: Timestamp,
    ) -> Result<Cart, StoreError> {
        let mut latest = known.clone();
        let plan = |cart: &Cart| {
            latest = cart.clone();
            if cart.promo_code.as_ref() == code {
                return None;
            }
            latest = Cart { promo_code: code.cloned(), ..cart.changed(now) };
            Some(latest.clone())
        };
        self.change(known, now, plan).await?;
        Ok(latest)
    }

    /// Writes what `plan` makes of the cart; plans anew when another change was faster. `false` when it makes nothing of it.
    async fn change(
        &self,
        mut cart: Cart,
        now: Timestamp,
        mut plan: impl FnMut(&Cart) -> Option<Cart>,
    ) -> Result<bool, StoreError> {
        for round in 0..ROUNDS {
            let Some(after) = plan(&cart) else { return Ok(false) };
            let before = (cart.revision > 0).then_some(cart.revision);
            if self.0.put_revision(&after, before).await? {
                return Ok(true);
            }
            wait_for_turn(round).await;
            cart = self.get(cart.user_id, now).await?;
        }
        Err(StoreError::Throttled)
    }
}
