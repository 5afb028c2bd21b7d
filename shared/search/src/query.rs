//! From what a visitor types to words to look for. Every text has a meaning; none is an error, and none is unbounded.

use std::collections::HashSet;

use crate::analysis::{Script, lookup, normalise, query_terms, words};

/// Characters of a query that are read (seed 001 §6.4: `search` has at most 200).
pub const QUERY_CHARS: usize = 200;
/// Words of a query that are looked for.
pub const QUERY_WORDS: usize = 12;

/// Words that hardly any title depends on: left out when others remain.
const STOP_WORDS: [&str; 34] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "do", "for", "from", "how", "i", "in", "is", "it", "my",
    "of", "on", "or", "s", "t", "that", "the", "this", "to", "what", "with", "you", "your", "course",
    "courses", "강의", "강좌",
];

/// A word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryWord {
    /// How it is written.
    pub script: Script,
    /// Its spelling in the vocabulary.
    pub spelling: String,
    /// The terms that a document must have.
    pub terms: Vec<String>,
}

/// A query, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The words, at most [`QUERY_WORDS`].
    pub words: Vec<QueryWord>,
    /// Whether the last word may go on: nothing follows it.
    pub open: bool,
}

impl Query {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        let text: String = normalise(cut(text.trim_start())).chars().take(QUERY_CHARS).collect();
        let mut seen = HashSet::new();
        let mut end = 0;
        let mut all = Vec::new();
        for word in words(&text) {
            end = word.end();
            let terms = query_terms(&word);
            let spelling = lookup(&word);
            if !terms.is_empty() && seen.insert(spelling.clone()) {
                let weak = STOP_WORDS.contains(&word.text)
                    || (word.script == Script::Hangul && terms_are_letters(&terms));
                all.push((weak, QueryWord { script: word.script, spelling, terms }));
            }
            if all.len() == QUERY_WORDS {
                break;
            }
        }
        if all.iter().any(|(weak, _)| !weak) {
            // The last word stays while it is being typed: "the" may become "theory".
            all.retain(|(weak, _)| !weak);
        }
        Self { words: all.into_iter().map(|(_, word)| word).collect(), open: end == text.len() }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// A single syllable: in "웹 개발" the pair across the space stands for it.
fn terms_are_letters(terms: &[String]) -> bool {
    terms.iter().all(|term| term.chars().nth(1).is_none())
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(QUERY_CHARS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The form under which equal queries are counted together (seed 003, `SearchQuery.normalized_query`).
pub fn normalised(text: &str) -> String {
    normalise(cut(text.trim())).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Vec<String> {
        Query::parse(text).words.into_iter().map(|word| word.spelling).collect()
    }

    #[test]
    fn any_text_has_a_bounded_meaning() {
        assert_eq!(spelled("\"python\" AND (title:* OR -c++)"), ["python", "title", "c++"]);
        assert_eq!(spelled("the"), ["the"]);
        assert_eq!(spelled("🎉🎉 \u{0}\u{202e}"), Vec::<String>::new());
        assert_eq!(spelled("python python PYTHON"), ["python"]);
        let long: String = (0..2_000).map(|n| format!("w{n} ")).collect();
        assert!(Query::parse(&long).words.len() <= QUERY_WORDS);
        assert!(Query::parse(&"\u{fdfa}".repeat(4_000)).words.len() <= QUERY_WORDS);
    }

    #[test]
    fn equal_queries_are_counted_together() {
        assert_eq!(normalised("  Web   DEVELOPMENT "), "web development");
        assert_eq!(normalised("\u{1111}\u{1161}이썬"), "파이썬");
    }
}
