//! The cards of documents.

use tantivy::{
    DocAddress, DocSet, TERMINATED, TantivyDocument, Term,
    schema::{IndexRecordOption, Value},
};

use super::Snapshot;
use crate::{
    document::{Document, Kind},
    error::Error,
    schema::TOMBSTONE,
};

impl Snapshot {
    /// The card at `address`.
    pub(super) fn card(&self, address: DocAddress) -> Result<Document, Error> {
        let stored: TantivyDocument = self.searcher.doc(address)?;
        let card = stored
            .get_first(self.fields.card)
            .and_then(|value| value.as_bytes())
            .ok_or(Error::Damaged { what: "a document without a card" })?;
        serde_json::from_slice(card).map_err(Error::Card)
    }

    /// Where the newest version of a key is, and which version and kind code it has.
    pub(crate) fn find(&self, key: &str) -> Result<Option<(DocAddress, u64, u64)>, Error> {
        let term = Term::from_field_text(self.fields.key, key);
        for (segment, at) in self.segments.iter().zip(0..) {
            let index = segment.reader.inverted_index(self.fields.key)?;
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if !segment.reader.is_deleted(doc) {
                    let column = |name| {
                        segment.reader.fast_fields().u64(name).map(|column| column.first(doc).unwrap_or(0))
                    };
                    let version = column(crate::schema::column::VERSION)?;
                    let kind = column(crate::schema::column::KIND)?;
                    return Ok(Some((DocAddress::new(at, doc), version, kind)));
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    /// The card of a document, listed or not.
    ///
    /// # Errors
    /// [`Error::Index`] or [`Error::Card`] if the index can't be read.
    pub fn get(&self, kind: Kind, id: &str) -> Result<Option<Document>, Error> {
        match self.find(&Document::key(kind, id))? {
            Some((address, _, kind)) if kind != TOMBSTONE => self.card(address).map(Some),
            _ => Ok(None),
        }
    }
}
