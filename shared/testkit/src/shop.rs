//! A shop in which a test buys: published courses with prices, carts, orders.

use domain::{
    commerce::{
        Amount, BankAccount, BillingInterval, Currency, PaymentMethod, Plan, PlanType, Promo, Subscription,
        SubscriptionStatus, payment::BillingAddress, plan::Features, pricing, promo::Discount, refund::Wish,
        subscription::CancelWhen, tax::Rates,
    },
    course::CourseStatus,
};
use kernel::{Id, Secret, SignedDuration, id::kinds};
use store::entities::{
    Cart, CartLine, Course, Order, PromoRule, SubscriptionPlan, UserSubscription,
    commerce::{
        cart::Added,
        order::{Captured, Created, NewOrder, RefundRequest, Refunding, Settled, Settlement},
    },
};

use crate::{Caller, World, fixtures};

/// A published course of this teacher at this price in minor units, without lessons.
pub async fn course(world: &World, teacher: &Caller, price_minor: u64) -> Course {
    let course = Course {
        price_minor: Some(price_minor),
        status: CourseStatus::Published,
        published_at: Some(world.ambient().now()),
        ..fixtures::course(world, teacher)
    };
    world.store().put(&course).await.unwrap();
    course
}

/// Several of them at 10.00, 20.00, 30.00, and so on.
pub async fn courses(world: &World, teacher: &Caller, count: u64) -> Vec<Course> {
    let mut made = Vec::new();
    for number in 1..=count {
        made.push(course(world, teacher, number * 1_000).await);
    }
    made
}

/// An amount of an answer with two decimals: a JSON number that was read does not keep its last nought.
///
/// # Panics
/// When it is no number.
pub fn shown(amount: &serde_json::Value) -> String {
    format!("{:.2}", amount.as_f64().unwrap())
}

/// To whom bills go.
pub fn billing_address() -> BillingAddress {
    let text = |text: &str| Secret::new(text.to_owned());
    BillingAddress {
        first_name: text("John"),
        last_name: text("Doe"),
        email: text("john@example.com"),
        address_line1: text("123 Main St"),
        address_line2: text(""),
        city: text("San Francisco"),
        state: text("CA"),
        postal_code: text("94105"),
        country: "US".into(),
        phone: text(""),
    }
}

/// The account to which transfers go.
pub fn bank_account() -> BankAccount {
    BankAccount {
        holder: "LearnFlow Ltd".into(),
        iban: "DE89370400440532013000".parse().unwrap(),
        bic: Some("COBADEFFXXX".parse().unwrap()),
        bank: Some("Example Bank".into()),
    }
}

/// A promo code for everything that takes off so many percent, valid for a week.
pub async fn promo(
    world: &World,
    code: &str,
    percent: u8,
    max_uses: Option<u32>,
    per_user: u32,
) -> PromoRule {
    let now = world.ambient().now();
    let rule = PromoRule {
        promo: Promo {
            code: code.parse().unwrap(),
            discount: Discount::Percentage { percent },
            valid_from: now,
            valid_until: now + SignedDuration::from_hours(24 * 7),
            max_uses,
            max_uses_per_user: per_user,
            plans: Default::default(),
            courses: Default::default(),
            is_active: true,
        },
        uses: 0,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    world.store().put(&rule).await.unwrap();
    rule
}

/// Puts courses into somebody's cart.
pub async fn fill_cart(world: &World, buyer: &Caller, courses: &[Course]) -> Cart {
    let (store, now) = (world.store(), world.ambient().now());
    for course in courses {
        let line = CartLine {
            id: world.ambient().id(),
            course_id: course.id,
            instructor_id: course.instructor_id,
            title: course.title.clone(),
            price_minor: course.price_minor.unwrap_or_default(),
            currency: Currency::USD,
            added_at: now,
        };
        let cart = store.carts().get(buyer.id, now).await.unwrap();
        assert!(matches!(store.carts().add(cart, &line, now).await.unwrap(), Added::Done(_)));
    }
    store.carts().get(buyer.id, now).await.unwrap()
}

/// What an order of somebody's cart would be now, to be paid by card where there is something to pay; with the cart as it was read.
pub async fn new_order(world: &World, buyer: &Caller) -> (Cart, NewOrder) {
    let (store, now) = (world.store(), world.ambient().now());
    let id: Id<kinds::Order> = world.ambient().id();
    let basket = store.carts().basket(buyer.id, Some(id), now).await.unwrap();
    let items = basket.items(world.ambient().id());
    let priced = pricing::price(&items, basket.promo_in_use(), &Rates::default(), "US", now).unwrap();
    let free = priced.total_minor == 0;
    let new = NewOrder {
        id,
        priced,
        payment_method: if free { PaymentMethod::Free } else { PaymentMethod::Card },
        billing_address: billing_address(),
        promo: basket.promo.as_ref().map(|(rule, _)| rule.clone()),
        counter: basket.counter.clone(),
    };
    (basket.cart, new)
}

/// Makes an order of somebody's cart as it is now.
pub async fn try_order(world: &World, buyer: &Caller) -> Created {
    let (cart, new) = new_order(world, buyer).await;
    world.store().orders().create(&cart, new, world.ambient().now()).await.unwrap()
}

/// As [`try_order`], where nothing is in its way.
pub async fn order(world: &World, buyer: &Caller, courses: &[Course]) -> Order {
    fill_cart(world, buyer, courses).await;
    match try_order(world, buyer).await {
        Created::Made(order) => order,
        other => unexpected(&other),
    }
}

/// As [`order`], to be paid by bank transfer.
pub async fn order_by_transfer(world: &World, buyer: &Caller, courses: &[Course]) -> Order {
    fill_cart(world, buyer, courses).await;
    let (cart, new) = new_order(world, buyer).await;
    let new = NewOrder { payment_method: PaymentMethod::BankTransfer, ..new };
    match world.store().orders().create(&cart, new, world.ambient().now()).await.unwrap() {
        Created::Made(order) => order,
        other => unexpected(&other),
    }
}

/// A payment of all that an order costs, by an intent of this number.
pub fn payment(order: &Order, intent: &str) -> Settlement {
    let charge_id = Some(format!("ch_{intent}"));
    let (method, amount) = (PaymentMethod::Card, order.total());
    let captured = Captured { payment_id: intent.into(), method, charge_id, amount };
    Settlement { captured, event: None, confirmed_by: None }
}

/// Pays an order.
pub async fn pay(world: &World, order: &Order) -> Order {
    let now = world.ambient().now();
    let settlement = payment(order, &format!("pi_{}", order.id.uuid().simple()));
    match world.store().orders().settle(order.user_id, order.id, &settlement, now).await.unwrap() {
        Settled::Done(order) => order,
        other => unexpected(&other),
    }
}

/// Gives all of a paid order's money back.
pub async fn refund(world: &World, order: &Order) -> Order {
    let (orders, now) = (world.store().orders(), world.ambient().now());
    let id = world.ambient().id();
    let request = RefundRequest { id, wish: Wish::All, requested_by: None, reason: String::new() };
    orders.begin_refund(order.user_id, order.id, &request, now).await.unwrap();
    let gateway_id = format!("re_{}", id.uuid().simple());
    let told = (Some(gateway_id.as_str()), None);
    match orders.settle_refund(order.user_id, order.id, id, told, now).await.unwrap() {
        Refunding::Done(order, _) => order,
        other => unexpected(&other),
    }
}

/// So many cents.
pub const fn cents(minor: i64) -> Amount {
    Amount::new(minor, Currency::USD)
}

#[track_caller]
#[expect(clippy::panic, reason = "a test's assertion")]
fn unexpected(outcome: &dyn std::fmt::Debug) -> ! {
    panic!("not expected here: {outcome:?}")
}

/// A student's subscription for a month to a plan that covers, or does not cover, the courses which are part of plans. It is not at the
/// gateway.
pub async fn subscribe(world: &World, student: &Caller, covers: bool) -> UserSubscription {
    let (store, now) = (world.store(), world.ambient().now());
    let plan_type = if covers { PlanType::Premium } else { PlanType::Basic };
    let features = Features { premium_content_access: covers, ..Features::NONE };
    let known = store.plans().all().await.unwrap().into_iter().find(|plan| plan.plan.plan_type == plan_type);
    let plan = known.unwrap_or_else(|| SubscriptionPlan {
        plan: Plan {
            id: world.ambient().id(),
            name: plan_type.name().into(),
            plan_type,
            features,
            price_monthly_minor: 999,
            price_annual_minor: None,
            currency: Currency::USD,
            trial_days: 0,
            is_active: true,
        },
        product_id: None,
        monthly: None,
        annual: None,
        named_revision: 0,
        revision: 1,
        created_at: now,
        updated_at: now,
    });
    store.put(&plan).await.unwrap();
    let subscription = UserSubscription {
        id: world.ambient().id(),
        user_id: student.id,
        state: Subscription {
            status: SubscriptionStatus::Active,
            plan_id: plan.plan.id,
            interval: BillingInterval::Monthly,
            is_trial: false,
            start_date: now,
            period_start: now,
            renewal_date: now + SignedDuration::from_hours(30 * 24),
            end_date: None,
            cancelled_at: None,
            cancel_at_period_end: false,
            grace_period_ends_at: None,
        },
        plan_type,
        price: cents(999),
        customer_id: String::new(),
        gateway_id: None,
        item_id: None,
        has_payment_method: true,
        trial_days: 0,
        promo: None,
        change: None,
        reminders_sent: 0,
        look_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    store.put(&subscription).await.unwrap();
    subscription
}

/// The end of a subscription, at once.
pub async fn lapse(world: &World, subscription: &UserSubscription) {
    let now = world.ambient().now();
    let state = subscription.state.cancel(CancelWhen::Now, now).unwrap();
    let after = UserSubscription { state, ..subscription.clone() };
    let changed = world.store().subscriptions().change(subscription, &after, now).await.unwrap();
    assert!(changed.is_some(), "it was changed meanwhile");
}
