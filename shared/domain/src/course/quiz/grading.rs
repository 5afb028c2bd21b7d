//! Grading: the same answers always give the same score. A question is right or wrong as a whole.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::{ANSWER_MAX, Key, QuestionKind, Sheet, Solution, is_storable};

/// An answer to one question, in the field that belongs to its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuizAnswer)]
pub struct Answer {
    /// The question's place, from 1.
    #[schema(example = 1)]
    pub question: u32,
    /// Places of the chosen options, from 1, in any order: one of kind single, any of kind multiple.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!([2]))]
    pub choices: Option<BTreeSet<u32>>,
    /// A number, of kind numeric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
    /// A text of up to 500 characters, of kind short text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An answer that can't be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("answers[{index}] {message}")]
pub struct BadAnswer {
    /// Its place among the answers, from 0.
    pub index: usize,
    /// What it must be.
    pub message: &'static str,
}

/// What an answer came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = QuestionOutcome)]
pub struct Outcome {
    /// The question's place, from 1.
    #[schema(example = 1)]
    pub question: u32,
    /// Whether the answer is right; a question without an answer is wrong.
    pub correct: bool,
    /// Its points: all of the question's, or none.
    #[schema(example = 2)]
    pub points: u32,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// Points of the right answers.
    pub score: u32,
    /// All points that there are.
    pub points: u32,
    /// Whether that is enough.
    pub passed: bool,
    /// Every question, in its order.
    pub outcomes: Vec<Outcome>,
}

impl Graded {
    /// The score in whole percent, rounded down.
    pub fn percent(&self) -> u32 {
        percent(self.score, self.points)
    }
}

/// A score in whole percent, rounded down; 100 means all.
pub fn percent(score: u32, points: u32) -> u32 {
    score.saturating_mul(100).checked_div(points).unwrap_or(0)
}

/// Grades an attempt. Questions that nobody answered are wrong.
///
/// # Errors
/// [`BadAnswer`] where an answer names no question, the same as another, or has not the one field that belongs to its kind.
pub fn grade(sheet: &Sheet, solutions: &[Solution], answers: &[Answer]) -> Result<Graded, BadAnswer> {
    let mut given: Vec<Option<&Answer>> = vec![None; sheet.questions.len()];
    for (index, answer) in answers.iter().enumerate() {
        let bad = |message| BadAnswer { index, message };
        let at = (answer.question as usize).checked_sub(1);
        let asked = at.and_then(|at| Some((sheet.questions.get(at)?, given.get_mut(at)?)));
        let (asked, slot) = asked.ok_or_else(|| bad("must name a question of the quiz, from 1"))?;
        if slot.replace(answer).is_some() {
            return Err(bad("must not name a question twice"));
        }
        answer.fits(asked.kind, asked.options.len()).map_err(bad)?;
    }
    let graded = sheet.questions.iter().zip(solutions).zip(given).zip(1..);
    let outcomes: Vec<_> = graded
        .map(|(((asked, solution), answer), question)| {
            let correct = answer.is_some_and(|answer| is_right(&solution.answer, answer));
            Outcome { question, correct, points: if correct { asked.points } else { 0 } }
        })
        .collect();
    let (score, points) = (outcomes.iter().map(|outcome| outcome.points).sum::<u32>(), sheet.points());
    let passed = u64::from(score) * 100 >= u64::from(points) * u64::from(sheet.pass_percent);
    Ok(Graded { score, points, passed, outcomes })
}

impl Answer {
    fn fits(&self, kind: QuestionKind, options: usize) -> Result<(), &'static str> {
        match (kind, &self.choices, self.number, &self.text) {
            (QuestionKind::Single | QuestionKind::Multiple, Some(choices), None, None) => {
                if !choices.iter().all(|place| (1..=options).contains(&(*place as usize))) {
                    return Err("must choose places of options, from 1");
                }
                if kind == QuestionKind::Single && choices.len() != 1 {
                    return Err("must choose exactly one option");
                }
                Ok(())
            }
            (QuestionKind::Numeric, None, Some(number), None) if is_storable(number) => Ok(()),
            (QuestionKind::Numeric, None, Some(_), None) => {
                Err("must be 0 or between 1e-15 and 1e15, with either sign")
            }
            (QuestionKind::ShortText, None, None, Some(text)) if text.chars().count() <= ANSWER_MAX => Ok(()),
            (QuestionKind::ShortText, None, None, Some(_)) => Err("must have at most 500 characters"),
            (QuestionKind::Single | QuestionKind::Multiple, ..) => Err("must have choices and nothing else"),
            (QuestionKind::Numeric, ..) => Err("must have a number and nothing else"),
            (QuestionKind::ShortText, ..) => Err("must have a text and nothing else"),
        }
    }
}

fn is_right(key: &Key, answer: &Answer) -> bool {
    match key {
        Key::Single { correct } => answer.choices.as_ref().is_some_and(|choices| choices.contains(correct)),
        Key::Multiple { correct } => answer.choices.as_ref() == Some(correct),
        Key::Numeric { value, tolerance } => {
            answer.number.is_some_and(|number| is_near(number, *value, *tolerance))
        }
        Key::ShortText { accepted } => answer.text.as_ref().is_some_and(|text| {
            let text = folded(text);
            accepted.iter().any(|right| folded(right) == text)
        }),
    }
}

/// Whether a number is within the tolerance. 0.4 is within 0.1 of 0.3, although its double is not: some units in the last place of
/// the largest of the three are forgiven.
fn is_near(number: f64, value: f64, tolerance: f64) -> bool {
    let largest = number.abs().max(value.abs()).max(tolerance);
    (number - value).abs() <= 4.0f64.mul_add(f64::EPSILON * largest, tolerance)
}

/// A text as answers are compared: composed (NFC), without white space around it, without case. Upper case before lower case makes
/// «ß» and «SS», or the two small sigmas, the same, as Unicode's full case folding does.
fn folded(text: &str) -> String {
    let upper = text.trim().nfc().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::quiz::{Question, Quiz};
    use proptest::{collection::vec, prelude::*, sample::subsequence};

    fn choose(question: u32, places: &[u32]) -> Answer {
        Answer { question, choices: Some(places.iter().copied().collect()), ..Answer::default() }
    }

    fn say(question: u32, text: &str) -> Answer {
        Answer { question, text: Some(text.into()), ..Answer::default() }
    }

    fn count(question: u32, number: f64) -> Answer {
        Answer { question, number: Some(number), ..Answer::default() }
    }

    fn quiz(keys: Vec<Key>) -> (Sheet, Vec<Solution>) {
        let questions = keys.into_iter().map(|answer| {
            let options = match answer.kind() {
                QuestionKind::Single | QuestionKind::Multiple => ["a", "b", "c"].map(Into::into).to_vec(),
                _ => Vec::new(),
            };
            Question { text: "?".into(), points: 2, options, answer, explanation: String::new() }
        });
        let quiz = Quiz { questions: questions.collect(), pass_percent: 70, attempts_max: 3 };
        assert_eq!(quiz.check(), Ok(()));
        quiz.split()
    }

    fn right(key: Key, answer: Answer) -> bool {
        let (sheet, solutions) = quiz(vec![key]);
        grade(&sheet, &solutions, &[answer]).unwrap().passed
    }

    #[test]
    fn each_kind_is_right_or_wrong_as_a_whole() {
        let several = || Key::Multiple { correct: [1, 3].into() };
        assert!(right(Key::Single { correct: 2 }, choose(1, &[2])));
        assert!(!right(Key::Single { correct: 2 }, choose(1, &[1])));
        assert!(right(several(), choose(1, &[3, 1])));
        for wrong in [&[][..], &[1], &[1, 2, 3]] {
            assert!(!right(several(), choose(1, wrong)), "{wrong:?}");
        }
    }

    #[test]
    fn numbers_are_right_within_their_tolerance() {
        for (value, tolerance, number, expected) in [
            (3.0, 0.0, 3.0, true),
            (3.0, 0.0, 3.000_001, false),
            (0.3, 0.1, 0.4, true),
            (0.3, 0.1, 0.2, true),
            (0.3, 0.1, 0.400_001, false),
            (-1e15, 1.0, -1e15 + 1.0, true),
            (0.0, 0.0, 1e-15, false),
        ] {
            let key = Key::Numeric { value, tolerance };
            assert_eq!(right(key, count(1, number)), expected, "{number} for {value} ± {tolerance}");
        }
    }

    #[test]
    fn texts_are_compared_without_case_white_space_and_composition() {
        for (accepted, text, expected) in [
            ("Ownership", "  oWNERSHIP\n", true),
            ("소유권", "\u{1109}\u{1169}\u{110b}\u{1172}\u{1100}\u{116f}\u{11ab}", true),
            ("Straße", "STRASSE", true),
            ("ΟΔΟΣ", "οδος", true),
            ("é", "e\u{301}", true),
            ("e", "é", false),
            ("a b", "ab", false),
            ("x", "", false),
        ] {
            let key = Key::ShortText { accepted: vec!["other".into(), accepted.into()] };
            assert_eq!(right(key, say(1, text)), expected, "{text} for {accepted}");
        }
    }

    #[test]
    fn answers_that_can_not_be_ones_are_named() {
        let (sheet, solutions) =
            quiz(vec![Key::Single { correct: 1 }, Key::Numeric { value: 1.0, tolerance: 0.0 }]);
        for (answers, index) in [
            (vec![choose(0, &[1])], 0),
            (vec![choose(3, &[1])], 0),
            (vec![choose(1, &[1]), choose(1, &[1])], 1),
            (vec![choose(1, &[1, 2])], 0),
            (vec![choose(1, &[])], 0),
            (vec![choose(1, &[4])], 0),
            (vec![choose(1, &[1]), choose(2, &[1])], 1),
            (vec![count(2, 1e300)], 0),
            (vec![Answer { number: Some(1.0), ..choose(1, &[1]) }], 0),
            (vec![Answer { question: 2, ..Answer::default() }], 0),
        ] {
            assert_eq!(grade(&sheet, &solutions, &answers).unwrap_err().index, index, "{answers:?}");
        }
    }

    #[test]
    fn the_pass_mark_is_reached_exactly() {
        let (mut sheet, solutions) = quiz(vec![Key::Single { correct: 1 }; 3]);
        sheet.pass_percent = 67;
        let two = [choose(1, &[1]), choose(3, &[1])];
        let graded = grade(&sheet, &solutions, &two).unwrap();
        assert_eq!((graded.score, graded.points, graded.percent(), graded.passed), (4, 6, 66, false));
        sheet.pass_percent = 66;
        assert!(grade(&sheet, &solutions, &two).unwrap().passed);
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let places = subsequence(vec![1u32, 2, 3, 4], 1..=4);
        prop_oneof![
            (1u32..=4).prop_map(|correct| Key::Single { correct }),
            places.prop_map(|places| Key::Multiple { correct: places.into_iter().collect() }),
            (-1e6..1e6f64, 0.0..10.0f64).prop_map(|(value, tolerance)| Key::Numeric {
                value: if value.abs() < 1e-9 { 0.0 } else { value },
                tolerance: if tolerance < 1e-9 { 0.0 } else { tolerance },
            }),
            vec("[a-z가-힣]{1,12}", 1..4).prop_map(|accepted| Key::ShortText { accepted }),
        ]
    }

    fn any_quiz() -> impl Strategy<Value = Quiz> {
        let question = (any_key(), 1u32..=100).prop_map(|(answer, points)| {
            let options = match answer.kind() {
                QuestionKind::Single | QuestionKind::Multiple => {
                    ["a", "b", "c", "d"].map(Into::into).to_vec()
                }
                _ => Vec::new(),
            };
            Question { text: "?".into(), points, options, answer, explanation: String::new() }
        });
        (vec(question, 1..12), 1u32..=100).prop_map(|(questions, pass_percent)| Quiz {
            questions,
            pass_percent,
            attempts_max: 3,
        })
    }

    /// The answer that the key demands.
    fn full(key: &Key, question: u32) -> Answer {
        match key {
            Key::Single { correct } => choose(question, &[*correct]),
            Key::Multiple { correct } => choose(question, &correct.iter().copied().collect::<Vec<_>>()),
            Key::Numeric { value, .. } => count(question, *value),
            Key::ShortText { accepted } => say(question, &accepted[0].to_uppercase()),
        }
    }

    proptest! {
        #[test]
        fn all_right_is_the_full_score_and_part_of_it_no_more(
            quiz in any_quiz(),
            kept in vec(any::<bool>(), 12),
        ) {
            prop_assert_eq!(quiz.check(), Ok(()));
            let (sheet, solutions) = quiz.split();
            let all: Vec<_> =
                solutions.iter().zip(1..).map(|(solution, place)| full(&solution.answer, place)).collect();
            let graded = grade(&sheet, &solutions, &all).unwrap();
            prop_assert_eq!((graded.score, graded.percent(), graded.passed), (sheet.points(), 100, true));

            // Some of the answers, the last first: the score is what these questions are worth.
            let some = all.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(one, _)| one).rev();
            let some: Vec<_> = some.collect();
            let graded = grade(&sheet, &solutions, &some).unwrap();
            let worth: u32 =
                some.iter().map(|answer| sheet.questions[answer.question as usize - 1].points).sum();
            prop_assert_eq!(graded.score, worth);
            prop_assert!(graded.score <= graded.points);
            prop_assert_eq!(graded.outcomes.iter().map(|outcome| outcome.points).sum::<u32>(), worth);
        }

        #[test]
        fn the_order_of_options_does_not_matter(
            correct in subsequence(vec![1u32, 2, 3, 4], 1..=4),
            chosen in subsequence(vec![1u32, 2, 3, 4], 0..=4),
            order in Just(vec![1u32, 2, 3, 4]).prop_shuffle(),
        ) {
            let moved = |places: &[u32]| -> BTreeSet<u32> {
                places.iter().map(|place| order[*place as usize - 1]).collect()
            };
            let as_set = |places: &[u32]| places.iter().copied().collect::<BTreeSet<u32>>();
            let verdict = |correct: BTreeSet<u32>, chosen: BTreeSet<u32>| {
                let answer = Answer { question: 1, choices: Some(chosen), ..Answer::default() };
                is_right(&Key::Multiple { correct }, &answer)
            };
            prop_assert_eq!(
                verdict(as_set(&correct), as_set(&chosen)),
                verdict(moved(&correct), moved(&chosen)),
            );
            prop_assert_eq!(verdict(as_set(&correct), as_set(&chosen)), correct == chosen);
        }

        #[test]
        fn whatever_is_answered_the_score_is_in_range(
            quiz in any_quiz(),
            answers in vec((0u32..14, vec(0u32..6, 0..3), proptest::option::of(any::<f64>()), "\\PC{0,8}"), 0..14),
        ) {
            let (sheet, solutions) = quiz.split();
            let answers: Vec<_> = answers
                .into_iter()
                .map(|(question, places, number, text)| match number {
                    Some(number) => count(question, number),
                    None if places.is_empty() => say(question, &text),
                    None => choose(question, &places),
                })
                .collect();
            if let Ok(graded) = grade(&sheet, &solutions, &answers) {
                prop_assert!(graded.score <= graded.points && graded.percent() <= 100);
                prop_assert_eq!(graded.outcomes.len(), sheet.questions.len());
            }
        }
    }
}
