//! The entry sets of each event.

use kernel::{Id, Timestamp, id::kinds};

use super::{Account, EntrySet, LedgerError, LedgerEvent, Moves, Subject};
use crate::commerce::{Amount, Currency, Line, PaymentMethod, refund::Part, split::Parts};

/// Where the money of an order comes in and goes out.
pub const fn clearing(method: PaymentMethod) -> Account {
    match method {
        PaymentMethod::BankTransfer => Account::BankClearing,
        PaymentMethod::Card | PaymentMethod::Free => Account::GatewayClearing,
    }
}

/// An order whose money moves.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The order.
    pub order: Id<kinds::Order>,
    /// Its lines. For a refund: as they were when it was planned, or later; only what never changes of them is read.
    pub lines: &'a [Line],
    /// Its currency.
    pub currency: Currency,
    /// How it was paid.
    pub method: PaymentMethod,
}

impl Of<'_> {
    fn set(
        self,
        moves: Moves,
        id: String,
        event: LedgerEvent,
        at: Timestamp,
    ) -> Result<EntrySet, LedgerError> {
        moves.set(id, event, self.currency, at, Some(Subject::Order(self.order)))
    }

    /// Takes the parts of a refund from their owners and gives them to `to`.
    fn reverse(self, parts: &[Part], to: Account) -> Result<Moves, LedgerError> {
        let mut moves = Moves::default();
        for part in parts {
            let line = self
                .lines
                .get(part.index)
                .filter(|line| line.id == part.item_id)
                .ok_or(LedgerError::Malformed)?;
            if part.before < 0 || part.after < part.before || part.after > line.paid_minor {
                return Err(LedgerError::Negative);
            }
            book(&mut moves, line, Parts::of_refund(line, part.before, part.after), to, -1)?;
        }
        Ok(moves)
    }
}

/// Books a line's parts: at a sale with sign 1 (debits `clearing`, credits the owners), at a refund with −1.
fn book(
    moves: &mut Moves,
    line: &Line,
    parts: Parts,
    clearing: Account,
    sign: i64,
) -> Result<(), LedgerError> {
    moves
        .transfer(clearing, Account::TaxPayable, sign * parts.tax)?
        .transfer(clearing, Account::CreatorPayable(line.instructor_id), sign * parts.creator)?
        .transfer(clearing, Account::PlatformRevenue, sign * parts.platform)?
        .transfer(Account::Promotions, Account::PlatformRevenue, sign * parts.promotion)?;
    Ok(())
}

/// An order was paid: `sale:{order}`.
///
/// # Errors
/// [`LedgerError`] for amounts out of range.
pub fn sale(of: Of<'_>, at: Timestamp) -> Result<EntrySet, LedgerError> {
    let mut moves = Moves::default();
    for line in of.lines {
        book(&mut moves, line, Parts::of_line(line), clearing(of.method), 1)?;
    }
    of.set(moves, format!("sale:{}", of.order), LedgerEvent::Sale, at)
}

/// A refund of an order succeeded: `refund:{refund}`. Takes the creator's share and the tax back in proportion; over all refunds of a
/// line exactly what the sale had given, as long as the parts of those that succeed follow one another: `before` of each is what was booked
/// before, not what is only under way.
///
/// # Errors
/// [`LedgerError`] for parts that don't fit the lines.
pub fn refund(
    of: Of<'_>,
    refund: Id<kinds::Refund>,
    parts: &[Part],
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let moves = of.reverse(parts, clearing(of.method))?;
    of.set(moves, format!("refund:{refund}"), LedgerEvent::Refund, at)
}

/// The buyer's bank took the money back for the time of a dispute: `dispute_opened:{dispute}`. Nobody's earnings change yet.
///
/// # Errors
/// [`LedgerError`] for a negative amount.
pub fn dispute_opened(
    subject: Subject,
    dispute: &str,
    amount: Amount,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let id = format!("dispute_opened:{dispute}");
    one(
        Account::CustomerRefunds,
        Account::GatewayClearing,
        amount,
        id,
        LedgerEvent::DisputeOpened,
        Some(subject),
        at,
    )
}

/// The bank decided for the platform and gave the money back: `dispute_closed:{dispute}`.
///
/// # Errors
/// [`LedgerError`] for a negative amount.
pub fn dispute_won(
    subject: Subject,
    dispute: &str,
    amount: Amount,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let id = format!("dispute_closed:{dispute}");
    one(
        Account::GatewayClearing,
        Account::CustomerRefunds,
        amount,
        id,
        LedgerEvent::DisputeWon,
        Some(subject),
        at,
    )
}

/// The bank decided for the buyer: `dispute_closed:{dispute}`. As a refund, except that the money has left already. `parts` is
/// [`crate::commerce::refund::allocate`] of the disputed amount; what exceeds them is a [`dispute_excess`].
///
/// # Errors
/// [`LedgerError`] for parts that don't fit the lines.
pub fn dispute_lost(
    of: Of<'_>,
    dispute: &str,
    parts: &[Part],
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let moves = of.reverse(parts, Account::CustomerRefunds)?;
    of.set(moves, format!("dispute_closed:{dispute}"), LedgerEvent::DisputeLost, at)
}

/// What the bank kept beyond all that remained of the order, such as what had been refunded before: `dispute_excess:{dispute}`. The
/// platform bears it.
///
/// # Errors
/// [`LedgerError`] for a negative amount.
pub fn dispute_excess(
    subject: Subject,
    dispute: &str,
    excess: Amount,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let id = format!("dispute_excess:{dispute}");
    one(
        Account::PlatformRevenue,
        Account::CustomerRefunds,
        excess,
        id,
        LedgerEvent::DisputeLost,
        Some(subject),
        at,
    )
}

/// An invoice of a subscription was paid: `income:{invoice}`. All but the tax is the platform's.
///
/// # Errors
/// [`LedgerError`] for a negative amount, or for more tax than was paid.
pub fn subscription_income(
    subscription: Id<kinds::Subscription>,
    invoice: &str,
    paid: Amount,
    tax_minor: i64,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    subscription_moves(Account::GatewayClearing, paid, tax_minor, 1)?.set(
        format!("income:{invoice}"),
        LedgerEvent::SubscriptionIncome,
        paid.currency,
        at,
        Some(Subject::Subscription(subscription)),
    )
}

/// Money of a subscription's invoice went back: `refund:{refund}`, with the tax that went back with it.
///
/// # Errors
/// [`LedgerError`] for a negative amount, or for more tax than went back.
pub fn subscription_refund(
    subscription: Id<kinds::Subscription>,
    refund: &str,
    refunded: Amount,
    tax_minor: i64,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    subscription_moves(Account::GatewayClearing, refunded, tax_minor, -1)?.set(
        format!("refund:{refund}"),
        LedgerEvent::SubscriptionRefund,
        refunded.currency,
        at,
        Some(Subject::Subscription(subscription)),
    )
}

/// The bank decided for the subscriber: `dispute_closed:{dispute}`. As a refund, except that the money has left already. What exceeds what
/// remained of the invoice is a [`dispute_excess`].
///
/// # Errors
/// [`LedgerError`] for a negative amount, or for more tax than went back.
pub fn subscription_dispute_lost(
    subscription: Id<kinds::Subscription>,
    dispute: &str,
    taken: Amount,
    tax_minor: i64,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    subscription_moves(Account::CustomerRefunds, taken, tax_minor, -1)?.set(
        format!("dispute_closed:{dispute}"),
        LedgerEvent::DisputeLost,
        taken.currency,
        at,
        Some(Subject::Subscription(subscription)),
    )
}

fn subscription_moves(
    clearing: Account,
    amount: Amount,
    tax_minor: i64,
    sign: i64,
) -> Result<Moves, LedgerError> {
    if tax_minor < 0 || amount.minor < tax_minor {
        return Err(LedgerError::Negative);
    }
    let mut moves = Moves::default();
    moves.transfer(clearing, Account::TaxPayable, sign * tax_minor)?.transfer(
        clearing,
        Account::PlatformRevenue,
        sign * (amount.minor - tax_minor),
    )?;
    Ok(moves)
}

/// Money came in this way that no order was waiting for (the order was cancelled or had expired, or the amount is wrong):
/// `late:{payment}`. It belongs to the buyer until a person has looked at it.
///
/// # Errors
/// [`LedgerError`] for a negative amount.
pub fn late_money(
    subject: Option<Subject>,
    payment: &str,
    (amount, method): (Amount, PaymentMethod),
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let id = format!("late:{payment}");
    one(clearing(method), Account::CustomerRefunds, amount, id, LedgerEvent::LateMoney, subject, at)
}

/// Such money went back in the way in which it had come: `refund:{refund}`.
///
/// # Errors
/// [`LedgerError`] for a negative amount.
pub fn late_money_returned(
    subject: Option<Subject>,
    refund: &str,
    (amount, method): (Amount, PaymentMethod),
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let id = format!("refund:{refund}");
    one(Account::CustomerRefunds, clearing(method), amount, id, LedgerEvent::LateMoneyReturned, subject, at)
}

/// The gateway kept a fee of a charge or a dispute: `fee:{charge}`. A negative one is a fee that it gave back.
///
/// # Errors
/// [`LedgerError::Overflow`]
pub fn gateway_fee(
    subject: Option<Subject>,
    charge: &str,
    fee: Amount,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    let mut moves = Moves::default();
    moves.transfer(Account::GatewayFees, Account::GatewayClearing, fee.minor)?;
    moves.set(format!("fee:{charge}"), LedgerEvent::GatewayFee, fee.currency, at, subject)
}

fn one(
    debit: Account,
    credit: Account,
    amount: Amount,
    id: String,
    event: LedgerEvent,
    subject: Option<Subject>,
    at: Timestamp,
) -> Result<EntrySet, LedgerError> {
    if amount.minor < 0 {
        return Err(LedgerError::Negative);
    }
    let mut moves = Moves::default();
    moves.transfer(debit, credit, amount.minor)?;
    moves.set(id, event, amount.currency, at, subject)
}
