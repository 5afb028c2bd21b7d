//! Messages that come three times, in disorder, or never; workers that are killed.

use std::{fs, time::Duration};

use contracts::{
    Queue,
    media::{IngestUpload, PackageVersion, TranscodePart},
};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    flows::FILM,
    stack::{Course, Person, Stack, until, video_id_of},
};

async fn setting(stack: &Stack) -> (Person, Course, Vec<u8>) {
    let teacher = stack.instructor().await;
    let course = teacher.course("Faults").await;
    (teacher, course, fs::read(FILM).unwrap())
}

/// How many parts a video has, once it is planned.
async fn planned(stack: &Stack, video: &str) -> u32 {
    let store = stack.store();
    until("a plan", async || {
        let version = store.versions().get(video_id_of(video), 1).await.unwrap()?;
        (version.parts_total > 0).then_some(version.parts_total)
    })
    .await
}

#[tokio::test]
async fn every_message_may_come_three_times_and_in_any_order() {
    let stack = Stack::open();
    let (teacher, course, film) = setting(&stack).await;
    let video = teacher.upload(&course.section, "film.mp4", &film, "single").await;
    let video_id = video_id_of(&video);
    // With the S3 event, three.
    stack.send(&[IngestUpload { video_id, version: 1 }, IngestUpload { video_id, version: 1 }]).await;
    let parts = planned(&stack, &video).await;
    let twice = (0..parts).chain(0..parts);
    let mut messages: Vec<_> = twice.map(|part| TranscodePart { video_id, version: 1, part }).collect();
    messages.sort_by_cached_key(|_| stack.word());
    stack.send(&messages).await;
    stack.send(&[PackageVersion { video_id, version: 1 }]).await;
    teacher.ready(&video).await;
    stack.expect_one_set(&video).await;
}

/// Runs alone (.config/nextest.toml), since it stops a function that all videos need.
#[tokio::test]
async fn a_lost_package_message_is_found_by_the_janitor() {
    let stack = Stack::open();
    let (teacher, course, film) = setting(&stack).await;
    let paused = stack.pause("PackageFunction").await;
    let video = teacher.upload(&course.section, "film.mp4", &film, "single").await;
    stack.take(Queue::Package, &video).await;
    paused.resume().await;
    stack.sweep(100_000).await;
    teacher.ready(&video).await;
    stack.expect_one_set(&video).await;
}

/// Runs alone (.config/nextest.toml), since it stops a function that all videos need.
#[tokio::test]
async fn a_lost_s3_event_is_found_by_the_janitor_and_a_doubled_one_does_no_harm() {
    let stack = Stack::open();
    let (teacher, course, film) = setting(&stack).await;
    let paused = stack.pause("IngestFunction").await;
    let lost = teacher.upload(&course.section, "lost.mp4", &film, "single").await;
    let doubled = teacher.upload(&course.section, "doubled.mp4", &film, "single").await;
    stack.take(Queue::Ingest, &lost).await;
    let event = stack.take(Queue::Ingest, &doubled).await;
    stack.send_text(Queue::Ingest, event.clone()).await;
    stack.send_text(Queue::Ingest, event).await;
    paused.resume().await;
    stack.sweep(100_000).await;
    for video in [lost, doubled] {
        teacher.ready(&video).await;
        stack.expect_one_set(&video).await;
    }
}

#[tokio::test]
async fn a_janitor_in_a_hurry_does_no_harm() {
    let stack = Stack::open();
    let (teacher, course, film) = setting(&stack).await;
    let video = teacher.upload(&course.section, "film.mp4", &film, "single").await;
    planned(&stack, &video).await;
    stack.sweep(100_000).await;
    teacher.ready(&video).await;
    stack.expect_one_set(&video).await;
}

/// Kills of one test; after them the parts are left in peace. A part is given up at its fourth.
const KILLS: u32 = 3;

#[tokio::test]
async fn killed_workers_leave_one_whole_set_of_segments() {
    let stack = Stack::open();
    let (teacher, course, film) = setting(&stack).await;
    let video = teacher.upload(&course.section, "film.mp4", &film, "single").await;
    planned(&stack, &video).await;
    let object = format!("uploads/{video}/");
    let mut killed = 0;
    until("encoders to kill", async || {
        // Anywhere in their work: at its start, while they encode, upload or mark.
        tokio::time::sleep(Duration::from_millis(stack.below(900))).await;
        for ffmpeg in encoders(&object) {
            // The encoder alone, or the whole function.
            let victim = if stack.below(2) == 0 { Some(ffmpeg) } else { parent(ffmpeg) };
            killed += u32::from(victim.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()));
        }
        let done = matches!(state(&teacher, &video).await.as_str(), "READY" | "FAILED");
        (done || killed >= KILLS).then_some(())
    })
    .await;
    assert!(killed > 0, "nothing was killed");
    let (status, reason) = teacher.processed(&video).await;
    match status.as_str() {
        "READY" => stack.expect_one_set(&video).await,
        // Each part may be killed four times before it is given up, and the film is not to blame.
        _ => assert!(reason.starts_with("Encoding did not succeed"), "{status}, {reason:?}"),
    }
}

async fn state(teacher: &Person, video: &str) -> String {
    let state = teacher.get(&format!("/media/videos/{video}/processing")).await.ok();
    state["status"].as_str().unwrap().to_owned()
}

/// The processes of ffmpeg that read this object.
fn encoders(object: &str) -> Vec<Pid> {
    let pids = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let reads = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.starts_with(b"/") && String::from_utf8_lossy(&line).contains(object)
    };
    pids.filter(reads).filter_map(Pid::from_raw).collect()
}

/// Who started a process (proc(5), /proc/pid/stat, field 4).
fn parent(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Pid::from_raw(rest.split(' ').nth(1)?.parse().ok()?)
}
