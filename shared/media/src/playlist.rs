//! HLS playlists (RFC 8216), as text, from numbers.

use crate::SegmentOutput;
use domain::media::Rational;

pub use domain::media::MASTER;

/// Name of a media playlist in its rung's folder.
pub const PLAYLIST: &str = "index.m3u8";

/// Version of the protocol: 7 is what fragmented MP4 with `EXT-X-MAP` needs.
const VERSION: u32 = 7;

/// A video variant of the master playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterVideo {
    /// Folder of its playlist.
    pub dir: String,
    /// Codec by RFC 6381.
    pub codec: String,
    /// Size in pixels.
    pub width: u32,
    /// Size in pixels.
    pub height: u32,
    /// Frames per second.
    pub frame_rate: Rational,
    /// Peak bit rate in bit/s, without sound.
    pub peak: u64,
    /// Average bit rate in bit/s, without sound.
    pub average: u64,
}

/// The sound of the master playlist.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterAudio {
    /// Folder of its playlist.
    pub dir: String,
    /// Codec by RFC 6381.
    pub codec: String,
    /// Number of channels.
    pub channels: u32,
    /// Peak bit rate in bit/s.
    pub peak: u64,
    /// Average bit rate in bit/s.
    pub average: u64,
}

/// The media playlist of a rung or of the sound; `timescale` is that of the segments' durations.
pub fn media_playlist(timescale: u32, segments: &[SegmentOutput]) -> String {
    let seconds = |s: &SegmentOutput| s.duration as f64 / f64::from(timescale);
    // Section 4.3.3.1: no duration, rounded to the nearest second, may be above it.
    let target = segments.iter().map(|s| seconds(s).round() as u64).max().unwrap_or(0).max(1);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP:URI=\"init.mp4\"\n"
    );
    for segment in segments {
        text.push_str(&format!("#EXTINF:{:.6},\n{}\n", seconds(segment), segment.name()));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// The master playlist, lowest variant first.
pub fn master_playlist(videos: &[MasterVideo], audio: Option<&MasterAudio>) -> String {
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if let Some(audio) = audio {
        text.push_str(&format!(
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Audio\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"{}\",URI=\"{}/{PLAYLIST}\"\n",
            audio.channels, audio.dir
        ));
    }
    for video in videos {
        let (peak, average) = audio.map_or((0, 0), |a| (a.peak, a.average));
        let codecs: Vec<&str> =
            [Some(&video.codec), audio.map(|a| &a.codec)].into_iter().flatten().map(String::as_str).collect();
        text.push_str(&format!(
            "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",RESOLUTION={}x{},FRAME-RATE={:.3},VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE{}\n{}/{PLAYLIST}\n",
            video.peak + peak,
            video.average + average,
            codecs.join(","),
            video.width,
            video.height,
            video.frame_rate.value(),
            if audio.is_some() { ",AUDIO=\"audio\"" } else { "" },
            video.dir,
        ));
    }
    text
}

/// Peak and average bit rate in bit/s. The peak is that of section 4.3.4.2: the highest of any run of segments
/// that lasts between half and one and a half target durations.
pub(crate) fn bit_rates(timescale: u32, segments: &[SegmentOutput]) -> (u64, u64) {
    let scale = u64::from(timescale);
    let longest = segments.iter().map(|s| s.duration).max().unwrap_or(0);
    let rate = |bytes: u64, ticks: u64| (bytes * 8 * scale).div_ceil(ticks.max(1));
    let mut peak = 0;
    for from in 0..segments.len() {
        let (mut bytes, mut ticks) = (0, 0);
        for segment in &segments[from..] {
            bytes += segment.bytes;
            ticks += segment.duration;
            if ticks * 2 > longest * 3 {
                break;
            }
            if ticks * 2 >= longest {
                peak = peak.max(rate(bytes, ticks));
            }
        }
    }
    let (bytes, ticks) = segments.iter().fold((0, 0), |(b, t), s| (b + s.bytes, t + s.duration));
    let average = rate(bytes, ticks);
    (peak.max(average), average)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(list: &[(u64, u64)]) -> Vec<SegmentOutput> {
        let make = |(i, &(duration, bytes)): (usize, &(u64, u64))| SegmentOutput {
            index: i as u32,
            duration,
            samples: 1,
            bytes,
        };
        list.iter().enumerate().map(make).collect()
    }

    #[test]
    fn a_media_playlist_lists_every_segment_with_its_duration() {
        let list = segments(&[(180_180, 1), (180_180, 1), (6006, 1)]);
        insta::assert_snapshot!(media_playlist(30_000, &list), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-TARGETDURATION:6
        #EXT-X-MEDIA-SEQUENCE:0
        #EXT-X-PLAYLIST-TYPE:VOD
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MAP:URI="init.mp4"
        #EXTINF:6.006000,
        seg_00000.m4s
        #EXTINF:6.006000,
        seg_00001.m4s
        #EXTINF:0.200200,
        seg_00002.m4s
        #EXT-X-ENDLIST
        "#);
    }

    #[test]
    fn a_master_playlist_describes_each_variant_with_the_sound() {
        let video = |size: u32, peak: u64| MasterVideo {
            dir: format!("v{size}"),
            codec: "avc1.64001F".into(),
            width: size * 16 / 9,
            height: size,
            frame_rate: Rational::new(30_000, 1001).unwrap(),
            peak,
            average: peak / 2,
        };
        let audio = MasterAudio {
            dir: "audio".into(),
            codec: "mp4a.40.2".into(),
            channels: 2,
            peak: 130_000,
            average: 128_000,
        };
        insta::assert_snapshot!(master_playlist(&[video(360, 800_000), video(720, 2_800_000)], Some(&audio)), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"
        #EXT-X-STREAM-INF:BANDWIDTH=930000,AVERAGE-BANDWIDTH=528000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE,AUDIO="audio"
        v360/index.m3u8
        #EXT-X-STREAM-INF:BANDWIDTH=2930000,AVERAGE-BANDWIDTH=1528000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE,AUDIO="audio"
        v720/index.m3u8
        "#);
        insta::assert_snapshot!(master_playlist(&[video(360, 800_000)], None), @r#"
        #EXTM3U
        #EXT-X-VERSION:7
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-STREAM-INF:BANDWIDTH=800000,AVERAGE-BANDWIDTH=400000,CODECS="avc1.64001F",RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE
        v360/index.m3u8
        "#);
    }

    #[test]
    fn bit_rates_are_those_of_the_segments() {
        // Six seconds of 600 kB are 800 kbit/s, six of 300 kB half of it; the short last one alone does not count.
        let (peak, average) =
            bit_rates(1000, &segments(&[(6000, 600_000), (6000, 300_000), (1000, 300_000)]));
        assert_eq!(peak, (600_000u64 * 8 * 1000).div_ceil(7000).max(800_000));
        assert_eq!(average, (1_200_000u64 * 8).div_ceil(13));
        assert_eq!(bit_rates(1000, &[]), (0, 0));
    }
}
