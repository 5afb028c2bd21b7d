//! A cart with all that decides what it comes to.

use std::collections::HashMap;

use domain::commerce::{
    Amount, BasisPoints, Currency,
    pricing::{Item, PromoInUse, Unavailable},
    promo::Uses,
    share,
};
use domain::{course::CourseStatus, enrollment::EnrollmentStatus};
use kernel::{Id, Timestamp, id::kinds};

use super::{Cart, CartLine, CreatorShare, Order, OrderCounter, PromoOfUser, PromoRule, cart::Carts};
use crate::{
    StoreError,
    entities::{Course, Enrollment, EnrollmentGuard},
};

/// A cart with all that decides what it comes to.
#[derive(Clone, Debug)]
pub struct Basket {
    /// The cart.
    pub cart: Cart,
    /// Its courses, those that are there.
    pub courses: HashMap<Id<kinds::Course>, Course>,
    /// The promo code's rule and its uses, where the cart has a code that there is.
    pub promo: Option<(PromoRule, Uses)>,
    /// The order that was made from the cart last, where it was asked for.
    pub open_order: Option<Order>,
    /// The counter of the number of an order to be made, where it was asked for.
    pub counter: Option<OrderCounter>,
    shares: HashMap<Id<kinds::User>, BasisPoints>,
    enrollments: HashMap<Id<kinds::Course>, Enrollment>,
}

impl Basket {
    /// What a course comes to now, by its own item; `None` where it has no price.
    fn price(course: &Course) -> Option<Amount> {
        let minor = i64::try_from(course.price_minor?).ok()?;
        Some(Amount::new(minor, course.currency.parse::<Currency>().ok()?))
    }

    /// What a line comes to now, or why it can't be bought.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn offer(&self, line: &CartLine) -> Result<Amount, Unavailable> {
        let course = self.courses.get(&line.course_id).filter(|course| course.deleted_at.is_none());
        let Some(course) = course.filter(|course| course.status == CourseStatus::Published) else {
            return Err(Unavailable::NotForSale);
        };
        if course.instructor_id == self.cart.user_id {
            return Err(Unavailable::OwnCourse);
        }
        if let Some(enrollment) = self.enrollments.get(&line.course_id) {
            match enrollment.status {
                EnrollmentStatus::Suspended => return Err(Unavailable::EnrollmentSuspended),
                _ if enrollment.is_owned() => return Err(Unavailable::AlreadyEnrolled),
                _ => {}
            }
        }
        let price = Self::price(course).ok_or(Unavailable::NotForSale)?;
        let first = self.cart.lines.first().map_or(line.currency, |first| first.currency);
        if price.currency == first { Ok(price) } else { Err(Unavailable::CurrencyMismatch) }
    }

    /// The lines that can be bought, as what an order is reckoned from; each line of the order has the number of the cart's line and of
    /// this request.
    pub fn items(&self, request: Id<kinds::Event>) -> Vec<Item> {
        let item = |(number, line): (u32, &CartLine)| {
            let price = self.offer(line).ok()?;
            let course = self.courses.get(&line.course_id)?;
            let share = self.shares.get(&course.instructor_id).copied().unwrap_or(share::DEFAULT);
            Some(Item {
                id: request.derived(number),
                course_id: course.id,
                instructor_id: course.instructor_id,
                title: course.title.clone(),
                price,
                share,
            })
        };
        (1..).zip(&self.cart.lines).filter_map(item).collect()
    }

    /// The promo code, to be reckoned with.
    pub fn promo_in_use(&self) -> Option<PromoInUse<'_>> {
        self.promo.as_ref().map(|(rule, uses)| PromoInUse { promo: &rule.promo, uses: *uses })
    }
}

impl Carts<'_> {
    /// A user's cart with its courses, what he has of them, and its promo code: a read and a batch; a second batch where he is or was
    /// enrolled in some of the courses. For an order to be made also what its number, its teachers' shares and the order before depend on,
    /// in the same batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn basket(
        &self,
        user: Id<kinds::User>,
        order: Option<Id<kinds::Order>>,
        now: Timestamp,
    ) -> Result<Basket, StoreError> {
        let cart = self.get(user, now).await?;
        self.look_into(cart, order, now).await
    }

    /// As [`Self::basket`], for a cart that was read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn look_into(
        &self,
        cart: Cart,
        order: Option<Id<kinds::Order>>,
        now: Timestamp,
    ) -> Result<Basket, StoreError> {
        let user = cart.user_id;
        let courses = || cart.lines.iter().map(|line| line.course_id);
        let mut batch = self
            .0
            .batch()
            .with_all::<Course>(courses().map(Course::key_of))
            .with_all::<EnrollmentGuard>(courses().map(|course| EnrollmentGuard::key_of(user, course)));
        if let Some(code) = &cart.promo_code {
            batch = batch
                .with::<PromoRule>(PromoRule::key_of(code))
                .with::<PromoOfUser>(PromoOfUser::key_of(code, user));
        }
        if let Some(id) = order {
            let (year, series) = OrderCounter::place_of(id, now);
            batch = batch
                .with::<OrderCounter>(OrderCounter::key_of(year, series))
                .with_all::<Order>(cart.open_order.map(|open| Order::key_of(user, open)))
                .with_all::<CreatorShare>(
                    cart.lines.iter().map(|line| CreatorShare::key_of(line.instructor_id)),
                );
        }
        let found = batch.read().await?;
        let by_user = found.one::<PromoOfUser>()?.map_or(0, |of_user| of_user.uses);
        let promo = found.one::<PromoRule>()?.map(|rule| {
            let uses = Uses { total: rule.uses, by_user };
            (rule, uses)
        });
        let basket = self.basket_of(cart, found.all()?, found.all()?).await?;
        let shares = found.all::<CreatorShare>()?.into_iter().map(|share| (share.creator_id, share.at(now)));
        Ok(Basket {
            promo,
            open_order: found.one()?,
            counter: found.one()?,
            shares: shares.collect(),
            ..basket
        })
    }

    /// A cart with these courses of it, and what its user has of them: one batch, none where there are no guards.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn basket_of(
        &self,
        cart: Cart,
        courses: Vec<Course>,
        guards: Vec<EnrollmentGuard>,
    ) -> Result<Basket, StoreError> {
        let enrollments = self.0.enrollments().of_guards(&guards).await?;
        Ok(Basket {
            cart,
            courses: courses.into_iter().map(|course| (course.id, course)).collect(),
            promo: None,
            open_order: None,
            counter: None,
            shares: HashMap::new(),
            enrollments: enrollments.into_iter().map(|one| (one.course_id, one)).collect(),
        })
    }
}
