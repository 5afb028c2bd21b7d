//! Courses like a course.

use tantivy::{
    DocAddress, DocSet, TERMINATED, Term,
    query::{BooleanQuery, BoostQuery, EnableScoring, Query as IndexQuery, TermQuery},
    schema::IndexRecordOption,
};

use super::{Hit, Snapshot, collect::gain};
use crate::{
    analysis::normalise,
    columns::{Dimension, Number},
    document::{Document, Kind},
    error::Error,
    filter::{Filter, Ordering, Page},
};

/// Matches of a segment that are compared: its most popular ones come first.
const COMPARED: usize = 2_000;
/// A course of the same instructor counts as much as one or two shared tags.
const SAME_INSTRUCTOR: f32 = 0.7;
/// What a course of the same category gains.
const SAME_CATEGORY: f32 = 1.3;

impl Snapshot {
    /// Courses that share tags, the instructor and the category with `course`, the closest first; filled up with the
    /// most popular ones of its category.
    ///
    /// # Errors
    /// [`Error::Index`] or [`Error::Card`] if the index can't be read.
    pub fn related(&self, course: &Document, limit: usize) -> Result<Vec<Hit>, Error> {
        let own = Document::key(course.kind, &course.id);
        let own = self.find(&own)?.map(|(address, _, _)| address);
        let mut any: Vec<Box<dyn IndexQuery>> = Vec::new();
        for tag in &course.tags {
            let term = Term::from_field_text(self.fields.tag, &normalise(tag));
            any.push(Box::new(TermQuery::new(term, IndexRecordOption::Basic)));
        }
        if let Some(instructor) = &course.instructor {
            let term = Term::from_field_text(self.fields.instructor, &instructor.id);
            let query = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            any.push(Box::new(BoostQuery::new(query, SAME_INSTRUCTOR)));
        }
        let weight = BooleanQuery::union(any).weight(EnableScoring::enabled_from_searcher(&self.searcher))?;
        let category = course.category.as_ref().map(|category| category.id.as_str());
        let mut found: Vec<(f32, DocAddress)> = Vec::new();
        for (segment, at) in self.segments.iter().zip(0_u32..) {
            let same = category.and_then(|category| segment.columns.with(Dimension::Category, category));
            let mut matches = weight.scorer(&segment.reader, 1.0)?;
            let mut left = COMPARED;
            while left > 0 && matches.doc() != TERMINATED {
                let doc = matches.doc();
                let address = DocAddress::new(at, doc);
                if segment.live(Kind::Course).contains(doc) && Some(address) != own {
                    let category =
                        if same.is_some_and(|same| same.contains(doc)) { SAME_CATEGORY } else { 1.0 };
                    let popularity = segment.columns.numbers(Number::Popularity).get(doc);
                    found.push((matches.score() * category * gain(popularity), address));
                    left -= 1;
                }
                matches.advance();
            }
        }
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        found.truncate(limit);
        if found.len() < limit
            && let Some(category) = category
        {
            let filter = Filter { categories: vec![category.to_owned()], ..Filter::kind(Kind::Course) };
            let page = Page { offset: 0, limit: limit + found.len() + 1 };
            for address in self.page(Ordering::Popular, &self.select(&filter, None, None)?, page) {
                if found.len() < limit
                    && Some(address) != own
                    && found.iter().all(|(_, known)| *known != address)
                {
                    found.push((0.0, address));
                }
            }
        }
        found
            .into_iter()
            .map(|(score, address)| {
                Ok(Hit { document: self.card(address)?, score, highlights: Default::default() })
            })
            .collect()
    }
}
