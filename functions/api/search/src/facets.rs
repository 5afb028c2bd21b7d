//! How many courses the values of the filters would give.

use search::{
    Dimension, Facets,
    columns::{PRICE_BANDS, RATING_BANDS},
};
use serde::Serialize;

/// How many courses a value of a filter would give.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FacetCount {
    /// The value; but for the rating, the filter takes it as it is.
    #[schema(example = "beginner")]
    value: String,
    #[schema(example = 321)]
    count: u64,
}

/// Counts by the values of the filters, the most frequent first where they have no order of their own. What a filter narrows is counted without that filter, so that it
/// shows what its other values would give.
#[derive(Default, Serialize, utoipa::ToSchema)]
pub(crate) struct CourseFacets {
    category: Vec<FacetCount>,
    level: Vec<FacetCount>,
    language: Vec<FacetCount>,
    /// Bands, as the filter `price_band` takes them: `free`, `under_20`, `20_to_50`, `50_to_100`, `over_100`; the cheapest first.
    price: Vec<FacetCount>,
    /// Bands: `below_3` (with those that nobody has rated), `3_up`, `3_5_up`, `4_up`, `4_5_up`; each ends where the next begins, so
    /// `rating_min=4` gives what `4_up` and `4_5_up` count together. The lowest first.
    rating: Vec<FacetCount>,
}

impl From<Facets> for CourseFacets {
    fn from(mut facets: Facets) -> Self {
        let mut of = |dimension| {
            let counts = facets.remove(&dimension).unwrap_or_default().into_iter();
            counts.map(|facet| FacetCount { value: facet.value, count: facet.count }).collect()
        };
        Self {
            category: of(Dimension::Category),
            level: of(Dimension::Level),
            language: of(Dimension::Language),
            price: in_order(of(Dimension::Price), &PRICE_BANDS),
            rating: in_order(of(Dimension::Rating), &RATING_BANDS),
        }
    }
}

/// Bands in their own order.
fn in_order(mut counts: Vec<FacetCount>, bands: &[(&str, u32)]) -> Vec<FacetCount> {
    counts.sort_by_key(|count| bands.iter().position(|(name, _)| *name == count.value));
    counts
}
