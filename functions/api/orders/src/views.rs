//! Orders as the API shows them (seed 001 §4.5).

use domain::commerce::{
    Amount, BankAccount, Currency, Line, Money, OrderNumber, OrderStatus, PaymentMethod, PromoCode,
    payment::PaymentStatus,
};
use kernel::{Id, Secret, Timestamp, id::kinds};
use serde::Serialize;
use store::entities::Order;

/// A course as it was bought.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BoughtCourse {
    id: Id<kinds::Course>,
    /// Its title when it was bought.
    #[schema(example = "Complete Web Development Bootcamp 2026")]
    title: String,
}

/// A course of an order.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OrderItemView {
    id: Id<kinds::OrderItem>,
    course: BoughtCourse,
    price_at_purchase: Money,
    /// This course's part of the discount.
    discount_amount: Money,
    /// This course's part of the tax.
    tax_amount: Money,
    /// What is paid for it.
    paid_amount: Money,
    /// What went back of it, or is on its way back.
    refunded_amount: Money,
}

/// An order in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OrderSummary {
    id: Id<kinds::Order>,
    order_number: OrderNumber,
    status: OrderStatus,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
    total_amount: Money,
    currency: Currency,
    #[schema(example = 2)]
    items_count: usize,
    items: Vec<OrderItemView>,
}

/// Where the money of an order is to be transferred.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BankTransferView {
    #[schema(example = "LearnFlow Ltd")]
    account_holder: String,
    /// Without spaces.
    #[schema(example = "DE89370400440532013000")]
    iban: String,
    #[schema(example = "COBADEFFXXX")]
    bic: Option<String>,
    /// Name of the bank.
    #[schema(example = "Example Bank")]
    bank: Option<String>,
    /// What the transfer has to name, so that it is found: the order's number.
    reference: OrderNumber,
}

impl BankTransferView {
    /// What a buyer needs for an order that waits for its transfer; `None` for any other.
    fn new(order: &Order, account: Option<&BankAccount>) -> Option<Self> {
        let waits =
            order.status == OrderStatus::Pending && order.payment_method == PaymentMethod::BankTransfer;
        let account = account.filter(|_| waits)?;
        Some(Self {
            account_holder: account.holder.clone(),
            iban: account.iban.as_str().to_owned(),
            bic: account.bic.as_ref().map(|bic| bic.as_str().to_owned()),
            bank: account.bank.clone(),
            reference: order.order_number,
        })
    }
}

/// How an order is paid.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OrderPayment {
    method: PaymentMethod,
    status: PaymentStatus,
    /// The gateway's number of the charge.
    #[schema(example = "ch_3MmlLrLkdIwHu7ix0snN0B15")]
    transaction_id: Option<String>,
    /// Until when it can be paid; null where that is over.
    pay_by: Option<Timestamp>,
    /// Where to transfer its total; null where no transfer is waited for.
    bank_transfer: Option<BankTransferView>,
}

/// To whom the bill goes; empty where the account is gone.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BillingView {
    #[schema(example = "John")]
    first_name: Secret<String>,
    #[schema(example = "Doe")]
    last_name: Secret<String>,
    #[schema(example = "john@example.com")]
    email: Secret<String>,
    #[schema(example = "123 Main St")]
    address_line1: Secret<String>,
    #[schema(example = "Apt 4B")]
    address_line2: Secret<String>,
    #[schema(example = "San Francisco")]
    city: Secret<String>,
    #[schema(example = "CA")]
    state: Secret<String>,
    #[schema(example = "94105")]
    postal_code: Secret<String>,
    #[schema(example = "US")]
    country: String,
    #[schema(example = "+1234567890")]
    phone: Secret<String>,
}

/// An order.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OrderDetail {
    #[serde(flatten)]
    summary: OrderSummary,
    /// Sum of the prices.
    subtotal: Money,
    discount_amount: Money,
    tax_amount: Money,
    /// What went back, or is on its way back.
    refunded_amount: Money,
    promo_code: Option<PromoCode>,
    payment: OrderPayment,
    billing_address: BillingView,
}

impl From<Order> for OrderSummary {
    fn from(order: Order) -> Self {
        let currency = order.currency;
        let money = |minor| Money(Amount::new(minor, currency));
        let item = |line: Line| OrderItemView {
            id: line.id,
            course: BoughtCourse { id: line.course_id, title: line.title },
            price_at_purchase: money(line.price_minor),
            discount_amount: money(line.discount_minor),
            tax_amount: money(line.tax_minor),
            paid_amount: money(line.paid_minor),
            refunded_amount: money(line.refunded_minor),
        };
        Self {
            id: order.id,
            order_number: order.order_number,
            status: order.status,
            created_at: order.created_at,
            completed_at: order.completed_at,
            total_amount: money(order.total_minor),
            currency,
            items_count: order.lines.len(),
            items: order.lines.into_iter().map(item).collect(),
        }
    }
}

/// The state of an order's payment.
const fn payment_status(status: OrderStatus) -> PaymentStatus {
    if status.was_paid() {
        PaymentStatus::Succeeded
    } else if status.is_closed_unpaid() {
        PaymentStatus::Failed
    } else {
        PaymentStatus::Pending
    }
}

impl OrderDetail {
    /// An order, with the platform's account where it is to be paid by transfer.
    pub(crate) fn new(order: Order, account: Option<&BankAccount>) -> Self {
        let money = |minor| Money(Amount::new(minor, order.currency));
        let address = order.billing_address.clone();
        Self {
            subtotal: money(order.subtotal_minor),
            discount_amount: money(order.discount_minor),
            tax_amount: money(order.tax_minor),
            refunded_amount: money(order.lines.iter().map(|line| line.refunded_minor).sum()),
            promo_code: order.promo_code.clone(),
            payment: OrderPayment {
                method: order.payment_method,
                status: payment_status(order.status),
                transaction_id: order.charge_id.clone(),
                pay_by: (order.status == OrderStatus::Pending).then_some(order.pay_by),
                bank_transfer: BankTransferView::new(&order, account),
            },
            billing_address: BillingView {
                first_name: address.first_name,
                last_name: address.last_name,
                email: address.email,
                address_line1: address.address_line1,
                address_line2: address.address_line2,
                city: address.city,
                state: address.state,
                postal_code: address.postal_code,
                country: address.country,
                phone: address.phone,
            },
            summary: order.into(),
        }
    }
}
