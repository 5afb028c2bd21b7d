//! Anyone reads what students say of a course.

use std::collections::{HashMap, HashSet};

use axum::{extract::State, response::Response};
use domain::review::{Ordering, Rating, RatingSummary};
use garde::Validate;
use http_kit::{
    ApiResult, Caching, Keep, NumberedPage, PageQuery, Params, Platform, Query, Visitor, openapi::BASE_PATH,
};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::entities::{Course, EnrollmentGuard, Person, Review, ReviewGuard, ReviewReply, ReviewVote};

use crate::{access::seen, views::ReviewView};

/// Which reviews, and in which order.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only reviews with so many stars.
    #[garde(skip)]
    #[param(inline)]
    rating: Option<Rating>,
    /// The newest first unless asked otherwise.
    #[garde(skip)]
    #[param(inline)]
    ordering: Option<Ordering>,
}

/// A page of a course's reviews.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReviewPage {
    /// All ratings of the course, whatever the filter.
    summary: RatingSummary,
    /// The caller's own review of the course; null for visitors and who has written none.
    own_review_id: Option<Id<kinds::Review>>,
    #[serde(flatten)]
    page: NumberedPage<ReviewView>,
}

/// The reviews of a course. `count` is that of the filter.
#[utoipa::path(
    get, path = "/courses/{id}/reviews", operation_id = "list_reviews", tag = "reviews", security(()),
    params(("id" = Id<kinds::Course>, Path), PageQuery, Filter),
    responses(
        (status = 200, description = "A page of reviews", body = ReviewPage),
        (status = 304, description = "The answer is the one that the client has"),
    ),
)]
pub(crate) async fn list_reviews(
    State(platform): State<Platform>,
    Visitor(caller): Visitor,
    caching: Caching,
    Params(id): Params<Id<kinds::Course>>,
    Query(query): Query<PageQuery>,
    Query(filter): Query<Filter>,
) -> ApiResult<Response> {
    let Filter { rating, ordering } = filter;
    let ordering = ordering.unwrap_or_default();
    let stars = rating.map(|rating| rating.stars().to_string());
    let list = format!("reviews#{id}#{}#{}", ordering.as_str(), stars.as_deref().unwrap_or_default());
    let start = query.start(&platform, &list).await?;
    let (store, caller) = (platform.store(), caller.map(|caller| caller.user_id));
    let about = store
        .batch()
        .with::<Course>(Course::key_of(id))
        .with_all::<EnrollmentGuard>(caller.map(|user| EnrollmentGuard::key_of(user, id)))
        .with_all::<ReviewGuard>(caller.map(|user| ReviewGuard::key_of(id, user)));
    let reviews = store.reviews();
    let page = reviews.of_course(id, ordering, rating, start, query.skip(), query.page_size);
    let (about, page) = tokio::try_join!(about.read(), page)?;
    let course = seen(about.one()?, caller, about.one()?.as_ref())?;
    let own = about.one::<ReviewGuard>()?;

    let ratings = course.ratings;
    let count = rating.map_or_else(|| ratings.count(), |rating| ratings.of(rating));
    let results = views(&platform, page.items, caller).await?;
    let mut filters = vec![("ordering", ordering.as_str())];
    filters.extend(stars.as_deref().map(|stars| ("rating", stars)));
    let path = format!("{BASE_PATH}/courses/{id}/reviews");
    let body = ReviewPage {
        summary: ratings.into(),
        own_review_id: own.map(|guard| guard.review_id),
        page: query.page(&platform, &list, &path, &filters, count, results, page.next).await?,
    };
    caching.json(Keep::Minute, &body)
}

/// Reviews with their authors, the replies, and what the caller found helpful: one batch over two tables.
async fn views(
    platform: &Platform,
    reviews: Vec<Review>,
    caller: Option<Id<kinds::User>>,
) -> ApiResult<Vec<ReviewView>> {
    let votes = caller.map(|caller| reviews.iter().map(move |one| ReviewVote::key_of(one.id, caller)));
    let found = platform
        .store()
        .batch()
        .with_people(reviews.iter().map(|review| review.user_id))
        .with_all::<ReviewReply>(
            reviews.iter().map(|review| ReviewReply::key_of(review.course_id, review.id)),
        )
        .with_all::<ReviewVote>(votes.into_iter().flatten())
        .read()
        .await?;
    let people: HashMap<_, _> =
        found.all::<Person>()?.into_iter().map(|person| (person.id, person)).collect();
    let mut replies: HashMap<_, _> =
        found.all::<ReviewReply>()?.into_iter().map(|reply| (reply.review_id, reply)).collect();
    let helpful: HashSet<_> = found.all::<ReviewVote>()?.into_iter().map(|vote| vote.review_id).collect();
    let view = |review: Review| {
        let (author, reply) = (people.get(&review.user_id), replies.remove(&review.id));
        let found_helpful = helpful.contains(&review.id);
        ReviewView::new(review, author, reply, found_helpful)
    };
    Ok(reviews.into_iter().map(view).collect())
}
