//! The caller pays what is open with the card that he likes, or comes back to what he has left.

use axum::{Json, extract::State};
use billing::Billing;
use domain::commerce::subscription::Refusal;
use garde::Validate;
use gateway::{Browser, Key};
use http_kit::{ApiResult, Platform, Query, SignedIn};
use kernel::id::kinds;
use serde::Deserialize;

use super::subscribe::look;
use crate::{
    refusals::{billing_failed, gateway_failed, subscription_not_found, subscription_refused},
    views::Subscribed,
};

/// What for.
#[derive(Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaymentMethodQuery {
    /// True: another card for the renewals, where nothing is to be paid.
    #[serde(default)]
    #[garde(skip)]
    #[param(example = false)]
    another_card: bool,
    /// What the browser has confirmed, as the payment service names it in the address that it sends the browser back to: its card is
    /// taken now, without waiting for the payment service to tell of it.
    #[garde(inner(length(max = 255), ascii))]
    #[param(example = "seti_1Mm8s8LkdIwHu7ix0OXBfTRG", max_length = 255)]
    setup_intent: Option<String>,
}

/// Gives what the browser confirms for the subscription, with any card: a first payment that is open, the payment that failed and began the
/// grace period, or the card for the time after the trial; where nothing is open and `another_card` asks for it, another card for the
/// renewals. What is open is given again however often it is asked for. The payment service
/// pays the open invoice once the browser has confirmed, keeps that card for the renewals, and its event ends the grace period; so does this
/// operation, which looks at the payment service first. Nothing is to be confirmed where `client_secret` is null.
#[utoipa::path(
    post, path = "/subscription/payment-method", operation_id = "request_payment_method", tag = "billing",
    params(PaymentMethodQuery),
    responses((status = 200, description = "The subscription, and what is to be confirmed", body = Subscribed)),
)]
pub(crate) async fn request_payment_method(
    State(platform): State<Platform>,
    State(billing): State<Billing>,
    State(browser): State<Browser>,
    SignedIn(caller): SignedIn,
    Query(PaymentMethodQuery { another_card, setup_intent }): Query<PaymentMethodQuery>,
) -> ApiResult<Json<Subscribed>> {
    let now = platform.ambient().now();
    let found = platform.store().subscriptions().latest(caller.user_id).await?;
    let found = found.ok_or_else(subscription_not_found)?;
    if found.state.status.has_ended() {
        return Err(subscription_refused(Refusal::Ended));
    }
    if let (Some(given), Some(id)) = (&setup_intent, &found.gateway_id) {
        billing.take_card(given, Some(id), now).await.map_err(billing_failed)?;
    }
    let (subscription, state) = look(&platform, &billing, found, now).await?;
    if subscription.state.status.has_ended() {
        return Err(subscription_refused(Refusal::Ended));
    }
    let mut open = state;
    if open.client_secret.is_none() && another_card {
        let key = Key::new("card", platform.ambient().id::<kinds::Event>());
        let asked = billing.gateway().ask_for_card(&open.customer, &open.id, &key).await;
        open.client_secret = asked.map_err(gateway_failed)?;
        open.setup_only = true;
    }
    Ok(Json(Subscribed::new(subscription, &open, browser, now)))
}
