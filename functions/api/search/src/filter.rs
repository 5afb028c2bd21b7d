//! What a list of courses can be asked for, as query parameters (seed 001 §4.3, §6.4).

use domain::course::{Level, Price};
use garde::Validate;
use http_kit::{ApiError, ApiResult};
use kernel::{Id, id::kinds};
use search::{Filter, Kind, Ordering, Page, Request, columns::PRICE_BANDS};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::index::Generation;

/// Longest search text, in characters (seed 001 §6.4).
pub(crate) const TEXT_MAX: usize = 200;
/// Alternatives of one filter.
const VALUES_MAX: usize = 20;

/// In which order courses come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CourseOrdering {
    /// The best match first; without a text, the most students.
    Relevance,
    /// The most students first.
    Popular,
    /// The newest first.
    Newest,
    /// The best rated first.
    Rating,
    /// The cheapest first.
    PriceLow,
    /// The dearest first.
    PriceHigh,
}

impl CourseOrdering {
    const fn name(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Popular => "popular",
            Self::Newest => "newest",
            Self::Rating => "rating",
            Self::PriceLow => "price_low",
            Self::PriceHigh => "price_high",
        }
    }

    const fn ordering(self) -> Ordering {
        match self {
            Self::Relevance => Ordering::Relevance,
            Self::Popular => Ordering::Popular,
            Self::Newest => Ordering::Newest,
            Self::Rating => Ordering::Rating,
            Self::PriceLow => Ordering::PriceLow,
            Self::PriceHigh => Ordering::PriceHigh,
        }
    }
}

/// Digits with at most two decimals, times a hundred; amounts, stars and hours are written so.
fn hundredths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Price::parse(&text).map(|number| Some(number.minor())).map_err(D::Error::custom)
}

/// The filters of a list of courses. They narrow each other; a list of values with commas means any of them.
#[derive(Clone, Debug, Default, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CourseFilter {
    /// Words to look for: typing errors, unfinished words and inflections are found too.
    #[garde(length(chars, max = TEXT_MAX))]
    #[param(max_length = 200, example = "web development")]
    pub(crate) search: Option<String>,
    /// Names or slugs of categories.
    #[garde(length(chars, max = 1_000))]
    #[param(max_length = 1000, example = "development")]
    category: Option<String>,
    /// `beginner`, `intermediate`, `advanced`.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100, example = "beginner,intermediate")]
    level: Option<String>,
    /// Language codes.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100, example = "en,ko")]
    language: Option<String>,
    /// Tags.
    #[garde(length(chars, max = 1_000))]
    #[param(max_length = 1000, example = "rust,web")]
    tag: Option<String>,
    /// Who teaches.
    #[garde(skip)]
    instructor: Option<Id<kinds::User>>,
    /// Lowest price.
    #[serde(default, deserialize_with = "hundredths")]
    #[garde(skip)]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99, example = 0)]
    min_price: Option<u64>,
    /// Highest price.
    #[serde(default, deserialize_with = "hundredths")]
    #[garde(skip)]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99, example = 200)]
    max_price: Option<u64>,
    /// Bands of the price, as the facet names them.
    #[garde(length(chars, max = 100))]
    #[param(max_length = 100, example = "free,under_20")]
    price_band: Option<String>,
    /// Only free ones, or only others.
    #[garde(skip)]
    #[param(example = false)]
    free: Option<bool>,
    /// Lowest average rating.
    #[serde(default, deserialize_with = "hundredths")]
    #[garde(range(max = 500))]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 5, example = 4.0)]
    rating_min: Option<u64>,
    /// Shortest duration in hours.
    #[serde(default, deserialize_with = "hundredths")]
    #[garde(skip)]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99, example = 1)]
    min_hours: Option<u64>,
    /// Longest duration in hours.
    #[serde(default, deserialize_with = "hundredths")]
    #[garde(skip)]
    #[param(value_type = Option<f64>, minimum = 0, maximum = 99_999_999.99, example = 20)]
    max_hours: Option<u64>,
    /// Order: by `relevance` where there is something to look for, else by `popular`.
    #[garde(skip)]
    #[param(inline)]
    ordering: Option<CourseOrdering>,
}

fn values(list: &Option<String>) -> impl Iterator<Item = &str> {
    list.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|value| !value.is_empty())
}

fn bounded(field: &'static str, list: &Option<String>) -> ApiResult<Vec<String>> {
    let values: Vec<String> = values(list).map(ToOwned::to_owned).collect();
    if values.len() > VALUES_MAX {
        return Err(ApiError::invalid(field, format!("must be at most {VALUES_MAX} values")));
    }
    Ok(values)
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Hundredths of an hour in seconds.
fn seconds(hundredths: u64) -> u32 {
    narrow(hundredths.saturating_mul(36))
}

fn in_order(low: (&str, Option<u64>), high: (&str, Option<u64>)) -> ApiResult<()> {
    match (low.1, high.1) {
        (Some(least), Some(most)) if least > most => {
            Err(ApiError::invalid(low.0, format!("must not be above {}", high.0)))
        }
        _ => Ok(()),
    }
}

impl CourseFilter {
    /// The text that is looked for; empty for none.
    pub(crate) fn text(&self) -> &str {
        self.search.as_deref().unwrap_or_default().trim()
    }

    /// What the index is asked for.
    ///
    /// # Errors
    /// 422 naming the field.
    pub(crate) fn request(&self, index: Option<&Generation>, page: Page) -> ApiResult<Request> {
        in_order(("min_price", self.min_price), ("max_price", self.max_price))?;
        in_order(("min_hours", self.min_hours), ("max_hours", self.max_hours))?;
        let filter = Filter {
            categories: self.categories(index)?,
            levels: self.levels()?,
            languages: bounded("language", &self.language)?,
            tags: bounded("tag", &self.tag)?,
            price_bands: self.price_bands()?,
            instructors: self.instructor.iter().map(ToString::to_string).collect(),
            price_min: self.min_price.map(narrow),
            price_max: self.max_price.map(narrow),
            free: self.free,
            rating_min: self.rating_min.and_then(|rating| u16::try_from(rating).ok()),
            duration_min: self.min_hours.map(seconds),
            duration_max: self.max_hours.map(seconds),
            ..Filter::kind(Kind::Course)
        };
        let default = if self.text().is_empty() { Ordering::Popular } else { Ordering::Relevance };
        let ordering = self.ordering.map_or(default, CourseOrdering::ordering);
        Ok(Request { text: self.text().to_owned(), filter, ordering, page, facets: true })
    }

    /// Each value by its slug or its name. A name may have commas in it, so values that stand side by side are looked for as one name too.
    fn categories(&self, index: Option<&Generation>) -> ApiResult<Vec<String>> {
        bounded("category", &self.category)?;
        let list = self.category.iter().flat_map(|list| list.split(','));
        let pieces: Vec<&str> = list.filter(|piece| !piece.trim().is_empty()).collect();
        let mut names = Vec::new();
        for first in 0..pieces.len() {
            let mut value = String::new();
            for piece in pieces.iter().skip(first) {
                if !value.is_empty() {
                    value.push(',');
                }
                value.push_str(piece);
                let slug = match index {
                    Some(index) => index.category_of(value.trim()).map_err(ApiError::internal)?,
                    None => None,
                };
                names.extend(slug.map(ToOwned::to_owned));
                names.push(domain::category::normal(&value));
            }
        }
        Ok(names)
    }

    fn levels(&self) -> ApiResult<Vec<search::Level>> {
        let level = |name| match name {
            "beginner" => Ok(search::Level::Beginner),
            "intermediate" => Ok(search::Level::Intermediate),
            "advanced" => Ok(search::Level::Advanced),
            _ => Err(ApiError::invalid(
                "level",
                "must be beginner, intermediate or advanced, or several with commas",
            )),
        };
        values(&self.level).take(VALUES_MAX).map(level).collect()
    }

    fn price_bands(&self) -> ApiResult<Vec<String>> {
        let band = |name: &str| match PRICE_BANDS.iter().any(|(known, _)| *known == name) {
            true => Ok(name.to_owned()),
            false => Err(ApiError::invalid(
                "price_band",
                "must be free, under_20, 20_to_50, 50_to_100 or over_100, or several with commas",
            )),
        };
        values(&self.price_band).take(VALUES_MAX).map(band).collect()
    }

    /// The parameters as they stand in links to other pages.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let decimal = |number: Option<u64>| number.map(|n| format!("{}.{:02}", n / 100, n % 100));
        [
            ("search", self.search.clone()),
            ("category", self.category.clone()),
            ("level", self.level.clone()),
            ("language", self.language.clone()),
            ("tag", self.tag.clone()),
            ("instructor", self.instructor.map(|id| id.to_string())),
            ("min_price", decimal(self.min_price)),
            ("max_price", decimal(self.max_price)),
            ("price_band", self.price_band.clone()),
            ("free", self.free.map(|free| free.to_string())),
            ("rating_min", decimal(self.rating_min)),
            ("min_hours", decimal(self.min_hours)),
            ("max_hours", decimal(self.max_hours)),
            ("ordering", self.ordering.map(|ordering| ordering.name().to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// A level of the index as the API writes it.
pub(crate) const fn level(level: search::Level) -> Level {
    match level {
        search::Level::Beginner => Level::Beginner,
        search::Level::Intermediate => Level::Intermediate,
        search::Level::Advanced => Level::Advanced,
    }
}
