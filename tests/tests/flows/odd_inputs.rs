//! What people upload besides ordinary films: it becomes a stream, or they read why not.

use std::{
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use futures::future::join_all;
use media::{
    Tools,
    checks::{decode, track},
};
use serde_json::json;
use tokio::sync::Mutex;

use super::FILM;
use crate::stack::{Person, Stack, clip, download};

/// A source that becomes a stream.
struct Good {
    name: &'static str,
    /// Arguments of ffmpeg that make it.
    made_by: &'static str,
    /// Width and height of the highest rung, as it is seen.
    size: (u32, u32),
    sound: bool,
}

const GOOD: [Good; 7] = [
    Good {
        name: "portrait.mp4",
        made_by: "-f lavfi -i testsrc=size=240x426:rate=25:duration=1 -f lavfi -i sine=duration=1 -pix_fmt yuv420p",
        size: (240, 426),
        sound: true,
    },
    Good {
        // Coded lying, shown standing.
        name: "rotated.mov",
        made_by: "-i lying.mp4 -c copy -metadata:s:v rotate=90",
        size: (240, 426),
        sound: false,
    },
    Good {
        name: "variable-rate.mp4",
        made_by: "-f lavfi -i testsrc=size=426x240:rate=30:duration=2 -vf select='lt(n,30)+not(mod(n,3))' -fps_mode vfr -pix_fmt yuv420p",
        size: (426, 240),
        sound: false,
    },
    Good {
        name: "odd-size.mkv",
        made_by: "-f lavfi -i testsrc=size=321x241:rate=25:duration=1 -c:v ffv1",
        size: (320, 240),
        sound: false,
    },
    Good {
        name: "no-sound.mp4",
        made_by: "-f lavfi -i testsrc=size=426x240:rate=25:duration=1 -pix_fmt yuv420p",
        size: (426, 240),
        sound: false,
    },
    Good {
        name: "four-to-three.mp4",
        made_by: "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -f lavfi -i sine=duration=1 -pix_fmt yuv420p",
        size: (320, 240),
        sound: true,
    },
    Good {
        name: "ten-bit.mp4",
        made_by: "-f lavfi -i testsrc=size=426x240:rate=25:duration=1 -pix_fmt yuv420p10le",
        size: (426, 240),
        sound: false,
    },
];

#[tokio::test]
async fn odd_films_become_sane_streams() {
    let stack = Stack::open();
    let (teacher, scratch) = (stack.instructor().await, tempfile::tempdir().unwrap());
    let course = teacher.course("Odd films").await;
    let turns = Mutex::new(());
    join_all(
        GOOD.iter().map(|good| becomes_a_stream(&teacher, &course.section, good, scratch.path(), &turns)),
    )
    .await;
}

async fn becomes_a_stream(teacher: &Person, section: &str, good: &Good, scratch: &Path, turns: &Mutex<()>) {
    let name = good.name;
    let lying = scratch.join("lying.mp4");
    if good.made_by.contains("lying.mp4") {
        clip(scratch, "lying.mp4", "-f lavfi -i testsrc=size=426x240:rate=25:duration=1 -pix_fmt yuv420p");
    }
    let bytes = clip(scratch, name, &good.made_by.replace("lying.mp4", &lying.to_string_lossy()));
    let video = teacher.upload(section, name, &bytes, "single").await;
    let (status, reason) = teacher.processed(&video).await;
    assert_eq!(status, "READY", "{name}: {reason}");
    // One session at a time is allowed.
    let turn = turns.lock().await;
    let session =
        teacher.post(&format!("/media/videos/{video}/play"), json!({"device_id": "test"})).await.ok();
    let film =
        download(teacher, session["play_url"].as_str().unwrap(), &scratch.join(format!("{name}.hls"))).await;
    teacher.post(&format!("/media/videos/{video}/end"), json!({"token": session["token"]})).await.ok();
    drop(turn);
    assert_eq!(film.sizes.iter().max(), Some(&good.size), "{name}");
    assert_eq!(film.audio.is_some(), good.sound, "{name}");
    let tools = Tools::find().unwrap();
    let source = track(&tools, &scratch.join(name)).await.unwrap();
    for playlist in film.video.iter().chain(&film.audio) {
        assert_eq!(
            decode(&tools, playlist).await.unwrap(),
            0,
            "{name}: {} does not decode",
            playlist.display()
        );
        let found = track(&tools, playlist).await.unwrap();
        let (length, expected) = (found.end_s - found.first_s, source.end_s - source.first_s);
        assert!(
            (length - expected).abs() < 0.15,
            "{name}: {length} s of {expected} s in {}",
            playlist.display()
        );
    }
}

/// A listener that nobody may talk to.
struct Canary {
    address: String,
    visits: Arc<AtomicUsize>,
}

impl Canary {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, visits) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&visits);
        // Ends with the test's process.
        thread::spawn(move || listener.incoming().for_each(|_| _ = counter.fetch_add(1, Ordering::SeqCst)));
        Self { address, visits }
    }
}

#[tokio::test]
async fn what_is_no_film_is_refused_with_a_reason() {
    let stack = Stack::open();
    let (teacher, scratch) = (stack.instructor().await, tempfile::tempdir().unwrap());
    let folder = scratch.path();
    let course = teacher.course("No films").await;
    let canary = Canary::start();
    let secret = folder.join("secret.mp4");
    let film = std::fs::read(FILM).unwrap();
    std::fs::write(&secret, &film).unwrap();
    let playlist = format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://{0}/segment.ts\n#EXTINF:2,\nfile://{1}\n#EXT-X-ENDLIST\n",
        canary.address,
        secret.display(),
    );
    // ffmpeg's concat demuxer has a signature of its own.
    let concat = format!(
        "ffconcat version 1.0\nfile 'http://{0}/film.mp4'\nfile '{1}'\n",
        canary.address,
        secret.display()
    );
    let sound = clip(folder, "sound.mp4", "-f lavfi -i sine=duration=1");
    // A picture a minute, for five hours and a little.
    let long =
        clip(folder, "long.mp4", "-f lavfi -i color=size=64x64:rate=1/60:duration=18060 -pix_fmt yuv420p");
    let bad: [(&str, Vec<u8>, &str); 6] = [
        ("sound.mp4", sound, "sound but no picture"),
        ("truncated.mp4", film[..film.len() / 2].to_vec(), "once more"),
        ("text.mp4", b"Once upon a time there was a text. ".repeat(100), "This is not a video file"),
        ("playlist.mp4", playlist.into_bytes(), "This is not a video file"),
        ("concat.mp4", concat.into_bytes(), "This is not a video file"),
        ("long.mp4", long, "at most 0:15:00 are allowed"),
    ];
    join_all(bad.iter().map(async |(name, bytes, expected)| {
        let video = teacher.upload(&course.section, name, bytes, "single").await;
        let (status, reason) = teacher.processed(&video).await;
        assert!(status == "FAILED" && reason.contains(expected), "{name}: {status}, {reason:?}");
        assert!(
            stack.media_keys(&format!("hls/videos/{video}/")).await.is_empty(),
            "{name} left something behind"
        );
    }))
    .await;
    assert_eq!(canary.visits.load(Ordering::SeqCst), 0, "a playlist was followed");

    let wish = json!({
        "filename": "empty.mp4", "size": 0, "content_type": "video/mp4", "target": {"kind": "section", "id": course.section},
    });
    let empty = teacher.post("/media/videos/presign", wish).await;
    assert_eq!((empty.status.as_u16(), empty.code()), (422, "VALIDATION_FAILED"));
}
