//! To whom a bill goes, as a buyer says it.

use domain::{commerce::payment::BillingAddress, identity::profile};
use garde::Validate;
use http_kit::fields::{country_code, not_blank};
use kernel::Secret;
use serde::{Deserialize, Serialize};

/// To whom the bill goes.
#[derive(Deserialize, Serialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "first_name": "John", "last_name": "Doe", "email": "john@example.com", "address_line1": "123 Main St",
    "address_line2": "Apt 4B", "city": "San Francisco", "state": "CA", "postal_code": "94105", "country": "US",
    "phone": "+1234567890",
}))]
pub(crate) struct BillingRequest {
    #[garde(length(chars, max = 100), custom(not_blank), custom(one_line))]
    first_name: String,
    #[garde(length(chars, max = 100), custom(not_blank), custom(one_line))]
    last_name: String,
    #[garde(email, length(chars, max = 254))]
    email: String,
    #[garde(length(chars, max = 255), custom(not_blank), custom(one_line))]
    address_line1: String,
    /// May be empty.
    #[serde(default)]
    #[garde(length(chars, max = 255), custom(one_line))]
    address_line2: String,
    #[garde(length(chars, max = 100), custom(not_blank), custom(one_line))]
    city: String,
    /// State or region; may be empty.
    #[serde(default)]
    #[garde(length(chars, max = 100), custom(one_line))]
    state: String,
    /// May be empty where the country has none.
    #[serde(default)]
    #[garde(length(chars, max = 20), custom(one_line))]
    postal_code: String,
    /// ISO 3166-1 alpha-2.
    #[garde(custom(country_code))]
    country: String,
    /// International, or Korean with hyphens; may be empty.
    #[serde(default)]
    #[garde(length(chars, max = 32), custom(phone_number))]
    phone: String,
}

fn one_line(text: &str, _: &()) -> garde::Result {
    if text.chars().any(char::is_control) {
        return Err(garde::Error::new("must be one line without control characters"));
    }
    Ok(())
}

fn phone_number(text: &str, _: &()) -> garde::Result {
    profile::phone(text).map(|_| ()).map_err(garde::Error::new)
}

impl BillingRequest {
    /// The country, which decides the tax.
    pub(crate) fn country(&self) -> &str {
        &self.country
    }

    /// The address as it is kept.
    pub(crate) fn address(&self) -> BillingAddress {
        let text = |text: &str| Secret::new(text.trim().to_owned());
        BillingAddress {
            first_name: text(&self.first_name),
            last_name: text(&self.last_name),
            email: text(&self.email),
            address_line1: text(&self.address_line1),
            address_line2: text(&self.address_line2),
            city: text(&self.city),
            state: text(&self.state),
            postal_code: text(&self.postal_code),
            country: self.country.clone(),
            // It was found to be one.
            phone: text(&profile::phone(&self.phone).unwrap_or_default()),
        }
    }
}
