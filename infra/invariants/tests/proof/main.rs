//! The checker of invariants is itself proven: in a healthy world it finds nothing, and it finds each of the corruptions below, whichever of
//! the things that it could hit it hits.
#![expect(clippy::unwrap_used, reason = "a test that can't set itself up should stop there")]

mod corruptions;
mod healthy;
mod later;

use invariants::{Circumstances, Finding, Invariant};
use store::{Entity, Item, Table, from_item, item_type, to_item};
use testkit::World;

/// A world to be corrupted.
struct Stage {
    world: World,
    /// All that is stored in it.
    items: Vec<(Table, Item)>,
}

/// A write past all access patterns.
enum Write {
    Put(Table, Item),
    Delete(Table, Item),
}

fn put<E: Entity>(entity: &E) -> Write {
    Write::Put(E::TABLE, to_item(entity).unwrap())
}

fn delete<E: Entity>(entity: &E) -> Write {
    Write::Delete(E::TABLE, to_item(entity).unwrap())
}

/// Picks things of the world by a seed.
struct Hand<'a> {
    items: &'a [(Table, Item)],
    seed: usize,
}

impl Hand<'_> {
    fn pick<E: Entity>(&self, fits: impl Fn(&E) -> bool) -> E {
        let of_type = self.items.iter().filter(|(_, item)| item_type(item) == E::TYPE);
        let all = of_type.map(|(_, item)| from_item::<E>(item.clone()).unwrap());
        let mut all: Vec<E> = all.filter(|entity| fits(entity)).collect();
        assert!(!all.is_empty(), "the world has no {} to be corrupted so", E::TYPE);
        all.sort_by_key(|entity| entity.key().pk + &entity.key().sk);
        all.swap_remove(self.seed % all.len())
    }
}

impl Stage {
    async fn new() -> Self {
        let world = healthy::world().await;
        let items = read(&world).await;
        Self { world, items }
    }

    async fn findings(&self) -> Vec<Finding> {
        let circumstances =
            Circumstances { max_sessions: 1, ..Circumstances::of_test(self.world.ambient().now()) };
        invariants::check(self.world.store(), &circumstances).await.unwrap()
    }

    async fn write(&self, writes: &[Write]) {
        for write in writes {
            match write {
                Write::Put(table, item) => self.put(*table, item.clone()).await,
                Write::Delete(table, item) => self.delete(*table, item).await,
            }
        }
    }

    async fn put(&self, table: Table, item: Item) {
        let call = self.world.dynamodb.put_item().table_name(format!("{table:?}Table"));
        call.set_item(Some(item)).send().await.unwrap();
    }

    async fn delete(&self, table: Table, item: &Item) {
        let call = self.world.dynamodb.delete_item().table_name(format!("{table:?}Table"));
        call.key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).send().await.unwrap();
    }

    /// Takes writes back.
    async fn heal(&self, writes: &[Write]) {
        for write in writes {
            let (Write::Put(table, item) | Write::Delete(table, item)) = write;
            let same = |(of, old): &&(Table, Item)| {
                of == table && old["pk"] == item["pk"] && old["sk"] == item["sk"]
            };
            match self.items.iter().find(same) {
                Some((_, old)) => self.put(*table, old.clone()).await,
                None => self.delete(*table, item).await,
            }
        }
    }
}

async fn read(world: &World) -> Vec<(Table, Item)> {
    let mut items = Vec::new();
    for table in Table::ALL {
        let page = world.store().audit_page(table, None).await.unwrap();
        assert!(page.next.is_none(), "a small world");
        items.extend(page.items.into_iter().map(|item| (table, item)));
    }
    items
}

/// Seeds: each corruption hits so many things.
const SEEDS: usize = 3;

#[tokio::test]
async fn nothing_is_found_in_a_healthy_world_and_every_corruption_is_found() {
    let stage = Stage::new().await;
    assert_eq!(stage.findings().await, []);
    let mut unseen = Vec::new();
    for (name, invariant, corrupt) in corruptions::ALL {
        for seed in 0..SEEDS {
            let writes = corrupt(&Hand { items: &stage.items, seed });
            stage.write(&writes).await;
            let found = stage.findings().await;
            if !found.iter().any(|finding| finding.invariant == *invariant) {
                unseen.push((*name, seed, found));
            }
            stage.heal(&writes).await;
        }
    }
    assert!(unseen.is_empty(), "not found: {unseen:#?}");
    assert_eq!(stage.findings().await, [], "each corruption was taken back");
    let kinds: std::collections::BTreeSet<Invariant> =
        corruptions::ALL.iter().map(|(_, kind, _)| *kind).collect();
    assert!(
        corruptions::ALL.len() >= 20 && kinds.len() == 10,
        "{} kinds of corruption, {kinds:?}",
        corruptions::ALL.len()
    );
}
