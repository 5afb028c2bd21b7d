//! Moments as a person reads them.

use domain::identity::{Language, profile::zone_of};
use kernel::Timestamp;

/// A moment in the time zone with this name, with the zone; UTC where the name is empty or unknown.
pub fn when(at: Timestamp, zone: &str, language: Language) -> String {
    let local = at.to_zoned(zone_of(zone));
    let time = local.strftime(match language {
        Language::En => "%-d %B %Y, %H:%M",
        Language::Ko => "%Y년 %-m월 %-d일 %H:%M",
    });
    match local.time_zone().iana_name() {
        Some(name) if name != "UTC" => format!("{time} ({name}, UTC{})", local.strftime("%:z")),
        _ => format!("{time} (UTC)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_where_its_reader_lives() {
        let at = "2026-06-01T15:30:00Z".parse().unwrap();
        for (zone, language, text) in [
            ("Asia/Seoul", Language::Ko, "2026년 6월 2일 00:30 (Asia/Seoul, UTC+09:00)"),
            ("Asia/Seoul", Language::En, "2 June 2026, 00:30 (Asia/Seoul, UTC+09:00)"),
            ("America/New_York", Language::En, "1 June 2026, 11:30 (America/New_York, UTC-04:00)"),
            ("", Language::En, "1 June 2026, 15:30 (UTC)"),
            ("UTC", Language::En, "1 June 2026, 15:30 (UTC)"),
            ("Mars/Olympus", Language::Ko, "2026년 6월 1일 15:30 (UTC)"),
        ] {
            assert_eq!(when(at, zone, language), text);
        }
    }
}
