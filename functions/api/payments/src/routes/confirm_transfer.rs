//! An admin has seen the money of a bank transfer.

use axum::{extract::State, response::Response};
use domain::{
    admin::AdminActionKind,
    commerce::{Amount, Money, OrderStatus, PaymentMethod},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{
    Admin, ApiError, ApiResult, Body, Client, IdempotencyKey, Params, Platform, fields::not_blank,
};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use serde_json::{Number, json};
use store::entities::{
    Order, Payment, SetAside,
    commerce::order::{Captured, Settled, Settlement},
};

use crate::{
    log::act,
    refusals::{no_such_order, other_method},
};

/// What came.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transfer {
    /// How much, in the order's currency: what the bank says, not what the order does.
    #[garde(skip)]
    #[schema(value_type = f64, example = 169.98)]
    amount: Number,
    /// The bank's reference, to find it again. The same reference is the same money.
    #[garde(length(chars, max = 140), custom(not_blank))]
    #[schema(example = "2026-06-01/000123")]
    reference: String,
}

/// The order after the transfer.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TransferConfirmed {
    order_id: Id<kinds::Order>,
    status: OrderStatus,
    total_amount: Money,
    completed_at: Option<Timestamp>,
    /// What was set aside, where the money came for an order that was closed or paid already; null where it has paid the order.
    #[schema(example = "payment:transfer_01933b7a-3c5e-7000-8000-4f2d1c9a7b10_6b86b273ff34fce1")]
    set_aside_id: Option<String>,
}

impl TransferConfirmed {
    fn new(order: &Order, set_aside_id: Option<String>) -> Self {
        Self {
            order_id: order.id,
            status: order.status,
            total_amount: Money(order.total()),
            completed_at: order.completed_at,
            set_aside_id,
        }
    }
}

/// Completes an order that is paid by bank transfer, when exactly its total has come. Money that comes for an order that is closed, or paid
/// already, is set aside: it belongs to the buyer.
#[utoipa::path(
    post, path = "/admin/orders/{id}/confirm-transfer", operation_id = "confirm_transfer", tag = "admin",
    params(
        ("id" = Id<kinds::Order>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer"),
    ),
    request_body = Transfer,
    responses((status = 200, description = "The order as it is now", body = TransferConfirmed)),
)]
pub(crate) async fn confirm_transfer(
    State(platform): State<Platform>,
    Admin(admin): Admin,
    client: Client,
    key: IdempotencyKey,
    Params(id): Params<Id<kinds::Order>>,
    Body(transfer): Body<Transfer>,
) -> ApiResult<Response> {
    admin.session_id()?;
    let request = (id, &transfer);
    key.run(&platform, admin.user_id, "confirm_transfer", &request, async |_| {
        let orders = platform.store().orders();
        let order = orders.find(id).await?.ok_or_else(no_such_order)?;
        if order.payment_method != PaymentMethod::BankTransfer {
            return Err(other_method("bank transfer"));
        }
        let amount = Amount::parse(&transfer.amount.to_string(), order.currency)
            .map_err(|error| ApiError::invalid("amount", error.to_string()))?;
        if amount.minor <= 0 {
            return Err(ApiError::invalid("amount", "must be more than nothing"));
        }
        let reference = transfer.reference.trim();
        let payment_id = Payment::id_of_transfer(id, reference);
        let pays = order.status == OrderStatus::Pending || order.payment_id.as_ref() == Some(&payment_id);
        if pays && amount != order.total() {
            let message = "Another amount than the order's has come. Nothing is granted for it: send it back, or ask for the rest.";
            return Err(ApiError::conflict("AMOUNT_DIFFERS", message)
                .with_details(json!({ "expected": Money(order.total()) })));
        }
        let captured = Captured {
            payment_id: payment_id.clone(),
            method: PaymentMethod::BankTransfer,
            charge_id: Some(reference.to_owned()),
            amount,
        };
        let action = act(&platform, admin, &client, AdminActionKind::TransferConfirmed)
            .to_account(order.user_id)
            .with("order_id", id)
            .with("amount", amount);
        let settlement = Settlement { captured, event: None, confirmed_by: Some(action) };
        match orders.settle(order.user_id, id, &settlement, platform.ambient().now()).await? {
            Settled::Done(order) | Settled::Already(order) => {
                Ok((StatusCode::OK, TransferConfirmed::new(&order, None)))
            }
            Settled::SetAside(_) => {
                let aside = SetAside::of_payment(&payment_id);
                let latest = orders.get(order.user_id, id).await?.unwrap_or(order);
                Ok((StatusCode::OK, TransferConfirmed::new(&latest, Some(aside))))
            }
            Settled::NoOrder => Err(no_such_order()),
            Settled::NotAdmin => Err(ApiError::admins_only()),
        }
    })
    .await
}
