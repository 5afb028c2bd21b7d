use super::{CUE_MAX, CUES_MAX, MAX_BYTES, markup::clean};

/// Latest time of a cue, in milliseconds: a hundred hours.
const TIME_MAX_MS: u64 = 100 * 3_600_000;

/// Why a file can't become subtitles; what its owner reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubtitleError {
    /// More bytes than [`MAX_BYTES`].
    #[error("The file is larger than 512 KiB. Leave out what is not text, or split the video.")]
    TooLarge,
    /// More cues than [`CUES_MAX`].
    #[error("The file has more than 21,600 subtitles. Join short ones.")]
    TooManyCues,
    /// Nothing to show.
    #[error(
        "The file has no subtitles in it. Send WebVTT or SRT: a line such as 00:00:01.000 --> 00:00:04.000, and the text below it."
    )]
    Empty,
    /// A time that is none.
    #[error(
        "Line {line}: the times can't be read. Write them as 00:00:01.000 --> 00:00:04.000, the earlier one first."
    )]
    Times {
        /// From 1.
        line: usize,
    },
    /// A cue of more letters than [`CUE_MAX`].
    #[error("Line {line}: the subtitle has more than 1,000 letters. Split it.")]
    TooLong {
        /// From 1.
        line: usize,
    },
}

/// One text and when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Milliseconds from the film's beginning.
    pub start_ms: u64,
    /// Milliseconds, after its start.
    pub end_ms: u64,
    /// Where it is shown: settings of WebVTT, or nothing.
    pub settings: String,
    /// Lines with harmless markup, none of them empty.
    pub text: String,
}

/// The subtitles of one language, in the order of their times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtitles {
    /// At least one.
    pub cues: Vec<Cue>,
}

impl Subtitles {
    /// Reads WebVTT or SubRip (SRT), whichever it is, with any ends of lines and with or without a byte order mark. Styles, regions, notes,
    /// classes and unknown tags are left out.
    ///
    /// # Errors
    /// [`SubtitleError`].
    pub fn parse(file: &str) -> Result<Self, SubtitleError> {
        if file.len() > MAX_BYTES {
            return Err(SubtitleError::TooLarge);
        }
        let file = file.strip_prefix('\u{feff}').unwrap_or(file).replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<String> = file.split('\n').map(plain).collect();
        let mut blocks = blocks(&lines).peekable();
        // The head of WebVTT may say more in the lines that follow.
        if let Some((first, head)) = blocks.peek()
            && *first == lines.iter().position(|line| !line.is_empty()).unwrap_or_default()
            && head.first().is_some_and(|line| is_head(line))
        {
            blocks.next();
        }
        let mut cues = Vec::new();
        for (first, block) in blocks {
            if let Some(cue) = cue(first, block)? {
                if cues.len() == CUES_MAX {
                    return Err(SubtitleError::TooManyCues);
                }
                cues.push(cue);
            }
        }
        if cues.is_empty() {
            return Err(SubtitleError::Empty);
        }
        cues.sort_by_key(|cue| cue.start_ms);
        Ok(Self { cues })
    }

    /// The file of the track. `delay` is by how many ticks of 90 kHz the film's first picture lies after the beginning of its stream (RFC 8216,
    /// section 3.5).
    pub fn to_webvtt(&self, delay: u64) -> String {
        let mut out = format!("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{delay},LOCAL:00:00:00.000\n");
        for Cue { start_ms, end_ms, settings, text } in &self.cues {
            let (from, to) = (written(*start_ms), written(*end_ms));
            let space = if settings.is_empty() { "" } else { " " };
            out.push_str(&format!("\n{from} --> {to}{space}{settings}\n{text}\n"));
        }
        out
    }
}

/// A line without control characters, which no player shows.
fn plain(line: &str) -> String {
    line.chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect::<String>()
        .trim_end()
        .to_owned()
}

fn is_head(line: &str) -> bool {
    line.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Runs of lines that are not empty, each with the index of its first.
fn blocks(lines: &[String]) -> impl Iterator<Item = (usize, &[String])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += lines[at..].iter().position(|line| !line.is_empty())?;
        let from = at;
        at += lines[from..].iter().position(String::is_empty).unwrap_or(lines.len() - from);
        Some((from, &lines[from..at]))
    })
}

/// The cue of a block; none where it is a note, a style, a region, or shows nothing.
fn cue(first: usize, block: &[String]) -> Result<Option<Cue>, SubtitleError> {
    let starts = |word: &str| block[0] == word || block[0].starts_with(&format!("{word} "));
    let Some(place) = block.iter().take(2).position(|line| line.contains("-->")) else {
        if ["NOTE", "STYLE", "REGION"].into_iter().any(starts) {
            return Ok(None);
        }
        return Err(SubtitleError::Times { line: first + 1 });
    };
    let line = first + place + 1;
    let (start_ms, end_ms, settings) = times(&block[place]).ok_or(SubtitleError::Times { line })?;
    let text = block[place + 1..].join("\n");
    if text.chars().count() > CUE_MAX {
        return Err(SubtitleError::TooLong { line });
    }
    let cleaned = clean(&text);
    let text: Vec<&str> = cleaned.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok((!text.is_empty()).then(|| Cue { start_ms, end_ms, settings, text: text.join("\n") }))
}

/// Both times in milliseconds, and the settings that stay.
fn times(line: &str) -> Option<(u64, u64, String)> {
    let (from, rest) = line.split_once("-->")?;
    let mut words = rest.split_whitespace();
    let (from, to) = (time(from.trim())?, time(words.next()?)?);
    let settings: Vec<&str> = words.filter(|word| is_setting(word)).collect();
    (from < to && to <= TIME_MAX_MS).then(|| (from, to, settings.join(" ")))
}

/// `hh:mm:ss.mmm`, `mm:ss.mmm`, and both with a comma as SRT has it.
fn time(text: &str) -> Option<u64> {
    let (clock, millis) = text.split_once(['.', ','])?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>, below: u64| {
        let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten().filter(|number| *number < below)
    };
    let mut parts = clock.rsplit(':');
    let seconds = number(parts.next()?, 1..=2, 60)?;
    let minutes = number(parts.next()?, 1..=2, 60)?;
    let hours = parts.next().map_or(Some(0), |hours| number(hours, 1..=3, 1_000))?;
    if parts.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + number(millis, 3..=3, 1_000)?)
}

fn written(ms: u64) -> String {
    let (seconds, millis) = (ms / 1_000, ms % 1_000);
    format!("{:02}:{:02}:{:02}.{millis:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Whether a word is a setting of a cue's place that stays (W3C WebVTT, section 3.4).
fn is_setting(word: &str) -> bool {
    let Some((name, value)) = word.split_once(':') else { return false };
    let (value, align) = value.split_once(',').map_or((value, None), |(value, align)| (value, Some(align)));
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_percentage = || {
        let number = value.strip_suffix('%').filter(|number| number.len() <= 8);
        number
            .and_then(|number| number.parse::<f64>().ok())
            .is_some_and(|number| (0.0..=100.0).contains(&number))
            && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'%')
    };
    let aligned = |names: &[&str]| align.is_none_or(|align| names.contains(&align));
    match name {
        "vertical" => ["rl", "lr"].contains(&value) && align.is_none(),
        "align" => ["start", "center", "end", "left", "right"].contains(&value) && align.is_none(),
        "size" => is_percentage() && align.is_none(),
        "position" => is_percentage() && aligned(&["line-left", "center", "line-right"]),
        "line" => (is_number(value) || is_percentage()) && aligned(&["start", "center", "end"]),
        _ => false,
    }
}
