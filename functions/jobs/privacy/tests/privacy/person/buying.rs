//! What he has bought, and what he means to buy.

use domain::commerce::{PromoCode, refund::Wish as RefundWish};
use kernel::Secret;
use store::entities::{
    Course, Order, Wish,
    commerce::order::{Created, RefundRequest, Refunding},
};
use testkit::shop;

use super::Person;
use crate::stage::Stage;

pub(super) async fn buying(stage: &Stage, person: &mut Person, taken: &Course) {
    let (world, store, now) = (&stage.world, stage.world.store(), stage.world.ambient().now());
    let teacher = world.instructor().await;
    let bought = shop::course(world, &teacher, 5_000).await;
    let code: PromoCode = format!("CODE-{}", person.number).parse().unwrap();
    shop::promo(world, code.as_str(), 10, None, 1).await;
    let cart = shop::fill_cart(world, &person.caller, std::slice::from_ref(&bought)).await;
    store.carts().set_promo(cart, Some(&code), now).await.unwrap();
    let Created::Made(order) = shop::try_order(world, &person.caller).await else { unreachable!() };
    let mut address = order.billing_address.clone();
    address.last_name = Secret::new(person.plant("billing-name"));
    address.address_line1 = Secret::new(person.plant("street"));
    let order = Order { billing_address: address, ..order };
    store.put(&order).await.unwrap();
    let order = shop::pay(world, &order).await;
    let request = RefundRequest {
        id: world.ambient().id(),
        wish: RefundWish::Items(vec![(order.lines[0].id, Some(100))]),
        requested_by: None,
        reason: person.plant("refund-reason"),
    };
    let begun = store.orders().begin_refund(person.id(), order.id, &request, now).await.unwrap();
    assert!(matches!(begun, Refunding::Done(..)));
    let wanted = Course { title: person.plant("in-cart"), ..shop::course(world, &teacher, 1_000).await };
    shop::fill_cart(world, &person.caller, &[wanted]).await;
    let wish = Wish {
        user_id: person.id(),
        course_id: taken.id,
        title: person.plant("wish"),
        price_minor: 0,
        currency: order.currency,
        added_at: now,
    };
    assert!(store.wishes().add(&wish).await.unwrap().is_none());
}
