//! Who sells: what the law of most countries wants on a receipt.

use http_kit::StartError;
use kernel::Vars;

/// The operator of the platform, in whose name courses are sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// Name of the company.
    pub name: String,
    /// Its address, line by line.
    pub address: Vec<String>,
    /// Its number at the tax office, where it has one.
    pub tax_id: Option<String>,
}

impl Seller {
    /// From `SELLER_NAME`, `SELLER_ADDRESS` (lines parted by semicolons, may be empty) and `SELLER_TAX_ID` (may be empty).
    ///
    /// # Errors
    /// [`StartError`] without a name.
    pub fn from_env(vars: &Vars) -> Result<Self, StartError> {
        let address = vars.optional("SELLER_ADDRESS").unwrap_or_default();
        let lines = address.split(';').map(str::trim).filter(|line| !line.is_empty());
        Ok(Self {
            name: vars.required("SELLER_NAME")?,
            address: lines.map(str::to_owned).collect(),
            tax_id: vars.optional("SELLER_TAX_ID"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_address_are_parted_by_semicolons() {
        let vars = Vars::fixed([
            ("SELLER_NAME", "LearnFlow Inc."),
            ("SELLER_ADDRESS", "1 Teheran-ro; Gangnam-gu ;; Seoul"),
            ("SELLER_TAX_ID", ""),
        ]);
        let seller = Seller::from_env(&vars).unwrap();
        assert_eq!(seller.address, ["1 Teheran-ro", "Gangnam-gu", "Seoul"]);
        assert_eq!(seller.tax_id, None);
        assert!(Seller::from_env(&Vars::fixed([("SELLER_ADDRESS", "Seoul")])).is_err());
    }
}
