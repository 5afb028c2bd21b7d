//! The gateway's own books: each movement of the account's balance. The reconciliation compares them with the ledger.

use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_shared::{BalanceTransaction, BalanceTransactionSource};
use stripe_types::{Expandable, Object as _, RangeBoundsTs, RangeQueryTs};

use crate::{Gateway, GatewayError, checked, money};

/// Rows per page, Stripe's largest.
const PAGE: i64 = 100;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What to give as `after` for the next page. None at the end.
    pub next: Option<String>,
}

/// One movement of the balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// `txn_…`
    pub id: String,
    /// Such as `charge`, `refund`, `adjustment` (disputes), `stripe_fee`, `payout`.
    pub kind: String,
    /// Such as `charge`, `refund`, `dispute`, `dispute_reversal`, `fee`, `payout`.
    pub category: String,
    /// Before the fee, in minor units of the account's currency; negative when money leaves.
    pub gross: i64,
    /// What the gateway keeps.
    pub fee: i64,
    /// `gross` − `fee`.
    pub net: i64,
    /// ISO 4217.
    pub currency: String,
    /// What moved it: `ch_…`, `re_…`, `dp_…`, `po_…`.
    pub source: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
}

impl Gateway {
    /// The movements from `from` to before `until` (seconds since 1970), the newest first; `after` is [`Page::next`] of the page before.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn balance_page(
        &self,
        from: i64,
        until: i64,
        after: Option<&str>,
    ) -> Result<Page<BalanceRow>, GatewayError> {
        let created = RangeQueryTs::Bounds(RangeBoundsTs {
            gte: Some(from),
            lt: Some(until),
            ..RangeBoundsTs::default()
        });
        let mut request = ListBalanceTransaction::new().created(created).limit(PAGE);
        if let Some(after) = after {
            request = request.starting_after(checked(after)?);
        }
        let list = self.client.read(request).await?;
        let rows: Vec<_> = list.data.into_iter().map(BalanceRow::of).collect();
        let next = if list.has_more { rows.last().map(|row| row.id.clone()) } else { None };
        Ok(Page { rows, next })
    }
}

impl BalanceRow {
    pub(crate) fn of(row: BalanceTransaction) -> Self {
        let source = row.source.map(|source: Expandable<BalanceTransactionSource>| match source {
            Expandable::Id(id) => id.as_str().to_owned(),
            Expandable::Object(object) => object.id().as_str().to_owned(),
        });
        Self {
            id: row.id.as_str().to_owned(),
            kind: row.type_.as_str().to_owned(),
            category: row.reporting_category,
            gross: row.amount,
            fee: row.fee,
            net: row.net,
            currency: money::code(&row.currency),
            source,
            created: row.created,
        }
    }
}
