//! Finding things: lists of courses with filters and facets, search, suggestions, popular searches, related and recommended courses (seed 001 §4.3,
//! §4.10; docs/search.md), and the sitemap and the feed of them. Answers come from the index in `/tmp`; a table is asked only for what the caller himself has.

mod facets;
mod filter;
mod hits;
mod index;
mod own;
mod routes;
mod site;
mod views;

use axum::extract::FromRef;
use catalog::Bucket;
use cloud::Cloud;
use http_kit::{Platform, StartError};
use kernel::{Ambient, Vars};
use search::Reader;
use store::Table;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use index::{FRESH_FOR, Index};
pub use routes::popular::Popular;

/// What the handlers of this group share.
#[derive(Clone, FromRef)]
pub struct State {
    platform: Platform,
    index: Index,
    popular: Popular,
}

impl State {
    /// State from parts; tests use this.
    pub fn new(platform: Platform, index: Index) -> Self {
        Self { platform, index, popular: Popular::default() }
    }

    /// State from the environment.
    ///
    /// # Errors
    /// [`StartError`] naming the setting that is missing or malformed.
    pub async fn from_env(vars: Vars) -> Result<Self, StartError> {
        let cloud = Cloud::from_env(&vars)?;
        let bucket = Bucket::new(cloud.objects(), vars.required("INDEX_BUCKET")?);
        let index = Index::new(Reader::new(bucket, catalog::place()), Ambient::system());
        let tables = [Table::Catalog, Table::Learning, Table::Commerce];
        // A cold start opens the index while it connects to the tables.
        let (platform, _) = tokio::join!(Platform::from_env(&vars, &cloud, &tables), index.current());
        Ok(Self::new(platform?, index))
    }
}

/// The routes of this group.
pub fn router() -> OpenApiRouter<State> {
    use routes::{
        click, course_feed, list_courses, popular, recommendations, related, robots, search, sitemap, suggest,
    };
    let versioned = http_kit::openapi::v1(
        OpenApiRouter::new()
            .routes(routes!(list_courses::list_courses))
            .routes(routes!(related::list_related_courses))
            .routes(routes!(related::list_related_courses_of))
            .routes(routes!(recommendations::list_recommendations))
            .routes(routes!(search::search))
            .routes(routes!(suggest::suggest))
            .routes(routes!(popular::list_popular_searches))
            .routes(routes!(click::click_result)),
    );
    versioned
        .routes(routes!(sitemap::get_sitemap))
        .routes(routes!(sitemap::get_sitemap_file))
        .routes(routes!(course_feed::get_course_feed))
        .routes(routes!(robots::get_robots))
}
