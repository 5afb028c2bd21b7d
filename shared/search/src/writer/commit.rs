//! One batch of changes on one generation, on local files only.

use std::{
    collections::{BTreeMap, HashSet},
    io::Write,
    ops::Bound,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use tantivy::{
    Directory, DocAddress, DocSet, Index, IndexSettings, ReloadPolicy, Searcher, TERMINATED, TantivyDocument,
    Term,
    directory::TerminatingWrite,
    index::{SegmentId, SegmentMeta},
    indexer::IndexWriterOptions,
    merge_policy::NoMergePolicy,
    query::{BooleanQuery, RangeQuery},
    schema::IndexRecordOption,
    store::Compressor,
};

use super::{KEEP_SECONDS, MEMORY, Upload, hash, merge, retire};
use crate::{
    columns,
    directory::Overlay,
    document::{Change, TOMBSTONE_SECONDS},
    error::Error,
    manifest::{Journal, Manifest, Object, PARTS, Part},
    reader::{COLUMNS, META},
    schema::{self, FORMAT, Fields, TOMBSTONE, column},
};

/// Bytes of cards that are compressed together: small, because an answer shows few cards, from all over the index.
const CARD_BLOCK: usize = 2_048;

/// What a batch made.
pub(super) struct Made<'a> {
    /// Changes that took effect.
    pub(super) changed: usize,
    /// Those changes.
    pub(super) effective: Vec<&'a Change>,
    /// New objects.
    pub(super) uploads: Vec<Upload>,
    meta: String,
    objects: Vec<Object>,
}

impl Made<'_> {
    /// The manifest that follows on `before`.
    pub(super) fn manifest(&self, before: Option<&Manifest>, journal: Option<Journal>, now: i64) -> Manifest {
        let generation = before.map_or(0, |before| before.generation) + 1;
        let all = before.map_or(&[][..], |before| &before.journal).iter().cloned().chain(journal);
        let (kept, dropped): (Vec<Journal>, Vec<Journal>) =
            all.partition(|journal| journal.at > now - KEEP_SECONDS);
        let journal_from = dropped
            .last()
            .map_or_else(|| before.map_or(0, |before| before.journal_from), |dropped| dropped.generation);
        Manifest {
            format: FORMAT,
            generation,
            at: now,
            meta: self.meta.clone(),
            retired: retire(before, &self.objects, &kept, now),
            objects: self.objects.clone(),
            journal: kept,
            journal_from,
        }
    }
}

/// Opens the index of a manifest, or makes a new one.
pub(super) fn open_index(overlay: Overlay, manifest: Option<&Manifest>) -> Result<Index, Error> {
    match manifest {
        Some(manifest) => {
            overlay.atomic_write(Path::new(META), manifest.meta.as_bytes())?;
            Ok(Index::open(overlay)?)
        }
        None => {
            let settings = IndexSettings {
                sort_by_field: Some(tantivy::index::IndexSortByField {
                    field: column::RANK.to_owned(),
                    order: tantivy::index::Order::Desc,
                }),
                docstore_compression: Compressor::Lz4,
                docstore_blocksize: CARD_BLOCK,
                ..IndexSettings::default()
            };
            Ok(Index::create(overlay, schema::schema().0, settings)?)
        }
    }
}

pub(super) fn searcher(index: &Index) -> Result<Searcher, Error> {
    let reader: tantivy::IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    Ok(reader.searcher())
}

/// Where a key is and which version it has.
pub(super) fn known(
    searcher: &Searcher,
    fields: &Fields,
    key: &str,
) -> Result<Option<(DocAddress, u64)>, Error> {
    let term = Term::from_field_text(fields.key, key);
    for (segment, at) in searcher.segment_readers().iter().zip(0..) {
        let index = segment.inverted_index(fields.key)?;
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else { continue };
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            if !segment.is_deleted(doc) {
                let version = segment.fast_fields().u64(column::VERSION)?.first(doc).unwrap_or(0);
                return Ok(Some((DocAddress::new(at, doc), version)));
            }
            postings.advance();
        }
    }
    Ok(None)
}

/// Applies the newest change of each key to the index of `manifest`. `None` if nothing is new.
pub(super) fn commit<'a>(
    overlay: Overlay,
    manifest: Option<&Manifest>,
    batch: &BTreeMap<String, &'a Change>,
    now: i64,
) -> Result<Option<Made<'a>>, Error> {
    let index = open_index(overlay.clone(), manifest)?;
    let effective = write(&index, batch, now, MEMORY)?;
    if effective.is_empty() && manifest.is_some() {
        return Ok(None);
    }
    finish(&index, &overlay, manifest, effective).map(Some)
}

/// Writes the changes that are newer than what the index has, and merges.
pub(super) fn write<'a>(
    index: &Index,
    batch: &BTreeMap<String, &'a Change>,
    now: i64,
    memory: usize,
) -> Result<Vec<&'a Change>, Error> {
    let (_, fields) = schema::schema();
    let searcher = searcher(index)?;
    let mut effective = Vec::new();
    for (key, change) in batch {
        if known(&searcher, &fields, key)?.is_none_or(|(_, version)| version < change.version()) {
            effective.push((key, *change));
        }
    }
    drop(searcher);
    if effective.is_empty() {
        return Ok(Vec::new());
    }
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .num_merge_threads(1)
        .memory_budget_per_thread(memory);
    let mut writer = index.writer_with_options::<TantivyDocument>(options.build())?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for (key, change) in &effective {
        writer.delete_term(Term::from_field_text(fields.key, key));
        writer.add_document(fields.entry(change)?)?;
    }
    writer.commit()?;
    let groups = merge::groups(&index.searchable_segment_metas()?);
    if !groups.is_empty() {
        // Old markers go when segments are rewritten anyway.
        writer.delete_query(Box::new(expired(now)))?;
        writer.commit()?;
        for group in groups {
            let left = index.searchable_segment_ids()?;
            let group: Vec<_> = group.into_iter().filter(|id| left.contains(id)).collect();
            if !group.is_empty() {
                writer.merge(&group).wait()?;
            }
        }
    }
    writer.wait_merging_threads()?;
    Ok(effective.into_iter().map(|(_, change)| change).collect())
}

/// Markers of deletions that nothing older can follow any more.
fn expired(now: i64) -> BooleanQuery {
    let number = |name: &str, value: u64| {
        Term::from_field_u64(
            schema::schema().0.get_field(name).unwrap_or_else(|_| tantivy::schema::Field::from_field_id(0)),
            value,
        )
    };
    let cutoff = u64::from(schema::seconds(now - TOMBSTONE_SECONDS));
    BooleanQuery::intersection(vec![
        Box::new(RangeQuery::new(
            Bound::Included(number(column::KIND, TOMBSTONE)),
            Bound::Included(number(column::KIND, TOMBSTONE)),
        )),
        Box::new(RangeQuery::new(Bound::Unbounded, Bound::Excluded(number(column::PUBLISHED, cutoff)))),
    ])
}

/// The objects of the index as it stands: those that `manifest` has, and new ones.
pub(super) fn finish<'a>(
    index: &Index,
    overlay: &Overlay,
    manifest: Option<&Manifest>,
    effective: Vec<&'a Change>,
) -> Result<Made<'a>, Error> {
    let mut uploads = Vec::new();
    let mut objects = Vec::new();
    let searcher = searcher(index)?;
    let metas = index.searchable_segment_metas()?;
    let files = index.load_metas()?.list_segment_files();
    for reader in searcher.segment_readers() {
        let id = reader.segment_id();
        let Some(meta) = metas.iter().find(|meta| meta.id() == id) else { continue };
        let key = format!("{PARTS}segment-{}", id.uuid_string());
        let known = |key: &str| {
            manifest.and_then(|manifest| manifest.objects.iter().find(|object| object.key == key))
        };
        if let Some(object) = known(&key) {
            objects.push(object.clone());
        } else {
            let upload = bundle(overlay, &files, id, key, &columns::build(reader)?)?;
            objects.push(upload.object.clone());
            uploads.push(upload);
        }
        if let Some(upload) = deletions(overlay, meta)? {
            objects.push(upload.object.clone());
            if known(&upload.object.key).is_none() {
                uploads.push(upload);
            }
        }
    }
    let meta = overlay.atomic_read(Path::new(META))?;
    let meta = String::from_utf8(meta).map_err(|_| Error::Damaged { what: "the list of segments" })?;
    Ok(Made { changed: effective.len(), effective, uploads, meta, objects })
}

fn name(path: &Path) -> Result<String, Error> {
    path.to_str().map(str::to_owned).ok_or(Error::Damaged { what: "a file name" })
}

/// All files of a segment in one object: one request to write it, one to read it.
fn bundle(
    overlay: &Overlay,
    files: &HashSet<PathBuf>,
    id: SegmentId,
    key: String,
    columns: &[u8],
) -> Result<Upload, Error> {
    let id = id.uuid_string();
    // A file, not a vector: with a folder, a segment of a million courses never is in memory as a whole.
    let bundle = PathBuf::from(format!("{id}.bundle"));
    if overlay.exists(&bundle)? {
        overlay.delete(&bundle).map_err(|error| std::io::Error::other(error.to_string()))?;
    }
    let mut sink = overlay.open_write(&bundle).map_err(tantivy::TantivyError::from)?;
    let mut size = 0;
    let mut parts = Vec::new();
    let mut paths: Vec<PathBuf> = files
        .iter()
        .filter(|path| path.to_str().is_some_and(|path| path.starts_with(&id) && !path.ends_with(".del")))
        .cloned()
        .collect();
    paths.sort();
    let mut add = |name: String, content: &[u8]| -> Result<(), Error> {
        // Mapped numbers are read in place; a file that starts at a multiple of 8 reads faster.
        let start = usize::next_multiple_of(size, 8);
        sink.write_all(&[0; 8][..start - size])?;
        sink.write_all(content)?;
        size = start + content.len();
        parts.push(Part { name, start, end: size });
        Ok(())
    };
    for path in paths {
        if overlay.exists(&path)? {
            add(name(&path)?, &overlay.open_read(&path)?.read_bytes()?)?;
        }
    }
    add(format!("{id}.{COLUMNS}"), columns)?;
    sink.terminate()?;
    let bytes = Bytes::from_owner(overlay.open_read(&bundle)?.read_bytes()?);
    Ok(Upload { object: Object { key, bytes: bytes.len() as u64, parts }, bytes })
}

/// The deletions of a segment. Two writers may give different ones the same name, so the key has a hash of the content.
fn deletions(overlay: &Overlay, meta: &SegmentMeta) -> Result<Option<Upload>, Error> {
    if !meta.has_deletes() {
        return Ok(None);
    }
    let path = meta.relative_path(tantivy::index::SegmentComponent::Delete);
    let bytes = Bytes::copy_from_slice(&overlay.open_read(&path)?.read_bytes()?);
    let name = name(&path)?;
    let key = format!("{PARTS}deletions-{name}-{}", hash(&bytes));
    let parts = vec![Part { name, start: 0, end: bytes.len() }];
    Ok(Some(Upload { object: Object { key, bytes: bytes.len() as u64, parts }, bytes }))
}
