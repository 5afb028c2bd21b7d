//! Pages of lists: by number where seed 001 shows it, by cursor elsewhere.

use domain::attendance::CLASS_PAGE_MAX;
use garde::Validate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::Position;

use crate::{ApiError, Platform};

/// Items of a page unless asked otherwise (seed 001).
pub const PAGE_SIZE: u32 = 20;
/// Most items of a page.
pub const PAGE_SIZE_MAX: u32 = 100;
/// How far a numbered page can be jumped to without the cursor of the page before it: DynamoDB reads all that it skips.
pub const JUMP_MAX: u32 = 1_000;

const fn first_page() -> u32 {
    1
}

const fn default_size() -> u32 {
    PAGE_SIZE
}

/// `page`, `page_size`, and the cursor that `next` carries.
#[derive(Clone, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Number of the page, from 1.
    #[serde(default = "first_page")]
    #[garde(range(min = 1))]
    #[param(minimum = 1, default = 1, example = 1)]
    pub page: u32,
    /// Items of a page.
    #[serde(default = "default_size")]
    #[garde(range(min = 1, max = PAGE_SIZE_MAX))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub page_size: u32,
    /// Where this page begins; take it from `next`, don't make it.
    #[garde(length(max = 1024))]
    #[param(example = "eyJwayI6IjAxOTMzYjdhIn2b0Qn7sVx4LkT9mRz1cWpHd")]
    pub cursor: Option<String>,
}

/// `page` and `page_size` of a list that can be jumped to anywhere.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NumberQuery {
    /// Number of the page, from 1. Beyond the end there are no results.
    #[serde(default = "first_page")]
    #[garde(range(min = 1))]
    #[param(minimum = 1, default = 1, example = 1)]
    pub page: u32,
    /// Items of a page.
    #[serde(default = "default_size")]
    #[garde(range(min = 1, max = PAGE_SIZE_MAX))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub page_size: u32,
}

/// `page_size` and `cursor`.
#[derive(Clone, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CursorQuery {
    /// Items of a page.
    #[serde(default = "default_size")]
    #[garde(range(min = 1, max = PAGE_SIZE_MAX))]
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub page_size: u32,
    /// Where this page begins; take it from `next`, don't make it.
    #[garde(length(max = 1024))]
    #[param(example = "eyJwayI6IjAxOTMzYjdhIn2b0Qn7sVx4LkT9mRz1cWpHd")]
    pub cursor: Option<String>,
}

/// `page_size` and `cursor` of a class of students, which is one page unless it is very large.
#[derive(Clone, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClassQuery {
    /// Students of a page. Without it a class of 1,000 is one.
    #[serde(default = "whole_class")]
    #[garde(range(min = 1, max = CLASS_PAGE_MAX))]
    #[param(minimum = 1, maximum = 1000, default = 1000, example = 1000)]
    pub page_size: u32,
    /// Where this page begins; take it from `next`, don't make it.
    #[garde(length(max = 1024))]
    #[param(example = "eyJwayI6IjAxOTMzYjdhIn2b0Qn7sVx4LkT9mRz1cWpHd")]
    pub cursor: Option<String>,
}

const fn whole_class() -> u32 {
    CLASS_PAGE_MAX
}

impl From<ClassQuery> for CursorQuery {
    fn from(query: ClassQuery) -> Self {
        Self { page_size: query.page_size, cursor: query.cursor }
    }
}

/// A page of a list with pages by number (seed 001).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct NumberedPage<T> {
    /// Items in all.
    pub count: u64,
    /// Pages in all.
    pub total_pages: u64,
    /// This page's number.
    pub current_page: u32,
    /// The next page's URL.
    pub next: Option<String>,
    /// The page before's URL.
    pub previous: Option<String>,
    /// The items.
    pub results: Vec<T>,
}

/// A page of a list with cursors.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CursorPage<T> {
    /// The next page's URL.
    pub next: Option<String>,
    /// The items.
    pub results: Vec<T>,
}

impl CursorQuery {
    /// Where the page begins in `list`, which names the list and its owner.
    ///
    /// # Errors
    /// 400 when the cursor is not one of this list.
    pub async fn start<P: DeserializeOwned>(
        &self,
        platform: &Platform,
        list: &str,
    ) -> Result<Option<P>, ApiError> {
        start(platform, list, self.cursor.as_deref()).await
    }

    /// The page of these results, whose list is served at `path`; `filters` are the other query parameters, kept in `next`.
    ///
    /// # Errors
    /// 500 when the cursor can't be signed.
    pub async fn page<T, P: Serialize>(
        &self,
        platform: &Platform,
        list: &str,
        path: &str,
        filters: &[(&str, &str)],
        results: Vec<T>,
        next: Option<P>,
    ) -> Result<CursorPage<T>, ApiError> {
        let next = match next {
            None => None,
            Some(position) => {
                let cursor = platform.cursor_key().await?.seal(list, &position);
                let mut pairs = filters.to_vec();
                let size = self.page_size.to_string();
                pairs.extend([("page_size", size.as_str()), ("cursor", cursor.as_str())]);
                Some(url(platform, path, &pairs))
            }
        };
        Ok(CursorPage { next, results })
    }
}

impl PageQuery {
    /// Where the page begins: at the cursor where there is one, else after [`PageQuery::skip`] items.
    ///
    /// # Errors
    /// 400 when the cursor is not one of this list; 422 when the jump is too far.
    pub async fn start(&self, platform: &Platform, list: &str) -> Result<Option<Position>, ApiError> {
        if self.cursor.is_none() && self.skip() > JUMP_MAX {
            let message =
                format!("must be within the first {JUMP_MAX} items; follow `next` from an earlier page");
            return Err(ApiError::invalid("page", message));
        }
        start(platform, list, self.cursor.as_deref()).await
    }

    /// Items to pass over before the page: none with a cursor.
    pub fn skip(&self) -> u32 {
        if self.cursor.is_some() { 0 } else { (self.page - 1).saturating_mul(self.page_size) }
    }

    /// The page of these results, whose list is served at `path`.
    ///
    /// # Errors
    /// 500 when the cursor can't be signed.
    #[expect(clippy::too_many_arguments, reason = "each is a field of the page")]
    pub async fn page<T>(
        &self,
        platform: &Platform,
        list: &str,
        path: &str,
        filters: &[(&str, &str)],
        count: u64,
        results: Vec<T>,
        next: Option<Position>,
    ) -> Result<NumberedPage<T>, ApiError> {
        let link = |page: u32, cursor: Option<String>| {
            let (number, size) = (page.to_string(), self.page_size.to_string());
            let mut pairs = filters.to_vec();
            pairs.extend([("page", number.as_str()), ("page_size", size.as_str())]);
            if let Some(cursor) = &cursor {
                pairs.push(("cursor", cursor));
            }
            url(platform, path, &pairs)
        };
        let next = match next {
            Some(position) => Some(link(
                self.page.saturating_add(1),
                Some(platform.cursor_key().await?.seal(list, &position)),
            )),
            None => None,
        };
        Ok(NumberedPage {
            count,
            total_pages: count.div_ceil(u64::from(self.page_size)),
            current_page: self.page,
            next,
            previous: (self.page > 1).then(|| link(self.page - 1, None)),
            results,
        })
    }
}

impl NumberQuery {
    /// Items before the page.
    pub fn offset(self) -> usize {
        let offset = u64::from(self.page - 1) * u64::from(self.page_size);
        usize::try_from(offset).unwrap_or(usize::MAX)
    }

    /// The page of these results, whose list is served at `path`; `filters` are the other query parameters, kept in the links.
    pub fn page<T>(
        self,
        platform: &Platform,
        path: &str,
        filters: &[(&str, &str)],
        count: u64,
        results: Vec<T>,
    ) -> NumberedPage<T> {
        let link = |page: u64| {
            let (number, size) = (page.to_string(), self.page_size.to_string());
            let mut pairs = filters.to_vec();
            pairs.extend([("page", number.as_str()), ("page_size", size.as_str())]);
            url(platform, path, &pairs)
        };
        let (page, total_pages) = (u64::from(self.page), count.div_ceil(u64::from(self.page_size)));
        NumberedPage {
            count,
            total_pages,
            current_page: self.page,
            next: (page < total_pages).then(|| link(page + 1)),
            // From beyond the end back to the last page.
            previous: (page > 1).then(|| link((page - 1).min(total_pages.max(1)))),
            results,
        }
    }
}

async fn start<P: DeserializeOwned>(
    platform: &Platform,
    list: &str,
    cursor: Option<&str>,
) -> Result<Option<P>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let opened = platform.cursor_key().await?.open(list, cursor);
    opened.map(Some).map_err(|error| {
        ApiError::bad_request("INVALID_CURSOR", "The cursor is not one of this list. Start again without it.")
            .because(error)
    })
}

fn url(platform: &Platform, path: &str, pairs: &[(&str, &str)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let query: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    format!("{}{path}?{}", platform.public_base_url(), query.join("&"))
}
