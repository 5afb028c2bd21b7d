//! Whether a video's owner keeps it from a caller, where he is and at his age. One place, so that all that shows or plays videos refuses alike.

use domain::playback::{Place, Viewer, Withheld, may_watch_here};
use jiff::tz::TimeZone;
use store::entities::Video;

use crate::{ApiError, ApiResult, Client, Platform, Principal};

/// Refuses who may not watch the video in his country or at his age ([`may_watch_here`]). No call; one read of his date of birth where the
/// video is for adults and the caller is known.
///
/// # Errors
/// 403, and 401 for a visitor who may be allowed after a login.
pub async fn check_audience(
    platform: &Platform,
    video: &Video,
    caller: Option<Principal>,
    client: &Client,
) -> ApiResult<()> {
    let viewer = match caller.map(|caller| caller.user_id) {
        Some(user) if user == video.owner_id => Viewer::Owner,
        // Of how old somebody is nothing is read that decides nothing.
        Some(user) if video.age_restricted => Viewer::User(platform.store().users().birthdate(user).await?),
        Some(_) => Viewer::User(None),
        None => Viewer::Visitor,
    };
    let today = platform.ambient().now().to_zoned(TimeZone::UTC).date();
    let place = match client.through_distribution {
        true => Place::Country(client.country.as_deref()),
        false => Place::Beside,
    };
    may_watch_here(video.audience(), place, viewer, today).map_err(ApiError::from)
}

impl From<Withheld> for ApiError {
    fn from(reason: Withheld) -> Self {
        let message = match reason {
            Withheld::Country => "Its owner does not show this video in your country. Choose another one.",
            Withheld::NoCountry => {
                "Its owner does not show this video everywhere, and on this way nobody knows where you are. Use the platform's own address."
            }
            Withheld::UnknownAge => "The video is for adults of 18 years and more. Log in to watch it.",
            Withheld::NoBirthdate => {
                "The video is for adults of 18 years and more. Add your date of birth to your profile with PUT /api/v1/users/profile, then try again."
            }
            Withheld::TooYoung => {
                "The video is for adults of 18 years and more, and you are younger by your profile. Choose another one."
            }
        };
        match reason {
            Withheld::UnknownAge => Self::unauthorized(reason.code(), message),
            Withheld::Country | Withheld::NoCountry | Withheld::NoBirthdate | Withheld::TooYoung => {
                Self::forbidden(reason.code(), message)
            }
        }
        .playback()
    }
}
