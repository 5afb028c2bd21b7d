//! A public video, which its owner then keeps from a country and from who is not of age.

use std::net::Ipv4Addr;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stack::{Answer, Person, Stack, clip, text};

/// Where the stand-in for CloudFront finds a viewer (`COUNTRIES` in infra/local/settings.py).
const KOREA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const GERMANY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

async fn play(who: &Person, video: &str, device: &str) -> Answer {
    who.post(&format!("/media/videos/{video}/play"), json!({"device_id": device})).await
}

/// The page and the player refuse alike, and the page says nothing else.
async fn assert_kept(who: &Person, video: &str, status: StatusCode, code: &str) {
    let page = who.get(&format!("/videos/{video}")).await;
    for answer in [&page, &play(who, video, "refused").await] {
        assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
    }
    assert_eq!((page.body["title"].clone(), page.body["detail"].clone()), (Value::Null, json!(code)));
}

/// The page says that it plays, it does, and the stream comes.
async fn assert_plays(who: &Person, video: &str, device: &str) {
    let page = who.get(&format!("/videos/{video}")).await.ok();
    assert_eq!((&page["can_play"], &page["visibility"]), (&json!(true), &json!("PUBLIC")));
    let playing = play(who, video, device).await.ok();
    let (status, master) = who.file(&text(&playing, "play_url"), None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(master.starts_with(b"#EXTM3U"));
    let token = json!({"token": playing["token"]});
    who.post(&format!("/media/videos/{video}/refresh"), token.clone()).await.ok();
    who.post(&format!("/media/videos/{video}/end"), token).await.ok();
}

#[tokio::test]
async fn a_public_video_plays_for_visitors_until_its_owner_keeps_it_from_them() {
    let stack = Stack::open();
    let (teacher, student) = (stack.instructor().await, stack.student().await);
    let course = teacher.course("For all, then not").await;
    let scratch = tempfile::tempdir().unwrap();
    let film = clip(
        scratch.path(),
        "open.mp4",
        "-f lavfi -i testsrc=size=320x240:rate=25:duration=1 -pix_fmt yuv420p",
    );
    let video = teacher.upload(&course.section, "open.mp4", &film, "single").await;
    teacher.ready(&video).await;
    let path = format!("/media/videos/{video}");
    let change = async |body: Value| teacher.call(Method::PATCH, &path, Some(body)).await.ok();
    let visitor = stack.visitor();
    assert_eq!(visitor.get(&format!("/videos/{video}")).await.code(), "VIDEO_NOT_FOUND");
    change(json!({"visibility": "PUBLIC"})).await;
    teacher.post(&format!("{path}/publish"), None).await.ok();
    assert_plays(&visitor, &video, "desk").await;

    change(json!({"geo_restrictions": ["KR"]})).await;
    let (korea, germany) = (stack.visitor_at(KOREA), stack.visitor_at(GERMANY));
    assert_kept(&korea, &video, StatusCode::FORBIDDEN, "country_blocked").await;
    assert_plays(&germany, &video, "german-desk").await;
    assert_plays(&visitor, &video, "desk").await;

    change(json!({"geo_restrictions": [], "age_restricted": true})).await;
    assert_kept(&korea, &video, StatusCode::UNAUTHORIZED, "login_required").await;
    assert_kept(&student, &video, StatusCode::FORBIDDEN, "birthdate_required").await;
    let born = |year: i16| json!({"birthdate": format!("{year}-01-01")});
    let year = stack.ambient.now().to_string()[..4].parse::<i16>().unwrap();
    student.call(Method::PUT, "/users/profile", Some(born(year - 15))).await.ok();
    assert_kept(&student, &video, StatusCode::FORBIDDEN, "age_restricted").await;
    student.call(Method::PUT, "/users/profile", Some(born(year - 19))).await.ok();
    assert_plays(&student, &video, "phone").await;
}
