//! The caller subscribes to a plan.

use axum::{extract::State, response::Response};
use billing::{Applied, Billing, UNKNOWN_PATIENCE, next_look};
use domain::commerce::{
    Amount, BillingInterval, Promo, PromoCode, Subscription, SubscriptionStatus, promo::Target,
    subscription::trial_end,
};
use garde::Validate;
use gateway::{Browser, GatewayError, Key, NewSubscription, SubscriptionState};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Platform, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    PromoRule, PromoUse, UserSubscription,
    commerce::{
        promo::PromoUseState,
        subscription::{Begun, PromoOfSubscription},
    },
};

use crate::{
    customers::customer_of,
    refusals::{
        billing_failed, gateway_failed, in_progress, not_offered, plan_not_found, promo_not_found,
        promo_refused, subscription_not_found,
    },
    views::Subscribed,
};

/// Rounds in which a promo code that others use at the same moment is read anew.
const ROUNDS: usize = 10;

/// What to subscribe to.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscribe {
    /// The plan.
    #[garde(skip)]
    plan: Id<kinds::Plan>,
    #[garde(skip)]
    interval: BillingInterval,
    /// It takes something off the first payment.
    #[garde(skip)]
    promo_code: Option<PromoCode>,
}

/// Subscribes to a plan. The subscription is `pending` until the browser has confirmed the first payment with the client secret; in a
/// trial it is active at once, and the browser confirms the card that is charged when the trial ends. To ask again for what is pending
/// answers with the same one.
#[utoipa::path(
    post, path = "/subscription", operation_id = "subscribe", tag = "billing",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = Subscribe,
    responses(
        (status = 201, description = "It began", body = Subscribed),
        (status = 200, description = "It had begun before, and is to be confirmed still", body = Subscribed),
    ),
)]
pub(crate) async fn subscribe(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    State(browser): State<Browser>,
    SignedIn(caller): SignedIn,
    key: IdempotencyKey,
    Body(new): Body<Subscribe>,
) -> ApiResult<Response> {
    let (user, now) = (caller.user_id, platform.ambient().now());
    let work = async |attempt: Id<kinds::Event>| {
        let (begun, status) = match begin(&platform, user, attempt.derived(0), &new, now).await? {
            Beginning::New(begun) => (begun, StatusCode::CREATED),
            Beginning::Going(begun) => (begun, StatusCode::OK),
        };
        let (subscription, state) = confirm(&platform, &billing, begun, now).await?;
        Ok((status, Subscribed::new(subscription, &state, browser, now)))
    };
    key.run(&platform, user, "subscribe", &new, work).await
}

/// What is written down, and is to be begun at the gateway.
enum Beginning {
    /// It is new.
    New(Box<UserSubscription>),
    /// An attempt before had begun it.
    Going(Box<UserSubscription>),
}

/// Writes the subscription down: its key lets one of any number of attempts through.
async fn begin(
    platform: &Platform,
    user: Id<kinds::User>,
    id: Id<kinds::Subscription>,
    new: &Subscribe,
    now: Timestamp,
) -> ApiResult<Beginning> {
    let store = platform.store();
    if let Some(live) = store.subscriptions().live(user).await? {
        return going(live, id, new, now);
    }
    let plan = store.plans().get(new.plan).await?.filter(|plan| plan.plan.is_active);
    let plan = plan.ok_or_else(plan_not_found)?;
    let (_, price) = plan.offer(new.interval).ok_or_else(not_offered)?;
    let customer = store.subscriptions().customer(user).await?;
    let had_trial = customer.as_ref().is_some_and(|customer| customer.had_trial);
    let trial = trial_end(plan.plan.trial_days, had_trial, now);
    for _ in 0..ROUNDS {
        let promo = match &new.promo_code {
            Some(code) => match reservation(platform, code, user, id, new.plan, price, now).await {
                Ok(reserved) => Some(reserved),
                // Another attempt may have begun with it since this one looked.
                Err(refused) => {
                    return match store.subscriptions().live(user).await? {
                        Some(live) => going(live, id, new, now),
                        None => Err(refused),
                    };
                }
            },
            None => None,
        };
        let mut subscription = UserSubscription {
            id,
            user_id: user,
            state: Subscription {
                status: SubscriptionStatus::Pending,
                plan_id: new.plan,
                interval: new.interval,
                is_trial: false,
                start_date: now,
                period_start: now,
                renewal_date: trial.unwrap_or(now),
                end_date: None,
                cancelled_at: None,
                cancel_at_period_end: false,
                grace_period_ends_at: None,
            },
            plan_type: plan.plan.plan_type,
            price,
            customer_id: customer.as_ref().map(|customer| customer.customer_id.clone()).unwrap_or_default(),
            gateway_id: None,
            item_id: None,
            trial_days: if trial.is_some() { plan.plan.trial_days } else { 0 },
            promo: promo.as_ref().map(|(_, record)| PromoOfSubscription {
                code: record.code.clone(),
                discount: record.discount,
                paid: None,
                invoice_id: None,
            }),
            change: None,
            has_payment_method: false,
            reminders_sent: 0,
            look_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        subscription.look_at = next_look(&subscription, now);
        let reserved = promo.as_ref().map(|(rule, record)| (rule, record));
        match store.subscriptions().begin(&subscription, reserved).await? {
            Begun::Done => return Ok(Beginning::New(Box::new(subscription))),
            Begun::HasOne(live) => return going(*live, id, new, now),
            // The rule says why, when it is read again.
            Begun::PromoChanged | Begun::PromoUsedByUser => {}
        }
    }
    Err(in_progress())
}

/// The rule of a promo code that may be used for this, and the record of its use.
async fn reservation(
    platform: &Platform,
    code: &PromoCode,
    user: Id<kinds::User>,
    id: Id<kinds::Subscription>,
    plan: Id<kinds::Plan>,
    price: Amount,
    now: Timestamp,
) -> ApiResult<(PromoRule, PromoUse)> {
    let found = platform.store().promos().for_user(code, user).await?;
    let (rule, uses) = found.ok_or_else(promo_not_found)?;
    let Promo { code, .. } = &rule.promo;
    let discount = rule
        .promo
        .evaluate(uses, &Target::Plan(plan), now)
        .and_then(|()| rule.promo.discount_on(price))
        .map_err(promo_refused)?;
    let record = PromoUse {
        code: code.clone(),
        subject: id.to_string(),
        user_id: user,
        discount: Amount::new(discount, price.currency),
        state: PromoUseState::Reserved,
        created_at: now,
        updated_at: now,
    };
    Ok((rule, record))
}

/// A subscription that the user has already: the same one as is asked for, and to be confirmed still, or a conflict.
fn going(
    live: UserSubscription,
    id: Id<kinds::Subscription>,
    new: &Subscribe,
    now: Timestamp,
) -> ApiResult<Beginning> {
    let asked = (new.plan, new.interval, new.promo_code.as_ref());
    let same =
        (live.state.plan_id, live.state.interval, live.promo.as_ref().map(|promo| &promo.code)) == asked;
    match live.state.status {
        // Another attempt at this very request.
        _ if live.id == id => Ok(Beginning::New(Box::new(live))),
        SubscriptionStatus::Pending if same => {
            // Who has written it down asks the gateway now; after that time he was stopped.
            if begins_now(&live, now) { Err(in_progress()) } else { Ok(Beginning::Going(Box::new(live))) }
        }
        SubscriptionStatus::Pending => {
            let message = "A subscription to another plan is waiting for its first payment. Pay it, or cancel it first.";
            Err(ApiError::conflict("SUBSCRIPTION_PENDING", message))
        }
        _ => {
            let message = "You have a subscription. Change its plan with POST /subscription/change.";
            Err(ApiError::conflict("ALREADY_SUBSCRIBED", message))
        }
    }
}

/// Whether another request has written it down, and asks the gateway at this moment.
fn begins_now(live: &UserSubscription, now: Timestamp) -> bool {
    live.gateway_id.is_none() && now < live.created_at + UNKNOWN_PATIENCE
}

/// What the gateway says of a subscription that has begun, with our state that follows it; one whose beginning was stopped begins there now.
pub(crate) async fn look(
    platform: &Platform,
    billing: &Billing,
    live: UserSubscription,
    now: Timestamp,
) -> ApiResult<(UserSubscription, SubscriptionState)> {
    let Some(gateway_id) = &live.gateway_id else {
        let busy = begins_now(&live, now);
        return if busy { Err(in_progress()) } else { confirm(platform, billing, Box::new(live), now).await };
    };
    match billing.look(gateway_id, now).await.map_err(billing_failed)? {
        (Applied::Done(subscription), state) => Ok((*subscription, state)),
        (Applied::NotOurs | Applied::Stale, _) => Err(subscription_not_found()),
    }
}

/// Begins it at the gateway, where that was not done, and gives the gateway's answer with our state that follows it.
async fn confirm(
    platform: &Platform,
    billing: &Billing,
    begun: Box<UserSubscription>,
    now: Timestamp,
) -> ApiResult<(UserSubscription, SubscriptionState)> {
    let state = match &begun.gateway_id {
        Some(gateway_id) => billing.gateway().subscription(gateway_id).await,
        None => create(platform, billing, &begun).await?,
    };
    let state = match state {
        Ok(state) => state,
        Err(error) => {
            if !error.is_retryable() && begun.gateway_id.is_none() {
                // Nothing was made: the user may subscribe anew.
                billing.store().subscriptions().take_back(&begun).await?;
            }
            return Err(gateway_failed(error));
        }
    };
    let applied = match billing.apply(&begun, &state, now).await.map_err(billing_failed)? {
        Applied::Stale => billing.follow(&state.id, now).await.map_err(billing_failed)?,
        applied => applied,
    };
    match applied {
        Applied::Done(subscription) => Ok((*subscription, state)),
        Applied::NotOurs | Applied::Stale => Err(subscription_not_found()),
    }
}

async fn create(
    platform: &Platform,
    billing: &Billing,
    begun: &UserSubscription,
) -> ApiResult<Result<SubscriptionState, GatewayError>> {
    let plan = billing.store().plans().get(begun.state.plan_id).await?.ok_or_else(plan_not_found)?;
    let price = plan.gateway_price(begun.state.interval).filter(|price| price.minor == begun.price.minor);
    let Some(price) = price else {
        // An admin changed the price in this moment, and nothing was agreed about the new one.
        billing.store().subscriptions().take_back(begun).await?;
        return Err(not_offered());
    };
    // Only who has written the subscription down comes here: of many requests at once one makes the customer.
    let customer = customer_of(platform, billing, begun.user_id).await?;
    let (subscription_id, user_id) = (begun.id.to_string(), begun.user_id.to_string());
    let discount = begun.promo.as_ref().filter(|promo| promo.discount.minor > 0);
    let new = NewSubscription {
        customer: &customer.customer_id,
        price: &price.id,
        trial_days: (begun.trial_days > 0).then(|| u32::from(begun.trial_days)),
        first_discount: discount
            .map(|promo| (promo.discount.minor, promo.discount.currency.code(), promo.code.as_str())),
        subscription_id: &subscription_id,
        user_id: &user_id,
    };
    Ok(billing.gateway().create_subscription(&new, &Key::new("subscription", begun.id)).await)
}
