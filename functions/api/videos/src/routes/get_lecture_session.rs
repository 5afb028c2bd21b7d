//! A section by its id alone, which is all that seed 002's client knows of it.

use axum::{Json, extract::State};
use http_kit::{ApiResult, Params, Platform, SignedIn};
use kernel::{Id, id::kinds};
use serde::Serialize;
use store::entities::{Course, Section};

use crate::access::{section_not_found, section_view};

/// A section: a session of a lecture in seed 002.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LectureSession {
    id: Id<kinds::Section>,
    /// Its course.
    lecture: Id<kinds::Course>,
    #[schema(example = "Basics")]
    title: String,
    description: String,
    /// Its place in the course, from 1.
    #[schema(example = 1)]
    order: usize,
}

/// The section, for who teaches its course or may take it.
#[utoipa::path(
    get, path = "/lectures/sessions/{id}", operation_id = "get_lecture_session", tag = "videos",
    params(("id" = Id<kinds::Section>, Path)),
    responses((status = 200, description = "The section", body = LectureSession)),
)]
pub(crate) async fn get_lecture_session(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Section>>,
) -> ApiResult<Json<LectureSession>> {
    let place = section_view(&platform, caller.user_id, id).await?.1;
    let batch = platform.store().batch().with::<Course>(Course::key_of(place.course_id));
    let found = batch.with::<Section>(Section::key_of(place.course_id, id)).read().await?;
    let course = found.one::<Course>()?.filter(|course| course.deleted_at.is_none());
    let (course, section) = course.zip(found.one::<Section>()?).ok_or_else(section_not_found)?;
    let order = course.section_order.iter().position(|one| *one == id).map_or(0, |index| index + 1);
    let Section { title, description, .. } = section;
    Ok(Json(LectureSession { id, lecture: course.id, title, description, order }))
}
