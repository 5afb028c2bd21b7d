//! Quizzes: what is asked, what is right, and which quizzes are well made (spec 02, lessons).
//!
//! What a student sees ([`Asked`]) and what is right ([`Solution`]) are two things from the moment that a teacher sends them
//! together ([`Question`]): they are stored apart, so that no view of a student can show an answer by mistake.

mod grading;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use grading::{Answer, BadAnswer, Graded, Outcome, grade, percent};

/// Questions of a quiz.
pub const QUESTIONS_MAX: usize = 100;
/// Options of a question.
pub const OPTIONS_MAX: usize = 10;
/// Accepted answers of a question of kind short text.
pub const ACCEPTED_MAX: usize = 20;
/// Points of a question.
pub const POINTS_MAX: u32 = 100;
/// Attempts that a teacher may allow; it bounds the list of a student's attempts.
pub const ATTEMPTS_MAX: u32 = 20;
/// Characters of a question or an explanation.
pub const WORDS_MAX: usize = 2_000;
/// Characters of an option, an accepted or a given answer.
pub const ANSWER_MAX: usize = 500;
/// Bytes of all texts of a quiz: its items and every answer about it stay far below DynamoDB's 400 KB for an item.
pub const BYTES_MAX: usize = 150_000;
/// Largest magnitude of a number in a question or an answer.
pub const NUMBER_MAX: f64 = 1e15;
/// Smallest magnitude that is not 0; a double is exact to more digits, DynamoDB's number ends at 1e-130.
pub const NUMBER_MIN: f64 = 1e-15;

/// Kind of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// One option is right.
    Single,
    /// A set of options is right.
    Multiple,
    /// A number is right, and what is near it.
    Numeric,
    /// One of several texts is right.
    ShortText,
}

/// What is right. Options are named by their place, from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = QuestionKey)]
pub enum Key {
    /// One option.
    Single {
        /// Its place.
        #[schema(example = 2)]
        correct: u32,
    },
    /// Exactly these options.
    Multiple {
        /// Their places.
        #[schema(example = json!([1, 3]))]
        correct: BTreeSet<u32>,
    },
    /// A number.
    Numeric {
        /// The number.
        #[schema(example = 9.81)]
        value: f64,
        /// How far off an answer may be.
        #[serde(default)]
        #[schema(example = 0.01)]
        tolerance: f64,
    },
    /// A text, whatever its case and the white space around it.
    ShortText {
        /// The texts that are right.
        #[schema(example = json!(["ownership"]))]
        accepted: Vec<String>,
    },
}

impl Key {
    /// The kind of its question.
    pub const fn kind(&self) -> QuestionKind {
        match self {
            Self::Single { .. } => QuestionKind::Single,
            Self::Multiple { .. } => QuestionKind::Multiple,
            Self::Numeric { .. } => QuestionKind::Numeric,
            Self::ShortText { .. } => QuestionKind::ShortText,
        }
    }
}

/// A question as its teacher sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuizQuestion)]
pub struct Question {
    /// What is asked, up to 2,000 characters.
    #[schema(example = "What happens to a value when its owner goes out of scope?")]
    pub text: String,
    /// 1 to 100.
    #[serde(default = "one")]
    #[schema(example = 2)]
    pub points: u32,
    /// 2 to 10 options of kinds single and multiple; none of the others.
    #[serde(default)]
    #[schema(example = json!(["It leaks", "It is dropped"]))]
    pub options: Vec<String>,
    /// What is right.
    pub answer: Key,
    /// Shown after the last attempt or the pass, up to 2,000 characters.
    #[serde(default)]
    #[schema(example = "Rust drops a value as soon as its owner goes out of scope.")]
    pub explanation: String,
}

/// A quiz as its teacher sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// 1 to 100 questions in their order.
    pub questions: Vec<Question>,
    /// Part of the points, in percent, from which the quiz is passed.
    #[serde(default = "seventy")]
    #[schema(example = 70)]
    pub pass_percent: u32,
    /// How often a student may try, 1 to 20.
    #[serde(default = "three")]
    #[schema(example = 3)]
    pub attempts_max: u32,
}

const fn one() -> u32 {
    1
}

const fn three() -> u32 {
    3
}

const fn seventy() -> u32 {
    70
}

/// What a student sees of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AskedQuestion)]
pub struct Asked {
    /// What is asked.
    #[schema(example = "What happens to a value when its owner goes out of scope?")]
    pub text: String,
    /// Points of a right answer.
    #[schema(example = 2)]
    pub points: u32,
    /// Kind.
    pub kind: QuestionKind,
    /// The options; an answer names them by their place, from 1.
    #[serde(default)]
    #[schema(example = json!(["It leaks", "It is dropped"]))]
    pub options: Vec<String>,
}

/// What is right, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = QuestionSolution)]
pub struct Solution {
    /// What is right.
    pub answer: Key,
    /// Why.
    #[serde(default)]
    pub explanation: String,
}

/// What a student sees of a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = QuizSheet)]
pub struct Sheet {
    /// The questions.
    pub questions: Vec<Asked>,
    /// Part of the points, in percent, from which the quiz is passed.
    #[schema(example = 70)]
    pub pass_percent: u32,
    /// How often a student may try.
    #[schema(example = 3)]
    pub attempts_max: u32,
}

impl Sheet {
    /// All points that there are.
    pub fn points(&self) -> u32 {
        self.questions.iter().map(|question| question.points).sum()
    }
}

/// A field of a quiz that is not well made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {message}")]
pub struct Fault {
    /// Its path, such as `questions[2].answer.correct`.
    pub field: String,
    /// What it must be.
    pub message: &'static str,
}

impl Quiz {
    /// What students see, and what is right.
    pub fn split(self) -> (Sheet, Vec<Solution>) {
        let (pass_percent, attempts_max) = (self.pass_percent, self.attempts_max);
        let halves = self.questions.into_iter().map(|question| {
            let Question { text, points, options, answer, explanation } = question;
            (Asked { text, points, kind: answer.kind(), options }, Solution { answer, explanation })
        });
        let (questions, solutions) = halves.unzip();
        (Sheet { questions, pass_percent, attempts_max }, solutions)
    }

    /// The quiz as its teacher sent it.
    pub fn join(sheet: Sheet, solutions: Vec<Solution>) -> Self {
        let questions = sheet.questions.into_iter().zip(solutions).map(|(asked, solution)| Question {
            text: asked.text,
            points: asked.points,
            options: asked.options,
            answer: solution.answer,
            explanation: solution.explanation,
        });
        Self {
            questions: questions.collect(),
            pass_percent: sheet.pass_percent,
            attempts_max: sheet.attempts_max,
        }
    }

    /// Whether it can be taken, passed and stored.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn check(&self) -> Result<(), Fault> {
        let fault = |field: &str, message| Err(Fault { field: field.to_owned(), message });
        if self.questions.is_empty() || self.questions.len() > QUESTIONS_MAX {
            return fault("questions", "must be 1 to 100 questions");
        }
        if !(1..=100).contains(&self.pass_percent) {
            return fault("pass_percent", "must be 1 to 100");
        }
        if !(1..=ATTEMPTS_MAX).contains(&self.attempts_max) {
            return fault("attempts_max", "must be 1 to 20");
        }
        for (index, question) in self.questions.iter().enumerate() {
            question.check().map_err(|fault| Fault {
                field: format!("questions[{index}].{}", fault.field),
                message: fault.message,
            })?;
        }
        if self.questions.iter().map(Question::bytes).sum::<usize>() > BYTES_MAX {
            return fault("questions", "must have at most 150,000 bytes of text; make two quizzes of it");
        }
        Ok(())
    }
}

impl Question {
    fn check(&self) -> Result<(), Fault> {
        let fault = |field: &str, message| Err(Fault { field: field.to_owned(), message });
        if !is_written(&self.text, WORDS_MAX) {
            return fault("text", "must be 1 to 2,000 characters, not all blank");
        }
        if self.explanation.chars().count() > WORDS_MAX {
            return fault("explanation", "must have at most 2,000 characters");
        }
        if !(1..=POINTS_MAX).contains(&self.points) {
            return fault("points", "must be 1 to 100");
        }
        let count = self.options.len();
        match self.answer.kind() {
            QuestionKind::Single | QuestionKind::Multiple => {
                if !(2..=OPTIONS_MAX).contains(&count) {
                    return fault("options", "must be 2 to 10 options");
                }
                if !self.options.iter().all(|option| is_written(option, ANSWER_MAX)) {
                    return fault("options", "must have 1 to 500 characters each, not all blank");
                }
                if self.options.iter().collect::<BTreeSet<_>>().len() < count {
                    return fault("options", "must differ from each other");
                }
            }
            QuestionKind::Numeric | QuestionKind::ShortText if count > 0 => {
                return fault("options", "belong to questions of kinds single and multiple; leave them out");
            }
            QuestionKind::Numeric | QuestionKind::ShortText => {}
        }
        let is_option = |place: &u32| (1..=count).contains(&(*place as usize));
        match &self.answer {
            Key::Single { correct } if !is_option(correct) => {
                fault("answer.correct", "must be the place of an option, from 1")
            }
            Key::Multiple { correct } if correct.is_empty() || !correct.iter().all(is_option) => {
                fault("answer.correct", "must be places of options, from 1, at least one")
            }
            Key::Numeric { value, .. } if !is_storable(*value) => {
                fault("answer.value", "must be 0 or between 1e-15 and 1e15, with either sign")
            }
            Key::Numeric { tolerance, .. } if *tolerance < 0.0 || !is_storable(*tolerance) => {
                fault("answer.tolerance", "must be 0 or between 1e-15 and 1e15")
            }
            Key::ShortText { accepted } if !(1..=ACCEPTED_MAX).contains(&accepted.len()) => {
                fault("answer.accepted", "must be 1 to 20 texts")
            }
            Key::ShortText { accepted } if !accepted.iter().all(|text| is_written(text, ANSWER_MAX)) => {
                fault("answer.accepted", "must have 1 to 500 characters each, not all blank")
            }
            _ => Ok(()),
        }
    }

    fn bytes(&self) -> usize {
        let accepted = match &self.answer {
            Key::ShortText { accepted } => accepted.iter().map(String::len).sum(),
            _ => 0,
        };
        let options: usize = self.options.iter().map(String::len).sum();
        self.text.len() + self.explanation.len() + options + accepted
    }
}

fn is_written(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max
}

/// Whether DynamoDB can hold the number.
fn is_storable(number: f64) -> bool {
    let size = number.abs();
    number == 0.0 || (NUMBER_MIN..=NUMBER_MAX).contains(&size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(answer: Key, options: &[&str]) -> Question {
        Question {
            text: "What?".into(),
            points: 1,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            answer,
            explanation: String::new(),
        }
    }

    fn quiz(question: Question) -> Quiz {
        Quiz { questions: vec![question], pass_percent: 70, attempts_max: 3 }
    }

    fn fault_of(quiz: &Quiz) -> String {
        quiz.check().err().map(|fault| fault.field).unwrap_or_default()
    }

    #[test]
    fn each_fault_is_named() {
        let two = ["a", "b"];
        let good = quiz(question(Key::Single { correct: 2 }, &two));
        assert_eq!(good.check(), Ok(()));
        for (quiz, field) in [
            (Quiz { questions: Vec::new(), ..good.clone() }, "questions"),
            (Quiz { questions: vec![good.questions[0].clone(); 101], ..good.clone() }, "questions"),
            (Quiz { pass_percent: 0, ..good.clone() }, "pass_percent"),
            (Quiz { pass_percent: 101, ..good.clone() }, "pass_percent"),
            (Quiz { attempts_max: 0, ..good.clone() }, "attempts_max"),
            (Quiz { attempts_max: 21, ..good.clone() }, "attempts_max"),
            (quiz(question(Key::Single { correct: 0 }, &two)), "questions[0].answer.correct"),
            (quiz(question(Key::Single { correct: 3 }, &two)), "questions[0].answer.correct"),
            (quiz(question(Key::Single { correct: 1 }, &["a"])), "questions[0].options"),
            (quiz(question(Key::Single { correct: 1 }, &["a", "a"])), "questions[0].options"),
            (quiz(question(Key::Single { correct: 1 }, &["a", " "])), "questions[0].options"),
            (quiz(question(Key::Multiple { correct: BTreeSet::new() }, &two)), "questions[0].answer.correct"),
            (quiz(question(Key::Multiple { correct: [1, 3].into() }, &two)), "questions[0].answer.correct"),
            (quiz(question(Key::Numeric { value: 1e16, tolerance: 0.0 }, &[])), "questions[0].answer.value"),
            (
                quiz(question(Key::Numeric { value: f64::NAN, tolerance: 0.0 }, &[])),
                "questions[0].answer.value",
            ),
            (
                quiz(question(Key::Numeric { value: 1.0, tolerance: -0.1 }, &[])),
                "questions[0].answer.tolerance",
            ),
            (quiz(question(Key::Numeric { value: 1.0, tolerance: 0.0 }, &two)), "questions[0].options"),
            (quiz(question(Key::ShortText { accepted: Vec::new() }, &[])), "questions[0].answer.accepted"),
            (
                quiz(question(Key::ShortText { accepted: vec![" ".into()] }, &[])),
                "questions[0].answer.accepted",
            ),
            (quiz(Question { points: 0, ..good.questions[0].clone() }), "questions[0].points"),
            (quiz(Question { text: "  ".into(), ..good.questions[0].clone() }), "questions[0].text"),
            (
                quiz(Question { explanation: "x".repeat(2_001), ..good.questions[0].clone() }),
                "questions[0].explanation",
            ),
            (
                Quiz {
                    questions: vec![Question { text: "가".repeat(2_000), ..good.questions[0].clone() }; 30],
                    ..good.clone()
                },
                "questions",
            ),
        ] {
            assert_eq!(fault_of(&quiz), field, "{quiz:?}");
        }
    }

    #[test]
    fn what_students_see_holds_nothing_of_what_is_right() {
        let secret = Key::ShortText { accepted: vec!["the-answer".into()] };
        let mut whole = quiz(question(secret, &[]));
        whole.questions[0].explanation = "the-reason".into();
        let (sheet, solutions) = whole.clone().split();
        let seen = serde_json::to_string(&sheet).unwrap();
        assert!(!seen.contains("the-answer") && !seen.contains("the-reason"), "{seen}");
        assert_eq!(Quiz::join(sheet, solutions), whole);
    }
}
