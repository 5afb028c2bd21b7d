//! A teacher uploads a video anew while his students watch it.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::FILM;
use crate::stack::{Person, Stack, clip, named, text, until};

const VIEWERS: usize = 20;
/// Between two files of one viewer: a player waits for seconds, and the upload needs the machine too.
const BETWEEN: Duration = Duration::from_millis(100);

#[tokio::test]
async fn nobody_who_watches_notices_that_a_video_is_uploaded_anew() {
    let stack = Stack::open();
    let teacher = stack.instructor().await;
    let course = teacher.course("A film that gets better").await;
    let video = teacher.upload(&course.section, "film.mp4", &std::fs::read(FILM).unwrap(), "single").await;
    teacher.ready(&video).await;
    teacher.publish(&course, &video).await;
    let picture = own_picture(&teacher, &video).await;
    let (status, shown) = stack.visitor().file(&picture, None).await;
    assert_eq!(status, StatusCode::OK, "{picture}");
    let header = domain::picture::inspect(&shown).unwrap();
    assert_eq!((header.width, header.height), (1280, 720));
    let viewers = join_all((0..VIEWERS).map(async |_| {
        let student = stack.student().await;
        let enrollment = student.enroll(&course.id).await;
        let play = student.play(&video, &enrollment).await.ok();
        (student, enrollment, text(&play, "play_url"))
    }))
    .await;
    let before = teacher.get(&format!("/media/videos/{video}")).await.ok();
    assert_eq!((&before["active_version"], &before["thumbnail_url"]), (&json!(1), &json!(picture)));

    let (over, fetched) = (AtomicBool::new(false), AtomicUsize::new(0));
    let watching = join_all(viewers.iter().map(async |(student, _, play_url)| {
        assert!(play_url.contains(&format!("/{video}/1/")), "{play_url}");
        while !over.load(Ordering::Relaxed) {
            fetched.fetch_add(watch(student, play_url).await, Ordering::Relaxed);
        }
    }));
    let uploading = async {
        let scratch = tempfile::tempdir().unwrap();
        let source = "-f lavfi -i testsrc=size=320x240:rate=25:duration=9 -pix_fmt yuv420p";
        upload(&teacher, &video, &clip(scratch.path(), "better.mp4", source)).await;
        let after = until("the new version", async || {
            let shown = teacher.get(&format!("/media/videos/{video}")).await.ok();
            (shown["active_version"] == 2).then_some(shown)
        })
        .await;
        // They go on with what they have for a while.
        let so_far = fetched.load(Ordering::Relaxed);
        until("more segments of the old version", async || {
            (fetched.load(Ordering::Relaxed) > so_far + 10 * VIEWERS).then_some(())
        })
        .await;
        over.store(true, Ordering::Relaxed);
        after
    };
    let (_, after) = tokio::join!(watching, uploading);

    for field in [
        "id",
        "title",
        "status",
        "session_id",
        "lesson_id",
        "created_at",
        "published_at",
        "visibility",
        "thumbnail_url",
    ] {
        assert_eq!(after[field], before[field], "{field} stays");
    }
    let told = until("the notice of the new version", async || {
        let page = teacher.get("/notifications").await.ok();
        let kinds = page["results"].as_array().unwrap().iter().map(|one| text(one, "kind"));
        let told: Vec<String> = kinds.filter(|kind| kind.starts_with("version_")).collect();
        (!told.is_empty()).then_some(told)
    })
    .await;
    assert_eq!(told, ["version_ready"]);
    assert_eq!(after["duration"], 9);
    // A permission of before and its progress are still there; a new play gets the new version.
    let (student, enrollment, old_url) = &viewers[0];
    let sessions = student.get("/media/sessions").await.ok();
    let session = text(&sessions["results"][0], "id");
    student.call(Method::DELETE, &format!("/media/sessions/{session}"), None).await;
    let play = student.play(&video, enrollment).await.ok();
    let new_url = text(&play, "play_url");
    assert!(new_url.contains(&format!("/{video}/2/")) && new_url != *old_url, "{new_url}");
    assert!(watch(student, &new_url).await > 2);

    let versions = teacher.get(&format!("/media/videos/{video}/versions")).await.ok();
    let state = |one: &Value| (one["version_number"].clone(), one["status"].clone());
    let found: Vec<_> = versions["results"].as_array().unwrap().iter().map(state).collect();
    assert_eq!(found, [(json!(2), json!("ACTIVE")), (json!(1), json!("KEPT"))]);
    // The owner goes back, and the next play is that of before.
    let back = teacher.post(&format!("/media/videos/{video}/versions/1/activate"), None).await.ok();
    assert_eq!(back["active_version"], 1);
}

/// The owner gives a video a picture of his own; its address.
async fn own_picture(teacher: &Person, video: &str) -> String {
    let (path, scratch) = (format!("/media/videos/{video}/thumbnail"), tempfile::tempdir().unwrap());
    let picture = clip(scratch.path(), "own.png", "-f lavfi -i testsrc2=size=800x600 -frames:v 1");
    let ticket = teacher.post(&path, json!({"content_type": "image/png", "size": picture.len()})).await.ok();
    teacher.put(&text(&ticket, "upload_url"), Some("image/png"), picture).await;
    until("the end of the picture's processing", async || {
        let state = teacher.get(&path).await.ok();
        (state["picture_id"] == ticket["picture_id"]).then(|| text(&state, "thumbnail"))
    })
    .await
}

/// One round of a player: every playlist and segment of a stream. Fails where one of them is not there; gives how many were.
async fn watch(viewer: &Person, master_url: &str) -> usize {
    let (base, master) = master_url.rsplit_once('/').unwrap();
    let mut fetched = 0;
    let mut get = async |file: &str| {
        let (status, bytes) = viewer.file(&format!("{base}/{file}"), None).await;
        assert_eq!(status, StatusCode::OK, "{base}/{file}");
        fetched += 1;
        tokio::time::sleep(BETWEEN).await;
        String::from_utf8_lossy(&bytes).into_owned()
    };
    for playlist in named(&get(master).await).collect::<BTreeSet<_>>() {
        let (folder, _) = playlist.rsplit_once('/').unwrap();
        for file in named(&get(&playlist).await) {
            get(&format!("{folder}/{file}")).await;
        }
    }
    fetched
}

/// Sends another file of a video.
async fn upload(teacher: &Person, video: &str, film: &[u8]) {
    let new = json!({"filename": "better.mp4", "size": film.len(), "content_type": "video/mp4"});
    let ticket = teacher.post(&format!("/media/videos/{video}/versions"), new).await.ok();
    assert_eq!(ticket["version"], 2);
    teacher.put(&text(&ticket, "upload_url"), Some("video/mp4"), film.to_vec()).await;
    let done = format!("/media/videos/uploads/{}/complete", text(&ticket, "upload_id"));
    teacher.post(&done, None).await.ok();
}
