//! Where a document matches.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    analysis::{Script, Word, lookup, normalise, stem, words},
    document::Document,
    query::Query,
};

/// Bytes of a text, from the first to the one after the last.
pub type Range = std::ops::Range<usize>;

/// Matching words, as ranges of bytes of the card's texts: whoever shows them escapes the texts himself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlights {
    /// In the title.
    pub title: Vec<Range>,
    /// In the short description.
    pub subtitle: Vec<Range>,
    /// In the beginning of the description.
    pub description: Vec<Range>,
}

/// What counts as a match.
pub(super) struct Marker {
    /// Terms by word of the query.
    terms: Vec<Vec<String>>,
    /// Spellings.
    spellings: BTreeSet<String>,
    /// The beginning that the last word of a suggestion is.
    pub(super) beginning: Option<String>,
}

impl Marker {
    pub(super) fn new(query: &Query, readings: &BTreeSet<String>) -> Self {
        Self {
            terms: query.words.iter().map(|word| word.terms.clone()).collect(),
            spellings: readings.clone(),
            beginning: None,
        }
    }

    pub(super) fn mark(&self, document: &Document) -> Highlights {
        Highlights {
            title: self.ranges(&document.title),
            subtitle: self.ranges(&document.subtitle),
            description: self.ranges(&document.description),
        }
    }

    /// The words of `text` that match.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range> {
        let mut found = Vec::new();
        let mut rest = 0;
        // Words of the text as it stands: normalising moves bytes, so each word is normalised on its own.
        for piece in text.split(|c: char| !(c.is_alphanumeric() || is_mark(c) || matches!(c, '+' | '#'))) {
            let start = rest;
            rest = start
                + piece.len()
                + text.get(start + piece.len()..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
            if !piece.is_empty() && self.matches(piece) {
                found.push(start..start + piece.len());
            }
        }
        found
    }

    fn matches(&self, piece: &str) -> bool {
        let piece = normalise(piece);
        words(&piece).any(|word| self.has_terms(&word) || self.is_spelled(&word))
    }

    /// Whether the word has all terms of a word of the query.
    fn has_terms(&self, word: &Word<'_>) -> bool {
        let mut stemmed = None;
        self.terms.iter().any(|terms| match (word.script, terms.as_slice()) {
            (_, []) => false,
            // A stem begins as its word does: most words need no stemming.
            (Script::Alphabetic, [term]) => {
                term.bytes().next() == word.text.bytes().next()
                    && *stemmed.get_or_insert_with(|| stem(word.text)) == term.as_str()
            }
            (Script::Alphabetic, _) => false,
            (_, terms) => terms.iter().all(|term| word.text.contains(term.as_str())),
        })
    }

    fn is_spelled(&self, word: &Word<'_>) -> bool {
        if self.spellings.is_empty() && self.beginning.is_none() {
            return false;
        }
        let spelling = lookup(word);
        self.spellings.contains(&spelling)
            || self.beginning.as_ref().is_some_and(|beginning| spelling.starts_with(beginning.as_str()))
            || (word.script == Script::Hangul
                && self.spellings.iter().any(|known| known.starts_with(&spelling)))
    }
}

/// Combining marks belong to the letter before them.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || ('\u{1100}'..='\u{11ff}').contains(&c)
}

/// `text` as HTML with the ranges in `<mark>`; everything else is escaped.
pub fn html(text: &str, ranges: &[Range]) -> String {
    let mut out = String::with_capacity(text.len() + ranges.len() * 13);
    let mut done = 0;
    for range in ranges {
        if let (Some(before), Some(marked)) = (text.get(done..range.start), text.get(range.clone())) {
            escape(before, &mut out);
            out.push_str("<mark>");
            escape(marked, &mut out);
            out.push_str("</mark>");
            done = range.end;
        }
    }
    escape(text.get(done..).unwrap_or_default(), &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(query: &str, text: &str) -> String {
        html(text, &Marker::new(&Query::parse(query), &BTreeSet::new()).ranges(text))
    }

    #[test]
    fn matching_words_are_marked_and_everything_is_escaped() {
        assert_eq!(
            marked("programming", "<b>Programs</b> & \"more\""),
            "&lt;b&gt;<mark>Programs</mark>&lt;/b&gt; &amp; &quot;more&quot;"
        );
        assert_eq!(marked("파이썬", "파이썬으로 배우는 웹"), "<mark>파이썬으로</mark> 배우는 웹");
        assert_eq!(marked("cafe", "Un cafe\u{301}, s'il"), "Un <mark>cafe\u{301}</mark>, s&#39;il");
        assert_eq!(marked("c++", "C++ basics"), "<mark>C++</mark> basics");
        assert_eq!(marked("", "<script>"), "&lt;script&gt;");
    }

    #[test]
    fn a_wrong_range_is_left_out() {
        assert_eq!(html("é", &[0..1, 0..2, 5..9]), "<mark>é</mark>");
    }
}
