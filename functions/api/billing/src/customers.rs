//! Who a user is at the gateway.

use billing::Billing;
use gateway::{Key, NewCustomer};
use http_kit::{ApiResult, Platform};
use kernel::{Id, Secret, id::kinds};
use store::entities::GatewayCustomer;

use crate::refusals::{gateway_failed, subscriber_gone};

/// The user's customer at the gateway, made at the first need. A retry has the same idempotency key, so that there is one.
pub(crate) async fn customer_of(
    platform: &Platform,
    billing: &Billing,
    user: Id<kinds::User>,
) -> ApiResult<GatewayCustomer> {
    let subscriptions = platform.store().subscriptions();
    if let Some(customer) = subscriptions.customer(user).await? {
        return Ok(customer);
    }
    let person = platform.store().users().get(user).await?.ok_or_else(subscriber_gone)?;
    let name = format!("{} {}", person.first_name.expose(), person.last_name.expose());
    let new =
        NewCustomer { user_id: user.to_string(), email: Some(person.email), name: Some(Secret::new(name)) };
    let made = billing.gateway().create_customer(&new, &Key::new("customer", user)).await;
    let made = made.map_err(gateway_failed)?;
    let customer = GatewayCustomer {
        user_id: user,
        customer_id: made.id,
        had_trial: false,
        created_at: platform.ambient().now(),
    };
    Ok(subscriptions.add_customer(customer).await?)
}
