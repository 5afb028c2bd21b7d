//! Anyone searches for anything.

use axum::{extract::State, response::Response};
use garde::Validate;
use http_kit::{ApiError, ApiResult, Caching, Keep, NumberQuery, Platform, Principal, Query, Visitor};
use kernel::{Id, id::kinds};
use search::{Answer, Filter, Hit, Page, Request, query::normalised};
use serde::{Deserialize, Serialize};
use store::entities::SearchQuery;

use crate::{
    filter::TEXT_MAX,
    hits::{CategoryHit, ChannelHit, CourseHit, Highlighted, InstructorHit, VideoHit},
    index::{Generation, Index},
    own,
    views::{CourseListItem, course_id},
};

/// What can be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SearchKind {
    /// Courses.
    Course,
    /// People who teach.
    Instructor,
    /// Channels.
    Channel,
    /// Videos of channels.
    Video,
    /// Categories of courses.
    Category,
}

impl SearchKind {
    /// Kind in the index.
    pub(crate) const fn kind(self) -> search::Kind {
        match self {
            Self::Course => search::Kind::Course,
            Self::Instructor => search::Kind::Instructor,
            Self::Channel => search::Kind::Channel,
            Self::Video => search::Kind::Video,
            Self::Category => search::Kind::Category,
        }
    }
}

impl From<search::Kind> for SearchKind {
    fn from(kind: search::Kind) -> Self {
        match kind {
            search::Kind::Course => Self::Course,
            search::Kind::Instructor => Self::Instructor,
            search::Kind::Channel => Self::Channel,
            search::Kind::Video => Self::Video,
            search::Kind::Category => Self::Category,
        }
    }
}

/// What is searched for.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sought {
    /// Words to look for.
    #[garde(length(chars, max = TEXT_MAX))]
    #[param(max_length = 200, example = "web development")]
    q: String,
    /// Only this kind; every kind where it is not sent.
    #[serde(rename = "type")]
    #[garde(skip)]
    #[param(inline)]
    kind: Option<SearchKind>,
}

/// What was found of one kind.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Found<T> {
    /// How many there are in all.
    #[schema(example = 234)]
    count: u64,
    /// Those of this page, the best match first.
    results: Vec<T>,
}

/// What was found, by kind; a kind that was not asked for is left out.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct SearchAnswer {
    /// Names this search in `POST /search/click`. Null where nothing was searched for.
    query_id: Option<Id<kinds::Search>>,
    /// Whether misspelt words were read as others, or some were left out, to find anything.
    widened: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    courses: Option<Found<CourseHit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructors: Option<Found<InstructorHit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Found<ChannelHit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    videos: Option<Found<VideoHit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    categories: Option<Found<CategoryHit>>,
}

impl SearchAnswer {
    fn count(&self) -> u64 {
        let counts = [
            self.courses.as_ref().map(|found| found.count),
            self.instructors.as_ref().map(|found| found.count),
            self.channels.as_ref().map(|found| found.count),
            self.videos.as_ref().map(|found| found.count),
            self.categories.as_ref().map(|found| found.count),
        ];
        counts.into_iter().flatten().sum()
    }
}

fn each<T>(answer: Answer, view: impl Fn(Hit) -> ApiResult<T>) -> ApiResult<Found<T>> {
    let results = answer.hits.into_iter().map(view).collect::<ApiResult<_>>()?;
    Ok(Found { count: answer.count, results })
}

/// Courses, instructors, channels, videos and categories: typing errors, unfinished words and inflections are found too.
#[utoipa::path(
    get, path = "/search", operation_id = "search", tag = "search", security(()),
    params(Sought, NumberQuery),
    responses(
        (status = 200, description = "What was found", body = SearchAnswer),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn search(
    State(platform): State<Platform>,
    State(index): State<Index>,
    Visitor(caller): Visitor,
    caching: Caching,
    Query(sought): Query<Sought>,
    Query(query): Query<NumberQuery>,
) -> ApiResult<Response> {
    let index = index.current().await?;
    let page = Page { offset: query.offset(), limit: query.page_size as usize };
    let kinds = sought.kind.map_or_else(|| search::Kind::ALL.to_vec(), |kind| vec![kind.kind()]);
    let mut body = SearchAnswer::default();
    for kind in kinds {
        let request =
            Request { text: sought.q.clone(), filter: Filter::kind(kind), page, ..Request::default() };
        let answer = ask(index.as_ref(), &request)?;
        body.widened |= answer.widened;
        match kind {
            search::Kind::Course => body.courses = Some(courses(&platform, caller, answer).await?),
            search::Kind::Instructor => body.instructors = Some(each(answer, InstructorHit::new)?),
            search::Kind::Channel => body.channels = Some(each(answer, ChannelHit::new)?),
            search::Kind::Video => {
                let base = platform.public_base_url();
                body.videos = Some(each(answer, |hit| VideoHit::new(hit, base))?);
            }
            search::Kind::Category => body.categories = Some(each(answer, |hit| Ok(hit.into()))?),
        }
    }
    // The tag is that of what was found: the name of the search is new each time.
    let tagged = serde_json::to_vec(&body).map_err(ApiError::internal)?;
    let first_page = query.page == 1;
    if first_page {
        body.query_id = record(&platform, caller, &sought.q, body.count()).await;
    }
    caching.json_tagged(Keep::Asking, &body, &tagged)
}

fn ask(index: Option<&Generation>, request: &Request) -> ApiResult<Answer> {
    match index {
        Some(index) => index.snapshot().search(request).map_err(ApiError::internal),
        None => Ok(Answer::default()),
    }
}

async fn courses(
    platform: &Platform,
    caller: Option<Principal>,
    answer: Answer,
) -> ApiResult<Found<CourseHit>> {
    let ids = answer.hits.iter().map(|hit| course_id(&hit.document)).collect::<ApiResult<Vec<_>>>()?;
    let own = own::of_caller(platform, caller, &ids).await?;
    let now = platform.ambient().now();
    each(answer, |hit| {
        let highlights = Highlighted::new(&hit);
        Ok(CourseHit { course: CourseListItem::new(hit.document, &own, now)?, highlights })
    })
}

/// Keeps the search and counts it, both at the same time. A search is answered whether or not that works.
async fn record(
    platform: &Platform,
    caller: Option<Principal>,
    text: &str,
    result_count: u64,
) -> Option<Id<kinds::Search>> {
    // Some characters have a normal form of many, and it becomes a sort key, which ends at 1,024 bytes (DynamoDB developer guide,
    // "Quotas"): 200 characters have 800 at most.
    let normalized_query: String = normalised(text).chars().take(TEXT_MAX).collect();
    if normalized_query.is_empty() {
        return None;
    }
    let (id, now) = (platform.ambient().id(), platform.ambient().now());
    let search = SearchQuery {
        id,
        user_id: caller.map(|caller| caller.user_id),
        query: text.trim().to_owned(),
        normalized_query,
        result_count,
        clicked_kind: None,
        clicked_id: None,
        click_position: None,
        created_at: now,
    };
    let searches = platform.store().searches();
    let count = async {
        // What finds nothing is shown to nobody.
        if result_count > 0 { searches.count(&search.normalized_query, now).await } else { Ok(()) }
    };
    match futures::try_join!(searches.record(&search), count) {
        Ok(_) => Some(id),
        Err(error) => {
            tracing::warn!(%error, "a search could not be recorded");
            None
        }
    }
}
