//! Invariant 6: the count of a tag is that of the videos that have it.

use std::collections::BTreeMap;

use crate::{Books, Finding, Invariant, finding::Notes};

pub(crate) fn check(books: &Books, findings: &mut Vec<Finding>) {
    let mut notes = Notes { invariant: Invariant::Counters, findings };
    video_tags(books, &mut notes);
}

/// A tag that no video has may be left with a count of 0, or be gone.
fn video_tags(books: &Books, notes: &mut Notes<'_>) {
    let mut stored: BTreeMap<&str, i64> =
        books.video_tags.iter().map(|tag| (tag.name.as_str(), tag.usage_count)).collect();
    for (tag, videos) in &books.tagged {
        let count = stored.remove(tag.as_str()).unwrap_or_default();
        notes.same(format!("tag «{tag}»"), "its count of videos", count, *videos);
    }
    for (tag, count) in stored {
        notes.same(format!("tag «{tag}»"), "its count of videos", count, 0);
    }
}
