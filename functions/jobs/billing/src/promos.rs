//! Promo codes whose time is over are switched off (seed 003, "Deactivate expired codes"). Nobody can use them before that either: the time is
//! part of the rule; this keeps the list of what is active true.

use domain::commerce::Promo;
use jobs::JobError;
use store::entities::commerce::promo::PromoChange;

use crate::Context;

/// Switches expired codes off; gives how many failed.
pub(crate) async fn expire(context: &Context) -> Result<usize, JobError> {
    let (promos, now) = (context.store.promos(), context.ambient.now());
    let (mut start, mut failed) = (None, 0);
    loop {
        let page = promos.list(start, 100).await?;
        for rule in page.items {
            if !rule.promo.is_active || rule.promo.valid_until > now {
                continue;
            }
            let ended = Promo { is_active: false, ..rule.promo.clone() };
            match promos.change(&rule, &ended, None, now).await {
                Ok(PromoChange::Done(_)) => {
                    tracing::info!(code = %rule.promo.code, "the promo code has expired")
                }
                // An admin changed it in this moment: the next run looks at it anew.
                Ok(PromoChange::Changed | PromoChange::NotAdmin) => {}
                Err(error) => {
                    failed += 1;
                    tracing::error!(code = %rule.promo.code, %error, "the promo code stays switched on");
                }
            }
        }
        start = page.next;
        if start.is_none() {
            return Ok(failed);
        }
    }
}
