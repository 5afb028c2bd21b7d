//! Logins of other providers (OpenID Connect). A person there is the pair of issuer and subject, never an e-mail address
//! (OpenID Connect Core 1.0, 5.7): an account whose address somebody claims elsewhere is not his for that.

use kernel::{Id, id::kinds};
use serde::Deserialize;

use super::normalize_email;

/// Longest name that is taken from a provider, in characters; as in a registration.
const NAME_MAX: usize = 100;
/// Longest id of a provider.
const PROVIDER_ID_MAX: usize = 32;
/// Names of routes beside `/auth/social/{provider}`.
const RESERVED: [&str; 1] = ["providers"];

/// Whether a text can name a provider in paths: lower-case letters, digits and hyphens, and no name of a route.
pub fn is_provider_id(id: &str) -> bool {
    (1..=PROVIDER_ID_MAX).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !RESERVED.contains(&id)
}

/// For which addresses a provider's word is worth as much as a mail with a link: those that it hands out itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its domains, such as `gmail.com`. `*` for an issuer that is the master of every address it names, such as one's own.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Whether a claim `hd` says that the provider hosts the address's domain (Google: "Verify the Google ID token").
    #[serde(default)]
    pub hosted_domains: bool,
}

impl Authority {
    /// Whether the address counts as verified: the provider says so, and it is one of those it hands out. Other addresses were
    /// verified by the provider at some time in the past, and may have another owner by now.
    pub fn proves(&self, address: &str, verified: bool, hosted_domain: Option<&str>) -> bool {
        let normal = normalize_email(address);
        let Some((_, domain)) = normal.rsplit_once('@') else { return false };
        let own = self.domains.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(domain));
        let hosted =
            self.hosted_domains && hosted_domain.is_some_and(|hosted| hosted.eq_ignore_ascii_case(domain));
        verified && (own || hosted)
    }
}

/// What becomes of somebody whom a provider has authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// He logs in to the account that this login is linked to.
    LogIn(Id<kinds::User>),
    /// The login is linked to the account in which he began.
    Link(Id<kinds::User>),
    /// It is linked to that account already.
    AlreadyLinked(Id<kinds::User>),
    /// Nobody has this login: [`register`] decides by the address.
    Register,
}

/// Why nothing becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The login belongs to another account than the one in which he began.
    #[error("this login is linked to another account")]
    OfAnother,
    /// His address has an account. He must log in there and link the login; verified or not, it is not linked silently.
    #[error("the address has an account")]
    AddressTaken,
    /// The provider tells no address, and an account needs one.
    #[error("the provider tells no address")]
    NoAddress,
}

/// The step for a login that belongs to `owner`, begun by somebody signed in as `link_to`, or by nobody.
///
/// # Errors
/// [`Refusal::OfAnother`].
pub fn decide(owner: Option<Id<kinds::User>>, link_to: Option<Id<kinds::User>>) -> Result<Step, Refusal> {
    match (owner, link_to) {
        (Some(owner), None) => Ok(Step::LogIn(owner)),
        (None, None) => Ok(Step::Register),
        (None, Some(user)) => Ok(Step::Link(user)),
        (Some(owner), Some(user)) if owner == user => Ok(Step::AlreadyLinked(user)),
        (Some(_), Some(_)) => Err(Refusal::OfAnother),
    }
}

/// Whether the address that a provider tells has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The provider tells none.
    Unknown,
    /// It has none.
    Free {
        /// [`Authority::proves`].
        proven: bool,
    },
    /// It has one.
    Taken,
}

/// Whether a new account's address counts as verified.
///
/// # Errors
/// [`Refusal`] when there can be no new account.
pub fn register(address: Address) -> Result<bool, Refusal> {
    match address {
        Address::Free { proven } => Ok(proven),
        Address::Taken => Err(Refusal::AddressTaken),
        Address::Unknown => Err(Refusal::NoAddress),
    }
}

/// Given and family name from what a provider tells; made from the full name or the address where it does not tell them.
pub fn names(
    given: Option<&str>,
    family: Option<&str>,
    full: Option<&str>,
    address: &str,
) -> (String, String) {
    let clean = |name: &str| -> String {
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        name.trim().chars().take(NAME_MAX).collect()
    };
    let full = clean(full.unwrap_or_default());
    let (first_of_full, rest_of_full) = full.split_once(' ').unwrap_or((&full, ""));
    let first = [given.unwrap_or_default(), first_of_full, address.split('@').next().unwrap_or_default()];
    let first = first.map(clean).into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let family = family.map(clean).filter(|name| !name.is_empty());
    (first, family.unwrap_or_else(|| clean(rest_of_full)))
}

/// Whether a user may give up one of `links` logins: something by which he can log in must be left.
pub fn may_unlink(has_password: bool, links: usize) -> bool {
    has_password || links > 1
}

#[cfg(test)]
mod tests {
    use kernel::Ambient;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_issuer_and_subject_lead_into_an_account() {
        let ambient = Ambient::system();
        let (ada, eve) = (ambient.id(), ambient.id());
        assert_eq!(decide(Some(ada), None), Ok(Step::LogIn(ada)));
        assert_eq!(decide(None, None), Ok(Step::Register));
        assert_eq!(decide(None, Some(ada)), Ok(Step::Link(ada)));
        assert_eq!(decide(Some(ada), Some(ada)), Ok(Step::AlreadyLinked(ada)));
        assert_eq!(decide(Some(ada), Some(eve)), Err(Refusal::OfAnother));
    }

    #[test]
    fn an_address_that_has_an_account_is_never_linked_silently() {
        assert_eq!(register(Address::Taken), Err(Refusal::AddressTaken));
        assert_eq!(register(Address::Unknown), Err(Refusal::NoAddress));
        assert_eq!(register(Address::Free { proven: true }), Ok(true));
        assert_eq!(register(Address::Free { proven: false }), Ok(false));
    }

    #[test]
    fn a_provider_proves_the_addresses_that_it_hands_out_and_no_other() {
        let google = Authority { domains: vec!["gmail.com".into()], hosted_domains: true };
        let own = Authority { domains: vec!["*".into()], hosted_domains: false };
        for (authority, address, verified, hosted, proven) in [
            (&google, "ada@gmail.com", true, None, true),
            (&google, "Ada@GMail.com", true, None, true),
            (&google, "ada@gmail.com", false, None, false),
            (&google, "ada@example.com", true, None, false),
            (&google, "ada@example.com", true, Some("example.com"), true),
            (&google, "ada@example.com", true, Some("gmail.com"), false),
            (&google, "ada@gmail.com@example.com", true, None, false),
            (&google, "gmail.com", true, None, false),
            (&own, "ada@example.com", true, None, true),
            (&own, "ada@example.com", false, None, false),
            (&Authority::default(), "ada@example.com", true, Some("example.com"), false),
        ] {
            assert_eq!(authority.proves(address, verified, hosted), proven, "{address} {hosted:?}");
        }
    }

    #[test]
    fn names_come_from_the_best_source() {
        let names = |given, family, full| names(given, family, full, "ada.l@example.com");
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(names(Some("Ada"), Some("Lovelace"), Some("A. L.")), pair("Ada", "Lovelace"));
        assert_eq!(names(None, None, Some("Ada King Lovelace")), pair("Ada", "King Lovelace"));
        assert_eq!(names(Some(" "), None, None), pair("ada.l", ""));
        assert_eq!(names(Some("A\u{0}d\na"), Some(""), None), pair("Ada", ""));
    }

    #[test]
    fn the_last_way_in_stays() {
        assert!(may_unlink(true, 1) && may_unlink(false, 2));
        assert!(!may_unlink(false, 1));
    }

    #[test]
    fn an_id_of_a_provider_fits_a_path() {
        assert!(is_provider_id("google") && is_provider_id("my-company2"));
        for id in ["", "Google", "a/b", "a b", "providers", &"a".repeat(33)] {
            assert!(!is_provider_id(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn names_fit_a_registration(given in "\\PC{0,300}", full in "\\PC{0,300}") {
            let (first, last) = names(Some(&given), None, Some(&full), "a@example.com");
            prop_assert!((1..=NAME_MAX).contains(&first.chars().count()));
            prop_assert!(last.chars().count() <= NAME_MAX);
        }
    }
}
