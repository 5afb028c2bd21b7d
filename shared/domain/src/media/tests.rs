use proptest::prelude::*;

use super::*;

fn r(num: u32, den: u32) -> Rational {
    Rational::new(num, den).unwrap()
}

fn video(width: u32, height: u32) -> VideoSource {
    VideoSource {
        stream: 0,
        codec: "h264".into(),
        width,
        height,
        coded_width: width,
        coded_height: height,
        rotation: 0,
        sample_aspect: Rational::whole(1),
        pixel_format: "yuv420p".into(),
        bit_depth: 8,
        color: Color::default(),
        interlaced: false,
        time_base: r(1, 12_800),
        start_pts: 0,
        last_pts: Some(67_072),
        last_duration: 512,
        frame_rate: r(25, 1),
        is_vfr: false,
        frames: Some(132),
        keyframe_gap_ms: Some(2000),
    }
}

fn source() -> SourceInfo {
    SourceInfo {
        container: Container::Mp4,
        bytes: 1_055_736,
        streams: 2,
        duration_ms: Some(5_280),
        readable_ms: Some(5_312),
        video: Some(video(1280, 720)),
        audio: Some(AudioSource {
            stream: 1,
            codec: "aac".into(),
            profile: Some("LC".into()),
            sample_rate: 48_000,
            channels: 2,
            time_base: r(1, 48_000),
            first_pts: -1024,
        }),
    }
}

fn code(change: impl FnOnce(&mut SourceInfo)) -> Option<&'static str> {
    let mut s = source();
    change(&mut s);
    judge(&s, &Limits::default()).err().map(|refusal| refusal.code())
}

#[test]
fn a_good_source_is_accepted_and_each_broken_rule_has_its_reason() {
    assert_eq!(code(|_| ()), None);
    assert_eq!(code(|s| s.bytes = 0), Some("empty_file"));
    assert_eq!(code(|s| s.bytes = 21 << 30), Some("too_large"));
    assert_eq!(code(|s| s.streams = 17), Some("too_many_streams"));
    assert_eq!(code(|s| s.video = None), Some("no_video_stream"));
    assert_eq!(code(|s| s.video.as_mut().unwrap().codec = "bintext".into()), Some("unsupported_codec"));
    assert_eq!(code(|s| s.video = Some(video(16_000, 9_000))), Some("too_many_pixels"));
    assert_eq!(code(|s| s.video = Some(video(640, 8))), Some("too_small"));
    assert_eq!(code(|s| s.duration_ms = None), Some("no_duration"));
    assert_eq!(code(|s| s.duration_ms = Some(5 * 3_600_000)), Some("too_long"));
    assert_eq!(code(|s| (s.duration_ms, s.readable_ms) = (Some(60_000), Some(20_000))), Some("truncated"));
    assert_eq!(code(|s| (s.duration_ms, s.readable_ms) = (Some(60_000), Some(59_000))), None);
}

#[test]
fn a_refusal_serialises_with_its_code_and_says_what_to_do() {
    let refusal = Refusal::TooLong { duration_s: 18_000, max_s: 14_400 };
    let json = serde_json::to_value(&refusal).unwrap();
    assert_eq!(json["code"], refusal.code());
    assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), refusal);
    assert_eq!(
        refusal.to_string(),
        "The video is 5:00:00 long; at most 4:00:00 are allowed. Cut it into parts."
    );
    let refusal = Refusal::NotAVideo { looks_like: LooksLike::Playlist };
    assert_eq!(
        refusal.to_string(),
        "This is not a video file: it is a playlist that only names other files. Upload an MP4, MOV, MKV or WebM file."
    );
}

#[test]
fn content_decides_what_a_file_is() {
    let other = |head: &[u8]| match sniff(head) {
        Sniffed::Other(like) => Some(like),
        _ => None,
    };
    assert_eq!(sniff(b""), Sniffed::Empty);
    assert_eq!(sniff(b"\0\0\0\x20ftypisom"), Sniffed::Container(Container::Mp4));
    assert_eq!(other(b"\0\0\0\x20ftypavif"), Some(LooksLike::Image));
    assert_eq!(other(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), Some(LooksLike::Playlist));
    assert_eq!(other(b"\xef\xbb\xbf \n#EXTM3U\n"), Some(LooksLike::Playlist));
    assert_eq!(other(b"ffconcat version 1.0\nfile a\n"), Some(LooksLike::Playlist));
    assert_eq!(other(b"<?xml version=\"1.0\"?><MPD/>"), Some(LooksLike::Playlist));
    assert_eq!(other(b"hello, this is no film\n"), Some(LooksLike::Text));
    assert_eq!(other(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(LooksLike::Image));
    assert_eq!(other(b"\xff\xfb\x90\x44"), Some(LooksLike::Audio));
    assert_eq!(other(b"\x00\x01\x02\x03\x04\x05"), Some(LooksLike::Unknown));
    let mut ts = vec![0u8; 188 * 3];
    ts.iter_mut().step_by(188).for_each(|b| *b = 0x47);
    assert_eq!(sniff(&ts), Sniffed::Container(Container::MpegTs));
}

fn sizes(width: u32, height: u32, max: u32) -> Vec<(u32, u32, u32)> {
    ladder(width, height, max).iter().map(|r| (r.size, r.width, r.height)).collect()
}

#[test]
fn rungs_follow_the_short_side() {
    assert_eq!(sizes(1280, 720, 2160), [(360, 640, 360), (480, 854, 480), (720, 1280, 720)]);
    assert_eq!(sizes(720, 1280, 480), [(360, 360, 640), (480, 480, 854)]);
    assert_eq!(sizes(1441, 1081, 2160).last(), Some(&(1080, 1440, 1080)));
    assert_eq!(sizes(427, 241, 2160), [(240, 426, 240)]);
    assert_eq!(sizes(3840, 2160, 2160).len(), 6);
    assert_eq!(
        ladder(3840, 2160, 2160).iter().map(|r| r.kbps).collect::<Vec<_>>(),
        [800, 1400, 2800, 5000, 9000, 18_000]
    );
}

fn constant(rate: Rational, time_base: Rational, count: i64) -> Vec<i64> {
    (0..count).map(|i| rate.inverse().rescale(i, time_base.inverse())).collect()
}

#[test]
fn constant_rates_are_found_exactly_even_in_millisecond_clocks() {
    let ms = r(1, 1000);
    for rate in
        [r(24_000, 1001), r(24, 1), r(25, 1), r(30_000, 1001), r(30, 1), r(50, 1), r(60_000, 1001), r(60, 1)]
    {
        let found = measure(&constant(rate, ms, 400), ms, Some(r(1000, 1)), None).unwrap();
        assert_eq!(found, Cadence { rate, is_vfr: false }, "{rate}");
    }
    // A short clip: the declared rate decides, not the average, which counts the last frame's odd length.
    let short = constant(r(30_000, 1001), r(1, 90_000), 20);
    let found = measure(&short, r(1, 90_000), Some(r(30_000, 1001)), Some(r(29, 1))).unwrap();
    assert_eq!(found, Cadence { rate: r(30_000, 1001), is_vfr: false });
}

#[test]
fn variable_rates_become_the_nearest_sensible_constant_one() {
    let tb = r(1, 1000);
    let phone: Vec<i64> = (0..300).map(|i| i * 1000 / 30 + [0, 2, -2, 3][i as usize % 4]).collect();
    assert_eq!(
        measure(&phone, tb, Some(r(90, 1)), Some(r(2997, 100))).unwrap(),
        Cadence { rate: r(30, 1), is_vfr: true }
    );
    // A screen recording: bursts at 60 frames a second, then long stills.
    let screen: Vec<i64> = (0..10).flat_map(|b| (0..20).map(move |i| b * 5000 + i * 1000 / 60)).collect();
    assert_eq!(measure(&screen, tb, None, Some(r(4, 1))).unwrap(), Cadence { rate: r(60, 1), is_vfr: true });
    assert_eq!(measure(&[7], tb, None, None), None);
}

#[test]
fn fast_and_slow_sources_come_into_range() {
    let out = |rate| {
        let mut s = source();
        s.video.as_mut().unwrap().frame_rate = rate;
        plan(&s, &Profile::default()).unwrap().frame_rate
    };
    assert_eq!(out(r(120, 1)), r(60, 1));
    assert_eq!(out(r(120_000, 1001)), r(60_000, 1001));
    assert_eq!(out(r(144, 1)), r(48, 1));
    assert_eq!(out(r(75, 1)), r(75, 2));
    assert_eq!(out(r(60, 1)), r(60, 1));
    assert_eq!(out(r(1, 10)), r(1, 1));
    assert_eq!(out(r(24_000, 1001)), r(24_000, 1001));
}

#[test]
fn the_demo_clip_is_planned_as_expected() {
    let p = plan(&source(), &Profile::default()).unwrap();
    assert_eq!((p.frames, p.gop, p.chunks, p.timescale(), p.frame_ticks()), (132, 50, 1, 25_000, 1000));
    assert_eq!(p.posters_ms, [528, 1584, 2640, 3696, 4752]);
    assert_eq!((p.storyboard.tiles, p.storyboard.width, p.storyboard.height), (6, 160, 90));
    assert_eq!(p.audio.unwrap().mode, AudioMode::Copy { first_sample: -1024 });
}

#[test]
fn sound_is_copied_only_when_it_is_aac_lc_that_starts_with_the_picture() {
    let mode = |change: fn(&mut AudioSource)| {
        let mut s = source();
        change(s.audio.as_mut().unwrap());
        plan(&s, &Profile::default()).unwrap().audio.unwrap()
    };
    assert!(matches!(mode(|_| ()).mode, AudioMode::Copy { .. }));
    assert!(matches!(mode(|a| a.channels = 6).mode, AudioMode::Copy { .. }));
    for change in [
        (|a| a.codec = "opus".into()) as fn(&mut AudioSource),
        |a| a.profile = Some("HE-AAC".into()),
        |a| a.sample_rate = 96_000,
        |a| a.first_pts = 48_000,
        |a| a.first_pts = -96_000,
    ] {
        assert!(matches!(mode(change).mode, AudioMode::Encode { kbps: 128 }));
    }
    let many = mode(|a| (a.codec, a.channels, a.sample_rate) = ("ac3".into(), 6, 44_100));
    assert_eq!((many.channels, many.sample_rate), (2, 44_100));
}

fn any_source() -> impl Strategy<Value = SourceInfo> {
    let rates = prop::sample::select(vec![
        r(1, 2),
        r(1, 1),
        r(5, 1),
        r(12, 1),
        r(24_000, 1001),
        r(25, 1),
        r(30_000, 1001),
        r(50, 1),
        r(60_000, 1001),
        r(60, 1),
        r(120, 1),
        r(144, 1),
        r(37, 2),
    ]);
    (16u32..5000, 16u32..5000, rates, 1i64..2_000_000, -50_000i64..50_000, any::<bool>()).prop_map(
        |(width, height, frame_rate, ticks, start, is_vfr)| {
            let mut s = source();
            let v = VideoSource {
                frame_rate,
                is_vfr,
                start_pts: start,
                last_pts: Some(start + ticks),
                ..video(width, height)
            };
            s.video = Some(v);
            s
        },
    )
}

fn any_profile() -> impl Strategy<Value = Profile> {
    (prop::sample::select(vec![360, 720, 1080, 2160]), 1u32..64, 1u32..4, 4u32..8).prop_map(
        |(max_size, target_workers, min_chunk_gops, max_chunk_gops)| Profile {
            max_size,
            target_workers,
            min_chunk_gops,
            max_chunk_gops,
        },
    )
}

proptest! {
    #[test]
    fn chunks_and_segments_cover_every_frame_once_at_group_borders(s in any_source(), profile in any_profile()) {
        let p = plan(&s, &profile).unwrap();
        let (mut frame, mut segment) = (0, 0);
        for chunk in p.all_chunks() {
            prop_assert_eq!(chunk.first_frame, frame);
            prop_assert_eq!(chunk.first_segment, segment);
            prop_assert_eq!(chunk.first_frame % p.gop, 0);
            prop_assert!(chunk.frames > 0);
            let gops = chunk.frames.div_ceil(p.gop);
            prop_assert!(gops <= profile.max_chunk_gops);
            // The upper bound wins where a film can't be cut within both.
            let all = p.frames.div_ceil(p.gop);
            let possible = all.div_ceil(profile.max_chunk_gops) <= all / profile.min_chunk_gops;
            prop_assert!(!possible || gops >= profile.min_chunk_gops, "{} of {} groups in one chunk", gops, all);
            let mut inner = frame;
            for part in p.segments(&chunk) {
                prop_assert_eq!((part.index, part.first_frame), (segment, inner));
                prop_assert_eq!(part.first_frame % p.gop, 0);
                prop_assert!(part.frames > 0 && part.frames <= p.gop * SEGMENT_GOPS);
                inner += part.frames;
                segment += 1;
            }
            frame += chunk.frames;
            prop_assert_eq!(inner, frame);
            prop_assert_eq!(chunk.last, frame == p.frames);
        }
        prop_assert_eq!(frame, p.frames);
        prop_assert_eq!(p.chunk(p.chunks), None);
    }

    #[test]
    fn rungs_are_even_ascending_and_never_above_the_source(s in any_source(), profile in any_profile()) {
        let v = s.video.clone().unwrap();
        let p = plan(&s, &profile).unwrap();
        prop_assert!(!p.rungs.is_empty());
        for rung in &p.rungs {
            prop_assert!(rung.width % 2 == 0 && rung.height % 2 == 0 && rung.width > 0 && rung.height > 0);
            prop_assert!(rung.width <= v.width && rung.height <= v.height);
            prop_assert!(rung.size <= profile.max_size.max(360));
            prop_assert_eq!(rung.width >= rung.height, v.width >= v.height || rung.width == rung.height);
            let wanted = f64::from(v.width) / f64::from(v.height);
            let slack = 2.0 / f64::from(rung.width.min(rung.height)) + 0.01;
            prop_assert!((f64::from(rung.width) / f64::from(rung.height) / wanted - 1.0).abs() < slack);
        }
        prop_assert!(p.rungs.windows(2).all(|w| w[0].size < w[1].size && w[0].kbps < w[1].kbps));
    }

    #[test]
    fn plans_are_deterministic_serialisable_and_keep_time(s in any_source(), profile in any_profile()) {
        let p = plan(&s, &profile).unwrap();
        prop_assert_eq!(&plan(&s, &profile).unwrap(), &p);
        let json = serde_json::to_string(&p).unwrap();
        prop_assert!(json.len() < 4096);
        prop_assert_eq!(&serde_json::from_str::<TranscodePlan>(&json).unwrap(), &p);
        prop_assert!(p.frame_rate.value() <= 60.001 && p.frame_rate.value() >= 1.0);
        let exact = f64::from(p.frame_ticks()) / f64::from(p.timescale()) * p.frame_rate.value();
        prop_assert!((exact - 1.0).abs() < 1e-12);
        let v = s.video.unwrap();
        let seconds = (v.last_pts.unwrap() - v.start_pts) as f64 * v.time_base.value();
        let made = f64::from(p.frames) / p.frame_rate.value();
        prop_assert!((made - seconds).abs() <= 1.6 / p.frame_rate.value() + 0.05, "{} s of {} s", made, seconds);
        prop_assert!(p.posters_ms.iter().all(|t| *t < p.duration_ms().max(1)));
        prop_assert!(u64::from(p.storyboard.tiles) * p.storyboard.interval_ms >= p.duration_ms());
        prop_assert!(p.storyboard.columns * p.storyboard.rows >= p.storyboard.tiles);
        prop_assert!(p.storyboard.width.is_multiple_of(2) && p.storyboard.height.is_multiple_of(2));
    }

    #[test]
    fn any_bytes_are_recognised_without_panic(head in prop::collection::vec(any::<u8>(), 0..600)) {
        let found = sniff(&head);
        prop_assert_eq!(found == Sniffed::Empty, head.is_empty());
    }
}
