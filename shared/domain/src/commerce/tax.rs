//! Tax: a hook with a table of rates by country. No rate is built in; without a table nothing is added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BasisPoints;

/// Rates by country (ISO 3166-1 alpha-2, capitals). Prices are without tax; it is added to what remains after the discount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rates(BTreeMap<String, BasisPoints>);

impl Rates {
    /// The table with these rates.
    pub fn new(rates: impl IntoIterator<Item = (String, BasisPoints)>) -> Self {
        Self(rates.into_iter().map(|(country, rate)| (country.to_ascii_uppercase(), rate)).collect())
    }

    /// The rate of a country, 0 for one that the table lacks.
    pub fn of(&self, country: &str) -> BasisPoints {
        self.0.get(&country.to_ascii_uppercase()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_table_there_is_no_tax() {
        let none: Rates = serde_json::from_str("{}").unwrap();
        assert_eq!(none, Rates::default());
        assert_eq!(none.of("DE"), BasisPoints::ZERO);
    }

    #[test]
    fn countries_are_found_in_either_case() {
        let rates = Rates::new([("de".to_owned(), BasisPoints::try_from(1_900).unwrap())]);
        assert_eq!((rates.of("DE").get(), rates.of("de").get(), rates.of("FR").get()), (1_900, 1_900, 0));
        assert_eq!(serde_json::to_string(&rates).unwrap(), r#"{"DE":1900}"#);
        assert!(serde_json::from_str::<Rates>(r#"{"DE":10001}"#).is_err());
    }
}
