//! For whom a video is, whatever else gives him the right to it: its owner keeps it from countries, and from who is not of age (seed 003,
//! Video).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::identity::profile::age;

/// From how many whole years on somebody may watch what is restricted by age (seed 003, Video: 18+).
pub const ADULT_YEARS: i16 = 18;

/// What the owner of a video says.
#[derive(Clone, Copy, Debug)]
pub struct Audience<'a> {
    /// Whether it is for adults alone.
    pub age_restricted: bool,
    /// Codes of the countries (ISO 3166-1 alpha-2, capitals) in which it is not shown.
    pub geo_restrictions: &'a BTreeSet<String>,
}

/// From where somebody watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Through the distribution, which says in which country he is where it knows.
    Country(Option<&'a str>),
    /// Beside the distribution, where nobody says it.
    Beside,
}

/// Who wants to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// The owner of the video, to whom his own rules say nothing.
    Owner,
    /// Somebody with an account, who may have said when he was born.
    User(Option<Date>),
    /// Nobody known.
    Visitor,
}

/// Why a video is kept from somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// It is not shown in his country.
    Country,
    /// It is not shown everywhere, and he has come on a way on which nobody says where he is.
    NoCountry,
    /// It is for adults, and nobody knows who he is.
    UnknownAge,
    /// It is for adults, and he has not said when he was born.
    NoBirthdate,
    /// He is not of age.
    TooYoung,
}

impl Withheld {
    /// The name of the reason, in the manner of seed 002's.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Country => "country_blocked",
            Self::NoCountry => "country_unknown",
            Self::UnknownAge => "login_required",
            Self::NoBirthdate => "birthdate_required",
            Self::TooYoung => "age_restricted",
        }
    }
}

/// Whether somebody in this place may watch a video on the day `today` (UTC), and the first reason why not: the country before the age,
/// since who is refused for it need not log in or say how old he is.
///
/// A country that the distribution does not know is not refused: CloudFront knows nearly all of them, and who it does not know (a satellite, an address that was just
/// given away) is more likely somewhere else than in one of the few that are named. Who hides his country can do so in any case, with a
/// network in another one. Who comes beside the distribution is: a door that asks nobody would be open to all.
///
/// # Errors
/// [`Withheld`].
pub fn may_watch_here(
    audience: Audience<'_>,
    place: Place<'_>,
    viewer: Viewer,
    today: Date,
) -> Result<(), Withheld> {
    if viewer == Viewer::Owner {
        return Ok(());
    }
    match place {
        Place::Country(Some(country)) if audience.geo_restrictions.contains(country) => {
            return Err(Withheld::Country);
        }
        Place::Beside if !audience.geo_restrictions.is_empty() => return Err(Withheld::NoCountry),
        Place::Country(_) | Place::Beside => {}
    }
    if !audience.age_restricted {
        return Ok(());
    }
    match viewer {
        Viewer::Owner => Ok(()),
        Viewer::Visitor => Err(Withheld::UnknownAge),
        Viewer::User(None) => Err(Withheld::NoBirthdate),
        Viewer::User(Some(born)) if age(born, today) < ADULT_YEARS => Err(Withheld::TooYoung),
        Viewer::User(Some(_)) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 6, 1);

    fn watch(
        countries: &[&str],
        age_restricted: bool,
        country: Option<&str>,
        viewer: Viewer,
    ) -> Result<(), Withheld> {
        let geo_restrictions = countries.iter().map(|code| (*code).to_owned()).collect();
        let audience = Audience { age_restricted, geo_restrictions: &geo_restrictions };
        may_watch_here(audience, Place::Country(country), viewer, TODAY)
    }

    #[test]
    fn the_first_reason_is_given() {
        let adult = Viewer::User(Some(date(2008, 6, 1)));
        let child = Viewer::User(Some(date(2008, 6, 2)));
        let unknown = Viewer::User(None);
        for (countries, age_restricted, country, viewer, expected) in [
            (&[][..], false, None, Viewer::Visitor, Ok(())),
            (&[], false, Some("KR"), child, Ok(())),
            (&["KR"], false, Some("KR"), adult, Err("country_blocked")),
            (&["DE", "KR"], true, Some("KR"), Viewer::Visitor, Err("country_blocked")),
            (&["KR"], false, Some("KP"), Viewer::Visitor, Ok(())),
            (&["KR"], false, None, Viewer::Visitor, Ok(())),
            (&["KR"], true, Some("KR"), Viewer::Owner, Ok(())),
            (&[], true, None, Viewer::Owner, Ok(())),
            (&[], true, None, Viewer::Visitor, Err("login_required")),
            (&[], true, None, unknown, Err("birthdate_required")),
            (&[], true, None, child, Err("age_restricted")),
            (&[], true, None, adult, Ok(())),
            (&["KR"], true, Some("DE"), adult, Ok(())),
        ] {
            let found = watch(countries, age_restricted, country, viewer).map_err(Withheld::code);
            assert_eq!(found, expected, "{countries:?} {age_restricted} {country:?} {viewer:?}");
        }
    }

    #[test]
    fn who_comes_beside_the_distribution_sees_what_is_shown_everywhere() {
        let beside = |countries: &[&str], viewer| {
            let geo_restrictions = countries.iter().map(|code| (*code).to_owned()).collect();
            let audience = Audience { age_restricted: false, geo_restrictions: &geo_restrictions };
            may_watch_here(audience, Place::Beside, viewer, TODAY).map_err(Withheld::code)
        };
        assert_eq!(beside(&[], Viewer::Visitor), Ok(()));
        assert_eq!(beside(&["KR"], Viewer::Visitor), Err("country_unknown"));
        assert_eq!(beside(&["KR"], Viewer::User(None)), Err("country_unknown"));
        assert_eq!(beside(&["KR"], Viewer::Owner), Ok(()));
    }

    proptest! {
        #[test]
        fn who_may_watch_today_may_watch_tomorrow(born in 0i32..15_000, days in 0i32..15_000, ahead in 0i32..1_000) {
            let day = |number: i32| date(1990, 1, 1).saturating_add(jiff::Span::new().days(number));
            let (viewer, none) = (Viewer::User(Some(day(born))), BTreeSet::new());
            let audience = Audience { age_restricted: true, geo_restrictions: &none };
            let on = |number| may_watch_here(audience, Place::Country(Some("KR")), viewer, day(number));
            prop_assert!(on(days).is_err() || on(days.saturating_add(ahead)).is_ok());
        }

        #[test]
        fn a_country_that_is_not_named_changes_nothing(named in "[A-Z]{2}", country in "[A-Z]{2}", age_restricted: bool) {
            prop_assume!(named != country);
            for viewer in [Viewer::Owner, Viewer::Visitor, Viewer::User(None), Viewer::User(Some(TODAY))] {
                prop_assert_eq!(
                    watch(&[&named], age_restricted, Some(&country), viewer),
                    watch(&[], age_restricted, None, viewer)
                );
            }
        }
    }
}
