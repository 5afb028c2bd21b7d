//! A buyer sees his payments.

use axum::{Json, extract::State};
use domain::commerce::{Currency, Money, OrderNumber, PaymentMethod, payment::PaymentStatus};
use http_kit::{ApiResult, CursorPage, CursorQuery, Platform, Query, SignedIn, openapi::BASE_PATH};
use kernel::{Id, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Payment;

/// A payment.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TransactionView {
    /// The payment's number at the payment service, or our own for a bank transfer.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    id: String,
    order_id: Id<kinds::Order>,
    order_number: OrderNumber,
    payment_method: PaymentMethod,
    amount: Money,
    currency: Currency,
    status: PaymentStatus,
    /// The payment service's number of the charge.
    #[schema(example = "ch_3MmlLrLkdIwHu7ix0snN0B15")]
    transaction_id: Option<String>,
    /// Why the last try failed.
    #[schema(example = "card_declined")]
    failure_code: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Payment> for TransactionView {
    fn from(payment: Payment) -> Self {
        Self {
            id: payment.id,
            order_id: payment.order_id,
            order_number: payment.order_number,
            payment_method: payment.method,
            amount: Money(payment.amount),
            currency: payment.amount.currency,
            status: payment.status,
            transaction_id: payment.charge_id,
            failure_code: payment.failure_code,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

/// The caller's payments, the newest first.
#[utoipa::path(
    get, path = "/payments/transactions", operation_id = "list_transactions", tag = "payments",
    params(CursorQuery),
    responses((status = 200, description = "A page of payments", body = CursorPage<TransactionView>)),
)]
pub(crate) async fn list_transactions(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<TransactionView>>> {
    let list = format!("transactions#{}", caller.user_id);
    let start = cursor.start(&platform, &list).await?;
    let page = platform.store().payments().of_user(caller.user_id, start, 0, cursor.page_size).await?;
    let results = page.items.into_iter().map(TransactionView::from).collect();
    let path = format!("{BASE_PATH}/payments/transactions");
    Ok(Json(cursor.page(&platform, &list, &path, &[], results, page.next).await?))
}
