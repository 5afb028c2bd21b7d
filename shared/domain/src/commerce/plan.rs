//! Plans that students subscribe to (seed 003, SubscriptionPlan).

use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};

use super::{Amount, Currency};

/// Longest trial, in days.
pub const TRIAL_DAYS_MAX: u16 = 90;

/// Kind of a plan; there is at most one plan of each (seed 003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanType {
    /// Basic.
    Basic,
    /// Premium.
    Premium,
    /// Premium Plus.
    PremiumPlus,
    /// Enterprise.
    Enterprise,
}

impl PlanType {
    /// Its name in keys and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Premium => "premium",
            Self::PremiumPlus => "premium_plus",
            Self::Enterprise => "enterprise",
        }
    }
}

/// Best quality of pictures that a plan gives.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum MaxResolution {
    /// 720 lines.
    #[serde(rename = "720p")]
    P720,
    /// 1080 lines.
    #[serde(rename = "1080p")]
    P1080,
    /// 1440 lines.
    #[default]
    #[serde(rename = "1440p")]
    P1440,
    /// 2160 lines.
    #[serde(rename = "4K")]
    P2160,
}

impl MaxResolution {
    /// Lines of the picture's short side.
    pub const fn lines(self) -> u32 {
        match self {
            Self::P720 => 720,
            Self::P1080 => 1080,
            Self::P1440 => 1440,
            Self::P2160 => 2160,
        }
    }
}

/// How often a subscription is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillingInterval {
    /// Every month.
    Monthly,
    /// Every year.
    Annual,
}

/// What a plan gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Features {
    /// Best quality of pictures.
    pub max_resolution: MaxResolution,
    /// No advertisements.
    pub ad_free: bool,
    /// The courses that are part of plans.
    pub premium_content_access: bool,
    /// New things before others get them.
    pub early_access: bool,
}

/// Features by name (seed 003, `user_has_feature`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// No advertisements.
    AdFree,
    /// The courses that are part of plans.
    PremiumContent,
    /// New things before others get them.
    EarlyAccess,
    /// 1080 lines or more.
    HdStreaming,
    /// 2160 lines.
    #[serde(rename = "4k_streaming")]
    UhdStreaming,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 5] =
        [Self::AdFree, Self::PremiumContent, Self::EarlyAccess, Self::HdStreaming, Self::UhdStreaming];
}

impl Features {
    /// What there is without a plan: advertisements, pictures up to 720 lines.
    pub const NONE: Self = Self {
        max_resolution: MaxResolution::P720,
        ad_free: false,
        premium_content_access: false,
        early_access: false,
    };

    /// Whether it has the feature.
    pub fn has(&self, feature: Feature) -> bool {
        match feature {
            Feature::AdFree => self.ad_free,
            Feature::PremiumContent => self.premium_content_access,
            Feature::EarlyAccess => self.early_access,
            Feature::HdStreaming => self.max_resolution >= MaxResolution::P1080,
            Feature::UhdStreaming => self.max_resolution >= MaxResolution::P2160,
        }
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Identifier.
    pub id: Id<kinds::Plan>,
    /// Name for people.
    pub name: String,
    /// Kind.
    pub plan_type: PlanType,
    /// What it gives.
    pub features: Features,
    /// Price of a month in minor units.
    pub price_monthly_minor: i64,
    /// Price of a year, where it can be paid so.
    pub price_annual_minor: Option<i64>,
    /// Currency of the prices.
    pub currency: Currency,
    /// Days of the trial; 0 is none.
    pub trial_days: u16,
    /// Whether new subscriptions can be made.
    pub is_active: bool,
}

/// Why a plan can't be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// A price is negative.
    #[error("a price can't be negative")]
    Price,
    /// The trial is too long.
    #[error("a trial has at most {TRIAL_DAYS_MAX} days")]
    Trial,
}

impl Plan {
    /// Checks a plan before it is stored.
    ///
    /// # Errors
    /// [`InvalidPlan`]
    pub fn check(&self) -> Result<(), InvalidPlan> {
        if self.price_monthly_minor < 0 || self.price_annual_minor.is_some_and(|price| price < 0) {
            return Err(InvalidPlan::Price);
        }
        if self.trial_days > TRIAL_DAYS_MAX {
            return Err(InvalidPlan::Trial);
        }
        Ok(())
    }

    /// Its price for an interval; none where it can't be paid so.
    pub fn price(&self, interval: BillingInterval) -> Option<Amount> {
        let minor = match interval {
            BillingInterval::Monthly => Some(self.price_monthly_minor),
            BillingInterval::Annual => self.price_annual_minor,
        };
        minor.map(|minor| Amount::new(minor, self.currency))
    }

    /// What paying by the year saves in a year (seed 003); 0 where it saves nothing.
    pub fn annual_saving_minor(&self) -> i64 {
        let months = self.price_monthly_minor.saturating_mul(12);
        self.price_annual_minor.map_or(0, |year| months.saturating_sub(year).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            id: "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap(),
            name: "Premium".to_owned(),
            plan_type: PlanType::Premium,
            features: Features {
                max_resolution: MaxResolution::P1080,
                ad_free: true,
                premium_content_access: true,
                early_access: false,
            },
            price_monthly_minor: 999,
            price_annual_minor: Some(9_990),
            currency: Currency::USD,
            trial_days: 14,
            is_active: true,
        }
    }

    #[test]
    fn features_of_seed_003() {
        let has = |features: Features| Feature::ALL.map(|feature| features.has(feature));
        assert_eq!(has(plan().features), [true, true, false, true, false]);
        assert_eq!(
            has(Features { max_resolution: MaxResolution::P2160, ..Features::NONE }),
            [false, false, false, true, true]
        );
        assert_eq!(has(Features::NONE), [false; 5]);
        assert_eq!(serde_json::to_string(&MaxResolution::P2160).unwrap(), "\"4K\"");
        assert_eq!(serde_json::to_string(&Feature::UhdStreaming).unwrap(), "\"4k_streaming\"");
        let lines =
            [MaxResolution::P720, MaxResolution::default(), MaxResolution::P1080, MaxResolution::P2160];
        assert_eq!(lines.map(MaxResolution::lines), [720, 1_440, 1_080, 2_160]);
    }

    #[test]
    fn names_are_those_of_json() {
        for kind in [PlanType::Basic, PlanType::Premium, PlanType::PremiumPlus, PlanType::Enterprise] {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
    }

    #[test]
    fn prices_by_interval() {
        let plan = plan();
        assert_eq!(plan.price(BillingInterval::Monthly), Some(Amount::new(999, Currency::USD)));
        assert_eq!(plan.price(BillingInterval::Annual), Some(Amount::new(9_990, Currency::USD)));
        assert_eq!(plan.annual_saving_minor(), 1_998);
        let monthly = Plan { price_annual_minor: None, ..plan.clone() };
        assert_eq!((monthly.price(BillingInterval::Annual), monthly.annual_saving_minor()), (None, 0));
        assert_eq!(Plan { price_annual_minor: Some(20_000), ..plan }.annual_saving_minor(), 0);
    }

    #[test]
    fn what_is_no_plan() {
        for (plan, valid) in [
            (plan(), Ok(())),
            (
                Plan {
                    trial_days: TRIAL_DAYS_MAX,
                    price_monthly_minor: 0,
                    price_annual_minor: Some(0),
                    ..plan()
                },
                Ok(()),
            ),
            (Plan { trial_days: TRIAL_DAYS_MAX + 1, ..plan() }, Err(InvalidPlan::Trial)),
            (Plan { price_monthly_minor: -1, ..plan() }, Err(InvalidPlan::Price)),
            (Plan { price_annual_minor: Some(-1), ..plan() }, Err(InvalidPlan::Price)),
        ] {
            assert_eq!(plan.check(), valid, "{plan:?}");
        }
    }
}
