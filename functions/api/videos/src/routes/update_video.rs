//! An owner changes what is said of a video.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::{
    country::COUNTRY_COUNT,
    video::{DESCRIPTION_MAX, TITLE_MAX, Visibility},
};
use garde::Validate;
use http_kit::{ApiResult, Body, Params, Platform, SignedIn, fields::country_code};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::video::VideoChanges;

use crate::access::video_not_found;

/// What changes; a field that is not sent stays as it is.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateVideo {
    #[garde(length(chars, min = 1, max = TITLE_MAX))]
    #[schema(example = "Ownership and borrowing")]
    title: Option<String>,
    #[garde(length(chars, max = DESCRIPTION_MAX))]
    description: Option<String>,
    /// Place in its section; videos of the same order are listed by age.
    #[garde(skip)]
    #[schema(example = 2)]
    order: Option<u32>,
    /// Who may see it outside of a course.
    #[garde(skip)]
    visibility: Option<Visibility>,
    /// Whether only adults of 18 years and more may watch it, by the date of birth in their profiles.
    #[garde(skip)]
    age_restricted: Option<bool>,
    /// The countries in which nobody may watch it but its owner, by their codes of ISO 3166-1 alpha-2; an empty list ends that.
    #[garde(length(max = COUNTRY_COUNT), inner(inner(custom(country_code))))]
    #[schema(example = json!(["CN", "KP"]))]
    geo_restrictions: Option<Vec<String>>,
}

/// Changes the caller's video.
#[utoipa::path(
    patch, path = "/media/videos/{id}", operation_id = "update_video", tag = "videos",
    params(("id" = Id<kinds::Video>, Path)),
    request_body = UpdateVideo,
    responses((status = 200, description = "The video", body = VideoView)),
)]
pub(crate) async fn update_video(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Params(id): Params<Id<kinds::Video>>,
    Body(new): Body<UpdateVideo>,
) -> ApiResult<Json<VideoView>> {
    let changes = VideoChanges {
        title: new.title,
        description: new.description,
        order: new.order,
        visibility: new.visibility,
        age_restricted: new.age_restricted,
        geo_restrictions: new.geo_restrictions.map(|codes| codes.into_iter().collect()),
        ..VideoChanges::default()
    };
    let now = platform.ambient().now();
    let changed = platform.store().videos().change(id, caller.user_id, changes, now).await?;
    Ok(Json(VideoView::own(changed.ok_or_else(video_not_found)?, platform.public_base_url())))
}
