//! How a document stands in the index.

use tantivy::{
    TantivyDocument,
    schema::{
        Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
    },
    tokenizer::{PreTokenizedString, Token},
};

use crate::{
    analysis::{Weighted, edges, index_terms, normalise, vocabulary},
    document::{Change, Document, Visibility},
    error::Error,
};

/// Version of everything that is stored: the schema, the analysis, the columns. A manifest of another version is not
/// opened; a rebuild replaces it.
pub const FORMAT: u32 = 1;

/// Weight of a title's terms. The order is that of issue 10.5 of seed 001: title before all else; the sizes were found with
/// the judged queries (docs/search.md).
const TITLE: u32 = 8;
const TAG: u32 = 4;
const INSTRUCTOR: u32 = 3;
const CATEGORY: u32 = 2;
const SUBTITLE: u32 = 2;
const DESCRIPTION: u32 = 1;

/// Code of a deletion's marker in the kind column.
pub const TOMBSTONE: u64 = 255;

/// Fields of the index.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// `kind:id`.
    pub key: Field,
    /// Terms of all texts, weighted.
    pub text: Field,
    /// Words as written, for corrections and completions.
    pub word: Field,
    /// Beginnings of the title's words.
    pub edge: Field,
    /// Tags, whole.
    pub tag: Field,
    /// Instructor's id.
    pub instructor: Field,
    /// Category's id.
    pub category: Field,
    /// The card as JSON.
    pub card: Field,
    /// Popularity and a hash of the key: documents of a segment stand in descending order of it.
    pub rank: Field,
    kind: Field,
    version: Field,
    level: Field,
    language: Field,
    published: Field,
    rating: Field,
    price: Field,
    duration: Field,
}

/// Names of the columns.
pub mod column {
    /// Popularity (upper half) and tie-breaking hash (lower half).
    pub const RANK: &str = "rank";
    /// Code of the kind, [`super::TOMBSTONE`] for a deletion; unlisted documents add 128.
    pub const KIND: &str = "kind";
    /// Version.
    pub const VERSION: &str = "version";
    /// 0 for none, else level + 1.
    pub const LEVEL: &str = "level";
    /// Language.
    pub const LANGUAGE: &str = "language";
    /// Category id.
    pub const CATEGORY: &str = "category";
    /// Unix seconds; for a deletion, its time.
    pub const PUBLISHED: &str = "published";
    /// Rating in hundredths (from bit 23) and count of ratings.
    pub const RATING: &str = "rating";
    /// Price in minor units.
    pub const PRICE: &str = "price";
    /// Seconds.
    pub const DURATION: &str = "duration";
}

fn pretokenized() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default().set_tokenizer("raw").set_index_option(IndexRecordOption::WithFreqs),
    )
}

/// Schema and fields.
pub fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = || NumericOptions::default().set_fast();
    let exact = |fieldnorms| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(fieldnorms)
                .set_index_option(IndexRecordOption::Basic),
        )
    };
    let fields = Fields {
        key: builder.add_text_field("key", exact(false)),
        text: builder.add_text_field("text", pretokenized()),
        word: builder.add_text_field("word", pretokenized()),
        edge: builder.add_text_field("edge", exact(false)),
        tag: builder.add_text_field("tag", exact(false)),
        instructor: builder.add_text_field("instructor", exact(false)),
        category: builder.add_text_field(column::CATEGORY, exact(false).set_fast("raw")),
        card: builder.add_bytes_field("card", STORED),
        rank: builder.add_u64_field(column::RANK, number()),
        kind: builder.add_u64_field(column::KIND, number()),
        version: builder.add_u64_field(column::VERSION, number()),
        level: builder.add_u64_field(column::LEVEL, number()),
        language: builder.add_text_field(column::LANGUAGE, STRING.set_fast("raw")),
        published: builder.add_u64_field(column::PUBLISHED, number()),
        rating: builder.add_u64_field(column::RATING, number()),
        price: builder.add_u64_field(column::PRICE, number()),
        duration: builder.add_u64_field(column::DURATION, number()),
    };
    (builder.build(), fields)
}

/// A hash that never changes (FNV-1a): documents that are equal in an ordering keep their order across rebuilds.
pub fn tie(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The rank that segments are sorted by.
pub fn rank(popularity: u32, key: &str) -> u64 {
    u64::from(popularity) << 32 | u64::from(tie(key))
}

/// Rating as one number that sorts by average, then by count.
pub fn rating_key(hundredths: u16, count: u32) -> u32 {
    u32::from(hundredths.min(500)) << 23 | count.min((1 << 23) - 1)
}

/// Unix seconds in 32 bits, enough until 2106.
pub fn seconds(at: i64) -> u32 {
    u32::try_from(at.max(0)).unwrap_or(u32::MAX)
}

fn stream(terms: Weighted) -> PreTokenizedString {
    let mut tokens = Vec::new();
    for (text, weight) in terms.into_sorted() {
        for _ in 0..weight {
            tokens.push(Token { text: text.clone(), position: tokens.len(), ..Token::default() });
        }
    }
    PreTokenizedString { text: String::new(), tokens }
}

impl Fields {
    /// What the index keeps of a change.
    ///
    /// # Errors
    /// [`Error::Card`] if the card can't be written as JSON.
    pub fn entry(&self, change: &Change) -> Result<TantivyDocument, Error> {
        match change {
            Change::Upsert { document } => self.document(document),
            Change::Delete { at, version, .. } => {
                let mut entry = TantivyDocument::default();
                entry.add_text(self.key, change.key());
                entry.add_u64(self.kind, TOMBSTONE);
                // A rebuild carries it over.
                entry.add_bytes(self.card, &serde_json::to_vec(change).map_err(Error::Card)?);
                entry.add_u64(self.version, *version);
                entry.add_u64(self.rank, 0);
                entry.add_u64(self.published, u64::from(seconds(*at)));
                for field in [self.level, self.rating, self.price, self.duration] {
                    entry.add_u64(field, 0);
                }
                Ok(entry)
            }
        }
    }

    fn document(&self, document: &Document) -> Result<TantivyDocument, Error> {
        let key = Document::key(document.kind, &document.id);
        let mut entry = TantivyDocument::default();
        let listed = document.visibility == Visibility::Public;
        entry.add_u64(self.kind, u64::from(document.kind.code()) + if listed { 0 } else { 128 });
        entry.add_u64(self.version, document.version);
        entry.add_u64(self.rank, rank(document.popularity, &key));
        entry.add_u64(self.published, u64::from(seconds(document.published_at)));
        entry.add_u64(self.level, document.level.map_or(0, |level| level as u64 + 1));
        entry.add_u64(self.rating, u64::from(rating_key(document.rating_hundredths, document.rating_count)));
        entry.add_u64(self.price, u64::from(document.price_cents));
        entry.add_u64(self.duration, u64::from(document.duration_seconds));
        entry.add_text(self.language, &document.language);
        entry.add_text(self.key, key);
        entry.add_bytes(self.card, &serde_json::to_vec(&document.card()).map_err(Error::Card)?);
        // Nothing of an unlisted document can be searched: it is found by its key alone.
        if listed {
            self.texts(document, &mut entry);
        }
        Ok(entry)
    }

    fn texts(&self, document: &Document, entry: &mut TantivyDocument) {
        let category = document.category.as_ref();
        let instructor = document.instructor.as_ref();
        let named = [(category, CATEGORY), (instructor, INSTRUCTOR)];
        let mut terms = Weighted::default();
        let mut spelled = Weighted::default();
        let mut beginnings = Weighted::default();
        let visible = [(document.title.as_str(), TITLE), (document.subtitle.as_str(), SUBTITLE)]
            .into_iter()
            .chain(document.tags.iter().map(|tag| (tag.as_str(), TAG)))
            .chain(named.iter().filter_map(|(named, weight)| Some((named.as_ref()?.name.as_str(), *weight))));
        for (text, weight) in visible {
            index_terms(text, weight, &mut terms);
            vocabulary(text, weight, &mut spelled);
        }
        for text in document.what_you_learn.iter().chain([&document.description]) {
            index_terms(text, DESCRIPTION, &mut terms);
        }
        edges(&document.title, &mut beginnings);
        entry.add_pre_tokenized_text(self.text, stream(terms));
        entry.add_pre_tokenized_text(self.word, stream(spelled));
        for (edge, _) in beginnings.into_sorted() {
            entry.add_text(self.edge, edge);
        }
        for tag in &document.tags {
            entry.add_text(self.tag, normalise(tag));
        }
        if let Some(instructor) = instructor {
            entry.add_text(self.instructor, &instructor.id);
        }
        if let Some(category) = category {
            entry.add_text(self.category, &category.id);
        }
    }
}
