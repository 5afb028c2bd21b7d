//! The words of the vocabulary that a typed word may have meant.

use std::collections::{BTreeMap, HashMap};

use tantivy::{Term, query::FuzzyTermQuery, schema::IndexRecordOption};

use super::Snapshot;
use crate::{analysis::Script, error::Error, query::QueryWord};

/// Words that one word is read as, at most.
const READINGS: usize = 8;
/// Words of the vocabulary that are looked at for one word in one segment.
const CANDIDATES: usize = 400;

/// A word of the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// As it stands in the vocabulary.
    pub(super) word: String,
    /// How much less than the word itself it counts.
    pub(super) weight: f32,
}

/// How far a word of `letters` letters may be off: as the field does it, one letter from 4 on, two from 8 on. A Korean
/// syllable has two or three letters.
const fn tolerance(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(width);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

/// Distance to the nearest beginning of `word`.
fn distance_to_beginning(typed: &[char], word: &[char], most: usize) -> usize {
    (typed.len().saturating_sub(most)..=(typed.len() + most).min(word.len()))
        .filter_map(|end| word.get(..end))
        .map(|beginning| distance(typed, beginning))
        .min()
        .unwrap_or(usize::MAX)
}

impl Snapshot {
    /// In how many documents a word stands as written.
    pub(super) fn frequency(&self, word: &QueryWord) -> Result<u64, Error> {
        let spelled = self.searcher.doc_freq(&Term::from_field_text(self.fields.word, &word.spelling))?;
        if word.script != Script::Alphabetic || word.terms.len() != 1 {
            return Ok(spelled);
        }
        let mut stems = word
            .terms
            .iter()
            .map(|term| self.searcher.doc_freq(&Term::from_field_text(self.fields.text, term)));
        stems.try_fold(spelled, |most, stem| Ok(most.max(stem?)))
    }

    /// The words that a typed word may have meant: misspellings and, for a word that may go on, completions.
    pub(super) fn readings(&self, word: &QueryWord, open: bool) -> Result<Vec<Reading>, Error> {
        let typed: Vec<char> = word.spelling.chars().collect();
        let most = tolerance(typed.len());
        // Particles and endings follow a Korean word without a space, so its beginning is compared.
        let beginning = open || word.script == Script::Hangul;
        let mut found: HashMap<String, (usize, u64)> = HashMap::new();
        if most > 0 {
            self.vocabulary(&word.spelling, most, beginning, &mut found)?;
        }
        let mut readings: BTreeMap<usize, Vec<(String, u64)>> = BTreeMap::new();
        for (spelling, (_, frequency)) in found {
            let letters: Vec<char> = spelling.chars().collect();
            let whole = distance(&typed, &letters);
            let near =
                if beginning { distance_to_beginning(&typed, &letters, usize::from(most)) } else { whole };
            // Half a step more for a word that goes on, so that a whole word comes first.
            let steps = if whole <= near { whole * 2 } else { near * 2 + 1 };
            readings.entry(steps).or_default().push((spelling, frequency));
        }
        if beginning {
            for (spelling, frequency) in self.completions(&word.spelling, READINGS * 2)? {
                let completed = readings.entry(1).or_default();
                if completed.iter().all(|(known, _)| *known != spelling) {
                    completed.push((spelling, frequency));
                }
            }
        }
        let mut chosen: Vec<Reading> = Vec::new();
        let mut nearest = None;
        for (steps, mut words) in readings {
            // What is two steps farther than the nearest reading is another word, not another reading.
            if steps > nearest.map_or(usize::MAX, |nearest: usize| nearest.max(1) + 1) {
                break;
            }
            nearest = nearest.or(Some(steps));
            words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let weight = [1.0, 0.8, 0.6, 0.5, 0.3, 0.25].get(steps).copied().unwrap_or(0.2);
            // A misspelling is most likely one of a frequent word; a rare one would win by its rarity.
            let rare = words.first().map_or(0, |(_, frequency)| frequency / 100);
            let kept = words.into_iter().filter(|(_, frequency)| *frequency > rare);
            chosen.extend(kept.map(|(word, _)| Reading { word, weight }));
        }
        chosen.truncate(READINGS);
        Ok(chosen)
    }

    fn vocabulary(
        &self,
        typed: &str,
        most: u8,
        beginning: bool,
        found: &mut HashMap<String, (usize, u64)>,
    ) -> Result<(), Error> {
        let term = Term::from_field_text(self.fields.word, typed);
        let query = if beginning {
            FuzzyTermQuery::new_prefix(term, most, true)
        } else {
            FuzzyTermQuery::new(term, most, true)
        };
        let automaton = query.automaton()?;
        for segment in self.segments.iter() {
            let index = segment.reader.inverted_index(self.fields.word)?;
            let mut stream = index.terms().search(&automaton).into_stream()?;
            let mut left = CANDIDATES;
            while left > 0 && stream.advance() {
                left -= 1;
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    found.entry(word.to_owned()).or_default().1 += u64::from(stream.value().doc_freq);
                }
            }
        }
        Ok(())
    }

    /// The most frequent words that begin with `typed`, with the number of their documents.
    pub(super) fn completions(&self, typed: &str, limit: usize) -> Result<Vec<(String, u64)>, Error> {
        let mut found: HashMap<String, u64> = HashMap::new();
        for segment in self.segments.iter() {
            let index = segment.reader.inverted_index(self.fields.word)?;
            let mut stream = index.terms().range().ge(typed).into_stream()?;
            let mut left = CANDIDATES;
            while left > 0 && stream.advance() && stream.key().starts_with(typed.as_bytes()) {
                left -= 1;
                if let Ok(word) = std::str::from_utf8(stream.key()) {
                    *found.entry(word.to_owned()).or_default() += u64::from(stream.value().doc_freq);
                }
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.truncate(limit);
        Ok(found)
    }

    /// Postings are read with frequencies for the ranking.
    pub(super) const SCORED: IndexRecordOption = IndexRecordOption::WithFreqs;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let far = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        for (a, b, wanted) in [
            ("python", "python", 0),
            ("pyhton", "python", 1),
            ("pythn", "python", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(far(a, b), wanted, "{a} {b}");
        }
        let near = distance_to_beginning(&['p', 'y', 'h', 't'], &['p', 'y', 't', 'h', 'o', 'n'], 1);
        assert_eq!(near, 1);
    }
}
