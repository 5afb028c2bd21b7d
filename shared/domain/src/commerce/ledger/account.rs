use std::{borrow::Cow, fmt, str::FromStr};

use kernel::{Id, id::kinds};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An account of the ledger. As text: `gateway_clearing`, `creator_payable:{user}`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Money at the payment gateway (asset).
    GatewayClearing,
    /// Money on the platform's bank account (asset).
    BankClearing,
    /// Money that belongs to buyers: what came too late or was wrong, less what their banks hold in open disputes (liability).
    CustomerRefunds,
    /// What the platform keeps of sales, as if there were no promo codes (income).
    PlatformRevenue,
    /// Tax to hand on (liability).
    TaxPayable,
    /// What the gateway keeps (expense); the platform bears it.
    GatewayFees,
    /// What a creator has earned and was not paid yet (liability).
    CreatorPayable(Id<kinds::User>),
    /// What is kept back of a creator's earnings for refunds to come (liability).
    Reserve(Id<kinds::User>),
    /// Payouts on their way (liability).
    PayoutsInFlight,
    /// What promo codes cost the platform (reduces income).
    Promotions,
}

/// The text names no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an account of the ledger")]
pub struct InvalidAccount;

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GatewayClearing => f.write_str("gateway_clearing"),
            Self::BankClearing => f.write_str("bank_clearing"),
            Self::CustomerRefunds => f.write_str("customer_refunds"),
            Self::PlatformRevenue => f.write_str("platform_revenue"),
            Self::TaxPayable => f.write_str("tax_payable"),
            Self::GatewayFees => f.write_str("gateway_fees"),
            Self::CreatorPayable(user) => write!(f, "creator_payable:{user}"),
            Self::Reserve(user) => write!(f, "reserve:{user}"),
            Self::PayoutsInFlight => f.write_str("payouts_in_flight"),
            Self::Promotions => f.write_str("promotions"),
        }
    }
}

impl FromStr for Account {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        Ok(match text {
            "gateway_clearing" => Self::GatewayClearing,
            "bank_clearing" => Self::BankClearing,
            "customer_refunds" => Self::CustomerRefunds,
            "platform_revenue" => Self::PlatformRevenue,
            "tax_payable" => Self::TaxPayable,
            "gateway_fees" => Self::GatewayFees,
            "payouts_in_flight" => Self::PayoutsInFlight,
            "promotions" => Self::Promotions,
            _ => {
                let (name, user) = text.split_once(':').ok_or(InvalidAccount)?;
                let user = user.parse().map_err(|_| InvalidAccount)?;
                match name {
                    "creator_payable" => Self::CreatorPayable(user),
                    "reserve" => Self::Reserve(user),
                    _ => return Err(InvalidAccount),
                }
            }
        })
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
