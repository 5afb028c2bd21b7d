//! The gateway's object in our words.

use domain::commerce::{
    Amount, BillingInterval, Currency,
    subscription::{GatewayObject, GatewayStatus},
};
use gateway::{Interval, SubscriptionState, SubscriptionStatus};
use kernel::Timestamp;
use store::entities::SubscriptionPlan;

use crate::BillingError;

/// What the gateway's object says, and the plan that it is for. `None` for a state that this version does not know.
pub(crate) fn read<'p>(
    state: &SubscriptionState,
    plans: &'p [SubscriptionPlan],
) -> Result<Option<(GatewayObject, &'p SubscriptionPlan)>, BillingError> {
    let foreign = |reason| BillingError::Foreign { subscription: state.id.clone(), reason };
    let status = match state.status {
        SubscriptionStatus::Incomplete => GatewayStatus::Incomplete,
        SubscriptionStatus::Expired => GatewayStatus::IncompleteExpired,
        SubscriptionStatus::Trialing => GatewayStatus::Trialing,
        SubscriptionStatus::Active => GatewayStatus::Active,
        SubscriptionStatus::PastDue => GatewayStatus::PastDue,
        SubscriptionStatus::Unpaid => GatewayStatus::Unpaid,
        SubscriptionStatus::Cancelled => GatewayStatus::Canceled,
        SubscriptionStatus::Paused => GatewayStatus::Paused,
        SubscriptionStatus::Other => return Ok(None),
    };
    let plan = plans.iter().find(|plan| plan.product_id.as_deref() == Some(state.price.product.as_str()));
    let plan = plan.ok_or_else(|| foreign("its product is no plan"))?;
    let interval = match state.price.interval {
        Some(Interval::Month) => BillingInterval::Monthly,
        Some(Interval::Year) => BillingInterval::Annual,
        None => return Err(foreign("its interval is neither a month nor a year")),
    };
    let time = |seconds| Timestamp::from_second(seconds).map_err(|_| foreign("a time is out of range"));
    let object = GatewayObject {
        status,
        plan_id: plan.plan.id,
        interval,
        period_start: time(state.period_start)?,
        period_end: time(state.period_end)?,
        cancel_at_period_end: state.cancel_at_period_end,
        ended_at: state.ended_at.map(time).transpose()?,
    };
    Ok(Some((object, plan)))
}

/// What is paid for each interval.
pub(crate) fn price(state: &SubscriptionState) -> Result<Amount, BillingError> {
    let amount = state.price.minor.zip(currency(&state.price.currency));
    amount.map(|(minor, currency)| Amount::new(minor, currency)).ok_or_else(|| BillingError::Foreign {
        subscription: state.id.clone(),
        reason: "its price is no fixed amount",
    })
}

/// A currency of the gateway.
pub(crate) fn currency(code: &str) -> Option<Currency> {
    code.parse().ok()
}
