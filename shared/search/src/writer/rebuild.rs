//! A new index from all documents, while the old one answers and changes.

use std::collections::{BTreeMap, HashMap};

use futures::{Stream, StreamExt};
use tantivy::{
    Index, TantivyDocument, indexer::IndexWriterOptions, merge_policy::NoMergePolicy, schema::Value,
};

use super::{Scratch, TRIES, Writer, commit, merge, newest};
use crate::{
    directory::Overlay,
    document::{Change, Document},
    error::Error,
    manifest::Manifest,
    objects::{Fetched, ObjectError, Objects},
    schema,
};

/// Memory for new documents, in bytes; more makes fewer segments that have to be merged.
const MEMORY: usize = 128_000_000;

/// What a rebuild did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Documents that were given.
    pub documents: u64,
    /// Changes that were made meanwhile, and deletions that are remembered.
    pub caught_up: usize,
    /// The new generation.
    pub generation: u64,
}

impl<O: Objects> Writer<O> {
    /// Replaces the index by one of `documents`, in one step. Writers may go on: what they change meanwhile is applied to
    /// the new index before it takes over. Each key may come once; the documents may be older than what writers know.
    ///
    /// # Errors
    /// [`Error::Contended`] if other writers are always faster, or if the rebuild took longer than journals are kept;
    /// [`Error`] if the store or the index fails. The old index stays then.
    pub async fn rebuild(
        &self,
        documents: impl Stream<Item = Result<Document, Error>> + Send,
        now: i64,
    ) -> Result<Rebuilt, Error> {
        // An index of another format can't be read: nothing of it is carried over.
        let start = match self.current().await {
            Err(Error::Format { .. } | Error::Damaged { .. }) => None,
            current => current?.0,
        };
        let from = start.as_ref().map_or(0, |manifest| manifest.generation);
        let scratch = Scratch::new(&self.place)?;
        let overlay = scratch.overlay(HashMap::new())?;
        let index = commit::open_index(overlay.clone(), None)?;
        let count = fill(&index, documents).await?;
        let mut caught_up = 0;
        if let Some(start) = &start {
            let files = self.cache.files(&self.objects, start).await?;
            let remembered = tombstones(files, start)?;
            caught_up += commit::write(&index, &newest(&remembered), now, super::MEMORY)?.len();
        }
        let mut done = from;
        for _ in 0..TRIES {
            let (current, tag) = match Manifest::load(&self.objects, None).await {
                Err(Error::Format { .. } | Error::Damaged { .. }) => (None, self.tag().await?),
                other => match other? {
                    crate::manifest::Current::Some(manifest, tag) => (Some(manifest), Some(tag)),
                    _ => (None, None),
                },
            };
            if let Some(current) = &current {
                if current.journal_from > done {
                    return Err(Error::Contended(TRIES));
                }
                for journal in current.journal.iter().filter(|journal| journal.generation > done) {
                    let changes = self.journal(&journal.key).await?;
                    caught_up += commit::write(&index, &newest(&changes), now, super::MEMORY)?.len();
                }
                done = current.generation;
            }
            let made = commit::finish(&index, &overlay, None, Vec::new())?;
            self.upload(&made.uploads).await?;
            let next = made.manifest(current.as_deref(), None, now);
            if next.store(&self.objects, tag.as_ref()).await?.is_some() {
                return Ok(Rebuilt { documents: count, caught_up, generation: next.generation });
            }
        }
        Err(Error::Contended(TRIES))
    }

    async fn tag(&self) -> Result<Option<crate::objects::Tag>, Error> {
        Ok(match self.objects.get(crate::manifest::MANIFEST, None).await? {
            Fetched::Found { tag, .. } => Some(tag),
            Fetched::Same | Fetched::Missing => None,
        })
    }

    async fn journal(&self, key: &str) -> Result<Vec<Change>, Error> {
        match self.objects.get(key, None).await? {
            Fetched::Found { bytes, .. } => serde_json::from_slice(&bytes).map_err(Error::Card),
            Fetched::Same | Fetched::Missing => Err(ObjectError::Missing(key.to_owned()).into()),
        }
    }
}

/// Writes all documents and merges them into as few segments as may be.
async fn fill(
    index: &Index,
    documents: impl Stream<Item = Result<Document, Error>> + Send,
) -> Result<u64, Error> {
    let (_, fields) = schema::schema();
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(MEMORY);
    let mut writer = index.writer_with_options::<TantivyDocument>(options.build())?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let mut count = 0;
    let mut documents = std::pin::pin!(documents);
    while let Some(document) = documents.next().await {
        writer.add_document(fields.entry(&Change::Upsert { document: Box::new(document?) })?)?;
        count += 1;
    }
    writer.commit()?;
    let mut groups: Vec<(u32, Vec<_>)> = Vec::new();
    for segment in index.searchable_segment_metas()? {
        let size = segment.num_docs();
        match groups.iter_mut().find(|(taken, _)| taken.saturating_add(size) <= merge::LARGEST) {
            Some((taken, group)) => {
                *taken += size;
                group.push(segment.id());
            }
            None => groups.push((size, vec![segment.id()])),
        }
    }
    for (_, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        writer.merge(&group).wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(count)
}

/// The deletions that an index remembers.
fn tombstones(
    files: HashMap<std::path::PathBuf, tantivy::directory::FileSlice>,
    manifest: &Manifest,
) -> Result<Vec<Change>, Error> {
    let (_, fields) = schema::schema();
    let index = commit::open_index(Overlay::in_memory(files), Some(manifest))?;
    let searcher = commit::searcher(&index)?;
    let mut found = BTreeMap::new();
    for (segment, at) in searcher.segment_readers().iter().zip(0..) {
        let kinds = segment.fast_fields().u64(schema::column::KIND)?;
        for doc in segment.doc_ids_alive().filter(|doc| kinds.first(*doc) == Some(schema::TOMBSTONE)) {
            let stored: TantivyDocument = searcher.doc(tantivy::DocAddress::new(at, doc))?;
            let change = stored
                .get_first(fields.card)
                .and_then(|value| value.as_bytes().map(serde_json::from_slice::<Change>));
            if let Some(change) = change {
                let change = change.map_err(Error::Card)?;
                found.insert(change.key(), change);
            }
        }
    }
    Ok(found.into_values().collect())
}
