//! Limits of the deployment (seed 002, settings).

use domain::{playback::Limits, version::COOKIE_LIFE_MAX};
use kernel::{ConfigError, Vars};

/// Life of a session and limits of a user.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seconds that a session lives without a heartbeat, and its cookies at all (`VIDEO_PLAYBACK_TTL_SECONDS`).
    pub ttl_seconds: i64,
    /// Sessions and devices of one user (`VIDEO_MAX_SESSIONS`, `VIDEO_MAX_DEVICES`).
    pub limits: Limits,
}

/// Cookies must not work longer than 15 minutes (spec 06); below a minute heartbeats would come too late.
const TTL_RANGE: std::ops::RangeInclusive<i64> = 60..=COOKIE_LIFE_MAX;

impl Settings {
    /// Seed 002's defaults: 600 seconds, one session, two devices.
    pub const STANDARD: Self = Self { ttl_seconds: 600, limits: Limits { max_sessions: 1, max_devices: 2 } };

    /// As the template says.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] naming the variable.
    pub fn from_env(vars: &Vars) -> Result<Self, ConfigError> {
        const TTL: &str = "VIDEO_PLAYBACK_TTL_SECONDS";
        let ttl_seconds = vars.parsed_or(TTL, Self::STANDARD.ttl_seconds)?;
        if !TTL_RANGE.contains(&ttl_seconds) {
            let reason = format!("must be {} to {} seconds", TTL_RANGE.start(), TTL_RANGE.end());
            return Err(ConfigError::Malformed { name: TTL, reason });
        }
        let limits = Limits {
            max_sessions: vars.parsed_or("VIDEO_MAX_SESSIONS", Self::STANDARD.limits.max_sessions)?,
            max_devices: vars.parsed_or("VIDEO_MAX_DEVICES", Self::STANDARD.limits.max_devices)?,
        };
        Ok(Self { ttl_seconds, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_never_outlive_a_quarter_of_an_hour() {
        let read = |ttl: &str| Settings::from_env(&Vars::fixed([("VIDEO_PLAYBACK_TTL_SECONDS", ttl)]));
        assert_eq!(read("900").unwrap().ttl_seconds, 900);
        assert_eq!(read("60").unwrap().ttl_seconds, 60);
        for ttl in ["901", "59", "soon"] {
            assert!(read(ttl).unwrap_err().to_string().contains("VIDEO_PLAYBACK_TTL_SECONDS"), "{ttl}");
        }
        let standard = Settings::from_env(&Vars::fixed::<&str, &str>([])).unwrap();
        assert_eq!(
            (standard.ttl_seconds, standard.limits),
            (600, Limits { max_sessions: 1, max_devices: 2 })
        );
    }
}
