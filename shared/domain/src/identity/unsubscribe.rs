//! The link in a mail that turns off mails of its kind without a login (RFC 8058). Its token names the user and the mails and proves
//! that we wrote it. It never expires: a mail may be read years later, and all that it can do is to stop such mails.

use kernel::{Id, Secret, id::kinds, mac};

use super::{AlwaysSent, Digest, NotificationKind, Preferences};

/// The purpose of the derived key under which tokens are made.
pub const KEY_PURPOSE: &str = "unsubscribe";

/// The path of the link; its query is `token=…`.
pub const PATH: &str = "/api/v1/users/unsubscribe";

/// Mails that a link stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mails {
    /// Those of a kind.
    Of(NotificationKind),
    /// Those with what was not read.
    Digest,
}

impl From<NotificationKind> for Mails {
    fn from(kind: NotificationKind) -> Self {
        Self::Of(kind)
    }
}

impl Mails {
    /// The name as it stands in a token.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.as_str(),
            Self::Digest => "digest",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = NotificationKind::ALL.into_iter().map(Self::Of).chain([Self::Digest]);
        all.find(|mails| mails.as_str() == name)
    }

    /// Whether the user may stop them.
    pub const fn may_stop(self) -> bool {
        match self {
            Self::Of(kind) => kind.is_switchable(),
            Self::Digest => true,
        }
    }

    /// Stops them.
    ///
    /// # Errors
    /// [`AlwaysSent`] for a kind that can't be turned off; no token is made for one.
    pub fn stop(self, preferences: &mut Preferences) -> Result<(), AlwaysSent> {
        match self {
            Self::Of(kind) => preferences.set(kind, false),
            Self::Digest => {
                preferences.digest = Digest::Off;
                Ok(())
            }
        }
    }
}

/// The token for `user` and these mails: `{user}.{mails}.{code}`, made of characters that a query needs no escapes for. `None` for a kind
/// that is always sent.
pub fn token(key: &Secret<[u8; 32]>, user: Id<kinds::User>, mails: impl Into<Mails>) -> Option<String> {
    let mails = mails.into();
    let text = format!("{user}.{}", mails.as_str());
    mails.may_stop().then(|| format!("{text}.{}", mac::code(key, &text)))
}

/// Whom and what a token is about; `None` when it is not ours.
pub fn read(key: &Secret<[u8; 32]>, token: &str) -> Option<(Id<kinds::User>, Mails)> {
    let (text, code) = token.rsplit_once('.')?;
    if !mac::matches(key, text, code) {
        return None;
    }
    let (user, name) = text.split_once('.')?;
    Some((user.parse().ok()?, Mails::named(name)?)).filter(|(_, mails)| mails.may_stop())
}

/// The whole link; `None` for a kind that is always sent.
pub fn link(
    base_url: &str,
    key: &Secret<[u8; 32]>,
    user: Id<kinds::User>,
    mails: impl Into<Mails>,
) -> Option<String> {
    token(key, user, mails).map(|token| format!("{base_url}{PATH}?token={token}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: Secret<[u8; 32]> = Secret::new([1; 32]);

    fn user() -> Id<kinds::User> {
        "01933b7a-3c5e-7000-8000-4f2d1c9a7b10".parse().unwrap()
    }

    #[test]
    fn a_link_turns_off_its_own_kind_only() {
        for kind in NotificationKind::ALL {
            let Some(token) = token(&KEY, user(), kind) else {
                assert!(!kind.is_switchable());
                continue;
            };
            assert_eq!(read(&KEY, &token), Some((user(), kind.into())));
            assert_eq!(read(&Secret::new([2; 32]), &token), None);
            let other = token.replace(kind.as_str(), "security");
            assert_eq!(read(&KEY, &other), None);
            let whole = link("https://learn.example", &KEY, user(), kind).unwrap();
            assert_eq!(whole, format!("https://learn.example/api/v1/users/unsubscribe?token={token}"));
        }
    }

    #[test]
    fn a_link_of_a_digest_stops_digests_only() {
        let token = token(&KEY, user(), Mails::Digest).unwrap();
        assert_eq!(read(&KEY, &token), Some((user(), Mails::Digest)));
        let wanted = Preferences { digest: Digest::Daily, ..Preferences::default() };
        let mut stopped = wanted.clone();
        Mails::Digest.stop(&mut stopped).unwrap();
        assert_eq!(stopped, Preferences { digest: Digest::Off, ..wanted });
        assert!(Mails::Of(NotificationKind::Security).stop(&mut stopped).is_err());
    }

    proptest! {
        #[test]
        fn any_other_text_is_refused(text in "\\PC{0,120}", at in any::<prop::sample::Index>(), with in "[a-z0-9.-]") {
            prop_assert_eq!(read(&KEY, &text), None);
            let token = token(&KEY, user(), NotificationKind::Account).unwrap();
            let at = at.index(token.len() - 1);
            let changed = format!("{}{with}{}", &token[..at], &token[at + 1..]);
            prop_assert!(changed == token || read(&KEY, &changed).is_none());
        }
    }
}
