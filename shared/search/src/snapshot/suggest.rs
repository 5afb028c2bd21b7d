//! What a visitor may be typing.

use std::{cmp::Reverse, collections::BTreeSet};

use tantivy::{
    DocAddress, DocSet, TERMINATED, Term,
    query::{BooleanQuery, EnableScoring, Query as IndexQuery, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    Snapshot,
    highlight::{Marker, Range},
};
use crate::{
    analysis::edge_limit,
    columns::Number,
    document::Kind,
    error::Error,
    query::{Query, QueryWord},
};

/// Suggestions of one answer, at most.
pub const SUGGESTIONS: usize = 20;
/// Completions of a longer beginning that are looked up.
const COMPLETIONS: usize = 48;

/// A document whose title goes on as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Kind.
    pub kind: Kind,
    /// Id.
    pub id: String,
    /// Slug.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Matching words of the title, in bytes.
    pub highlights: Vec<Range>,
}

impl Snapshot {
    /// The most popular documents of `kinds` in whose title each typed word begins a word; if there are none, those of
    /// the nearest spelling. At most [`SUGGESTIONS`].
    ///
    /// # Errors
    /// [`Error::Index`] or [`Error::Card`] if the index can't be read.
    pub fn suggest(&self, typed: &str, kinds: &[Kind], limit: usize) -> Result<Vec<Suggestion>, Error> {
        let query = Query::parse(typed);
        let limit = limit.min(SUGGESTIONS);
        if query.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut clauses = Vec::with_capacity(query.words.len());
        let mut readings = BTreeSet::new();
        for word in &query.words {
            clauses.push(self.beginning(word)?);
        }
        let mut found = self.most_popular(&BooleanQuery::intersection(clauses), kinds, limit)?;
        let mut marker = Marker::new(&query, &readings);
        marker.beginning = query.words.last().map(|word| word.spelling.clone());
        if found.is_empty() {
            let mut clauses: Vec<Box<dyn IndexQuery>> = Vec::with_capacity(query.words.len());
            for word in &query.words {
                let mut any: Vec<Box<dyn IndexQuery>> = vec![self.beginning(word)?];
                for reading in self.readings(word, true)? {
                    any.push(self.unscored(self.fields.word, &reading.word));
                    readings.insert(reading.word);
                }
                clauses.push(Box::new(BooleanQuery::union(any)));
            }
            found = self.most_popular(&BooleanQuery::intersection(clauses), kinds, limit)?;
            marker = Marker::new(&query, &readings);
        }
        found
            .into_iter()
            .map(|address| {
                let card = self.card(address)?;
                let highlights = marker.ranges(&card.title);
                Ok(Suggestion {
                    kind: card.kind,
                    id: card.id,
                    slug: card.slug,
                    title: card.title,
                    highlights,
                })
            })
            .collect()
    }

    fn unscored(&self, field: tantivy::schema::Field, term: &str) -> Box<dyn IndexQuery> {
        Box::new(TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::Basic))
    }

    fn beginning(&self, word: &QueryWord) -> Result<Box<dyn IndexQuery>, Error> {
        let stored: String = word.spelling.chars().take(edge_limit(word.script)).collect();
        let begins = self.unscored(self.fields.edge, &stored);
        if stored.len() == word.spelling.len() {
            return Ok(begins);
        }
        let completions = self.completions(&word.spelling, COMPLETIONS)?;
        let any = completions.iter().map(|(word, _)| self.unscored(self.fields.word, word)).collect();
        // Words stand for tags and names too; only those of the title have beginnings.
        Ok(Box::new(BooleanQuery::intersection(vec![begins, Box::new(BooleanQuery::union(any))])))
    }

    /// The first matches of each segment are its most popular ones: no more are read.
    fn most_popular(
        &self,
        query: &dyn IndexQuery,
        kinds: &[Kind],
        limit: usize,
    ) -> Result<Vec<DocAddress>, Error> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let mut found = Vec::new();
        for (segment, at) in self.segments.iter().zip(0_u32..) {
            let mut matches = weight.scorer(&segment.reader, 1.0)?;
            let mut left = limit;
            while left > 0 && matches.doc() != TERMINATED {
                let doc = matches.doc();
                if kinds.iter().any(|kind| segment.live(*kind).contains(doc)) {
                    let number = |number| segment.columns.numbers(number).get(doc);
                    found.push((
                        Reverse((number(Number::Popularity), number(Number::Tie))),
                        DocAddress::new(at, doc),
                    ));
                    left -= 1;
                }
                matches.advance();
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, address)| address).collect())
    }
}
