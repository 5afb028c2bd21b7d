//! What a viewer gets: every frame once, at its time, with its sound.

use crate::common::{FAST, Lab, audio_playlist, rung_playlist, short_chunks};
use domain::media::{AudioMode, Profile};
use media::checks::{
    audio_onset_s, decode, run_pipeline, single_run, ssim, start_difference_ms, track, video_onset_s,
};
use media::{Source, assemble, encode_chunk};

/// Six seconds of moving numbers with a tone, at 25 frames a second, 640 × 360.
const MOVING: &str = "-f lavfi -i testsrc=s=640x360:r=25:d=6.4 -f lavfi -i sine=f=440:r=48000:d=6.4 -c:v libx264 -preset ultrafast -g 40 -c:a aac";

#[tokio::test]
async fn a_chunked_film_equals_a_single_run() {
    let lab = Lab::new();
    let file = lab.clip(&format!("{MOVING} moving.mp4"));
    let run = lab.film(&file, &short_chunks()).await;
    assert_eq!((run.plan.frames, run.plan.chunks), (160, 4));
    let source = Source::file(&file);
    let single = single_run(&lab.tools, &source, run.info.container, &run.plan, &lab.path("single"), &FAST)
        .await
        .unwrap();
    let playlist = rung_playlist(&run, 0);
    let video = track(&lab.tools, &playlist).await.unwrap();
    assert_eq!(video.packets, 160);
    assert!(video.ordered && video.max_gap_ms <= 1.0 && video.max_key_gap_s <= 2.001, "{video:?}");
    assert_eq!(decode(&lab.tools, &playlist).await.unwrap(), 0);
    let quality = async |path: &std::path::Path| {
        ssim(&lab.tools, &source, run.info.container, &run.plan, &run.plan.rungs[0], path).await.unwrap()
    };
    let (chunked, whole) = (quality(&playlist).await, quality(&single.files[0]).await);
    assert!(whole > 0.9 && (whole - chunked).abs() <= 0.005, "{chunked} against {whole}");
    assert!(matches!(run.audio.as_ref().unwrap().mode, AudioMode::Copy { .. }));
    let apart = start_difference_ms(&lab.tools, &playlist, &audio_playlist(&run)).await.unwrap();
    assert!(apart <= 50.0, "{apart} ms");
    let audio = track(&lab.tools, &audio_playlist(&run)).await.unwrap();
    assert!(audio.max_gap_ms <= 1.0 && audio.ordered && (audio.end_s - video.end_s).abs() < 0.1, "{audio:?}");
    for file in run.presentation.media_files() {
        assert!(run.dir.join(&file).is_file(), "{file}");
    }
    assert!(!run.dir.join("audio/raw.mp4").exists());
}

#[tokio::test]
async fn a_second_run_of_a_chunk_writes_the_same_bytes_and_order_does_not_matter() {
    let lab = Lab::new();
    let file = lab.clip(&format!("{MOVING} moving.mp4"));
    let mut run = lab.film(&file, &short_chunks()).await;
    let segment = run.dir.join("v360/seg_00002.m4s");
    let before = std::fs::read(&segment).unwrap();
    std::fs::remove_file(&segment).unwrap();
    let again =
        encode_chunk(&lab.tools, &Source::file(&file), run.info.container, &run.plan, 2, &run.dir, &FAST)
            .await
            .unwrap();
    assert_eq!(std::fs::read(&segment).unwrap(), before);
    let json = serde_json::to_string(&again).unwrap();
    run.chunks.push(serde_json::from_str(&json).unwrap());
    run.chunks.reverse();
    assert_eq!(assemble(&run.plan, &run.chunks, run.audio.as_ref()).unwrap(), run.presentation);
    run.chunks.retain(|c| c.chunk != 1);
    let missing = assemble(&run.plan, &run.chunks, run.audio.as_ref()).unwrap_err();
    assert_eq!(missing.to_string(), "chunk 1 of 360p is missing");
}

/// A dark film whose picture flashes and whose sound beeps at 3 s, and how the two lie apart in the result.
async fn flash_and_beep(codecs: &str, name: &str) -> (f64, AudioMode) {
    let lab = Lab::new();
    let file = lab.clip(&format!(
        "-f lavfi -i color=black:s=320x180:r=25:d=5,drawbox=color=white:t=fill:enable='gte(t,3)' \
         -f lavfi -i sine=f=1000:r=48000:d=5,volume=0:enable='lt(t,3)' {codecs} {name}"
    ));
    let run = lab.film(&file, &short_chunks()).await;
    let video = video_onset_s(&lab.tools, &rung_playlist(&run, 0)).await.unwrap().unwrap();
    let audio = audio_onset_s(&lab.tools, &audio_playlist(&run)).await.unwrap().unwrap();
    let delay = f64::from(run.plan.start_delay()) / run.plan.frame_rate.value();
    assert!((video - delay - 3.0).abs() < 0.001, "the flash is at {video}");
    ((audio - video) * 1000.0, run.audio.unwrap().mode)
}

#[tokio::test]
async fn sound_stays_with_the_picture_when_it_is_copied() {
    for (codecs, name) in [
        ("-c:v libx264 -preset veryfast -c:a aac", "copy.mp4"),
        ("-c:v libx264 -preset veryfast -c:a aac", "copy.mkv"),
        ("-c:v libx264 -preset veryfast -c:a aac", "copy.ts"),
    ] {
        let (apart, mode) = flash_and_beep(codecs, name).await;
        assert!(matches!(mode, AudioMode::Copy { .. }), "{name}");
        assert!(apart.abs() <= 25.0, "{name}: {apart} ms");
    }
}

#[tokio::test]
async fn sound_stays_with_the_picture_when_it_is_encoded() {
    for (codecs, name) in [
        ("-c:v libx264 -preset ultrafast -c:a libopus", "encode.mkv"),
        ("-c:v libx264 -preset ultrafast -c:a libmp3lame", "encode.mov"),
        ("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis", "encode.webm"),
    ] {
        let (apart, mode) = flash_and_beep(codecs, name).await;
        assert!(matches!(mode, AudioMode::Encode { .. }), "{name}");
        assert!(apart.abs() <= 25.0, "{name}: {apart} ms");
    }
}

#[tokio::test]
async fn sound_that_starts_late_or_has_a_hole_is_filled_with_silence() {
    let lab = Lab::new();
    let file = lab.clip(
        "-f lavfi -i color=black:s=320x180:r=25:d=5 -itsoffset 2 -f lavfi -i sine=f=1000:r=48000:d=3 -c:v libx264 -preset ultrafast -c:a aac late.mp4",
    );
    let run = lab.film(&file, &short_chunks()).await;
    let onset = audio_onset_s(&lab.tools, &audio_playlist(&run)).await.unwrap().unwrap();
    assert!((onset - 2.08).abs() < 0.03, "{onset}");
    let file = lab.clip(
        "-f lavfi -i color=black:s=320x180:r=25:d=5 -f lavfi -i sine=f=1000:r=48000:d=5,aselect='not(between(t,1,3))' -c:v libx264 -preset ultrafast -c:a aac hole.mkv",
    );
    let run = lab.film(&file, &short_chunks()).await;
    assert!(matches!(run.audio.as_ref().unwrap().mode, AudioMode::Encode { .. }));
    let audio = track(&lab.tools, &audio_playlist(&run)).await.unwrap();
    assert!(audio.max_gap_ms <= 1.0, "{audio:?}");
}

#[tokio::test]
async fn rungs_and_real_chunk_lengths_come_from_the_plan() {
    let lab = Lab::new();
    let file = lab.clip(
        "-f lavfi -i testsrc2=s=1280x720:r=30000/1001:d=13 -c:v libx264 -preset ultrafast -g 300 long.mp4",
    );
    let run = lab.film(&file, &Profile::default()).await;
    assert_eq!((run.plan.frames, run.plan.chunks, run.plan.rungs.len()), (390, 2, 3));
    for (i, rung) in run.plan.rungs.iter().enumerate() {
        let video = track(&lab.tools, &rung_playlist(&run, i)).await.unwrap();
        assert_eq!(video.packets, 390, "{}", rung.name());
        assert!(video.max_gap_ms <= 1.0 && video.ordered, "{video:?}");
    }
    let master = std::fs::read_to_string(run.dir.join("master.m3u8")).unwrap();
    assert!(master.contains("RESOLUTION=854x480,FRAME-RATE=29.970"), "{master}");
    assert!(run.presentation.rungs.windows(2).all(|w| w[0].average < w[1].average));
}

#[tokio::test]
async fn a_broken_plan_is_an_error_and_not_a_shorter_film() {
    let lab = Lab::new();
    let file = lab.clip("-f lavfi -i testsrc2=s=320x180:r=25:d=3 -c:v libx264 -preset ultrafast short.mp4");
    let run = run_pipeline(&lab.tools, &file, &short_chunks(), &FAST, &lab.path("out")).await.unwrap();
    let mut plan = run.plan.clone();
    (plan.frames, plan.chunks) = (400, 8);
    let error =
        encode_chunk(&lab.tools, &Source::file(&file), run.info.container, &plan, 5, &lab.path("x"), &FAST)
            .await;
    let error = error.unwrap_err();
    assert!(!error.is_retryable(), "{error}");
    let error =
        encode_chunk(&lab.tools, &Source::file(&file), run.info.container, &plan, 8, &lab.path("x"), &FAST)
            .await;
    assert_eq!(error.unwrap_err().to_string(), "the plan has no such chunk");
}
