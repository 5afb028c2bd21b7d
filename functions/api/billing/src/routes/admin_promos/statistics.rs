//! What became of a promo code (seed 003, `get_promo_code_stats`).

use std::collections::{BTreeMap, BTreeSet};

use domain::commerce::{Currency, PromoCode};
use http_kit::ApiResult;
use serde::Serialize;
use store::{Store, entities::commerce::promo::PromoUseState};

/// Uses that are read at once.
const PAGE: u32 = 100;
/// Uses that are counted: some 20 seconds of reading. The numbers of a code that was used more often are those of its first uses by number.
const USES_MAX: usize = 5_000;

/// What became of a code.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PromoStatistics {
    /// Uses that were paid, and those that are reserved by what is to be paid.
    #[schema(example = 17)]
    total_uses: usize,
    #[schema(example = 15)]
    unique_users: usize,
    /// By currency.
    amounts: Vec<PromoAmounts>,
    /// False for a code that was used more than 5,000 times: the numbers are those of 5,000 uses.
    is_complete: bool,
}

/// What was paid with a code in a currency, in minor units.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PromoAmounts {
    currency: Currency,
    /// What was taken off of what was paid.
    #[schema(example = 4233)]
    total_discount_cents: i64,
    /// What was paid, less what went back.
    #[schema(example = 12700)]
    revenue_cents: i64,
}

pub(crate) async fn statistics(store: &Store, code: &PromoCode) -> ApiResult<PromoStatistics> {
    let (mut total_uses, mut users, mut sums) =
        (0, BTreeSet::new(), BTreeMap::<&str, (Currency, i64, i64)>::new());
    let mut start = None;
    loop {
        let page = store.promos().uses(code, start, PAGE).await?;
        total_uses += page.items.len();
        users.extend(page.items.iter().map(|one| one.user_id));
        let used: Vec<_> = page.items.into_iter().filter(|one| one.state == PromoUseState::Used).collect();
        for paid in store.paid_with(&used).await? {
            let sum = sums.entry(paid.currency.code()).or_insert((paid.currency, 0, 0));
            sum.2 += paid.minor;
        }
        for one in used {
            let currency = one.discount.currency;
            sums.entry(currency.code()).or_insert((currency, 0, 0)).1 += one.discount.minor;
        }
        start = page.next;
        if start.is_none() || total_uses >= USES_MAX {
            break;
        }
    }
    let amounts = sums.into_values().map(|(currency, total_discount_cents, revenue_cents)| PromoAmounts {
        currency,
        total_discount_cents,
        revenue_cents,
    });
    Ok(PromoStatistics {
        total_uses,
        unique_users: users.len(),
        amounts: amounts.collect(),
        is_complete: start.is_none(),
    })
}
