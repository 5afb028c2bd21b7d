//! The search index of LearnFlow: the documents of the catalogue, their analysis, lists with filters, orderings and facets,
//! search, suggestions and related courses, and the index itself, kept as immutable segments in an object store.
//!
//! Pure of any cloud: the store is the trait [`Objects`]. How it works and how far it goes is in `docs/search.md`.

pub mod analysis;
pub mod columns;
pub mod directory;
mod document;
mod error;
mod filter;
pub mod manifest;
pub mod objects;
pub mod query;
pub mod reader;
mod schema;
mod snapshot;
pub mod writer;

#[cfg(feature = "generate")]
pub mod generate;

pub use columns::Dimension;
pub use document::{Change, Document, EXCERPT, Kind, Level, Named, TOMBSTONE_SECONDS, Visibility};
pub use error::Error;
pub use filter::{Filter, Ordering, Page, Request};
pub use objects::{ObjectError, Objects};
pub use reader::Reader;
pub use schema::FORMAT;
pub use snapshot::{Answer, Facet, Facets, Highlights, Hit, Range, Snapshot, Suggestion, html};
pub use writer::{Applied, Writer};
