use super::LanguageTag;

/// A track of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its language.
    pub language: LanguageTag,
    /// What the player's menu says.
    pub name: String,
    /// Whether it is shown unless the viewer chooses.
    pub is_default: bool,
    /// Its playlist, beside the master playlist.
    pub uri: String,
}

/// The media playlist of a track that is one file (RFC 8216, section 3.5).
pub fn playlist(file: &str, duration_ms: u64) -> String {
    let target = duration_ms.div_ceil(1_000).max(1);
    format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:{}.{:03},\n{file}\n#EXT-X-ENDLIST\n",
        duration_ms / 1_000,
        duration_ms % 1_000
    )
}

/// A master playlist that had no subtitles, with these.
pub fn master_with(master: &str, tracks: &[Track]) -> String {
    if tracks.is_empty() {
        return master.to_owned();
    }
    let mut lines: Vec<String> = Vec::new();
    let mut written = false;
    for line in master.lines() {
        let is_stream = line.starts_with("#EXT-X-STREAM-INF:");
        if is_stream && !written {
            lines.extend(tracks.iter().map(|track| media(track, tracks)));
            written = true;
        }
        lines.push(if is_stream { format!("{line},SUBTITLES=\"subs\"") } else { line.to_owned() });
    }
    lines.join("\n") + "\n"
}

fn media(track: &Track, all: &[Track]) -> String {
    // Names differ within a group (RFC 8216, section 4.3.4.1.1).
    let is_alone = all.iter().filter(|other| other.name == track.name).count() == 1;
    let name: String =
        track.name.chars().map(|c| if c == '"' { '\'' } else { c }).filter(|c| !c.is_control()).collect();
    let name = if is_alone { name } else { format!("{name} ({})", track.language) };
    let default = if track.is_default { "YES" } else { "NO" };
    format!(
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"{name}\",LANGUAGE=\"{}\",DEFAULT={default},AUTOSELECT=YES,FORCED=NO,URI=\"{}\"",
        track.language, track.uri
    )
}
