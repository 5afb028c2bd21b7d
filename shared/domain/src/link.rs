//! Videos that are shown by another site: YouTube's (seed 002, `youtube_id`), or any that can be embedded (`external_url`).

use serde::{Deserialize, Serialize};

/// Longest address that is taken.
pub const URL_MAX: usize = 2_000;

/// Where a video is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum VideoLink {
    /// YouTube.
    Youtube {
        /// The 11 characters by which YouTube knows it.
        id: String,
    },
    /// Another site.
    External {
        /// Its address, with https.
        url: String,
    },
}

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// It is no absolute address, is longer than [`URL_MAX`], or holds characters that no address has.
    #[error("must be an address such as https://www.youtube.com/watch?v=… of at most 2,000 characters")]
    Malformed,
    /// A page that came over https would not show it.
    #[error("must begin with https://")]
    NotHttps,
    /// It names a user or a password, which would be shown to every student.
    #[error("must not contain a user name or password")]
    Credentials,
    /// It leads nowhere from a student's browser.
    #[error("must lead to a public site: a name with a dot, and no address of a network")]
    NotPublic,
    /// It is YouTube's and names no video.
    #[error("must name one video of YouTube: open it there and copy the address")]
    NoVideo,
}

/// Sites of YouTube.
const YOUTUBE: [&str; 4] = ["youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"];

impl VideoLink {
    /// What an address leads to. Of YouTube's addresses only the video's id is kept, so that no list, time or tracking mark of who copied it
    /// is shown to students.
    ///
    /// # Errors
    /// [`LinkRefused`].
    pub fn parse(text: &str) -> Result<Self, LinkRefused> {
        let text = text.trim();
        let is_plain = |byte: u8| {
            byte.is_ascii_graphic()
                && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'`' | b'^' | b'{' | b'}' | b'|')
        };
        if text.len() > URL_MAX || !text.bytes().all(is_plain) {
            return Err(LinkRefused::Malformed);
        }
        let (scheme, rest) = text.split_once("://").ok_or(LinkRefused::Malformed)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(LinkRefused::NotHttps);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        if authority.contains('@') {
            return Err(LinkRefused::Credentials);
        }
        let host = public_host(authority)?;
        let site = host.strip_prefix("www.").unwrap_or(&host);
        if site == "youtu.be" || YOUTUBE.contains(&site) {
            let id = youtube_id(site, tail).ok_or(LinkRefused::NoVideo)?;
            return Ok(Self::Youtube { id: id.to_owned() });
        }
        let port = authority.split_once(':').map_or("", |(_, port)| port);
        let authority = if port.is_empty() { host } else { format!("{host}:{port}") };
        let path = if tail.starts_with('/') { "" } else { "/" };
        Ok(Self::External { url: format!("https://{authority}{path}{tail}") })
    }
}

/// The name of a host that a student's browser can reach, in lower case.
fn public_host(authority: &str) -> Result<String, LinkRefused> {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    if port.is_empty() || port.parse::<u16>().is_err() {
        return Err(LinkRefused::Malformed);
    }
    let host = host.to_ascii_lowercase();
    let is_label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(LinkRefused::Malformed);
    }
    // A last label of digits makes an IPv4 address of it (WHATWG URL, "ends in a number").
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    let inner = ["localhost", "local", "internal", "localdomain", "home", "lan"].contains(&last);
    if is_number || inner || !host.contains('.') { Err(LinkRefused::NotPublic) } else { Ok(host) }
}

/// The id in an address of YouTube: `watch?v=`, `/embed/`, `/shorts/`, `/live/`, `/v/`, or the path of `youtu.be`.
fn youtube_id<'a>(site: &str, tail: &'a str) -> Option<&'a str> {
    let tail = tail.split('#').next().unwrap_or_default();
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let mut steps = path.split('/').filter(|step| !step.is_empty());
    let found = match (site, steps.next()) {
        ("youtu.be", Some(id)) => id,
        ("youtu.be", None) => return None,
        (_, Some("watch")) => query.split('&').find_map(|pair| pair.strip_prefix("v="))?,
        (_, Some("embed" | "shorts" | "live" | "v")) => steps.next()?,
        _ => return None,
    };
    let is_id = found.len() == 11
        && found.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_id.then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "dQw4w9WgXcQ";

    #[test]
    fn every_form_of_youtubes_addresses_gives_the_id() {
        for address in [
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=42s&list=PL0",
            "HTTPS://M.YouTube.com/watch/?v=dQw4w9WgXcQ#t=1",
            "https://youtu.be/dQw4w9WgXcQ?si=abc",
            "  https://www.youtube.com/embed/dQw4w9WgXcQ?start=3 ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
            "https://www.youtube.com/shorts/dQw4w9WgXcQ",
            "https://www.youtube.com/live/dQw4w9WgXcQ/",
            "https://www.youtube.com/v/dQw4w9WgXcQ",
        ] {
            assert_eq!(VideoLink::parse(address), Ok(VideoLink::Youtube { id: ID.into() }), "{address}");
        }
        for address in [
            "https://www.youtube.com/",
            "https://www.youtube.com/@channel",
            "https://www.youtube.com/playlist?list=PL0",
            "https://www.youtube.com/watch?v=tooshort",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQQ",
            "https://www.youtube.com/watch?v=dQw4w9WgX%51",
            "https://youtu.be",
        ] {
            assert_eq!(VideoLink::parse(address), Err(LinkRefused::NoVideo), "{address}");
        }
    }

    #[test]
    fn another_site_is_kept_with_its_address() {
        for (address, kept) in [
            ("https://Vimeo.com/76979871", "https://vimeo.com/76979871"),
            ("https://player.example.org", "https://player.example.org/"),
            ("https://player.example.org:8443/a?b=c#d", "https://player.example.org:8443/a?b=c#d"),
            ("https://example.org?v=1", "https://example.org/?v=1"),
            ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", "https://notyoutube.com/watch?v=dQw4w9WgXcQ"),
            ("https://youtube.com.example.org/x", "https://youtube.com.example.org/x"),
        ] {
            assert_eq!(VideoLink::parse(address), Ok(VideoLink::External { url: kept.into() }), "{address}");
        }
    }

    #[test]
    fn what_no_browser_should_open_is_refused() {
        use LinkRefused::{Credentials, Malformed, NotHttps, NotPublic};
        for (address, why) in [
            ("", Malformed),
            ("youtube.com/watch?v=dQw4w9WgXcQ", Malformed),
            ("javascript:alert(1)", Malformed),
            ("javascript://example.org/%0aalert(1)", NotHttps),
            ("http://example.org/", NotHttps),
            ("data://example.org/", NotHttps),
            ("https://user:pass@example.org/", Credentials),
            ("https://youtube.com@example.org/", Credentials),
            ("https://", Malformed),
            ("https:///path", Malformed),
            ("https://exa mple.org/", Malformed),
            ("https://example.org/\"onload=\"x", Malformed),
            ("https://example.org/<script>", Malformed),
            ("https://예.org/", Malformed),
            ("https://[::1]/", Malformed),
            ("https://example.org:99999/", Malformed),
            ("https://example..org/", Malformed),
            ("https://localhost/", NotPublic),
            ("https://intranet/", NotPublic),
            ("https://files.internal/", NotPublic),
            ("https://127.0.0.1/", NotPublic),
            ("https://10.0.1/", NotPublic),
            ("https://0x7f.0x1/", NotPublic),
        ] {
            assert_eq!(VideoLink::parse(address), Err(why), "{address}");
        }
        let long = format!("https://example.org/{}", "x".repeat(URL_MAX));
        assert_eq!(VideoLink::parse(&long), Err(Malformed));
    }

    proptest! {
        #[test]
        fn what_is_kept_of_any_text_is_plain_https(text in any::<String>()) {
            if let Ok(VideoLink::External { url }) = VideoLink::parse(&text) {
                prop_assert!(url.starts_with("https://") && url.is_ascii() && !url.contains(['"', '<', '>', ' ']));
            }
        }

        #[test]
        fn reading_what_is_kept_gives_it_again(
            host in "[a-z]{1,8}\\.(org|com|co\\.kr)", tail in "(/[a-zA-Z0-9._~%-]{0,8}){0,3}(\\?[a-z=&]{0,8})?",
        ) {
            let first = VideoLink::parse(&format!("https://{host}{tail}"));
            if let Ok(VideoLink::External { url }) = &first {
                prop_assert_eq!(VideoLink::parse(url), first.clone());
            }
        }

        #[test]
        fn any_id_of_youtube_comes_through(id in "[A-Za-z0-9_-]{11}") {
            let link = VideoLink::parse(&format!("https://www.youtube.com/watch?v={id}"));
            prop_assert_eq!(link, Ok(VideoLink::Youtube { id }));
        }
    }
}
