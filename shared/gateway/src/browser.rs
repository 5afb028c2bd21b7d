//! What a browser needs.

use kernel::Vars;
use serde::Serialize;

/// With what a browser speaks to the gateway itself. Nothing of it is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Browser {
    /// The key with which the browser speaks to the payment service; empty where payments are not set up.
    #[schema(example = "pk_test_51MtwBwLkdIwHu7ix")]
    publishable_key: String,
    /// Where the payment service is a stand-in: its page for cards, which takes `client_secret` and `return_url`. Null on AWS, where
    /// Stripe's own script shows the form.
    #[schema(example = "http://127.0.0.1:9401/pay")]
    payment_page: Option<String>,
}

impl Browser {
    /// From `STRIPE_PUBLISHABLE_KEY` and `STRIPE_API_BASE`, which may both be absent.
    pub fn from_env(vars: &Vars) -> Self {
        let base = vars.optional("STRIPE_API_BASE");
        Self {
            publishable_key: vars.optional("STRIPE_PUBLISHABLE_KEY").unwrap_or_default(),
            payment_page: base.map(|base| format!("{}/pay", base.trim_end_matches('/'))),
        }
    }
}

impl From<&str> for Browser {
    fn from(publishable_key: &str) -> Self {
        Self { publishable_key: publishable_key.to_owned(), payment_page: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_has_a_page_and_stripe_has_none() {
        let browser = |settings: &[(&str, &str)]| {
            let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Browser::from_env(&Vars::fixed(settings.collect::<Vec<_>>()))
        };
        let local =
            browser(&[("STRIPE_PUBLISHABLE_KEY", "pk"), ("STRIPE_API_BASE", "http://127.0.0.1:9401/")]);
        assert_eq!(
            (local.publishable_key.as_str(), local.payment_page.as_deref()),
            ("pk", Some("http://127.0.0.1:9401/pay"))
        );
        assert_eq!(browser(&[("STRIPE_PUBLISHABLE_KEY", "pk")]), Browser::from("pk"));
        assert_eq!(browser(&[]), Browser::default());
    }
}
