use super::cadence::output_rate;
use super::{
    AudioMode, AudioPlan, AudioSource, Container, GOP_SECONDS, Profile, Rational, SourceInfo, StoryboardPlan,
    TranscodePlan, VideoPlan, VideoSource, ladder,
};

/// Tiles of a storyboard at most, and per row.
const STORYBOARD_TILES: u64 = 100;
const STORYBOARD_COLUMNS: u32 = 10;
/// Longer side of a storyboard tile in pixels.
const TILE_SIDE: u32 = 160;
/// Largest short side of a poster in pixels.
const POSTER_SIZE: u32 = 720;
/// Posters are taken at these percentages of the duration.
const POSTER_PERCENT: [u64; 5] = [10, 30, 50, 70, 90];

/// Plans the work for an accepted source; `None` for one that [`judge`](super::judge) refuses (no picture or
/// no duration).
pub fn plan(source: &SourceInfo, profile: &Profile) -> Option<TranscodePlan> {
    let video = source.video.as_ref()?;
    let frame_rate = output_rate(video.frame_rate);
    let frames = frame_count(source, video, frame_rate)?;
    let gop = ((f64::from(GOP_SECONDS) * frame_rate.value()).round() as u32).max(1);
    let gops = frames.div_ceil(gop);
    let chunks = chunk_count(gops, profile);
    let rungs = ladder(video.width, video.height, profile.max_size);
    let poster = rungs.iter().rfind(|r| r.size <= POSTER_SIZE).or(rungs.first())?;
    let poster_size = (poster.width, poster.height);
    let duration_ms = frame_rate.inverse().rescale(i64::from(frames), Rational::whole(1000)).unsigned_abs();
    let mut posters_ms: Vec<u64> = POSTER_PERCENT.iter().map(|p| duration_ms * p / 100).collect();
    posters_ms.dedup();
    Some(TranscodePlan {
        video: VideoPlan {
            stream: video.stream,
            time_base: video.time_base,
            start_pts: video.start_pts,
            preroll_ms: preroll_ms(source.container, video),
            deinterlace: video.interlaced,
            tone_map: video.is_hdr(),
            rgb: is_rgb(&video.pixel_format),
            color: output_color(video),
        },
        frame_rate,
        frames,
        gop,
        chunks,
        audio: source.audio.as_ref().map(|audio| plan_audio(audio, video)),
        posters_ms,
        poster_size,
        storyboard: plan_storyboard(video, duration_ms, poster_size),
        rungs,
    })
}

/// Frames of the output: up to the slot of the last frame, or until the end of its display time.
fn frame_count(source: &SourceInfo, video: &VideoSource, rate: Rational) -> Option<u32> {
    let count = match video.last_pts {
        Some(last) => {
            let slot = video.time_base.rescale(last - video.start_pts, rate) + 1;
            let end = video.time_base.rescale(last - video.start_pts + video.last_duration, rate);
            if video.last_duration > 0 && rate != video.frame_rate {
                end
            } else if video.is_vfr {
                slot.max(end)
            } else {
                // With a constant rate the stated duration of the last frame adds nothing but rounding.
                slot
            }
        }
        None => Rational::new(1, 1000)?.rescale(i64::try_from(source.duration_ms?).ok()?, rate),
    };
    u32::try_from(count.max(1)).ok()
}

/// A container without an index of keyframes is searched by time alone, which ends between two keyframes: reading must
/// start at least one distance of keyframes earlier.
fn preroll_ms(container: Container, video: &VideoSource) -> Option<u64> {
    match container {
        Container::Mp4 | Container::Matroska | Container::Avi => Some(0),
        Container::MpegTs | Container::MpegPs | Container::Asf => {
            video.keyframe_gap_ms.map(|gap| gap + gap / 2 + 500)
        }
        // ffmpeg's search in these can end with nothing.
        Container::Flv | Container::Ogg => None,
    }
}

/// As many chunks as there are workers, but none outside the profile's lengths as far as the film allows.
fn chunk_count(gops: u32, profile: &Profile) -> u32 {
    let fewest = gops.div_ceil(profile.max_chunk_gops.max(1));
    let most = (gops / profile.min_chunk_gops.max(1)).max(1);
    profile.target_workers.min(most).max(fewest).max(1)
}

/// How early the sound of a copied source may start, and how late, in seconds: what starts earlier is cut off at a
/// packet, what starts later needs silence, which only an encoder makes.
const COPY_START: std::ops::RangeInclusive<f64> = -1.0..=0.1;

fn plan_audio(audio: &AudioSource, video: &VideoSource) -> AudioPlan {
    let rate = Rational::whole(audio.sample_rate);
    let first = audio.time_base.rescale(audio.first_pts, rate);
    let zero = video.time_base.rescale(video.start_pts, rate);
    let start_s = (first - zero) as f64 / rate.value();
    let copy = audio.codec == "aac"
        && audio.profile.as_deref() == Some("LC")
        && (8_000..=48_000).contains(&audio.sample_rate)
        && matches!(audio.channels, 1 | 2 | 6)
        && COPY_START.contains(&start_s);
    if copy {
        let mode = AudioMode::Copy { first_sample: first - zero };
        return AudioPlan {
            stream: audio.stream,
            mode,
            sample_rate: audio.sample_rate,
            channels: audio.channels,
        };
    }
    AudioPlan::encode(audio.stream, audio.sample_rate, audio.channels)
}

fn plan_storyboard(video: &VideoSource, duration_ms: u64, size: (u32, u32)) -> StoryboardPlan {
    let steps = [1u64, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600];
    let seconds = steps.into_iter().find(|s| duration_ms <= s * 1000 * STORYBOARD_TILES).unwrap_or(3600);
    let interval_ms = seconds * 1000;
    let tiles = duration_ms.div_ceil(interval_ms).clamp(1, STORYBOARD_TILES) as u32;
    let columns = tiles.min(STORYBOARD_COLUMNS);
    let side = |n: u32| ((n * TILE_SIDE / size.0.max(size.1)).max(2)) & !1;
    StoryboardPlan {
        interval_ms,
        tiles,
        columns,
        rows: tiles.div_ceil(columns),
        width: side(size.0),
        height: side(size.1),
        keyframes_only: duration_ms > 60_000
            && video.keyframe_gap_ms.is_some_and(|gap| gap <= interval_ms.max(5_000)),
    }
}

fn is_rgb(pixel_format: &str) -> bool {
    ["rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8"].iter().any(|p| pixel_format.starts_with(p))
}

/// The marks of the output. A source without marks is taken as what players take it for: BT.709 from 720 lines
/// on, else BT.601; without a mark a small rung of a large film would be shown in other colours.
fn output_color(video: &VideoSource) -> [String; 3] {
    let known =
        |value: &Option<String>, names: &[&str]| value.clone().filter(|v| names.contains(&v.as_str()));
    let default = if video.coded_width.min(video.coded_height) >= 720 || is_rgb(&video.pixel_format) {
        "bt709"
    } else {
        "smpte170m"
    };
    if video.is_hdr() {
        return ["bt709", "bt709", "bt709"].map(str::to_owned);
    }
    let matrix = known(&video.color.matrix, &["bt709", "smpte170m", "bt470bg", "smpte240m", "bt2020nc"]);
    let primaries =
        known(&video.color.primaries, &["bt709", "smpte170m", "bt470bg", "smpte240m", "bt2020", "smpte432"]);
    let transfer =
        known(&video.color.transfer, &["bt709", "smpte170m", "iec61966-2-1", "bt2020-10", "bt2020-12"]);
    [matrix, primaries, transfer].map(|mark| mark.unwrap_or_else(|| default.to_owned()))
}
