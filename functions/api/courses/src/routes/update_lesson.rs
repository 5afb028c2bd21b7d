//! An instructor changes a lesson.

use axum::{Json, extract::State};
use course_document::DURATION_MAX;
use domain::{
    course::{TEXT_MAX, quiz::Quiz},
    learning::opening::OPENS_AFTER_DAYS_MAX,
};
use garde::Validate;
use http_kit::{ApiResult, Body, Instructor, Params, Platform};
use kernel::{Id, Timestamp, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::section::LessonChanges;

use crate::{
    fields::{not_blank, nullable},
    refusals::{faulty_quiz, refused},
    version::IfMatch,
    views::{LessonView, Material},
};

/// What changes; a field that is not sent stays as it is. The kind never changes.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateLesson {
    #[garde(length(chars, max = 255), inner(custom(not_blank)))]
    title: Option<String>,
    #[garde(length(chars, max = 2_000))]
    description: Option<String>,
    /// The text of a lesson of kind text.
    #[garde(length(chars, max = TEXT_MAX), inner(custom(not_blank)))]
    content: Option<String>,
    /// All questions of a lesson of kind quiz. Attempts that were made stay, and count.
    #[garde(skip)]
    quiz: Option<Quiz>,
    /// The video of a lesson of kind video; null takes it away.
    #[serde(default, deserialize_with = "nullable")]
    #[garde(skip)]
    #[schema(value_type = Option<Id<kinds::Video>>)]
    video_id: Option<Option<Id<kinds::Video>>>,
    /// How long it takes, in seconds; not of a video.
    #[garde(range(max = DURATION_MAX))]
    duration_seconds: Option<u64>,
    #[garde(skip)]
    is_preview: Option<bool>,
    /// Students may not take it before this moment; null takes the date away.
    #[serde(default, deserialize_with = "nullable")]
    #[garde(skip)]
    #[schema(value_type = Option<Timestamp>, example = "2026-09-01T08:00:00Z")]
    opens_at: Option<Option<Timestamp>>,
    /// Nor before so many days after their enrolment; null takes them away.
    #[serde(default, deserialize_with = "nullable")]
    #[garde(inner(inner(range(max = OPENS_AFTER_DAYS_MAX))))]
    #[schema(value_type = Option<u32>, example = 7)]
    opens_after_days: Option<Option<u32>>,
}

/// Changes a lesson of the caller.
#[utoipa::path(
    patch, path = "/courses/{id}/lessons/{lesson_id}", operation_id = "update_lesson", tag = "courses",
    params(
        ("id" = Id<kinds::Course>, Path),
        ("lesson_id" = Id<kinds::Lesson>, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of the course as it was read; another version is refused"),
    ),
    request_body = UpdateLesson,
    responses((status = 200, description = "The lesson", body = LessonView)),
)]
pub(crate) async fn update_lesson(
    State(platform): State<Platform>,
    Instructor(caller): Instructor,
    Params((course, lesson)): Params<(Id<kinds::Course>, Id<kinds::Lesson>)>,
    IfMatch(version): IfMatch,
    Body(new): Body<UpdateLesson>,
) -> ApiResult<Json<LessonView>> {
    if let Some(quiz) = &new.quiz {
        quiz.check().map_err(|fault| faulty_quiz(&fault))?;
    }
    let changes = LessonChanges {
        title: new.title,
        description: new.description,
        content: new.content,
        quiz: new.quiz,
        video_id: new.video_id,
        duration_seconds: new.duration_seconds,
        is_preview: new.is_preview,
        opens_at: new.opens_at,
        opens_after_days: new.opens_after_days,
    };
    let (courses, now) = (platform.store().courses().at_revision(version), platform.ambient().now());
    let lesson =
        courses.change_lesson(course, caller.user_id, lesson, &changes, now).await.map_err(refused)?;
    let material = Material::read(&platform, &lesson, true).await?;
    Ok(Json(LessonView::new(lesson, material, &platform)))
}
