//! Videos of a section, or one's own.

use api_views::VideoView;
use axum::{Json, extract::State};
use domain::video::VideoStatus;
use garde::Validate;
use http_kit::{ApiError, ApiResult, CursorPage, CursorQuery, Platform, Principal, Query, SignedIn};
use kernel::{Id, id::kinds};
use serde::Deserialize;
use store::{QueryPage, entities::Video};

use crate::access::{SectionView, section_view};

const PATH: &str = "/api/v1/media/videos";

/// Which videos.
#[derive(Clone, Copy, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VideoFilter {
    /// Those of this section.
    #[garde(skip)]
    section: Option<Id<kinds::Section>>,
    /// The same as `section`, in the words of seed 002.
    #[garde(skip)]
    session: Option<Id<kinds::Section>>,
    /// Those in this state.
    #[garde(skip)]
    status: Option<VideoStatus>,
}

/// The videos of a section in their order, for its instructor all, for its students those that can be played; without a section
/// the caller's own, the newest first.
///
/// A page of a section can be shorter than asked for: it is what is left of `page_size` videos after the filter.
#[utoipa::path(
    get, path = "/media/videos", operation_id = "list_videos", tag = "videos",
    params(VideoFilter, CursorQuery),
    responses((status = 200, description = "The videos", body = CursorPage<VideoView>)),
)]
pub(crate) async fn list_videos(
    State(platform): State<Platform>,
    SignedIn(caller): SignedIn,
    Query(filter): Query<VideoFilter>,
    Query(cursor): Query<CursorQuery>,
) -> ApiResult<Json<CursorPage<VideoView>>> {
    let section = match (filter.section, filter.session) {
        (Some(one), Some(other)) if one != other => {
            return Err(ApiError::invalid("session", "must be the same as section, or not be sent"));
        }
        (one, other) => one.or(other),
    };
    let status = filter.status.map(|status| status.to_string());
    let mut filters: Vec<(&str, &str)> = Vec::from_iter(status.as_deref().map(|status| ("status", status)));
    let (list, results, next) = match section {
        Some(section) => {
            let list = format!("videos:section:{section}:{}", caller.user_id);
            let (results, next) =
                of_section(&platform, caller, section, filter.status, &cursor, &list).await?;
            (list, results, next)
        }
        None => {
            // The state is part of the list: a position in one index is none in another.
            let list = format!("videos:own:{}:{}", caller.user_id, status.as_deref().unwrap_or_default());
            let (results, next) = own(&platform, caller, filter.status, &cursor, &list).await?;
            (list, results, next)
        }
    };
    let section = section.map(|section| section.to_string());
    filters.extend(section.as_deref().map(|section| ("section", section)));
    Ok(Json(cursor.page(&platform, &list, PATH, &filters, results, next).await?))
}

type Results = (Vec<VideoView>, Option<store::Position>);

async fn of_section(
    platform: &Platform,
    caller: Principal,
    section: Id<kinds::Section>,
    status: Option<VideoStatus>,
    cursor: &CursorQuery,
    list: &str,
) -> ApiResult<Results> {
    let start = cursor.start(platform, list).await?;
    let (seen_as, _) = section_view(platform, caller.user_id, section).await?;
    let page = platform.store().videos().of_section(section, cursor.page_size, start).await?;
    let base = platform.public_base_url();
    let visible = |video: &Video| {
        status.is_none_or(|status| status == video.status)
            && (seen_as == SectionView::Own || video.status.is_playable())
    };
    let shown = |video| match seen_as {
        SectionView::Own => VideoView::own(video, base),
        SectionView::Student => VideoView::reduced(video, base),
    };
    Ok((page.items.into_iter().filter(visible).map(shown).collect(), page.next))
}

async fn own(
    platform: &Platform,
    caller: Principal,
    status: Option<VideoStatus>,
    cursor: &CursorQuery,
    list: &str,
) -> ApiResult<Results> {
    let start = cursor.start(platform, list).await?;
    // Who has no channel has no videos.
    let page = match platform.store().channels().of_user(caller.user_id).await? {
        Some(channel) => {
            platform.store().videos().of_channel(channel.id, status, cursor.page_size, start).await?
        }
        None => QueryPage { items: Vec::new(), next: None },
    };
    let base = platform.public_base_url();
    Ok((page.items.into_iter().map(|video| VideoView::own(video, base)).collect(), page.next))
}
