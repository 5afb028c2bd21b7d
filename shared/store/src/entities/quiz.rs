//! Quizzes: what students see of one, what is right, and the students' attempts.

use domain::course::quiz::{Answer, Outcome, Sheet, Solution};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};

use super::lesson_progress::TakenLesson;
use crate::{
    Condition, Consistency, Entity, Key, Query, Store, StoreError, Table, Transaction, TransactionError,
    Update, from_item, item_type,
};

/// What students see of the quiz of a lesson. What is right is [`QuizKey`]: a view of a student does not even read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LessonQuiz {
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Grows by one with every change, so that an attempt is graded by the questions that the student saw.
    pub version: u32,
    /// The questions.
    pub sheet: Sheet,
    /// Last change.
    pub updated_at: Timestamp,
}

impl LessonQuiz {
    /// The key of a lesson's quiz.
    pub fn key_of(lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("LESSON#{lesson}"), "QUIZ")
    }
}

impl Entity for LessonQuiz {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "lesson_quiz";

    fn key(&self) -> Key {
        Self::key_of(self.lesson_id)
    }
}

/// What is right in the quiz of a lesson; for its teacher, and for students when they can't try any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuizKey {
    /// The lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// [`LessonQuiz::version`].
    pub version: u32,
    /// What is right, in the order of the questions.
    pub solutions: Vec<Solution>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl QuizKey {
    /// The key of what is right.
    pub fn key_of(lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("LESSON#{lesson}"), "QUIZ_KEY")
    }
}

impl Entity for QuizKey {
    const TABLE: Table = Table::Catalog;
    const TYPE: &'static str = "quiz_key";

    fn key(&self) -> Key {
        Self::key_of(self.lesson_id)
    }
}

/// How far a student is with a quiz: it counts his attempts, whatever becomes of the questions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuizRecord {
    /// The student.
    pub user_id: Id<kinds::User>,
    /// The quiz's lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// Attempts that were made.
    #[serde(default)]
    pub attempts: u32,
    /// When he passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<Timestamp>,
    /// Last change.
    pub updated_at: Timestamp,
}

impl QuizRecord {
    /// The key of a record.
    pub fn key_of(user: Id<kinds::User>, lesson: Id<kinds::Lesson>) -> Key {
        Key::new(format!("USER#{user}"), Self::prefix(lesson))
    }

    /// What the sort keys of a record and of its attempts begin with.
    fn prefix(lesson: Id<kinds::Lesson>) -> String {
        format!("QUIZ#{lesson}")
    }
}

impl Entity for QuizRecord {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "quiz_record";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.lesson_id)
    }
}

/// A student's try at a quiz. It never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuizAttempt {
    /// Identifier; a later attempt has a greater one.
    pub id: Id<kinds::QuizAttempt>,
    /// The student.
    pub user_id: Id<kinds::User>,
    /// The quiz's lesson.
    pub lesson_id: Id<kinds::Lesson>,
    /// Its course.
    pub course_id: Id<kinds::Course>,
    /// [`LessonQuiz::version`] that it was graded by.
    pub version: u32,
    /// What he answered.
    pub answers: Vec<Answer>,
    /// What each question came to.
    pub outcomes: Vec<Outcome>,
    /// Points of the right answers.
    pub score: u32,
    /// All points that there were.
    pub points: u32,
    /// Whether that was enough.
    pub passed: bool,
    /// When.
    pub created_at: Timestamp,
}

impl QuizAttempt {
    /// The key of an attempt.
    pub fn key_of(user: Id<kinds::User>, lesson: Id<kinds::Lesson>, id: Id<kinds::QuizAttempt>) -> Key {
        Key::new(format!("USER#{user}"), format!("{}#{id}", QuizRecord::prefix(lesson)))
    }
}

impl Entity for QuizAttempt {
    const TABLE: Table = Table::Learning;
    const TYPE: &'static str = "quiz_attempt";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.lesson_id, self.id)
    }
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub enum Tried {
    /// It counts, now or since an earlier attempt of the same request.
    Stored(QuizAttempt),
    /// He has passed before.
    Passed,
    /// He has no attempts left.
    NoneLeft,
}

/// A student's attempts at one quiz.
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    /// How far he is; `None` before the first.
    pub record: Option<QuizRecord>,
    /// The attempts, the oldest first.
    pub attempts: Vec<QuizAttempt>,
}

/// The quizzes.
pub struct Quizzes<'a>(&'a Store);

impl Store {
    /// The quizzes.
    pub fn quizzes(&self) -> Quizzes<'_> {
        Quizzes(self)
    }
}

impl<'a> Quizzes<'a> {
    /// What students see of a lesson's quiz: one read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sheet(&self, lesson: Id<kinds::Lesson>) -> Result<Option<LessonQuiz>, StoreError> {
        self.0.get(LessonQuiz::key_of(lesson), Consistency::Strong).await
    }

    /// A lesson's quiz with what is right: one batch. `None` also while a change is between the two, which the next read does not
    /// see any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn whole(
        &self,
        lesson: Id<kinds::Lesson>,
    ) -> Result<Option<(LessonQuiz, QuizKey)>, StoreError> {
        let batch = self.0.batch().with::<LessonQuiz>(LessonQuiz::key_of(lesson));
        let found = batch.with::<QuizKey>(QuizKey::key_of(lesson)).read().await?;
        let both = found.one::<LessonQuiz>()?.zip(found.one::<QuizKey>()?);
        Ok(both.filter(|(quiz, key)| quiz.version == key.version))
    }

    /// Stores an attempt and counts it in one transaction, unless `attempts_max` are made or one of them has passed: of any number
    /// of racers no more get through. An attempt that comes again under its id is found, not counted again. The one that passes completes the
    /// lesson of who takes the course in the same transaction ([`super::lesson_progress::Learning::complete`]).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attempt(
        &self,
        attempt: &QuizAttempt,
        attempts_max: u32,
        taken: Option<TakenLesson>,
    ) -> Result<Tried, StoreError> {
        let QuizAttempt { user_id, lesson_id, course_id, created_at: now, .. } = *attempt;
        let record = Update::upsert::<QuizRecord>(QuizRecord::key_of(user_id, lesson_id))
            .set("user_id", user_id)
            .set("lesson_id", lesson_id)
            .set("course_id", course_id)
            .add("attempts", 1)
            .set_some("passed_at", attempt.passed.then_some(now))
            .set("updated_at", now)
            .when(Condition::HasNot("passed_at"))
            .when(Condition::HasNot("attempts").or(Condition::compare("attempts", "<", attempts_max)));
        let with = |transaction: Transaction<'a>| {
            transaction.put_new("attempt", attempt).update("record", record.clone())
        };
        let stored = match taken.filter(|_| attempt.passed) {
            Some(taken) => self.0.learning().complete_with(taken, (None, None), now, with).await.map(drop),
            None => with(self.0.transaction()).commit().await,
        };
        match stored {
            Ok(()) => Ok(Tried::Stored(attempt.clone())),
            Err(TransactionError::Failed { label: "attempt", item: Some(item) }) => {
                from_item(*item).map(Tried::Stored)
            }
            Err(TransactionError::Failed { label: "record", item: Some(item) }) => {
                let record: QuizRecord = from_item(*item)?;
                Ok(if record.passed_at.is_some() { Tried::Passed } else { Tried::NoneLeft })
            }
            Err(TransactionError::Failed { item, .. }) => Err(StoreError::ConditionFailed(item)),
            Err(TransactionError::Store(error)) => Err(error),
        }
    }

    /// A student's attempts at a quiz, at most [`domain::course::quiz::ATTEMPTS_MAX`], and how far he is: one query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attempts_of(
        &self,
        user: Id<kinds::User>,
        lesson: Id<kinds::Lesson>,
    ) -> Result<Attempts, StoreError> {
        let Key { pk, sk } = QuizRecord::key_of(user, lesson);
        let mut found = Attempts::default();
        for item in self.0.query_all(Table::Learning, Query::partition(pk).prefix(sk)).await? {
            match item_type(&item) {
                QuizRecord::TYPE => found.record = Some(from_item(item)?),
                _ => found.attempts.push(from_item(item)?),
            }
        }
        Ok(found)
    }
}
