//! Uploads: single or in parts, their states, and what may be sent.

use jiff::{SignedDuration, ToSpan as _, tz::TimeZone};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// Largest file of all: 50 GiB, the larger tier's `max_file_size_gb` (seed 003, quota tiers).
pub const MAX_FILE_BYTES: u64 = 50 * 1024 * MIB;
/// Largest file that is sent with one PUT (spec 02): above it a broken connection costs too much.
pub const SINGLE_PUT_MAX_BYTES: u64 = 100 * MIB;
/// Smallest part but the last (Amazon S3 user guide, "Multipart upload limits").
pub const PART_MIN_BYTES: u64 = 5 * MIB;
/// Most parts of an upload (Amazon S3 user guide, "Multipart upload limits").
pub const PARTS_MAX: u32 = 10_000;
/// Part URLs in one answer.
pub const PART_URLS_MAX: usize = 100;
/// Bytes of a part unless the file needs larger ones: half a minute on a line of 2 Mbit/s, the most that a broken one costs.
const PART_BYTES: u64 = 8 * MIB;
const MIB: u64 = 1024 * 1024;

/// How long a presigned URL works. Short, since who holds it may write; the client asks for new ones.
pub const URL_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// After how long an unfinished upload is given up.
pub const UPLOAD_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// When the sweeper first looks at an upload. It runs every five minutes, so a lost S3 event is found within 15 (spec 06).
pub const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(9);

/// How a file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UploadMode {
    /// One PUT.
    Single,
    /// Parts that can be sent again one by one.
    Multipart,
}

impl UploadMode {
    /// The mode for a file of this size, where the client does not ask for one.
    pub const fn for_size(size: u64) -> Self {
        if size <= SINGLE_PUT_MAX_BYTES { Self::Single } else { Self::Multipart }
    }
}

/// State of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum UploadStatus {
    /// The file is being sent.
    Open,
    /// The object exists.
    Completed,
    /// Given up by its owner, or by the janitor after a day.
    Aborted,
}

/// How a file is cut into parts: all of one size, the last one may be smaller. Parts are numbered from 1, as S3 does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartPlan {
    size: u64,
    part_size: u64,
}

/// What is wrong with the parts that S3 holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartFaults {
    /// Parts that are not there.
    pub missing: Vec<u32>,
    /// Parts of another size than planned; they must be sent again.
    pub wrong_size: Vec<u32>,
}

impl PartFaults {
    /// Whether the upload can be completed.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.wrong_size.is_empty()
    }
}

impl PartPlan {
    /// The plan of a file of `size` bytes: parts of 8 MiB, or of as many whole MiB as keep it within [`PARTS_MAX`].
    pub const fn new(size: u64) -> Self {
        let least = size.div_ceil(PARTS_MAX as u64).div_ceil(MIB) * MIB;
        Self { size, part_size: if least > PART_BYTES { least } else { PART_BYTES } }
    }

    /// The plan of an upload that was begun with parts of `part_size` bytes.
    pub const fn begun(size: u64, part_size: u64) -> Self {
        Self { size, part_size: if part_size == 0 { PART_BYTES } else { part_size } }
    }

    /// Bytes of each part but the last.
    pub const fn part_size(&self) -> u64 {
        self.part_size
    }

    /// Number of parts.
    pub fn count(&self) -> u32 {
        u32::try_from(self.size.div_ceil(self.part_size)).unwrap_or(u32::MAX)
    }

    /// Bytes of this part; `None` when there is no such part.
    pub fn size_of(&self, number: u32) -> Option<u64> {
        let before = u64::from(number.checked_sub(1)?).checked_mul(self.part_size)?;
        let rest = self.size.checked_sub(before).filter(|rest| *rest > 0)?;
        Some(rest.min(self.part_size))
    }

    /// The first parts, as many as one answer holds, with their sizes.
    pub fn first(&self) -> impl Iterator<Item = (u32, u64)> + use<> {
        let plan = *self;
        (1..=plan.count()).take(PART_URLS_MAX).filter_map(move |number| Some((number, plan.size_of(number)?)))
    }

    /// What keeps these parts (number and bytes) from being the file.
    pub fn faults(&self, held: impl IntoIterator<Item = (u32, u64)>) -> PartFaults {
        let held: std::collections::BTreeMap<u32, u64> = held.into_iter().collect();
        let mut faults = PartFaults::default();
        for number in 1..=self.count() {
            match held.get(&number) {
                None => faults.missing.push(number),
                Some(size) if Some(*size) != self.size_of(number) => faults.wrong_size.push(number),
                Some(_) => {}
            }
        }
        faults
    }
}

/// The content type that a file is sent with: the type alone, in lower case, without parameters. `None` for what is no type of
/// a video. It is only a declaration; ingest looks at the bytes.
pub fn content_type(declared: &str) -> Option<String> {
    const CONTAINERS: [&str; 5] = [
        "application/octet-stream",
        "application/mp4",
        "application/ogg",
        "application/mxf",
        "application/x-matroska",
    ];
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // RFC 6838, 4.2, without the characters that no registered video type has.
    let is_name = |name: &str| {
        !name.is_empty()
            && name.len() <= 127
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
    };
    let video = essence.strip_prefix("video/").is_some_and(is_name);
    (video || CONTAINERS.contains(&essence.as_str())).then_some(essence)
}

/// The title of a video that is given none: the file's name without its extension (seed 002, upload).
pub fn title_of(filename: &str) -> String {
    let name = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    let title: String =
        if stem.is_empty() { name } else { stem }.trim().chars().take(crate::video::TITLE_MAX).collect();
    if title.is_empty() { "Untitled".to_owned() } else { title }
}

/// The ISO 8601 week of a moment in UTC, as `2026-W23`: what the weekly quota counts in.
pub fn iso_week(now: Timestamp) -> String {
    let week = now.to_zoned(TimeZone::UTC).date().iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// Seconds until the next ISO week begins, at midnight UTC between Sunday and Monday.
pub fn seconds_to_next_week(now: Timestamp) -> u32 {
    let today = now.to_zoned(TimeZone::UTC).date();
    let days = 7 - i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.checked_add(days.days()).ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    let seconds = monday.map_or(0, |monday| monday.timestamp().duration_since(now).as_secs());
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_parts_are_the_file_within_the_limits_of_s3(size in 1..=MAX_FILE_BYTES * 200) {
            let plan = PartPlan::new(size);
            prop_assert!(plan.part_size() >= PART_MIN_BYTES);
            prop_assert!((1..=PARTS_MAX).contains(&plan.count()));
            let sizes: Vec<u64> = (1..=plan.count()).filter_map(|number| plan.size_of(number)).collect();
            prop_assert_eq!(sizes.len() as u64, u64::from(plan.count()));
            prop_assert_eq!(sizes.iter().sum::<u64>(), size);
            prop_assert!(sizes[..sizes.len() - 1].iter().all(|part| *part == plan.part_size()));
            prop_assert_eq!((plan.size_of(0), plan.size_of(plan.count() + 1)), (None, None));
            prop_assert_eq!(PartPlan::begun(size, plan.part_size()), plan);
        }

        #[test]
        fn every_fault_is_named_and_nothing_else(size in 1..=40 * PART_BYTES, lost in 1u32..=40, cut in 1u32..=40) {
            let plan = PartPlan::new(size);
            let all: Vec<_> = plan.first().collect();
            prop_assert!(plan.faults(all.clone()).is_empty());
            let held = all.iter().filter(|(n, _)| *n != lost).map(|(n, size)| (*n, if *n == cut { size - 1 } else { *size }));
            let faults = plan.faults(held);
            prop_assert_eq!(faults.missing, Vec::from_iter((lost <= plan.count()).then_some(lost)));
            prop_assert_eq!(faults.wrong_size, Vec::from_iter((cut <= plan.count() && cut != lost).then_some(cut)));
        }

        #[test]
        fn a_content_type_is_safe_in_a_header(declared in "\\PC{0,60}") {
            if let Some(clean) = content_type(&declared) {
                prop_assert!(clean.bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(content_type(&clean), Some(clean.clone()));
            }
        }

        #[test]
        fn every_file_name_gives_a_title(name in "\\PC{0,300}") {
            let title = title_of(&name);
            prop_assert!((1..=crate::video::TITLE_MAX).contains(&title.chars().count()));
        }
    }

    #[test]
    fn one_hundred_mebibytes_are_the_last_that_go_in_one_put() {
        assert_eq!(UploadMode::for_size(SINGLE_PUT_MAX_BYTES), UploadMode::Single);
        assert_eq!(UploadMode::for_size(SINGLE_PUT_MAX_BYTES + 1), UploadMode::Multipart);
    }

    #[test]
    fn content_types() {
        for (declared, clean) in [
            ("video/mp4", Some("video/mp4")),
            ("video/webm; codecs=\"vp9,opus\"", Some("video/webm")),
            ("Video/QuickTime", Some("video/quicktime")),
            ("application/octet-stream", Some("application/octet-stream")),
            ("application/vnd.apple.mpegurl", None),
            ("text/html", None),
            ("video/", None),
            ("video/mp4\r\nx-amz-acl: public-read", None),
            ("", None),
        ] {
            assert_eq!(content_type(declared).as_deref(), clean, "{declared:?}");
        }
    }

    #[test]
    fn titles() {
        for (name, title) in [
            ("Lesson 1.mp4", "Lesson 1"),
            ("C:\\videos\\intro.final.mov", "intro.final"),
            ("강의.mp4", "강의"),
            (".mp4", ".mp4"),
            ("", "Untitled"),
        ] {
            assert_eq!(title_of(name), title, "{name:?}");
        }
    }

    #[test]
    fn weeks_turn_at_midnight_before_monday_in_utc() {
        for (now, week, rest) in [
            ("2026-06-01T00:00:00Z", "2026-W23", 7 * 86_400),
            ("2026-06-07T23:59:59Z", "2026-W23", 1),
            ("2026-06-08T00:00:00Z", "2026-W24", 7 * 86_400),
            // The ISO year differs from the calendar's around New Year.
            ("2027-01-01T12:00:00Z", "2026-W53", 2 * 86_400 + 43_200),
        ] {
            let now: Timestamp = now.parse().unwrap();
            assert_eq!((iso_week(now).as_str(), seconds_to_next_week(now)), (week, rest), "{now}");
        }
    }
}
