//! In which language somebody is written to, and about what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A language that the platform's own texts exist in. Content has languages of its own.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English, the default (seed 003).
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// The code (ISO 639-1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// A day as it is written out.
    pub fn date(self, day: jiff::civil::Date) -> String {
        let format = match self {
            Self::En => "%-d %B %Y",
            Self::Ko => "%Y년 %-m월 %-d일",
        };
        day.strftime(format).to_string()
    }

    /// The language that an `Accept-Language` header asks for most (RFC 9110, 12.5.4), the default if it names none of ours.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (0.0, Self::default());
        for range in accept_language.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            let language = match tag.split('-').next() {
                Some("en") => Self::En,
                Some("ko") => Self::Ko,
                _ => continue,
            };
            // The first of equal ones wins: people list what they prefer first.
            if let Some(weight) = weight.filter(|weight: &f32| *weight > best.0 && *weight <= 1.0) {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// What a mail is about; each kind can be turned off alone, except [`NotificationKind::Security`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// Safety of the account, and what the user asked for himself (links, receipts). Always sent.
    Security,
    /// News of the account: an export is ready, a request was decided.
    Account,
    /// Courses that the user takes: new lessons, certificates, reminders.
    Learning,
    /// Own courses and videos: processed, failed, new students.
    Teaching,
    /// Replies, comments, reviews, new videos of channels.
    Community,
    /// Offers. Off until the user turns it on: both the EU (ePrivacy, Art. 13) and Korea (Network Act, Art. 50) ask for
    /// consent beforehand.
    Marketing,
}

impl NotificationKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Security, Self::Account, Self::Learning, Self::Teaching, Self::Community, Self::Marketing];

    /// The name as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Account => "account",
            Self::Learning => "learning",
            Self::Teaching => "teaching",
            Self::Community => "community",
            Self::Marketing => "marketing",
        }
    }

    /// Whether the user may turn it off.
    pub const fn is_switchable(self) -> bool {
        !matches!(self, Self::Security)
    }

    /// Whether it is sent to somebody who has said nothing.
    pub const fn by_default(self) -> bool {
        !matches!(self, Self::Marketing)
    }
}

/// Somebody tried to turn off a kind that is always sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is about {} can't be turned off; leave it on or leave it out", .0.as_str())]
pub struct AlwaysSent(pub NotificationKind);

/// How often somebody gets one mail with what he has not read.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// Never, unless he asks for it.
    #[default]
    Off,
    /// Every morning.
    Daily,
    /// On Monday mornings.
    Weekly,
}

impl Digest {
    /// Whether there is none.
    pub const fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }
}

/// Which mails somebody wants, what he wants to be told inside the platform, and whether what he did not read is mailed to him. Holds only
/// what he decided himself, so that a kind which is added later has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// The main switch (seed 003): off stops every kind that can be turned off.
    #[serde(default = "on")]
    pub email_notifications_enabled: bool,
    /// Decisions by kind.
    #[serde(default)]
    #[schema(example = json!({"learning": true, "marketing": false}))]
    pub email_notifications: BTreeMap<NotificationKind, bool>,
    /// Decisions by kind about what is told inside the platform. Left out where there are none: conditions of writes compare the whole
    /// with what was stored before these existed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"community": false}))]
    pub in_app_notifications: BTreeMap<NotificationKind, bool>,
    /// How often what was not read is mailed.
    #[serde(default, skip_serializing_if = "Digest::is_off")]
    pub digest: Digest,
}

const fn on() -> bool {
    true
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            email_notifications_enabled: true,
            email_notifications: BTreeMap::new(),
            in_app_notifications: BTreeMap::new(),
            digest: Digest::Off,
        }
    }
}

impl Preferences {
    /// Whether a mail of this kind is sent.
    pub fn wants(&self, kind: NotificationKind) -> bool {
        let decided = || self.email_notifications.get(&kind).copied().unwrap_or(kind.by_default());
        !kind.is_switchable() || (self.email_notifications_enabled && decided())
    }

    /// Whether what is of this kind is told inside the platform.
    pub fn shows(&self, kind: NotificationKind) -> bool {
        let decided = || self.in_app_notifications.get(&kind).copied().unwrap_or(kind.by_default());
        !kind.is_switchable() || decided()
    }

    /// Whether the mail with what was not read is sent, and how often: the main switch stops it too.
    pub const fn digest_in_force(&self) -> Digest {
        if self.email_notifications_enabled { self.digest } else { Digest::Off }
    }

    /// Decides what of one kind is told inside the platform.
    ///
    /// # Errors
    /// [`AlwaysSent`] when that kind can't be turned off.
    pub fn set_in_app(&mut self, kind: NotificationKind, wanted: bool) -> Result<(), AlwaysSent> {
        if !wanted && !kind.is_switchable() {
            return Err(AlwaysSent(kind));
        }
        self.in_app_notifications.insert(kind, wanted);
        Ok(())
    }

    /// Decides mails of one kind, as the link in a mail does (RFC 8058).
    ///
    /// # Errors
    /// [`AlwaysSent`] when that kind can't be turned off.
    pub fn set(&mut self, kind: NotificationKind, wanted: bool) -> Result<(), AlwaysSent> {
        if !wanted && !kind.is_switchable() {
            return Err(AlwaysSent(kind));
        }
        self.email_notifications.insert(kind, wanted);
        Ok(())
    }

    /// Checks preferences that came from outside.
    ///
    /// # Errors
    /// [`AlwaysSent`] when they turn off what can't be turned off.
    pub fn check(&self) -> Result<(), AlwaysSent> {
        let refused = |(kind, wanted): (&NotificationKind, &bool)| !wanted && !kind.is_switchable();
        let mut all = self.email_notifications.iter().chain(&self.in_app_notifications);
        let found = all.find(|&(kind, wanted)| refused((kind, wanted)));
        found.map_or(Ok(()), |(kind, _)| Err(AlwaysSent(*kind)))
    }

    /// Every kind with what is in force for mails, as it is shown to the user.
    pub fn in_force(&self) -> BTreeMap<NotificationKind, bool> {
        NotificationKind::ALL.into_iter().map(|kind| (kind, self.wants(kind))).collect()
    }

    /// Every kind with what is in force inside the platform, as it is shown to the user.
    pub fn in_app_in_force(&self) -> BTreeMap<NotificationKind, bool> {
        NotificationKind::ALL.into_iter().map(|kind| (kind, self.shows(kind))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind() -> impl Strategy<Value = NotificationKind> {
        prop::sample::select(&NotificationKind::ALL[..])
    }

    #[test]
    fn kinds_and_languages_are_written_as_they_are_named() {
        for kind in NotificationKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for language in [Language::En, Language::Ko] {
            assert_eq!(serde_json::to_value(language).unwrap(), language.as_str());
        }
    }

    #[test]
    fn a_header_chooses_the_language() {
        for (header, language) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Language::Ko),
            ("fr, ko;q=0.2", Language::Ko),
            ("ko;q=0.3, en;q=0.7", Language::En),
            ("ko;q=0", Language::En),
            ("KO", Language::Ko),
            ("", Language::En),
            ("ko;q=abc", Language::En),
            ("ko;q=NaN", Language::En),
            ("en,ko", Language::En),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
    }

    #[test]
    fn somebody_who_said_nothing_gets_all_but_offers() {
        let preferences: Preferences = serde_json::from_str("{}").unwrap();
        assert_eq!(preferences, Preferences::default());
        let unwanted: Vec<_> =
            NotificationKind::ALL.into_iter().filter(|kind| !preferences.wants(*kind)).collect();
        assert_eq!(unwanted, [NotificationKind::Marketing]);
    }

    #[test]
    fn what_was_stored_before_there_were_digests_is_written_as_it_was() {
        let text = r#"{"email_notifications_enabled":true,"email_notifications":{"marketing":true}}"#;
        let preferences: Preferences = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&preferences).unwrap(), text, "conditions of writes compare it");
        assert_eq!(preferences.digest_in_force(), Digest::Off);
        let off = Preferences { email_notifications_enabled: false, digest: Digest::Daily, ..preferences };
        assert_eq!(
            off.digest_in_force(),
            Digest::Off,
            "the main switch stops every mail that can be stopped"
        );
    }

    #[test]
    fn unknown_kinds_are_refused() {
        let text = r#"{"email_notifications": {"everything": false}}"#;
        assert!(serde_json::from_str::<Preferences>(text).is_err());
    }

    proptest! {
        #[test]
        fn security_is_told_whatever_is_set(
            enabled: bool, decisions in prop::collection::btree_map(kind(), any::<bool>(), 0..6)
        ) {
            let preferences = Preferences {
                email_notifications_enabled: enabled, email_notifications: decisions, ..Preferences::default()
            };
            prop_assert!(preferences.wants(NotificationKind::Security) && preferences.shows(NotificationKind::Security));
            let refused = preferences.email_notifications.get(&NotificationKind::Security) == Some(&false);
            prop_assert_eq!(preferences.check().is_err(), refused);
        }

        #[test]
        fn the_last_word_counts(words in prop::collection::vec((kind(), any::<bool>()), 1..20)) {
            let mut preferences = Preferences::default();
            let mut last = BTreeMap::new();
            for (kind, wanted) in words {
                if preferences.set(kind, wanted).is_ok() {
                    last.insert(kind, wanted);
                }
                prop_assert_eq!(preferences.set_in_app(kind, !wanted).is_err(), wanted && !kind.is_switchable());
            }
            for (kind, wanted) in last {
                prop_assert_eq!(preferences.wants(kind), wanted);
                prop_assert_eq!(preferences.in_force()[&kind], wanted);
                if kind.is_switchable() {
                    prop_assert_eq!(preferences.in_app_in_force()[&kind], !wanted, "each channel has its own decision");
                }
            }
        }

        #[test]
        fn any_header_has_an_answer(header in "\\PC{0,60}") {
            Language::negotiate(&header);
        }
    }
}
