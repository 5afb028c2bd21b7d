//! Answering a request.

use std::{collections::BTreeSet, sync::Arc};

use roaring::RoaringBitmap;
use tantivy::{
    Term,
    query::{BooleanQuery, BoostQuery, Occur, Query as IndexQuery, TermQuery},
};

use super::{
    Answer, Hit, Snapshot,
    collect::{Found, Gather, best, size},
    expand::Reading,
    highlight::Marker,
};
use crate::{
    analysis::Script,
    columns::Dimension,
    document::Kind,
    error::Error,
    filter::{Filter, Ordering, Request},
    query::{Query, QueryWord},
};

/// A query that finds fewer documents is read more widely.
const FEW: u64 = 3;

/// What a query matched.
struct Matches {
    found: Vec<Found>,
    /// Words of the vocabulary that were looked for in place of misspelt ones.
    readings: BTreeSet<String>,
    widened: bool,
}

impl Snapshot {
    /// Answers a request.
    ///
    /// # Errors
    /// [`Error::Index`], [`Error::Card`] or [`Error::Damaged`] if the index can't be read; never because of the request.
    pub fn search(&self, request: &Request) -> Result<Answer, Error> {
        let query = Query::parse(&request.text);
        if query.is_empty() {
            return self.list(request);
        }
        // A narrowed facet counts what the text matches without that narrowing.
        let open = request.facets
            && Dimension::FACETS.into_iter().any(|dimension| request.filter.narrows(dimension));
        let mut all = None;
        let matches = if open {
            let mut matches = self.matches(&query, &Filter::kind(request.filter.kind), None)?;
            let found = sets(&matches.found);
            cut(&mut matches.found, Some(&self.select(&request.filter, None, Some(&found))?));
            all = Some(found);
            matches
        } else {
            let plain = request.filter.is_plain();
            let chosen =
                if plain { None } else { Some(Arc::new(self.select(&request.filter, None, None)?)) };
            self.matches(&query, &request.filter, chosen)?
        };
        let count = matches.found.iter().map(|found| found.len() as u64).sum();
        let marker = Marker::new(&query, &matches.readings);
        let page = if request.ordering == Ordering::Relevance {
            best(&matches.found, request.page.offset, request.page.limit)
        } else {
            self.page(request.ordering, &sets(&matches.found), request.page)
                .into_iter()
                .map(|at| (0.0, at))
                .collect()
        };
        let hits = page
            .into_iter()
            .map(|(score, address)| {
                let document = self.card(address)?;
                Ok(Hit { highlights: marker.mark(&document), document, score })
            })
            .collect::<Result<_, Error>>()?;
        let facets = if request.facets {
            self.facets(&request.filter, &sets(&matches.found), all.as_deref())?
        } else {
            super::Facets::new()
        };
        Ok(Answer { count, hits, facets, widened: matches.widened })
    }

    fn list(&self, request: &Request) -> Result<Answer, Error> {
        let chosen = self.select(&request.filter, None, None)?;
        let count = chosen.iter().map(RoaringBitmap::len).sum();
        let hits = self
            .page(request.ordering, &chosen, request.page)
            .into_iter()
            .map(|address| {
                Ok(Hit { document: self.card(address)?, score: 0.0, highlights: Default::default() })
            })
            .collect::<Result<_, Error>>()?;
        let facets =
            if request.facets { self.facets(&request.filter, &chosen, None)? } else { super::Facets::new() };
        Ok(Answer { count, hits, facets, widened: false })
    }

    /// Looks for all words as typed; if that finds too little, for what misspelt or unfinished words may have meant; if
    /// that finds nothing, for most of the words. How widely a query is read does not depend on the filter.
    fn matches(
        &self,
        query: &Query,
        filter: &Filter,
        chosen: Option<Arc<Vec<RoaringBitmap>>>,
    ) -> Result<Matches, Error> {
        let none = BTreeSet::new();
        let exact: Vec<_> = query.words.iter().map(|word| self.clause(word, &[])).collect();
        let exact = BooleanQuery::intersection(exact);
        let found = self.collect(&exact, filter.kind, chosen.clone())?;
        let as_typed = match &chosen {
            Some(_) if size(&found) < FEW => size(&self.collect(&exact, filter.kind, None)?),
            _ => size(&found),
        };
        if as_typed >= FEW {
            return Ok(Matches { found, readings: none, widened: false });
        }
        let mut rare = Vec::with_capacity(query.words.len());
        for word in &query.words {
            rare.push(self.frequency(word)? < FEW);
        }
        let every = !rare.contains(&true);
        let mut readings: Vec<Vec<Reading>> = Vec::with_capacity(query.words.len());
        for (at, word) in query.words.iter().enumerate() {
            let open = query.open && at + 1 == query.words.len();
            let read = every || rare.get(at).copied().unwrap_or(false);
            readings.push(if read { self.readings(word, open)? } else { Vec::new() });
        }
        let used = readings.iter().flatten().map(|reading| reading.word.clone()).collect::<BTreeSet<_>>();
        let clauses =
            || query.words.iter().zip(&readings).map(|(word, readings)| self.clause(word, readings));
        let wide = BooleanQuery::intersection(clauses().collect());
        let all = self.collect(&wide, filter.kind, None)?;
        if size(&all) > 0 || query.words.len() == 1 {
            let widened = size(&all) > as_typed;
            let mut found = all;
            cut(&mut found, chosen.as_deref());
            return Ok(Matches { found, readings: used, widened });
        }
        let needed = query.words.len().div_ceil(2);
        let most = BooleanQuery::union_with_minimum_required_clauses(clauses().collect(), needed);
        let found = self.collect(&most, filter.kind, chosen)?;
        Ok(Matches { found, readings: used, widened: true })
    }

    /// What a document must have for one word.
    fn clause(&self, word: &QueryWord, readings: &[Reading]) -> Box<dyn IndexQuery> {
        let term = |term: &String| -> Box<dyn IndexQuery> {
            Box::new(TermQuery::new(Term::from_field_text(self.fields.text, term), Self::SCORED))
        };
        let all = |terms: &[String]| -> Box<dyn IndexQuery> {
            match terms {
                [only] => term(only),
                terms => Box::new(BooleanQuery::intersection(terms.iter().map(term).collect())),
            }
        };
        let exact = if word.script == Script::Alphabetic {
            all(&word.terms)
        } else {
            // Pairs of syllables stand in longer words too, 자바 in 자바스크립트: the word itself comes first.
            let own = TermQuery::new(Term::from_field_text(self.fields.word, &word.spelling), Self::SCORED);
            Box::new(BooleanQuery::new(vec![(Occur::Must, all(&word.terms)), (Occur::Should, Box::new(own))]))
        };
        if readings.is_empty() {
            return exact;
        }
        let mut any: Vec<(Occur, Box<dyn IndexQuery>)> = vec![(Occur::Should, exact)];
        for reading in readings {
            let term = Term::from_field_text(self.fields.word, &reading.word);
            let query = BoostQuery::new(Box::new(TermQuery::new(term, Self::SCORED)), reading.weight);
            any.push((Occur::Should, Box::new(query)));
        }
        Box::new(BooleanQuery::new(any))
    }

    fn collect(
        &self,
        query: &dyn IndexQuery,
        kind: Kind,
        chosen: Option<Arc<Vec<RoaringBitmap>>>,
    ) -> Result<Vec<Found>, Error> {
        let gather = Gather { segments: Arc::clone(&self.segments), kind, chosen };
        Ok(self.searcher.search(query, &gather)?)
    }
}

/// Leaves the chosen documents.
fn cut(found: &mut [Found], chosen: Option<&Vec<RoaringBitmap>>) {
    if let Some(chosen) = chosen {
        found
            .iter_mut()
            .zip(chosen)
            .for_each(|(found, chosen)| found.retain(|(_, doc)| chosen.contains(*doc)));
    }
}

/// The documents alone.
fn sets(found: &[Found]) -> Vec<RoaringBitmap> {
    let set = |found: &Found| RoaringBitmap::from_sorted_iter(found.iter().map(|(_, doc)| *doc));
    found.iter().map(|found| set(found).unwrap_or_default()).collect()
}
