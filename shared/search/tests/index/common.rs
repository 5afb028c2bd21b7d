//! What the tests share.

use std::sync::Arc;

use futures::{StreamExt, executor::block_on};
use search::{Change, Document, Objects, Reader, Snapshot, Writer, directory::Place, objects::Memory};

pub const NOW: i64 = search::generate::NOW;

/// An index of `documents`, in memory.
pub fn index(documents: impl IntoIterator<Item = Document, IntoIter: Send>) -> Arc<Snapshot> {
    let store = Arc::new(Memory::default());
    block_on(Writer::new(Arc::clone(&store), Place::Memory).rebuild(stream(documents), NOW)).unwrap();
    open(&store)
}

/// Documents as a rebuild takes them.
pub fn stream(
    documents: impl IntoIterator<Item = Document, IntoIter: Send>,
) -> impl futures::Stream<Item = Result<Document, search::Error>> + Send {
    futures::stream::iter(documents).map(Ok)
}

/// The newest generation of a store.
pub fn open<O: Objects>(store: &Arc<O>) -> Arc<Snapshot> {
    let reader = Reader::new(Arc::clone(store), Place::Memory);
    block_on(reader.refresh()).unwrap();
    reader.snapshot().unwrap()
}

pub fn upsert(document: Document) -> Change {
    Change::Upsert { document: Box::new(document) }
}
