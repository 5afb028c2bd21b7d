//! From text to terms: one path for documents and for queries, so that they meet.

mod hangul;
mod normal;
mod terms;
mod words;

pub use hangul::{is_particle, jamo, without_particle};
pub use normal::normalise;
pub use terms::{
    TERM_CHARS, Weighted, edge_limit, edges, index_terms, lookup, query_terms, stem, vocabulary,
};
pub use words::{Script, Word, words};
