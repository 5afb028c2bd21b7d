use domain::{
    admin::AdminActionKind,
    commerce::{OrderStatus, Promo, PromoCode, promo::Discount},
};
use futures::future::join_all;
use store::entities::{
    AdminAction, Order, PromoRule,
    admin_action::Acted,
    commerce::{
        order::Created,
        promo::{PromoChange, PromoUseState},
    },
};
use testkit::{Caller, shop};

use crate::stage::Stage;

async fn with_code(stage: &Stage, buyer: &Caller, code: &PromoCode) {
    let now = stage.world.ambient().now();
    let cart = stage.world.store().carts().get(buyer.id, now).await.unwrap();
    stage.world.store().carts().set_promo(cart, Some(code), now).await.unwrap();
}

async fn rule(stage: &Stage, code: &PromoCode) -> PromoRule {
    stage.world.store().promos().get(code).await.unwrap().unwrap()
}

/// How often a code was used by its count, and by its records.
async fn uses(stage: &Stage, code: &PromoCode) -> (u32, usize) {
    let records = stage.world.store().promos().uses(code, None, 100).await.unwrap().items;
    (rule(stage, code).await.uses, records.len())
}

#[tokio::test]
async fn a_use_is_reserved_by_an_order_kept_by_its_payment_and_freed_by_its_end() {
    let stage = Stage::new().await;
    let code = shop::promo(&stage.world, "SUMMER", 25, Some(10), 1).await.promo.code;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    shop::fill_cart(&stage.world, &stage.buyer, &[course]).await;
    with_code(&stage, &stage.buyer, &code).await;
    let Created::Made(first) = shop::try_order(&stage.world, &stage.buyer).await else { unreachable!() };
    assert_eq!((first.total_minor, uses(&stage, &code).await), (750, (1, 1)));
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    store.orders().expire(stage.buyer.id, first.id, false, now).await.unwrap();
    assert_eq!(stage.order(first.id).await.status, OrderStatus::Expired);
    assert_eq!(uses(&stage, &code).await, (0, 0));

    let Created::Made(second) = shop::try_order(&stage.world, &stage.buyer).await else { unreachable!() };
    shop::pay(&stage.world, &second).await;
    let records = store.promos().uses(&code, None, 10).await.unwrap().items;
    assert_eq!((records.len(), records[0].state), (1, PromoUseState::Used));
    assert_eq!(store.promos().for_user(&code, stage.buyer.id).await.unwrap().unwrap().1.by_user, 1);
}

/// Of so many rounds each has its own buyers, code and course.
const ROUNDS: usize = 20;

#[tokio::test]
async fn of_200_buyers_for_the_last_use_exactly_one_has_it() {
    let stage = Stage::new().await;
    for round in 0..ROUNDS {
        let buyers = join_all((0..200).map(|_| stage.world.student())).await;
        let code = shop::promo(&stage.world, &format!("LAST{round}"), 50, Some(1), 1).await.promo.code;
        let course = [shop::course(&stage.world, &stage.teacher, 1_000).await];
        // Each looks at his cart while the code is still free.
        let mut wanted = Vec::new();
        for buyer in &buyers {
            shop::fill_cart(&stage.world, buyer, &course).await;
            with_code(&stage, buyer, &code).await;
            wanted.push(shop::new_order(&stage.world, buyer).await);
        }
        let now = stage.world.ambient().now();
        let orders = stage.world.store().orders();
        let tries = wanted.into_iter().map(|(cart, new)| {
            let orders = &orders;
            async move { orders.create(&cart, new, now).await.unwrap() }
        });
        let outcomes = join_all(tries).await;
        let made: Vec<&Order> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Created::Made(order) => Some(order),
                _ => None,
            })
            .collect();
        assert_eq!((made.len(), made[0].total_minor), (1, 500), "round {round}");
        assert_eq!(uses(&stage, &code).await, (1, 1), "round {round}");
    }
}

#[tokio::test]
async fn a_rule_is_changed_without_losing_uses() {
    let stage = Stage::new().await;
    let before = shop::promo(&stage.world, "CHANGE", 10, None, 5).await;
    let course = shop::course(&stage.world, &stage.teacher, 1_000).await;
    shop::fill_cart(&stage.world, &stage.buyer, &[course]).await;
    with_code(&stage, &stage.buyer, &before.promo.code).await;
    assert!(matches!(shop::try_order(&stage.world, &stage.buyer).await, Created::Made(_)));
    let (promos, now) = (stage.world.store().promos(), stage.world.ambient().now());
    let admin = stage.world.admin().await;
    let act = |kind| AdminAction::now(stage.world.ambient(), admin.id, "203.0.113.7", kind);
    let fixed = Promo {
        discount: Discount::Fixed { minor: 300, currency: domain::commerce::Currency::USD },
        max_uses: Some(2),
        ..before.promo.clone()
    };
    let changed = act(AdminActionKind::PromoChanged);
    let nobody = AdminAction { admin_id: stage.buyer.id, ..changed.clone() };
    let refused = promos.change(&before, &fixed, Some(&nobody), now).await.unwrap();
    assert!(matches!(refused, PromoChange::NotAdmin), "{refused:?}");
    let PromoChange::Done(after) = promos.change(&before, &fixed, Some(&changed), now).await.unwrap() else {
        unreachable!()
    };
    assert_eq!((after.uses, after.revision), (1, 2));
    let read = rule(&stage, &before.promo.code).await;
    assert_eq!((read.promo, read.uses), (fixed.clone(), 1));
    let again = promos.change(&before, &fixed, Some(&act(AdminActionKind::PromoChanged)), now).await.unwrap();
    assert!(matches!(again, PromoChange::Changed), "it was changed since it was read");
    let deleted =
        promos.delete_unused(&before.promo.code, &act(AdminActionKind::PromoDeleted)).await.unwrap();
    assert_eq!(deleted, Acted::Changed, "it was used");
    let month = AdminAction::month_of(changed.at);
    let log = stage.world.store().admin_actions().of_month(&month, None, 10).await.unwrap().items;
    assert_eq!(
        log.iter().map(|line| line.id).collect::<Vec<_>>(),
        [changed.id],
        "what happened, and nothing else"
    );
    assert_eq!(promos.list(None, 10).await.unwrap().items.len(), 1);
}
