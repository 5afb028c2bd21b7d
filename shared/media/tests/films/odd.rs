//! Odd inputs end well: as a film that is right, or as a refusal that says why.

use crate::common::{Lab, audio_playlist, rung_playlist, short_chunks};
use domain::media::{Profile, plan};
use media::Source;
use media::checks::{decode, frame_hashes, track};

/// The frames that the chunks read, together, against those of one pass over the whole film.
async fn assert_chunks_cover(lab: &Lab, file: &std::path::Path) -> Vec<String> {
    let info = lab.look(file).await.unwrap();
    let plan = plan(&info, &short_chunks()).unwrap();
    assert!(plan.chunks > 1);
    let source = Source::file(file);
    let whole = frame_hashes(&lab.tools, &source, info.container, &plan, None).await.unwrap();
    let mut joined = Vec::new();
    for chunk in plan.all_chunks() {
        joined.extend(frame_hashes(&lab.tools, &source, info.container, &plan, Some(&chunk)).await.unwrap());
    }
    assert_eq!(joined.len(), plan.frames as usize, "{}", file.display());
    assert!(joined == whole, "{}: the chunks show other frames than the whole", file.display());
    joined
}

#[tokio::test]
async fn every_container_gives_each_frame_once() {
    let lab = Lab::new();
    let source = "-f lavfi -i testsrc2=s=160x120:r=25:d=5";
    let h264 = "-c:v libx264 -preset veryfast -g 30 -x264-params open-gop=1";
    for (codec, name) in [
        (h264, "a.mp4"),
        (h264, "a.mov"),
        (h264, "a.mkv"),
        (h264, "a.ts"),
        (h264, "a.flv"),
        ("-c:v mpeg4 -bf 2 -g 30", "a.avi"),
        ("-c:v mpeg2video -bf 2 -g 15", "a.mpg"),
        ("-c:v libvpx -deadline realtime -cpu-used 8 -g 30", "a.webm"),
        ("-c:v wmv2 -g 30", "a.wmv"),
        ("-c:v libtheora -g 30", "a.ogv"),
    ] {
        let file = lab.clip(&format!("{source} {codec} {name}"));
        let info = lab.look(&file).await.unwrap();
        let video = info.video.as_ref().unwrap();
        assert_eq!((video.frame_rate.num(), video.frame_rate.den(), video.is_vfr), (25, 1, false), "{name}");
        let frames = assert_chunks_cover(&lab, &file).await;
        // Every frame of the source is there: all 125 pictures differ.
        assert_eq!(frames.len(), 125, "{name}");
        assert_eq!(frames.iter().collect::<std::collections::HashSet<_>>().len(), 125, "{name}");
    }
}

#[tokio::test]
async fn a_variable_frame_rate_keeps_the_real_times() {
    let lab = Lab::new();
    // 30 frames a second for 2 s, every seventh for 2 s (a still of up to 0.23 s), then 30 again; the colours of testsrc2 move.
    let file = lab.clip(
        "-f lavfi -i testsrc2=s=160x120:r=30:d=6 -vf select='lt(n,60)+gte(n,120)+not(mod(n,7))' -fps_mode vfr -c:v libx264 -preset veryfast -g 48 vfr.mp4",
    );
    let info = lab.look(&file).await.unwrap();
    let video = info.video.as_ref().unwrap();
    assert!(video.is_vfr);
    assert_eq!((video.frame_rate.num(), video.frame_rate.den()), (30, 1));
    let frames = assert_chunks_cover(&lab, &file).await;
    assert_eq!(frames.len(), 180);
    // What is on the screen in slot n is the newest source frame: n itself, or the last seventh in the slow part.
    let original =
        crate::common::frame_hashes(&file, &[], "scale=160:120:flags=bicubic:out_range=tv,format=yuv420p");
    let kept: Vec<usize> = (0..180).filter(|n| *n < 60 || *n >= 120 || n % 7 == 0).collect();
    assert_eq!(original.len(), kept.len());
    for (slot, frame) in frames.iter().enumerate() {
        let newest = kept.iter().rposition(|n| *n <= slot).unwrap();
        assert_eq!(frame, &original[newest], "slot {slot}");
    }
    let run = lab.film(&file, &short_chunks()).await;
    let track = track(&lab.tools, &rung_playlist(&run, 0)).await.unwrap();
    assert!(track.packets == 180 && track.max_gap_ms <= 1.0 && track.ordered, "{track:?}");
}

#[tokio::test]
async fn a_still_that_lasts_over_several_chunks_is_shown_in_all_of_them() {
    let lab = Lab::new();
    let file = lab.clip(
        "-f lavfi -i testsrc2=s=160x120:r=25:d=12 -vf select='lt(n,30)+gte(n,275)' -fps_mode vfr -c:v libx264 -preset ultrafast still.mkv",
    );
    let frames = assert_chunks_cover(&lab, &file).await;
    assert_eq!(frames.len(), 300);
    assert!(frames[29..275].iter().all(|f| f == &frames[29]));
    assert_ne!(frames[275], frames[274]);
}

#[tokio::test]
async fn portrait_rotated_odd_and_anamorphic_pictures_have_the_right_shape() {
    let lab = Lab::new();
    let clip = |size: &str, more: &str, name: &str| {
        lab.clip(&format!(
            "-f lavfi -i testsrc=s={size}:r=25:d=1 -c:v libx264 -preset ultrafast {more} {name}"
        ))
    };
    clip("640x360", "", "plain.mp4");
    for (file, seen, top) in [
        (clip("360x640", "", "portrait.mp4"), (360, 640), (360, 640)),
        (lab.clip("-i plain.mp4 -c copy -metadata:s:v rotate=90 rotated.mp4"), (360, 640), (360, 640)),
        (lab.clip("-i plain.mp4 -c copy -metadata:s:v rotate=180 upside.mp4"), (640, 360), (640, 360)),
        (clip("483x363", "-pix_fmt yuv444p", "odd.mp4"), (483, 363), (480, 360)),
        (clip("321x181", "-pix_fmt yuv444p", "small.mp4"), (321, 181), (320, 180)),
        // 720 × 576 as 4:3 with pixels of 16:15.
        (clip("720x576", "-aspect 4:3", "four.mp4"), (768, 576), (640, 480)),
        // 1440 × 1080 as 16:9 with pixels of 4:3.
        (clip("480x360", "-aspect 16:9", "wide.mp4"), (640, 360), (640, 360)),
    ] {
        let name = file.display();
        let run = lab.film(&file, &Profile::default()).await;
        let video = run.info.video.as_ref().unwrap();
        assert_eq!((video.width, video.height), seen, "{name}");
        let rung = run.plan.rungs.last().unwrap();
        assert_eq!((rung.width, rung.height), top, "{name}");
        let file = lab.path("joined.mp4");
        let dir = run.dir.join(rung.dir());
        std::fs::write(
            &file,
            [std::fs::read(dir.join("init.mp4")).unwrap(), std::fs::read(dir.join("seg_00000.m4s")).unwrap()]
                .concat(),
        )
        .unwrap();
        let made = lab.look(&file).await.unwrap().video.unwrap();
        assert_eq!((made.width, made.height, made.rotation), (top.0, top.1, 0), "{name}");
        assert_eq!((made.sample_aspect.num(), made.sample_aspect.den()), (1, 1), "{name}");
        assert!(!made.color.full_range && made.color.matrix.is_some(), "{name}: {:?}", made.color);
    }
}

#[tokio::test]
async fn a_rotated_picture_is_turned_to_the_side_that_its_matrix_says() {
    let lab = Lab::new();
    // The left half is white. Turned clockwise by 90 degrees, white is on top.
    lab.clip("-f lavfi -i color=black:s=320x240:r=25:d=1,drawbox=w=160:h=240:color=white:t=fill -c:v libx264 -preset ultrafast half.mp4");
    let file = lab.path("half.mp4");
    let mut bytes = std::fs::read(&file).unwrap();
    let tkhd = bytes.windows(4).position(|w| w == b"tkhd").unwrap();
    // a, b, u, c, d of ISO/IEC 14496-12, 8.3.2: (x, y) is shown at (-y, x), as phones write it.
    for (i, value) in [0i32, 0x10000, 0, -0x10000, 0].into_iter().enumerate() {
        bytes[tkhd + 44 + 4 * i..][..4].copy_from_slice(&value.to_be_bytes());
    }
    std::fs::write(&file, bytes).unwrap();
    let run = lab.film(&file, &Profile::default()).await;
    assert_eq!(run.info.video.as_ref().unwrap().rotation, 90);
    let frame = |crop: &str| {
        crate::common::frame_hashes(
            &rung_playlist(&run, 0),
            &["-allowed_extensions", "ALL"],
            &format!("{crop},scale=1:1,format=gray,lutyuv=y='if(gt(val,128),255,0)'"),
        )[0]
        .clone()
    };
    let (top, bottom) = (frame("crop=iw:ih/4:0:0"), frame("crop=iw:ih/4:0:ih*3/4"));
    let white = lab.clip("-f lavfi -i color=white:s=16x16:r=1:d=1 -c:v ffv1 white.mkv");
    let white =
        crate::common::frame_hashes(&white, &[], "scale=1:1,format=gray,lutyuv=y='if(gt(val,128),255,0)'")[0]
            .clone();
    assert_eq!(top, white);
    assert_ne!(bottom, white);
}

#[tokio::test]
async fn deep_and_hdr_pictures_become_eight_bits() {
    let lab = Lab::new();
    for (more, name) in [
        ("-pix_fmt yuv420p10le", "ten.mp4"),
        ("-pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc", "hdr.mp4"),
        ("-pix_fmt yuvj422p", "full.mp4"),
        ("-c:v libx264rgb -pix_fmt rgb24", "rgb.mp4"),
    ] {
        let file = lab.clip(&format!(
            "-f lavfi -i testsrc2=s=320x180:r=25:d=1 -c:v libx264 -preset ultrafast {more} {name}"
        ));
        let run = lab.film(&file, &Profile::default()).await;
        let source = run.info.video.as_ref().unwrap();
        assert_eq!(source.bit_depth, if source.pixel_format.contains("10") { 10 } else { 8 }, "{name}");
        assert_eq!(run.plan.video.tone_map, name == "hdr.mp4");
        let dir = run.dir.join(run.plan.rungs[0].dir());
        let file = lab.path("joined.mp4");
        std::fs::write(
            &file,
            [std::fs::read(dir.join("init.mp4")).unwrap(), std::fs::read(dir.join("seg_00000.m4s")).unwrap()]
                .concat(),
        )
        .unwrap();
        let made = lab.look(&file).await.unwrap().video.unwrap();
        assert_eq!((made.pixel_format.as_str(), made.color.full_range), ("yuv420p", false), "{name}");
        assert!(!made.is_hdr(), "{name}");
        assert_eq!(decode(&lab.tools, &rung_playlist(&run, 0)).await.unwrap(), 0, "{name}");
    }
}

#[tokio::test]
async fn fast_slow_interlaced_and_tiny_films_are_made() {
    let lab = Lab::new();
    for (input, more, rate, frames) in [
        ("testsrc2=s=160x120:r=120:d=1", "", "60/1", 60),
        ("testsrc2=s=160x120:r=2:d=5", "", "2/1", 10),
        ("testsrc2=s=160x120:r=1/5:d=20", "", "1/1", 20),
        ("testsrc2=s=160x120:r=25:d=1", "-flags +ildct+ilme -field_order tt", "25/1", 25),
        ("testsrc2=s=160x120:r=25:d=0.04", "", "25/1", 1),
        ("testsrc2=s=160x120:r=25:d=0.08", "", "25/1", 2),
    ] {
        let file = lab.clip(&format!("-f lavfi -i {input} -c:v libx264 -preset ultrafast {more} odd.mp4"));
        let run = lab.film(&file, &short_chunks()).await;
        assert_eq!(run.plan.frame_rate.to_string(), rate, "{input}");
        assert_eq!(run.plan.frames, frames, "{input}");
        let made = track(&lab.tools, &rung_playlist(&run, 0)).await.unwrap();
        assert!(made.packets == frames && made.max_gap_ms <= 1.0, "{input}: {made:?}");
    }
}

#[tokio::test]
async fn a_silent_film_has_no_sound_track_and_a_song_is_refused() {
    let lab = Lab::new();
    let silent =
        lab.clip("-f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -preset ultrafast silent.mp4");
    let run = lab.film(&silent, &Profile::default()).await;
    assert!(run.presentation.audio.is_none() && !audio_playlist(&run).exists());
    let master = std::fs::read_to_string(run.dir.join("master.m3u8")).unwrap();
    assert!(!master.contains("AUDIO"), "{master}");
    lab.clip("-f lavfi -i color=red:s=64x64 -frames:v 1 cover.jpg");
    for song in [
        lab.clip("-f lavfi -i sine=d=1 -c:a aac song.m4a"),
        lab.clip("-f lavfi -i sine=d=1 -i cover.jpg -map 0 -map 1 -c:a aac -c:v mjpeg -disposition:v attached_pic cover.m4a"),
        lab.clip("-f lavfi -i sine=d=1 -c:a libopus song.webm"),
    ] {
        assert_eq!(lab.refusal(&song).await.code(), "no_video_stream", "{}", song.display());
    }
}

#[tokio::test]
async fn sound_of_any_kind_is_made() {
    let lab = Lab::new();
    for (codec, copied) in [
        ("-c:a aac -ac 6", true),
        ("-c:a aac -ar 44100 -ac 1", true),
        ("-c:a ac3 -ac 6", false),
        ("-c:a pcm_s16le -ar 96000", false),
        ("-c:a libmp3lame -ar 22050 -ac 1", false),
    ] {
        let file = lab.clip(&format!(
            "-f lavfi -i testsrc2=s=160x120:r=25:d=3 -f lavfi -i sine=d=3 -c:v libx264 -preset ultrafast {codec} sound.mov"
        ));
        let run = lab.film(&file, &short_chunks()).await;
        let audio = run.audio.as_ref().unwrap();
        assert_eq!(matches!(audio.mode, domain::media::AudioMode::Copy { .. }), copied, "{codec}");
        assert_eq!(audio.init.codec, "mp4a.40.2", "{codec}");
        assert_eq!(audio.segments.len(), 2, "{codec}: cut where the picture is cut");
        let made = track(&lab.tools, &audio_playlist(&run)).await.unwrap();
        assert!(made.max_gap_ms <= 1.0 && made.ordered, "{codec}: {made:?}");
        assert!((made.first_s - 0.08).abs() <= 0.05 && (made.end_s - 3.08).abs() < 0.15, "{codec}: {made:?}");
        assert_eq!(decode(&lab.tools, &audio_playlist(&run)).await.unwrap(), 0, "{codec}");
    }
}
