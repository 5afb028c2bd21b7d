//! Channels and what they may upload (seed 003, Channel).

use serde::{Deserialize, Serialize};

/// State of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChannelStatus {
    /// Works.
    Active,
    /// Stopped by a moderator.
    Suspended,
    /// Deleted by its owner.
    Deleted,
}

/// Subscribers from which a channel has the larger quota (seed 003).
pub const PREMIUM_SUBSCRIBERS: u64 = 1_000;

/// What a channel may upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Quota {
    /// Uploads in an ISO week; none means unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 10)]
    pub max_videos_per_week: Option<u64>,
    /// Minutes of one video.
    #[schema(example = 15)]
    pub max_video_duration_minutes: u32,
    /// Gibibytes of one file.
    #[schema(example = 2)]
    pub max_file_size_gb: u32,
}

impl Quota {
    /// Below [`PREMIUM_SUBSCRIBERS`]: 10 videos a week, 15 minutes, 2 GB (seed 003, quota tiers).
    pub const STANDARD: Self =
        Self { max_videos_per_week: Some(10), max_video_duration_minutes: 15, max_file_size_gb: 2 };
    /// From [`PREMIUM_SUBSCRIBERS`]: unlimited videos, 12 hours, 50 GB (seed 003, quota tiers).
    pub const PREMIUM: Self =
        Self { max_videos_per_week: None, max_video_duration_minutes: 720, max_file_size_gb: 50 };

    /// The quota of a channel with so many subscribers. A channel that once had the larger one keeps it: seed 003 lets
    /// a decrement not downgrade.
    pub fn for_subscribers(current: Self, subscribers: u64) -> Self {
        if subscribers >= PREMIUM_SUBSCRIBERS { Self::PREMIUM } else { current }
    }

    /// Bytes of the largest file.
    pub const fn max_file_bytes(&self) -> u64 {
        self.max_file_size_gb as u64 * 1024 * 1024 * 1024
    }

    /// Seconds of the longest video.
    pub const fn max_duration_seconds(&self) -> u64 {
        self.max_video_duration_minutes as u64 * 60
    }
}

/// Whether a handle is 3 to 50 lower-case letters, digits or inner hyphens (seed 003: slug format).
pub fn is_handle(handle: &str) -> bool {
    (3..=50).contains(&handle.len())
        && handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !handle.starts_with('-')
        && !handle.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thousandth_subscriber_brings_the_larger_quota_for_good() {
        assert_eq!(Quota::for_subscribers(Quota::STANDARD, 999), Quota::STANDARD);
        assert_eq!(Quota::for_subscribers(Quota::STANDARD, 1_000), Quota::PREMIUM);
        assert_eq!(Quota::for_subscribers(Quota::PREMIUM, 999), Quota::PREMIUM);
    }

    #[test]
    fn handles() {
        for (handle, valid) in [
            ("techreviews", true),
            ("a-1", true),
            ("ab", false),
            ("-abc", false),
            ("Abc", false),
            ("한국어", false),
        ] {
            assert_eq!(is_handle(handle), valid, "{handle}");
        }
    }
}
