//! A buyer begins to pay an order.

use axum::{extract::State, response::Response};
use checkout::{Desk, Ending};
use domain::commerce::{OrderStatus, PaymentMethod};
use garde::Validate;
use gateway::{Browser, IntentState, IntentStatus, Key, NewIntent};
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, FreshlyChecked, IdempotencyKey, Platform};
use kernel::{Id, Secret, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Order, Payment};

use crate::refusals::{expired, failed, not_payable, order_not_found, other_method, refused_by_gateway};

/// Which order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPayment {
    #[garde(skip)]
    order_id: Id<kinds::Order>,
}

/// With what the buyer's browser pays at the payment service. Card numbers never reach this API.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PaymentToBe {
    #[schema(value_type = String, example = "pi_3MtwBwLkdIwHu7ix28a3tqPa_secret_YrKJUKribcBjcG8HVhfZluoGH")]
    client_secret: Secret<String>,
    #[serde(flatten)]
    browser: Browser,
    /// For POST /payments/confirm-payment.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    payment_intent_id: String,
    /// Minor units of the currency, such as cents.
    #[schema(example = 16998)]
    amount: i64,
    #[schema(example = "usd")]
    currency: String,
}

/// Gives the payment of an order of the caller: always the same one. Its amount, currency and all that is kept with it come from the order
/// as it is stored.
#[utoipa::path(
    post, path = "/payments/create-payment-intent", operation_id = "create_payment_intent", tag = "payments",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer")),
    request_body = NewPayment,
    responses((status = 201, description = "The payment", body = PaymentToBe)),
)]
pub(crate) async fn create_payment_intent(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    State(browser): State<Browser>,
    FreshlyChecked(caller): FreshlyChecked,
    key: IdempotencyKey,
    Body(new): Body<NewPayment>,
) -> ApiResult<Response> {
    key.run(&platform, caller.user_id, "create_payment_intent", &new, async |_| {
        let order = platform.store().orders().get(caller.user_id, new.order_id).await?;
        let order = order.ok_or_else(order_not_found)?;
        let intent = intent(&platform, &desk, order).await?;
        let client_secret =
            intent.client_secret.ok_or_else(|| ApiError::internal("an intent without its secret"))?;
        let body = PaymentToBe {
            client_secret,
            browser,
            payment_intent_id: intent.id,
            amount: intent.minor,
            currency: intent.currency.to_ascii_lowercase(),
        };
        Ok((StatusCode::CREATED, body))
    })
    .await
}

async fn intent(platform: &Platform, desk: &Desk, order: Order) -> ApiResult<IntentState> {
    if order.status != OrderStatus::Pending {
        return Err(not_payable(&order));
    }
    if order.payment_method != PaymentMethod::Card {
        return Err(other_method("card"));
    }
    let now = platform.ambient().now();
    if now >= order.pay_by {
        return Err(expired());
    }
    let intent = match &order.intent_id {
        Some(id) => desk.gateway().intent(id).await.map_err(refused_by_gateway)?,
        None => open(platform, desk, &order).await?,
    };
    match intent.status {
        IntentStatus::Cancelled => {
            // Given up at the gateway's own desk: the order ends with it.
            desk.give_up(&order, Ending::Cancelled).await.map_err(failed)?;
            Err(expired())
        }
        IntentStatus::Succeeded => {
            desk.look_at_intent(&intent.id, None).await.map_err(failed)?;
            let latest = platform.store().orders().get(order.user_id, order.id).await?;
            Err(not_payable(&latest.unwrap_or(order)))
        }
        _ => Ok(intent),
    }
}

/// Makes the intent. Its key at the gateway is the order, so that any number of requests at once make one.
async fn open(platform: &Platform, desk: &Desk, order: &Order) -> ApiResult<IntentState> {
    let (order_id, user_id) = (order.id.to_string(), order.user_id.to_string());
    let description = order.order_number.to_string();
    let new = NewIntent {
        minor: order.total_minor,
        currency: order.currency.code(),
        customer: None,
        order_id: &order_id,
        user_id: &user_id,
        description: &description,
    };
    let intent = desk.gateway().create_intent(&new, &Key::new("intent", order.id)).await;
    let intent = intent.map_err(refused_by_gateway)?;
    let now = platform.ambient().now();
    let payment = Payment::new(order, intent.id.clone(), now);
    match platform.store().orders().attach_intent(order, &payment, now).await? {
        Some(_) => Ok(intent),
        None => {
            // The order was closed in between: nobody must pay it.
            let latest = platform.store().orders().get(order.user_id, order.id).await?;
            let latest = latest.ok_or_else(order_not_found)?;
            let key = Key::new("cancel_intent", order.id);
            desk.gateway().cancel_intent(&intent.id, &key).await.map_err(refused_by_gateway)?;
            Err(not_payable(&latest))
        }
    }
}
