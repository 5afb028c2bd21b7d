//! Someone takes a lesson.

use axum::{Json, extract::State};
use domain::course::LessonKind;
use http_kit::{ApiError, ApiResult, Params, Platform, Visitor};
use kernel::{Id, id::kinds};
use store::entities::{Course, Lesson};

use crate::{
    access::viewer,
    refusals::{course_not_found, lesson_not_found},
    views::LessonView,
};

/// A lesson with its text or video, for its teacher and the course's students; for everybody where it is a preview.
#[utoipa::path(
    get, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "get_lesson", tag = "courses", security(()),
    params(("id" = Id<kinds::Course>, Path), ("lesson_id" = Id<kinds::Lesson>, Path)),
    responses((status = 200, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn get_lesson(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
) -> ApiResult<Json<LessonView>> {
    let store = platform.store();
    let batch =
        store.batch().with::<Course>(Course::key_of(course)).with::<Lesson>(Lesson::key_of(course, lesson));
    let found = batch.read().await?;
    let course =
        found.one::<Course>()?.filter(|course| course.deleted_at.is_none()).ok_or_else(course_not_found)?;
    let (viewer, _) = viewer(&platform, caller, &course).await?;
    let lesson: Lesson = found.one()?.ok_or_else(lesson_not_found)?;
    if !viewer.may_take(course.status, lesson.is_preview) {
        return Err(match caller {
            Some(_) => ApiError::forbidden("ENROLLMENT_REQUIRED", "Enrol in the course to take this lesson."),
            // As playback says: a login may show that he is enrolled.
            None => ApiError::unauthorized(
                "NOT_AUTHENTICATED",
                "Log in, and enrol in the course to take this lesson.",
            ),
        });
    }
    let content = match lesson.kind {
        LessonKind::Text => store.courses().lesson_content(lesson.id).await?.map(|text| text.content),
        LessonKind::Video => None,
    };
    Ok(Json(LessonView::new(lesson, content, &platform)))
}
