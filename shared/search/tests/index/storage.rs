//! The index in an object store: races, kills, late and repeated changes.

use std::{collections::BTreeMap, sync::Arc};

use crate::common::{NOW, open, stream, upsert};
use futures::{StreamExt, executor::block_on};
use search::{
    Change, Document, Filter, Kind, Ordering, Page, Reader, Request, Snapshot, TOMBSTONE_SECONDS, Writer,
    directory::Place,
    generate::Catalogue,
    objects::{Dying, Memory},
    reader::Refreshed,
    writer::KEEP_SECONDS,
};

const CATALOGUE: Catalogue = Catalogue { seed: 3, size: 1_000 };

fn writer(store: &Arc<Memory>) -> Writer<Arc<Memory>> {
    Writer::new(Arc::clone(store), Place::Memory)
}

fn course(index: usize, version: u64) -> Document {
    Document { version, ..CATALOGUE.course(index) }
}

fn delete(index: usize, version: u64, at: i64) -> Change {
    Change::Delete { kind: Kind::Course, id: CATALOGUE.course(index).id, version, at }
}

/// Indexes and versions of the listed courses.
fn listed(snapshot: &Snapshot) -> BTreeMap<usize, u64> {
    let request =
        Request { ordering: Ordering::Newest, page: Page { offset: 0, limit: 10_000 }, ..Request::default() };
    let answer = snapshot.search(&request).unwrap();
    let found: BTreeMap<_, _> = answer
        .hits
        .iter()
        .map(|hit| (Catalogue::index(&hit.document.id).unwrap(), hit.document.version))
        .collect();
    assert_eq!(answer.count as usize, found.len(), "no document twice");
    found
}

#[test]
fn changes_may_come_twice_late_and_out_of_order() {
    let store = Arc::new(Memory::default());
    let writer = writer(&store);
    let apply = |changes: &[Change]| block_on(writer.apply(changes, NOW)).unwrap();
    assert_eq!(apply(&[upsert(course(1, 2)), upsert(course(1, 3)), upsert(course(1, 1))]).changed, 1);
    assert_eq!(apply(&[upsert(course(1, 3)), upsert(course(1, 2))]).changed, 0);
    assert_eq!(listed(&open(&store)), [(1, 3)].into());
    assert_eq!(apply(&[delete(1, 5, NOW), delete(2, 4, NOW)]).changed, 2);
    assert_eq!(apply(&[upsert(course(1, 4)), upsert(course(2, 3)), delete(1, 5, NOW)]).changed, 0);
    assert_eq!(listed(&open(&store)), [].into());
    assert_eq!(apply(&[upsert(course(1, 6))]).changed, 1);
    let snapshot = open(&store);
    assert_eq!(listed(&snapshot), [(1, 6)].into());
    assert_eq!(snapshot.get(Kind::Course, &CATALOGUE.course(1).id).unwrap().map(|d| d.version), Some(6));
    assert_eq!(snapshot.get(Kind::Course, &CATALOGUE.course(2).id).unwrap(), None);
    assert_eq!(snapshot.generation(), 3);
}

#[test]
fn many_batches_stay_few_segments() {
    let store = Arc::new(Memory::default());
    let writer = writer(&store);
    for batch in 0..60 {
        let changes: Vec<_> = (batch * 5..batch * 5 + 5).map(|index| upsert(course(index, 1))).collect();
        block_on(writer.apply(&changes, NOW)).unwrap();
    }
    let snapshot = open(&store);
    assert_eq!(listed(&snapshot).len(), 300);
    assert!(snapshot.segments() <= 8, "{}", snapshot.segments());
}

#[test]
fn a_writer_killed_at_any_call_loses_and_breaks_nothing() {
    let base: Vec<Change> = (0..40).map(|index| upsert(course(index, 1))).collect();
    let batch: Vec<Change> = (30..50)
        .map(|index| upsert(course(index, 2)))
        .chain([delete(0, 2, NOW), delete(99, 1, NOW)])
        .collect();
    let before: BTreeMap<usize, u64> = (0..40).map(|index| (index, 1)).collect();
    let after: BTreeMap<usize, u64> =
        (1..30).map(|index| (index, 1)).chain((30..50).map(|index| (index, 2))).collect();
    let mut survived = false;
    for dies_at in 0.. {
        for takes_effect in [false, true] {
            let store = Arc::new(Memory::default());
            for part in base.chunks(10) {
                block_on(writer(&store).apply(part, NOW)).unwrap();
            }
            let reader = Reader::new(Arc::clone(&store), Place::Memory);
            block_on(reader.refresh()).unwrap();
            let dying = Dying::new(&store, dies_at, takes_effect);
            let died = block_on(Writer::new(Arc::clone(&dying), Place::Memory).apply(&batch, NOW)).is_err();
            survived |= !died;
            block_on(reader.refresh()).unwrap();
            let seen = listed(&reader.snapshot().unwrap());
            assert!(seen == before || seen == after, "killed at call {dies_at}: all or nothing");
            // The queue delivers the batch again.
            block_on(writer(&store).apply(&batch, NOW)).unwrap();
            assert_eq!(listed(&open(&store)), after, "killed at call {dies_at}");
            store.set_time(NOW);
            let later = NOW + KEEP_SECONDS + 1;
            block_on(writer(&store).apply(&[upsert(course(60, 1))], later)).unwrap();
            block_on(writer(&store).sweep(later + KEEP_SECONDS + 1)).unwrap();
            assert_eq!(listed(&open(&store)).len(), after.len() + 1, "what is needed is not swept");
        }
        if survived {
            assert!(dies_at > 4, "a batch makes more calls than {dies_at}");
            return;
        }
    }
}

#[test]
fn a_rebuild_killed_at_any_call_leaves_the_old_index_or_the_new() {
    for dies_at in 0.. {
        let store = Arc::new(Memory::default());
        block_on(writer(&store).apply(&[upsert(course(1, 1)), upsert(course(2, 1)), delete(3, 9, NOW)], NOW))
            .unwrap();
        let dying = Dying::new(&store, dies_at, dies_at % 2 == 0);
        let documents = || (1..20).map(|index| course(index, 2));
        let died = block_on(Writer::new(dying, Place::Memory).rebuild(stream(documents()), NOW)).is_err();
        let seen = listed(&open(&store)).len();
        assert!(seen == 2 || seen == 18, "{seen}");
        block_on(writer(&store).rebuild(stream(documents()), NOW)).unwrap();
        let seen = listed(&open(&store));
        assert_eq!(seen.len(), 18, "the deletion of 3 is newer than the rebuild's document");
        assert!(!seen.contains_key(&3));
        if !died {
            return;
        }
    }
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let store = Arc::new(Memory::default());
    std::thread::scope(|scope| {
        for part in 0..3_usize {
            let store = &store;
            scope.spawn(move || {
                let writer = writer(store);
                for batch in 0..6_usize {
                    let first = part * 100 + batch * 10;
                    let changes: Vec<_> = (first..first + 10)
                        .map(|index| upsert(course(index, 1)))
                        // All of them write this one; the newest must win.
                        .chain([upsert(course(999, (batch * 3 + part) as u64))])
                        .collect();
                    block_on(writer.apply(&changes, NOW)).unwrap();
                }
            });
        }
    });
    let wanted: BTreeMap<usize, u64> = (0..3)
        .flat_map(|part| (part * 100..part * 100 + 60).map(|index| (index, 1)))
        .chain([(999, 17)])
        .collect();
    assert_eq!(listed(&open(&store)), wanted);
}

#[test]
fn a_rebuild_keeps_what_is_written_meanwhile() {
    let store = Arc::new(Memory::default());
    block_on(writer(&store).apply(&[upsert(course(500, 1)), upsert(course(501, 1))], NOW)).unwrap();
    let other = &store;
    let documents = futures::stream::iter(0..50).then(|index| async move {
        // Another writer is at work while the tables are read.
        let changes = match index {
            10 => vec![upsert(course(600, 1)), upsert(course(5, 7))],
            20 => vec![delete(6, 7, NOW)],
            _ => Vec::new(),
        };
        writer(other).apply(&changes, NOW).await?;
        Ok(course(index, 1))
    });
    let rebuilt = block_on(writer(&store).rebuild(documents, NOW)).unwrap();
    assert_eq!((rebuilt.documents, rebuilt.caught_up), (50, 3));
    let seen = listed(&open(&store));
    assert_eq!(seen.len(), 50, "0 to 49 without 6, and 600; 500 is in no table");
    assert_eq!(
        (seen.get(&5), seen.get(&6), seen.get(&600), seen.get(&500)),
        (Some(&7), None, Some(&1), None)
    );
}

#[test]
fn a_reader_answers_while_the_store_fails() {
    let store = Arc::new(Memory::default());
    assert_eq!(block_on(Reader::new(Arc::clone(&store), Place::Memory).refresh()).unwrap(), Refreshed::None);
    block_on(writer(&store).apply(&[upsert(course(1, 1))], NOW)).unwrap();
    let opening = {
        let counting = Dying::new(&store, usize::MAX, false);
        block_on(Reader::new(Arc::clone(&counting), Place::Memory).refresh()).unwrap();
        counting.calls()
    };
    for dies_at in opening..opening + 3 {
        let store = Arc::new(Memory::default());
        block_on(writer(&store).apply(&[upsert(course(1, 1))], NOW)).unwrap();
        let reader = Reader::new(Dying::new(&store, dies_at, true), Place::Memory);
        block_on(reader.refresh()).unwrap();
        block_on(writer(&store).apply(&[upsert(course(2, 1)), delete(1, 2, NOW)], NOW)).unwrap();
        assert!(block_on(reader.refresh()).is_err() || dies_at > opening + 1);
        let seen = listed(&reader.snapshot().unwrap());
        assert!(seen == [(1, 1)].into() || seen == [(2, 1)].into());
    }
}

#[test]
fn an_unchanged_index_costs_one_call_and_a_small_change_few() {
    let store = Arc::new(Memory::default());
    let documents = (0..300).map(|index| course(index, 1));
    block_on(writer(&store).rebuild(stream(documents), NOW)).unwrap();
    let counting = Dying::new(&store, usize::MAX, false);
    let reader = Reader::new(Arc::clone(&counting), Place::Memory);
    let mut before = 0;
    let mut calls = || {
        let all = counting.calls();
        all - std::mem::replace(&mut before, all)
    };
    assert!(matches!(block_on(reader.refresh()).unwrap(), Refreshed::Newer(_)));
    assert_eq!(calls(), 2, "the manifest and one segment");
    assert_eq!(block_on(reader.refresh()).unwrap(), Refreshed::Same);
    assert_eq!(calls(), 1);
    block_on(writer(&store).apply(&[upsert(course(5, 2))], NOW)).unwrap();
    block_on(reader.refresh()).unwrap();
    assert_eq!(calls(), 3, "the manifest, the new segment, the deletions in the old one");
    assert_eq!(listed(&reader.snapshot().unwrap()).get(&5), Some(&2));
}

#[test]
fn a_folder_is_mapped_reused_and_cleaned() {
    let store = Arc::new(Memory::default());
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| Place::Folder(folder.path().join(name));
    let writer = Writer::new(Arc::clone(&store), place("writer"));
    let reader = Reader::new(Arc::clone(&store), place("reader"));
    for batch in 0..9 {
        let changes: Vec<_> =
            (batch * 10..batch * 10 + 15).map(|index| upsert(course(index, batch as u64 + 1))).collect();
        block_on(writer.apply(&changes, NOW)).unwrap();
        let old = reader.snapshot();
        block_on(reader.refresh()).unwrap();
        assert_eq!(listed(&reader.snapshot().unwrap()).len(), batch * 10 + 15);
        if let Some(old) = old {
            assert_eq!(
                listed(&old).len(),
                batch * 10 + 5,
                "an old generation stays readable though its files are gone"
            );
        }
    }
    let files = || std::fs::read_dir(folder.path().join("reader")).unwrap().count();
    assert!(files() <= 16, "{}", files());
    let again = Reader::new(Dying::new(&store, 1, false), place("reader"));
    block_on(again.refresh()).unwrap();
    assert_eq!(listed(&again.snapshot().unwrap()).len(), 95, "all objects were still in the folder");
}

#[test]
fn markers_of_deletions_go_in_the_end() {
    let store = Arc::new(Memory::default());
    let writer = writer(&store);
    block_on(writer.apply(&[delete(1, 5, NOW)], NOW)).unwrap();
    for batch in 0..12 {
        block_on(writer.apply(&[upsert(course(batch + 10, 1))], NOW + TOMBSTONE_SECONDS / 2)).unwrap();
    }
    assert_eq!(block_on(writer.apply(&[upsert(course(1, 4))], NOW)).unwrap().changed, 0, "still remembered");
    for batch in 0..12 {
        block_on(writer.apply(&[upsert(course(batch + 30, 1))], NOW + TOMBSTONE_SECONDS + 10)).unwrap();
    }
    assert_eq!(block_on(writer.apply(&[upsert(course(1, 4))], NOW)).unwrap().changed, 1, "forgotten");
}

#[test]
fn unlisted_documents_are_found_by_id_alone() {
    let unlisted =
        Document { visibility: search::Visibility::Unlisted, title: "Zebra".into(), ..course(7, 1) };
    let id = unlisted.id.clone();
    let snapshot = crate::common::index([unlisted, course(8, 1)]);
    assert_eq!(snapshot.len(Kind::Course), 1);
    for request in [
        Request { text: "zebra".into(), ..Request::default() },
        Request { filter: Filter { ids: vec![id.clone()], ..Filter::default() }, ..Request::default() },
    ] {
        assert_eq!(snapshot.search(&request).unwrap().count, 0);
    }
    assert!(snapshot.suggest("zeb", &Kind::ALL, 5).unwrap().is_empty());
    assert_eq!(snapshot.get(Kind::Course, &id).unwrap().unwrap().title, "Zebra");
}
