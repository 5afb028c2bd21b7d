//! What the rules of courses answer, and how that reaches the instructor.

use api_views::LessonLock;
use course_document::{Fault, MakeError};
use domain::course::{
    LESSONS_MAX, Missing, Refusal, SECTIONS_MAX,
    quiz::{self, BadAnswer},
    resource::RESOURCES_MAX,
};
use http_kit::ApiError;
use serde_json::{Value, json};
use store::entities::course::EditError;

use crate::{files::not_uploaded, version::stale};

/// There is no such course, or not for this caller.
pub(crate) fn course_not_found() -> ApiError {
    ApiError::not_found("COURSE_NOT_FOUND", "There is no such course. Check its id or slug.")
}

/// There is no such lesson in the course.
pub(crate) fn lesson_not_found() -> ApiError {
    ApiError::not_found(
        "LESSON_NOT_FOUND",
        "The course has no such lesson. GET /courses/{id}/sections lists them.",
    )
}

/// The lesson is not open for this student yet.
pub(crate) fn lesson_locked(lock: LessonLock) -> ApiError {
    ApiError::forbidden("LESSON_LOCKED", lock.message()).with_details(json!(lock))
}

/// The lesson has no such file.
pub(crate) fn no_resource() -> ApiError {
    let message = "The lesson has no such file. GET the lesson: resources lists them.";
    ApiError::not_found("RESOURCE_NOT_FOUND", message)
}

/// The quiz is not well made.
pub(crate) fn faulty_quiz(fault: &quiz::Fault) -> ApiError {
    ApiError::invalid(&format!("quiz.{}", fault.field), fault.message)
}

/// An answer of an attempt can't be one.
pub(crate) fn bad_answer(bad: &BadAnswer) -> ApiError {
    ApiError::invalid(&format!("answers[{}]", bad.index), bad.message)
}

/// No slug was found in [`course_document::SLUG_TRIES`].
pub(crate) fn no_free_slug() -> ApiError {
    let message = "No address could be found for the title. Try again, or change the title.";
    ApiError::unavailable("NO_FREE_SLUG", message)
}

/// A field of a document, or of a new course, that can't be so.
pub(crate) fn faulty(fault: Fault) -> ApiError {
    ApiError::invalid(&fault.field, fault.message)
}

/// The answer to a copy that was not made.
pub(crate) fn not_made(error: MakeError) -> ApiError {
    match error {
        MakeError::Fault(fault) => faulty(fault),
        MakeError::Edit(error) => refused(error),
        MakeError::NoFreeSlug => no_free_slug(),
    }
}

/// The answer to a change that did not happen.
pub(crate) fn refused(error: EditError) -> ApiError {
    match error {
        EditError::NoCourse => course_not_found(),
        EditError::Refused(refusal) => by_rule(refusal),
        EditError::Stale(current) => stale(current),
        EditError::Contended => ApiError::unavailable(
            "COURSE_BUSY",
            "The course is being changed by many at once. Try again in a moment.",
        ),
        EditError::Store(error) => error.into(),
    }
}

fn by_rule(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::NoSection => ApiError::not_found(
            "SECTION_NOT_FOUND",
            "The course has no such section. GET /courses/{id}/sections lists them.",
        ),
        Refusal::NoLesson => lesson_not_found(),
        Refusal::TooManySections => ApiError::conflict(
            "TOO_MANY_SECTIONS",
            format!("A course has at most {SECTIONS_MAX} sections. Delete one, or make another course."),
        ),
        Refusal::TooManyLessons => ApiError::conflict(
            "TOO_MANY_LESSONS",
            format!("A course has at most {LESSONS_MAX} lessons. Delete one, or make another course."),
        ),
        Refusal::SectionNotEmpty => {
            ApiError::conflict("SECTION_NOT_EMPTY", "The section still has lessons. Delete them first.")
        }
        Refusal::NotAPermutation => {
            ApiError::invalid("order", "must name each of them exactly once; read them again, then send all")
        }
        Refusal::TooManyMoves => ApiError::invalid(
            "lessons",
            "must change at most 99 sections, or move some 30 lessons to other sections; send the rest in another call",
        ),
        Refusal::NoVideo => ApiError::invalid("video_id", "must be one of your videos"),
        Refusal::VideoInUse => ApiError::conflict(
            "VIDEO_IN_USE",
            "Another lesson or another course has this video. Take it out there, or upload the file again.",
        ),
        Refusal::NoFile => not_uploaded(),
        Refusal::CopyTooOld => ApiError::conflict(
            "COPY_TOO_OLD",
            "The first attempt with this Idempotency-Key is almost a day old. Send the request with a new key.",
        ),
        Refusal::NoResource => no_resource(),
        Refusal::TooManyResources => ApiError::conflict(
            "TOO_MANY_RESOURCES",
            format!("A lesson has at most {RESOURCES_MAX} files. Remove one, or put several into a ZIP."),
        ),
        Refusal::WrongKind(field) => {
            ApiError::invalid(field, "belongs to lessons of another kind; leave it out")
        }
        Refusal::OriginalPriceTooLow => ApiError::invalid("original_price", "must not be below the price"),
        Refusal::NotTakeable(missing) => {
            let message = "Students could not take the course so: details lists what is missing.";
            let missing: Vec<Value> = missing.iter().map(described).collect();
            ApiError::unprocessable("PUBLISH_BLOCKED", message).with_details(json!({ "missing": missing }))
        }
    }
}

/// What is missing, with a sentence that says what to do.
fn described(missing: &Missing) -> Value {
    let message = match missing {
        Missing::Description => "Write a description.",
        Missing::Price => "Set a price; 0 makes the course free.",
        Missing::Section => "Add a section.",
        Missing::Lesson => "Add a lesson; a published course keeps at least one.",
        Missing::Video { .. } => "Give the lesson a video.",
        Missing::File { .. } => "Add a file to the lesson.",
        Missing::ReadyVideo { .. } => "Wait until the video is ready, or give the lesson another one.",
    };
    let mut value = json!(missing);
    value["message"] = json!(message);
    value
}
