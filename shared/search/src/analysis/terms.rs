//! Terms of words: what is stored, what is looked up.

use std::{borrow::Cow, collections::HashMap};

use super::{
    hangul::{is_particle, jamo, without_particle},
    normal::normalise,
    words::{Script, Word, words},
};

/// Longest term in characters; what is longer is cut.
pub const TERM_CHARS: usize = 32;
/// Longest stored beginning of a Latin word, in letters, for suggestions; longer beginnings are ranges of the vocabulary.
const EDGE_LETTERS: usize = 4;
/// The same in Korean letters: two to three syllables.
const EDGE_JAMO: usize = 6;
/// Words of one field that are read.
const FIELD_WORDS: usize = 400;

/// Terms of a document with their weights: a title's term counts as often as its field weighs (BM25F in one field).
#[derive(Debug, Default)]
pub struct Weighted(HashMap<String, u32>);

impl Weighted {
    /// Adds a term; its weights add up.
    pub fn add(&mut self, term: impl Into<String>, weight: u32) {
        *self.0.entry(term.into()).or_default() += weight;
    }

    /// The terms, in a fixed order, so that the same documents give the same index.
    pub fn into_sorted(self) -> Vec<(String, u32)> {
        let mut terms: Vec<_> = self.0.into_iter().collect();
        terms.sort_unstable();
        terms
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(TERM_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The stem of an English word; other words as they are.
pub fn stem(word: &str) -> Cow<'_, str> {
    let word = cut(word);
    if word.bytes().all(|b| b.is_ascii_lowercase()) {
        frostem::Stemmer::new(frostem::Algorithm::English).stem(word)
    } else {
        Cow::Borrowed(word)
    }
}

/// Neighbouring pairs of characters; a single character is its own term.
fn bigrams(word: &str) -> Vec<&str> {
    let bounds: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    match bounds.len() {
        0 | 1 => Vec::new(),
        2 => vec![word],
        _ => bounds.windows(3).filter_map(|w| word.get(*w.first()?..*w.last()?)).collect(),
    }
}

/// Adds the terms of one field of a document to `terms`.
pub fn index_terms(text: &str, weight: u32, terms: &mut Weighted) {
    let text = normalise(text);
    let mut before: Option<Word<'_>> = None;
    for word in words(&text).take(FIELD_WORDS) {
        match word.script {
            Script::Alphabetic => terms.add(stem(word.text), weight),
            Script::Hangul => {
                let bare = without_particle(word.text);
                bigrams(bare).into_iter().for_each(|term| terms.add(term, weight));
                // "웹 개발" and "웹개발" are the same to a reader: the pair across the space is stored too.
                if let Some(last) =
                    before.filter(|b| b.script == Script::Hangul).and_then(|b| b.text.chars().last())
                    && let Some(first) = bare.chars().next()
                {
                    terms.add(String::from_iter([last, first]), weight);
                }
            }
            Script::Ideographic => {
                bigrams(word.text).into_iter().for_each(|term| terms.add(term, weight));
                word.text.chars().for_each(|c| terms.add(c, 1));
            }
        }
        before = Some(word);
    }
}

/// The spelling under which a word stands in the vocabulary: as written, Korean in letters without its particle.
pub fn lookup(word: &Word<'_>) -> String {
    match word.script {
        Script::Hangul => cut(&jamo(without_particle(word.text))).to_owned(),
        Script::Alphabetic | Script::Ideographic => cut(word.text).to_owned(),
    }
}

/// Adds the words of a field to the vocabulary that corrections and completions come from.
pub fn vocabulary(text: &str, weight: u32, terms: &mut Weighted) {
    let text = normalise(text);
    for word in words(&text).take(FIELD_WORDS) {
        terms.add(lookup(&word), weight);
    }
}

/// Adds the beginnings of a field's words.
pub fn edges(text: &str, terms: &mut Weighted) {
    let text = normalise(text);
    for word in words(&text).take(FIELD_WORDS) {
        let spelling = lookup(&word);
        let most = edge_limit(word.script);
        for (end, c) in spelling.char_indices().take(most) {
            if let Some(edge) = spelling.get(..end + c.len_utf8()) {
                terms.add(edge, 1);
            }
        }
    }
}

/// Letters of a beginning that is stored whole.
pub const fn edge_limit(script: Script) -> usize {
    match script {
        Script::Hangul => EDGE_JAMO,
        Script::Alphabetic | Script::Ideographic => EDGE_LETTERS,
    }
}

/// The terms that a document must have to match a word of a query, or none if the word says nothing.
pub fn query_terms(word: &Word<'_>) -> Vec<String> {
    match word.script {
        Script::Alphabetic => vec![stem(word.text).into_owned()],
        Script::Hangul if is_particle(word.text) => Vec::new(),
        Script::Hangul => bigrams(cut(without_particle(word.text))).into_iter().map(str::to_owned).collect(),
        Script::Ideographic => bigrams(cut(word.text)).into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        let mut terms = Weighted::default();
        index_terms(text, 1, &mut terms);
        terms.into_sorted().into_iter().map(|(term, _)| term).collect()
    }

    #[test]
    fn documents_and_queries_meet() {
        for (document, query) in [
            ("Programming in Python", "program pythons"),
            ("웹 개발 입문", "웹개발"),
            ("파이썬으로 배우는 데이터 분석", "파이썬을 데이터"),
            ("日本語プログラミング", "プログラミング"),
            ("C++ and C# for Café owners", "c++ CAFE c#"),
            ("AI로 만드는 서비스", "ai로 서비스"),
        ] {
            let stored = terms(document);
            let query = normalise(query);
            for term in words(&query).flat_map(|word| query_terms(&word)) {
                assert!(stored.contains(&term), "{term} of {query} in {document}: {stored:?}");
            }
        }
    }

    #[test]
    fn pairs_of_characters() {
        assert_eq!(bigrams("파이썬"), ["파이", "이썬"]);
        assert_eq!(bigrams("웹"), ["웹"]);
        assert_eq!(bigrams("개발"), ["개발"]);
        assert_eq!(bigrams(""), Vec::<&str>::new());
    }

    #[test]
    fn weights_add_up_and_long_words_are_cut() {
        let mut weighted = Weighted::default();
        index_terms("rust rust", 6, &mut weighted);
        assert_eq!(weighted.into_sorted(), [("rust".to_owned(), 12)]);
        assert!(terms(&"a".repeat(3_000)).iter().all(|term| term.chars().count() <= TERM_CHARS));
    }
}
