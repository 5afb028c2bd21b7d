//! Currencies (ISO 4217): the code, and how many decimals an amount of it has.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// Codes of money in use (ISO 4217, list one, without metals, funds and codes for tests).
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT \
    MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR \
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST \
    XAF XCD XOF XPF YER ZAR ZMW ZWG";
/// Those without minor units.
const WITHOUT_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Those whose minor unit is a thousandth.
const WITH_THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// The text is no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a currency code of ISO 4217 in capitals, such as USD")]
pub struct UnknownCurrency;

impl Currency {
    /// US dollar: the currency of course prices.
    pub const USD: Self = Self("USD");

    /// Every currency that is known, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.split_ascii_whitespace().map(Self)
    }

    /// Its code: three capitals.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// Its code as Stripe and seed 001 §4.6 write it.
    pub fn lowercase(self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// Decimals of an amount: a minor unit is 10^-exponent of the currency.
    pub fn exponent(self) -> u8 {
        if listed(WITHOUT_DECIMALS, self.0).is_some() {
            0
        } else if listed(WITH_THREE, self.0).is_some() {
            3
        } else {
            2
        }
    }
}

fn listed(list: &'static str, code: &str) -> Option<&'static str> {
    list.split_ascii_whitespace().find(|known| *known == code)
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        listed(CODES, code).map(Self).ok_or(UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl utoipa::PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{3}$")).examples(["USD"]).into()
    }
}

impl utoipa::ToSchema for Currency {
    fn name() -> Cow<'static, str> {
        "Currency".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_iso_4217() {
        for (code, decimals) in [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("BHD", 3), ("KWD", 3)] {
            assert_eq!(code.parse::<Currency>().unwrap().exponent(), decimals, "{code}");
        }
    }

    #[test]
    fn the_lists_are_sound() {
        let codes: Vec<_> = Currency::all().map(Currency::code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b), "sorted, none twice");
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
        for special in [WITHOUT_DECIMALS, WITH_THREE].join(" ").split_ascii_whitespace() {
            assert!(codes.contains(&special), "{special}");
        }
    }

    #[test]
    fn only_known_codes_in_capitals() {
        for text in ["usd", "US", "USDX", "XXX", "XAU", "", " USD", "USD EUR"] {
            assert_eq!(text.parse::<Currency>(), Err(UnknownCurrency), "{text:?}");
        }
        assert_eq!(serde_json::from_str::<Currency>("\"KRW\"").unwrap().to_string(), "KRW");
        assert!(serde_json::from_str::<Currency>("\"krw\"").is_err());
        assert_eq!(Currency::USD.lowercase(), "usd");
    }
}
