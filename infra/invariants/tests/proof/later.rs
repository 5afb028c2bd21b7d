//! Two readings: what may never change, and what never goes backwards, though each of the readings is sound.

use domain::commerce::OrderStatus;
use invariants::{Books, Invariant, since};
use store::{
    Item,
    entities::{IdempotencyRecord, Order, StoredSet},
    from_item, item_type, to_item,
};

use crate::Stage;

/// The world with one thing of another content.
fn with<E: store::Entity>(
    items: &[Item],
    fits: impl Fn(&E) -> bool,
    change: impl Fn(E) -> Option<E>,
) -> Books {
    let mut items = items.to_vec();
    let place =
        items.iter().position(|item| item_type(item) == E::TYPE && fits(&from_item(item.clone()).unwrap()));
    let item = items.remove(place.unwrap());
    items.extend(change(from_item(item).unwrap()).map(|entity| to_item(&entity).unwrap()));
    Books::of_items(items)
}

#[tokio::test]
async fn what_was_written_for_ever_has_not_changed_and_nothing_went_backwards() {
    let stage = Stage::new().await;
    let items: Vec<Item> = stage.items.iter().map(|(_, item)| item.clone()).collect();
    let before = Books::of_items(items.clone());
    assert_eq!(since(&before, &before), []);

    let order = |status| move |order: &Order| order.status == status;
    let after = [
        (Invariant::Ledger, with(&items, |_: &StoredSet| true, |_: StoredSet| None)),
        (
            Invariant::Ledger,
            with(
                &items,
                |one: &StoredSet| !one.earnings.is_empty(),
                |one: StoredSet| Some(StoredSet { earnings: Vec::new(), ..one }),
            ),
        ),
        (
            Invariant::Ledger,
            with(&items, |_: &StoredSet| true, |one: StoredSet| Some(StoredSet { posted_at: None, ..one })),
        ),
        (
            Invariant::Forward,
            with(&items, order(OrderStatus::Paid), |one: Order| {
                Some(Order { status: OrderStatus::Cancelled, version: one.version + 1, ..one })
            }),
        ),
        (
            Invariant::Forward,
            with(&items, order(OrderStatus::Cancelled), |one: Order| {
                Some(Order { status: OrderStatus::Pending, version: one.version + 1, ..one })
            }),
        ),
        (
            Invariant::Forward,
            with(&items, order(OrderStatus::Paid), |one: Order| {
                Some(Order { version: one.version - 1, ..one })
            }),
        ),
        (
            Invariant::Forward,
            with(&items, order(OrderStatus::Paid), |one: Order| {
                Some(Order { payment_id: None, version: one.version + 1, ..one })
            }),
        ),
        (
            Invariant::Forward,
            with(&items, order(OrderStatus::Pending), |mut one: Order| {
                one.lines[0].price_minor += 1;
                Some(one)
            }),
        ),
        (
            Invariant::SameAnswer,
            with(
                &items,
                |_: &IdempotencyRecord| true,
                |one: IdempotencyRecord| Some(IdempotencyRecord { response: Some("{}".into()), ..one }),
            ),
        ),
    ];
    for (number, (invariant, after)) in after.iter().enumerate() {
        let found = since(&before, after);
        assert!(found.iter().any(|finding| finding.invariant == *invariant), "change {number}: {found:#?}");
    }
}
