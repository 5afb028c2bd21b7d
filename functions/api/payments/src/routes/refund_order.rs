//! An admin gives money back.

use axum::{extract::State, response::Response};
use checkout::{Desk, Refunded};
use domain::{
    admin::{AdminActionKind, REASON_MAX},
    commerce::{Amount, Currency, order::LINES_MAX, refund::Wish},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{Admin, ApiError, ApiResult, Body, Client, IdempotencyKey, Params, Platform};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use serde_json::{Number, json};
use store::entities::commerce::order::RefundRequest;

use crate::{
    log::act,
    refusals::{failed, no_such_order, not_refundable},
    views::RefundView,
};

/// What is to go back of an item.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundItem {
    #[garde(skip)]
    item_id: Id<kinds::OrderItem>,
    /// How much, in the order's currency; all that is left of the item where nothing is sent.
    #[serde(default)]
    #[garde(skip)]
    #[schema(value_type = Option<f64>, example = 20.00)]
    amount: Option<Number>,
}

/// What is to go back of an order.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    /// Items; all that is left of the order where nothing is sent.
    #[serde(default)]
    #[garde(length(min = 1, max = LINES_MAX), dive)]
    items: Option<Vec<RefundItem>>,
    /// Why, for the records.
    #[serde(default)]
    #[garde(length(chars, max = REASON_MAX))]
    #[schema(example = "The buyer bought it twice.")]
    reason: String,
}

/// Gives money of an order back, whole or by item, never more than was paid. The creators' shares and the tax go back in proportion; an item
/// that was refunded whole takes its course away, unless it was completed.
#[utoipa::path(
    post, path = "/admin/orders/{id}/refund", operation_id = "refund_order", tag = "admin",
    params(
        ("id" = Id<kinds::Order>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer"),
    ),
    request_body = NewRefund,
    responses(
        (status = 201, description = "The money is on its way", body = RefundView),
        (status = 202, description = "The payment service has not answered for certain; it is asked again", body = RefundView),
    ),
)]
pub(crate) async fn refund_order(
    State(platform): State<Platform>,
    State(desk): State<Desk>,
    Admin(admin): Admin,
    client: Client,
    key: IdempotencyKey,
    Params(id): Params<Id<kinds::Order>>,
    Body(new): Body<NewRefund>,
) -> ApiResult<Response> {
    // What admins may, no API key may.
    admin.session_id()?;
    let request = (id, &new);
    key.run(&platform, admin.user_id, "refund_order", &request, async |attempt| {
        let order = platform.store().orders().find(id).await?.ok_or_else(no_such_order)?;
        let action = act(&platform, admin, &client, AdminActionKind::OrderRefunded)
            .to_account(order.user_id)
            .with("order_id", id)
            .because(&new.reason);
        let request = RefundRequest {
            // The same for another attempt, which goes on where this one ended.
            id: Id::from_uuid(attempt.uuid()),
            wish: wish(&new, order.currency)?,
            requested_by: Some(action),
            reason: new.reason.clone(),
        };
        match desk.refund(order.user_id, id, &request).await.map_err(failed)? {
            Refunded::Done(order, refund) => Ok((StatusCode::CREATED, RefundView::new(&order, refund))),
            Refunded::UnderWay(order, refund) => Ok((StatusCode::ACCEPTED, RefundView::new(&order, refund))),
            Refunded::RefusedThere(_, _, code) => {
                let message =
                    "The payment service refuses this refund. Nothing went back; look at the payment there.";
                Err(ApiError::conflict("REFUND_REFUSED", message).with_details(json!({ "code": code })))
            }
            Refunded::Refused(refusal) => Err(not_refundable(refusal)),
            Refunded::NotFound => Err(no_such_order()),
            Refunded::NotAdmin => Err(ApiError::admins_only()),
        }
    })
    .await
}

fn wish(new: &NewRefund, currency: Currency) -> ApiResult<Wish> {
    let Some(items) = &new.items else { return Ok(Wish::All) };
    let item = |(place, item): (usize, &RefundItem)| {
        let minor =
            item.amount.as_ref().map(|number| Amount::parse(&number.to_string(), currency)).transpose();
        let minor =
            minor.map_err(|error| ApiError::invalid(&format!("items[{place}].amount"), error.to_string()))?;
        Ok((item.item_id, minor.map(|amount| amount.minor)))
    };
    Ok(Wish::Items(items.iter().enumerate().map(item).collect::<ApiResult<_>>()?))
}
