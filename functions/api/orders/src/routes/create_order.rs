//! A buyer makes an order of his cart.

use axum::{extract::State, response::Response};
use checkout::{Desk, Ending};
use domain::commerce::{
    BankAccount, OrderStatus, PaymentMethod, PricedOrder, charge, pricing, promo::Refusal, tax::Rates,
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiResult, Body, FreshlyChecked, IdempotencyKey, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    Basket, Order,
    commerce::order::{Created, NewOrder},
};

use crate::{
    billing::BillingRequest,
    refusals::{
        cart_busy, cart_empty, closed, no_transfers, not_priced, promo_gone, promo_refused, too_small,
        unavailable,
    },
    views::OrderDetail,
};

/// Rounds of looking at the cart until an order gives up that races other changes of it.
const ROUNDS: usize = 10;

/// How a buyer means to pay.
#[derive(Clone, Copy, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChosenMethod {
    /// By card.
    #[default]
    Card,
    /// By a transfer to the platform's bank account, which is confirmed by hand.
    BankTransfer,
}

/// How the cart is to be paid. What it costs is the platform's to say.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateOrder {
    #[garde(dive)]
    billing_address: BillingRequest,
    #[serde(default)]
    #[garde(skip)]
    payment_method: ChosenMethod,
}

/// Makes an order of the caller's cart at the prices of this moment. The same cart gives the same order as long as that is pending; an order
/// of a cart that was changed since is cancelled. With nothing to pay the order is completed at once.
#[utoipa::path(
    post, path = "/orders/create-from-cart", operation_id = "create_order_from_cart", tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer")),
    request_body = CreateOrder,
    responses((status = 201, description = "The order", body = OrderDetail)),
)]
pub(crate) async fn create_order_from_cart(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    State(rates): State<Rates>,
    State(account): State<Option<BankAccount>>,
    FreshlyChecked(caller): FreshlyChecked,
    key: IdempotencyKey,
    Body(wanted): Body<CreateOrder>,
) -> ApiResult<Response> {
    let user = caller.user_id;
    key.run(&platform, user, "create_order_from_cart", &wanted, async |attempt| {
        let settings = (&rates, account.as_ref());
        let made = create(&platform, &desk, settings, (user, attempt), &wanted).await?;
        Ok((StatusCode::CREATED, OrderDetail::new(made, account.as_ref())))
    })
    .await
}

async fn create(
    platform: &Platform,
    desk: &Desk,
    (rates, account): (&Rates, Option<&BankAccount>),
    (user, attempt): (Id<kinds::User>, Id<kinds::Event>),
    wanted: &CreateOrder,
) -> ApiResult<Order> {
    let store = platform.store();
    // Another attempt at the same request makes the same order.
    let id: Id<kinds::Order> = attempt.derived(0);
    for _ in 0..ROUNDS {
        let now = platform.ambient().now();
        let mut basket = store.carts().basket(user, Some(id), now).await?;
        if basket.cart.lines.is_empty() {
            // What an attempt before this one completed has left the cart.
            return store.orders().get(user, id).await?.ok_or_else(cart_empty);
        }
        if let Some(error) = unavailable(&basket) {
            return Err(error);
        }
        let open = basket.open_order.take().filter(|order| order.status == OrderStatus::Pending);
        forget_reservation(&mut basket, open.as_ref());
        if basket.cart.promo_code.is_some() && basket.promo.is_none() {
            return Err(promo_gone());
        }
        let priced = pricing::price(
            &basket.items(attempt),
            basket.promo_in_use(),
            rates,
            wanted.billing_address.country(),
            now,
        );
        let new = new_order(id, priced.map_err(not_priced)?, &basket, wanted);
        match new.payment_method {
            PaymentMethod::BankTransfer if account.is_none() => return Err(no_transfers()),
            PaymentMethod::Card => {
                charge::check(new.total()).map_err(|why| too_small(why, account.is_some()))?
            }
            PaymentMethod::BankTransfer | PaymentMethod::Free => {}
        }
        if let Some(open) = open {
            if is_same(&open, &new) && now < open.pay_by {
                return Ok(open);
            }
            closed(&open, desk.give_up(&open, Ending::Cancelled).await)?;
            continue;
        }
        match store.orders().create(&basket.cart, new, now).await? {
            Created::Made(order) => return Ok(order),
            Created::PromoUsedByBuyer => return Err(promo_refused(Refusal::UsedByYou)),
            // The next look at it says why.
            Created::CartChanged | Created::PromoChanged => {}
        }
    }
    Err(cart_busy())
}

/// Does not count the use of the promo code that the cart's own open order has reserved: it is the one that this order is to have.
fn forget_reservation(basket: &mut Basket, open: Option<&Order>) {
    let reserved = open.and_then(|order| order.promo_code.as_ref());
    if let Some((rule, uses)) = &mut basket.promo
        && reserved == Some(&rule.promo.code)
    {
        uses.total = uses.total.saturating_sub(1);
        uses.by_user = uses.by_user.saturating_sub(1);
    }
}

fn new_order(id: Id<kinds::Order>, priced: PricedOrder, basket: &Basket, wanted: &CreateOrder) -> NewOrder {
    let payment_method = match wanted.payment_method {
        _ if priced.total_minor == 0 => PaymentMethod::Free,
        ChosenMethod::Card => PaymentMethod::Card,
        ChosenMethod::BankTransfer => PaymentMethod::BankTransfer,
    };
    NewOrder {
        id,
        priced,
        payment_method,
        billing_address: wanted.billing_address.address(),
        promo: basket.promo.as_ref().map(|(rule, _)| rule.clone()),
        counter: basket.counter.clone(),
    }
}

/// Whether an order is what would be made now.
fn is_same(order: &Order, new: &NewOrder) -> bool {
    let parts = |lines: &[domain::commerce::Line]| -> Vec<_> {
        lines
            .iter()
            .map(|line| (line.course_id, line.price_minor, line.discount_minor, line.tax_minor))
            .collect()
    };
    parts(&order.lines) == parts(&new.priced.lines)
        && order.payment_method == new.payment_method
        && order.billing_address == new.billing_address
        && order.promo_code.as_ref() == new.promo.as_ref().map(|rule| &rule.promo.code)
}
