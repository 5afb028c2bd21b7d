//! A student takes a quiz.

use axum::{Json, extract::State, response::Response};
use domain::course::{
    LessonKind,
    quiz::{self, Answer, Outcome, QUESTIONS_MAX, Solution},
};
use garde::Validate;
use http::StatusCode;
use http_kit::{ApiError, ApiResult, Body, IdempotencyKey, Params, Platform, Principal, SignedIn};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{
    LessonQuiz, QuizAttempt, QuizKey, TakenLesson,
    quiz::{Attempts, Tried},
};

use crate::{
    access::{Taken, lesson_to_take},
    refusals::bad_answer,
};

/// The answers of an attempt.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeQuiz {
    /// `quiz.version` of the lesson: the questions that these answers are for.
    #[garde(skip)]
    #[schema(example = 1)]
    quiz_version: u32,
    /// At most one for each question; a question without an answer is wrong.
    #[garde(length(max = QUESTIONS_MAX))]
    #[schema(example = json!([{"question": 1, "choices": [2]}, {"question": 2, "text": "ownership"}]))]
    answers: Vec<Answer>,
}

/// An attempt and what it came to.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AttemptView {
    id: Id<kinds::QuizAttempt>,
    quiz_version: u32,
    /// Points of the right answers.
    #[schema(example = 8)]
    score: u32,
    /// All points that there were.
    #[schema(example = 10)]
    points: u32,
    #[schema(example = 80)]
    percent: u32,
    passed: bool,
    /// Every question in its order.
    results: Vec<Outcome>,
    answers: Vec<Answer>,
    created_at: Timestamp,
}

/// How far the caller is with a quiz.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct QuizStanding {
    #[schema(example = 2)]
    attempts_left: u32,
    passed: bool,
    /// What is right and why, in the order of the questions; null until he has passed or has no attempts left.
    solutions: Option<Vec<Solution>>,
}

/// A graded attempt.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct GradedAttempt {
    attempt: AttemptView,
    #[serde(flatten)]
    standing: QuizStanding,
}

/// The attempts of the caller; all in one page.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OwnAttempts {
    #[serde(flatten)]
    standing: QuizStanding,
    /// The oldest first; at most 20.
    results: Vec<AttemptView>,
}

impl From<QuizAttempt> for AttemptView {
    fn from(attempt: QuizAttempt) -> Self {
        Self {
            id: attempt.id,
            quiz_version: attempt.version,
            score: attempt.score,
            points: attempt.points,
            percent: quiz::percent(attempt.score, attempt.points),
            passed: attempt.passed,
            results: attempt.outcomes,
            answers: attempt.answers,
            created_at: attempt.created_at,
        }
    }
}

/// Grades the caller's answers and stores them as an attempt. Which questions are right is told at once, what is right and why after
/// the pass or the last attempt.
#[utoipa::path(
    post, path = "/courses/{id}/lessons/{lesson_id}/quiz-attempts", operation_id = "take_quiz", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt at this request"),
    ),
    request_body = TakeQuiz,
    responses((status = 201, description = "What it came to", body = GradedAttempt)),
)]
pub(crate) async fn take_quiz(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
    key: IdempotencyKey,
    Body(new): Body<TakeQuiz>,
) -> ApiResult<Response> {
    // The same key for another quiz is another request.
    let request = (lesson, &new);
    key.run(&platform, caller.user_id, "take_quiz", &request, async |attempt| {
        let (taken, quiz, key) = quiz_to_take(&platform, caller, course, lesson).await?;
        let id = Id::from_uuid(attempt.uuid());
        let stored = try_once(&platform, (caller, taken), (&quiz, &key), &new, id).await?;
        let attempts = platform.store().quizzes().attempts_of(caller.user_id, lesson).await?;
        let standing = standing(&attempts, quiz, key);
        Ok((StatusCode::CREATED, GradedAttempt { attempt: stored.into(), standing }))
    })
    .await
}

/// The caller's attempts at a quiz.
#[utoipa::path(
    get, path = "/courses/{id}/lessons/{lesson_id}/quiz-attempts", operation_id = "list_quiz_attempts", tag = "courses",
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    responses((status = 200, description = "His attempts", body = OwnAttempts)),
)]
pub(crate) async fn list_quiz_attempts(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
) -> ApiResult<Json<OwnAttempts>> {
    let (_, quiz, key) = quiz_to_take(&platform, caller, course, lesson).await?;
    let attempts = platform.store().quizzes().attempts_of(caller.user_id, lesson).await?;
    let standing = standing(&attempts, quiz, key);
    Ok(Json(OwnAttempts { standing, results: attempts.attempts.into_iter().map(Into::into).collect() }))
}

/// The quiz of a lesson that the caller may take, with what is right in it; and what he completes by it.
async fn quiz_to_take(
    platform: &Platform,
    caller: Principal,
    course: Id<kinds::Course>,
    lesson: Id<kinds::Lesson>,
) -> ApiResult<(Option<TakenLesson>, LessonQuiz, QuizKey)> {
    let Taken { lesson, taken, .. } = lesson_to_take(platform, Some(caller), course, lesson).await?;
    if lesson.kind != LessonKind::Quiz {
        return Err(ApiError::conflict(
            "NOT_A_QUIZ",
            "The lesson is of another kind. Choose one of kind quiz.",
        ));
    }
    let (quiz, key) = platform.store().quizzes().whole(lesson.id).await?.ok_or_else(quiz_changed)?;
    Ok((taken, quiz, key))
}

/// Grades the answers and stores them.
async fn try_once(
    platform: &Platform,
    (caller, taken): (Principal, Option<TakenLesson>),
    (quiz, key): (&LessonQuiz, &QuizKey),
    new: &TakeQuiz,
    id: Id<kinds::QuizAttempt>,
) -> ApiResult<QuizAttempt> {
    if new.quiz_version != quiz.version {
        return Err(quiz_changed());
    }
    let graded = quiz::grade(&quiz.sheet, &key.solutions, &new.answers).map_err(|bad| bad_answer(&bad))?;
    let attempt = QuizAttempt {
        id,
        user_id: caller.user_id,
        lesson_id: quiz.lesson_id,
        course_id: quiz.course_id,
        version: quiz.version,
        answers: new.answers.clone(),
        outcomes: graded.outcomes,
        score: graded.score,
        points: graded.points,
        passed: graded.passed,
        created_at: platform.ambient().now(),
    };
    match platform.store().quizzes().attempt(&attempt, quiz.sheet.attempts_max, taken).await? {
        Tried::Stored(attempt) => Ok(attempt),
        Tried::Passed => Err(ApiError::conflict(
            "QUIZ_PASSED",
            "You have passed the quiz. GET quiz-attempts shows your attempts and what was right.",
        )),
        Tried::NoneLeft => Err(ApiError::conflict(
            "NO_ATTEMPTS_LEFT",
            "You have made all attempts. GET quiz-attempts shows them and what was right.",
        )),
    }
}

fn quiz_changed() -> ApiError {
    ApiError::conflict(
        "QUIZ_CHANGED",
        "The questions have changed. GET the lesson, then answer them as they are now.",
    )
}

/// How far he is. What is right is told to who can't try any more, of the questions as they are now.
fn standing(attempts: &Attempts, quiz: LessonQuiz, key: QuizKey) -> QuizStanding {
    let made = attempts.record.as_ref().map_or(0, |record| record.attempts);
    let passed = attempts.record.as_ref().is_some_and(|record| record.passed_at.is_some());
    let attempts_left = if passed { 0 } else { quiz.sheet.attempts_max.saturating_sub(made) };
    QuizStanding { attempts_left, passed, solutions: (attempts_left == 0).then_some(key.solutions) }
}
