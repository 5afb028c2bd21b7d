//! Files that are no films, or that want ffmpeg to read something else: refused, and nothing else is touched.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use domain::media::{Container, Limits, LooksLike, Refusal};
use media::{EncodeOptions, InspectError, Source, encode_chunk, inspect};

use crate::common::{FAST, Lab, short_chunks};

/// A pipe in the file system and a port: each tells whether anybody touched it.
struct Canary {
    opened: Arc<AtomicBool>,
    pipe: std::path::PathBuf,
    port: TcpListener,
}

impl Canary {
    fn new(lab: &Lab) -> Self {
        let pipe = lab.path("canary.ts");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let opened = Arc::new(AtomicBool::new(false));
        let (seen, path) = (opened.clone(), pipe.clone());
        // Opening for writing waits until somebody opens for reading.
        std::thread::spawn(move || {
            std::fs::OpenOptions::new().write(true).open(path).unwrap();
            seen.store(true, Ordering::SeqCst);
        });
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        port.set_nonblocking(true).unwrap();
        Self { opened, pipe, port }
    }

    fn url(&self) -> String {
        format!("http://{}/canary.ts", self.port.local_addr().unwrap())
    }

    fn was_read(&self) -> bool {
        self.opened.load(Ordering::SeqCst)
    }

    fn was_fetched(&self) -> bool {
        !matches!(self.port.accept(), Err(e) if e.kind() == ErrorKind::WouldBlock)
    }
}

fn playlists(canary: &Canary) -> Vec<(&'static str, String)> {
    let (file, url) = (canary.pipe.display(), canary.url());
    vec![
        (
            "hls.mp4",
            format!(
                "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{file}\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n"
            ),
        ),
        ("web.mp4", format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n")),
        ("concat.mp4", format!("ffconcat version 1.0\nfile '{file}'\n")),
        ("dash.mp4", format!("<?xml version=\"1.0\"?><MPD><BaseURL>{url}</BaseURL></MPD>")),
    ]
}

#[tokio::test]
async fn a_playlist_named_mp4_reads_and_fetches_nothing() {
    let lab = Lab::new();
    let canary = Canary::new(&lab);
    for (name, text) in playlists(&canary) {
        let file = lab.path(name);
        std::fs::write(&file, &text).unwrap();
        assert_eq!(
            lab.refusal(&file).await,
            Refusal::NotAVideo { looks_like: LooksLike::Playlist },
            "{name}"
        );
        // The second wall: had the content passed as a film, the tools would still not follow it.
        for container in [Container::Mp4, Container::Matroska, Container::MpegTs, Container::Ogg] {
            let head = match container {
                Container::Mp4 => b"\0\0\0\x18ftypisom".to_vec(),
                Container::Matroska => vec![0x1a, 0x45, 0xdf, 0xa3],
                Container::Ogg => b"OggS".to_vec(),
                _ => (0..600).map(|i| if i % 188 == 0 { 0x47 } else { 0 }).collect(),
            };
            let found = inspect(&lab.tools, &Source::file(&file), &head, 500, &Limits::default()).await;
            assert!(matches!(found, Err(InspectError::Refused(_))), "{name} as {container:?}: {found:?}");
        }
        assert!(!canary.was_read() && !canary.was_fetched(), "{name}");
    }
}

#[tokio::test]
async fn an_encoder_does_not_follow_a_playlist_that_took_the_place_of_the_film() {
    let lab = Lab::new();
    let film = lab.clip("-f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 -preset ultrafast film.mp4");
    let run = lab.film(&film, &short_chunks()).await;
    let canary = Canary::new(&lab);
    for (name, text) in playlists(&canary) {
        std::fs::write(&film, text).unwrap();
        let done = encode_chunk(
            &lab.tools,
            &Source::file(&film),
            Container::Mp4,
            &run.plan,
            0,
            &lab.path("x"),
            &FAST,
        )
        .await;
        assert!(done.is_err(), "{name}");
        assert!(!canary.was_read() && !canary.was_fetched(), "{name}");
    }
}

/// The canaries are alive: unguarded, the same tools do read and fetch.
#[test]
fn without_guards_the_canaries_would_be_touched() {
    let lab = Lab::new();
    let canary = Canary::new(&lab);
    let probe = |file: &Path, more: &[&str]| {
        Command::new("timeout").args(["2", "ffprobe", "-v", "quiet"]).args(more).arg(file).output().unwrap();
    };
    let playlists = playlists(&canary);
    std::fs::write(lab.path("hls.m3u8"), &playlists[0].1).unwrap();
    probe(&lab.path("hls.m3u8"), &["-protocol_whitelist", "file,http,tcp"]);
    assert!(canary.was_read());
    std::fs::write(lab.path("web.m3u8"), &playlists[1].1).unwrap();
    // Nobody answers on the port: the probe ends by its own timeout.
    probe(&lab.path("web.m3u8"), &["-protocol_whitelist", "file,http,tcp", "-rw_timeout", "300000"]);
    assert!(canary.was_fetched());
}

#[tokio::test]
async fn what_is_no_film_is_refused_with_its_reason() {
    let lab = Lab::new();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(lab.path(name), bytes).unwrap();
        lab.path(name)
    };
    assert_eq!(lab.refusal(&write("empty.mp4", b"")).await, Refusal::EmptyFile);
    let text = lab.refusal(&write("text.mp4", b"Dear student,\nthis is the homework.\n")).await;
    assert_eq!(text, Refusal::NotAVideo { looks_like: LooksLike::Text });
    let png = lab.clip("-f lavfi -i color=red:s=64x64 -frames:v 1 -f image2 -c:v png still.mp4");
    assert_eq!(lab.refusal(&png).await, Refusal::NotAVideo { looks_like: LooksLike::Image });
    let mut fake = b"\0\0\0\x18ftypisom\0\0\0\0isom".to_vec();
    fake.extend((0u32..50_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()));
    assert_eq!(lab.refusal(&write("noise.mp4", &fake)).await, Refusal::Unreadable);
}

#[tokio::test]
async fn a_truncated_film_is_refused_whichever_end_its_index_is_at() {
    let lab = Lab::new();
    let clip = "-f lavfi -i testsrc2=s=320x180:r=25:d=20 -c:v libx264 -preset ultrafast -g 50";
    let cut = |file: &Path, part: usize| {
        let bytes = std::fs::read(file).unwrap();
        std::fs::write(file, &bytes[..bytes.len() * part / 100]).unwrap();
    };
    let end = lab.clip(&format!("{clip} end.mp4"));
    cut(&end, 50);
    assert_eq!(lab.refusal(&end).await, Refusal::Unreadable);
    for name in ["front.mp4", "cues.mkv"] {
        let front = lab.clip(
            &format!("{clip} -movflags +faststart {name}")
                .replace("-movflags +faststart cues.mkv", "cues.mkv"),
        );
        cut(&front, 50);
        let refusal = lab.refusal(&front).await;
        assert!(
            matches!(refusal, Refusal::Truncated { readable_s, stated_s: 20 } if (8..12).contains(&readable_s)),
            "{name}: {refusal:?}"
        );
    }
}

#[tokio::test]
async fn a_still_of_five_hours_is_refused_by_its_stated_duration() {
    let lab = Lab::new();
    let file =
        lab.clip("-f lavfi -i color=red:s=64x64:r=1/60:d=18000 -c:v libx264 -preset ultrafast still.mp4");
    let start = Instant::now();
    assert_eq!(lab.refusal(&file).await, Refusal::TooLong { duration_s: 18_000, max_s: 14_400 });
    assert!(start.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn limits_of_size_streams_and_pixels_hold() {
    let lab = Lab::new();
    let file = lab.clip("-f lavfi -i testsrc2=s=640x360:r=25:d=1 -f lavfi -i sine=d=1 -c:v libx264 -preset ultrafast -c:a aac film.mp4");
    let code = async |limits: Limits| match lab.look_with(&file, &limits).await {
        Err(InspectError::Refused(refusal)) => refusal.code(),
        _ => "accepted",
    };
    let all = Limits::default;
    assert_eq!(code(all()).await, "accepted");
    assert_eq!(code(Limits { max_bytes: 1000, ..all() }).await, "too_large");
    assert_eq!(code(Limits { max_streams: 1, ..all() }).await, "too_many_streams");
    assert_eq!(code(Limits { max_pixels: 640 * 359, ..all() }).await, "too_many_pixels");
    assert_eq!(code(Limits { max_duration_s: 0, ..all() }).await, "too_long");
    assert_eq!(code(Limits { min_side: 400, ..all() }).await, "too_small");
}

#[tokio::test]
async fn a_browser_recording_without_duration_is_read_to_its_end() {
    let lab = Lab::new();
    let file = lab.clip(
        "-f lavfi -i testsrc2=s=160x120:r=25:d=3 -c:v libvpx -deadline realtime -cpu-used 8 -g 25 -f webm -live 1 live.webm",
    );
    let info = lab.look(&file).await.unwrap();
    assert!(info.duration_ms.is_some_and(|d| (2900..3100).contains(&d)), "{info:?}");
    let run = lab.film(&file, &short_chunks()).await;
    assert_eq!(run.plan.frames, 75);
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_killed() {
    let lab = Lab::new();
    let film = lab.clip("-f lavfi -i testsrc2=s=1280x720:r=25:d=12 -c:v libx264 -preset ultrafast film.mp4");
    let info = lab.look(&film).await.unwrap();
    let plan = domain::media::plan(&info, &Default::default()).unwrap();
    let options = EncodeOptions { timeout_s: 1, preset: media::Preset::Medium, threads: 1 };
    let start = Instant::now();
    let out = lab.path("x");
    let error = encode_chunk(&lab.tools, &Source::file(&film), info.container, &plan, 0, &out, &options)
        .await
        .unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(start.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn a_source_that_can_not_be_fetched_is_worth_a_retry_and_its_url_is_not_told() {
    let lab = Lab::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let source = Source::url(format!("http://127.0.0.1:{port}/film?X-Amz-Signature=secret"));
    let found = inspect(&lab.tools, &source, b"\0\0\0\x18ftypisom", 500, &Limits::default()).await;
    let Err(InspectError::Failed(error)) = found else { panic!("{found:?}") };
    assert!(error.is_retryable(), "{error}");
    assert!(!format!("{error} {error:?} {source:?}").contains("secret"));
}

#[tokio::test]
async fn a_tool_sees_nothing_of_our_environment() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::new();
    let (script, seen) = (lab.path("ffprobe"), lab.path("seen"));
    std::fs::write(&script, format!("#!/bin/sh\nexport -p > {}\necho '{{}}'\n", seen.display())).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let tools = media::Tools::new(&script, &script);
    let found = inspect(&tools, &Source::file(&script), b"\0\0\0\x18ftypisom", 500, &Limits::default()).await;
    assert!(matches!(found, Err(InspectError::Refused(Refusal::NoVideoStream))), "{found:?}");
    let seen = std::fs::read_to_string(seen).unwrap();
    let names: Vec<&str> = seen
        .lines()
        .filter_map(|l| l.strip_prefix("export ")?.split('=').next())
        .filter(|n| *n != "PWD")
        .collect();
    assert_eq!(names, ["LC_ALL"]);
    assert!(std::env::vars_os().count() > 2, "this process has an environment to leak");
}
