//! Pictures, as far as this group goes: the signed URL, and the removal. What becomes of a file is the ingest job's.

use futures::future::join_all;
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::entities::{ProfilePicture, picture::PictureDecision};
use testkit::{
    Caller,
    aws::{AwsServer, cloud_at},
};

use crate::stage::{MEDIA, Stage, UPLOADS};

const PATH: &str = "/api/v1/users/profile/picture";

fn jpeg(size: u64) -> Value {
    json!({"content_type": "image/jpeg", "size": size})
}

#[tokio::test]
async fn an_upload_gets_a_url_for_exactly_one_file() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let reply = stage.app.post(PATH, &user, jpeg(248_113)).await.expect(201);
    assert_eq!(reply.calls, 2, "the check and the count of the hour");
    let url = reply.text("upload_url");
    let key = format!("/{UPLOADS}/pictures/{}/{}", user.id, reply.text("picture_id"));
    assert!(url.contains(&key), "{url}");
    assert!(url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost"), "{url}");
    assert!(url.contains("X-Amz-Expires=600"), "{url}");
    assert_eq!(reply.body["headers"]["content-type"], "image/jpeg");
}

#[tokio::test]
async fn a_repeated_request_names_the_same_picture() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let send = async |size: u64| {
        let request = http::Request::post(PATH)
            .header("authorization", format!("Bearer {}", user.token))
            .header("idempotency-key", "one");
        stage.app.send(request.body(jpeg(size).to_string().into()).unwrap()).await
    };
    let first = send(1000).await.expect(201);
    assert_eq!(first.body, send(1000).await.expect(201).body);
    send(1001).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn bad_files_and_too_many_are_refused_before_anything_is_signed() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    for (body, field) in [
        (jpeg(0), "size"),
        (jpeg(5 * 1024 * 1024 + 1), "size"),
        (json!({"content_type": "image/jpeg", "size": "1"}), "size"),
        (json!({"content_type": "image/svg+xml", "size": 1000}), "content_type"),
        (json!({"content_type": "image/gif", "size": 1000}), "content_type"),
        (json!({"content_type": "image/png", "size": 1000, "key": "x"}), "key"),
    ] {
        let reply = stage.app.post(PATH, &user, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    stage.app.post(PATH, None, jpeg(1)).await.expect_error(401, "NOT_AUTHENTICATED");
    let sent = join_all((0..30).map(|_| stage.app.post(PATH, &user, jpeg(5 * 1024 * 1024)))).await;
    assert_eq!(sent.iter().filter(|reply| reply.status == 201).count(), 10, "ten an hour, whatever races");
    let refused = sent.into_iter().find(|reply| reply.status != 201).unwrap();
    let refused = refused.expect_error(429, "RATE_LIMITED");
    assert!(refused.headers.contains_key("retry-after"));
    stage.world.advance(SignedDuration::from_hours(1));
    stage.app.post(PATH, &stage.world.login(user.id).await, jpeg(1)).await.expect(201);
}

async fn show(stage: &Stage, user: &Caller) -> Id<kinds::Picture> {
    stage.world.advance(SignedDuration::from_secs(1));
    let (id, now) = (stage.world.ambient().id(), stage.world.ambient().now());
    let shown = PictureDecision::Shown(format!("https://learn.example/avatars/{id}.jpg"));
    assert!(stage.world.store().pictures().decide(user.id, id, &shown, now).await.unwrap());
    id
}

#[tokio::test]
async fn a_removed_picture_is_gone_and_no_earlier_upload_brings_one_back() {
    let aws = AwsServer::start("s3");
    let stage = Stage::with(true, &aws.url()).await;
    aws.make_bucket(MEDIA);
    let client = cloud_at(&aws.url()).objects();
    let user = stage.world.student().await;
    let pending: Id<kinds::Picture> = stage.world.ambient().id();
    let id = show(&stage, &user).await;
    let (own, other) = (ProfilePicture::object_key(user.id, id), "avatars/somebody/else.jpg".to_owned());
    for key in [&own, &other] {
        client.write(MEDIA, key, "image/jpeg", "", b"a picture".to_vec()).await.unwrap();
    }
    assert!(stage.profile(&user).await["profile"]["profile_picture"].as_str().unwrap().contains("/avatars/"));
    stage.world.advance(SignedDuration::from_secs(1));
    for _ in 0..2 {
        assert_eq!(stage.app.delete(PATH, &user).await.expect(204).body, Value::Null);
        stage.world.advance(SignedDuration::from_millis(1));
    }
    assert_eq!(stage.profile(&user).await["profile"]["profile_picture"], "");
    assert_eq!(client.list(MEDIA, "avatars/", 10).await.unwrap(), [other]);
    let now = stage.world.ambient().now();
    let late = PictureDecision::Shown("https://learn.example/late.jpg".into());
    assert!(!stage.world.store().pictures().decide(user.id, pending, &late, now).await.unwrap());
    assert_eq!(stage.profile(&user).await["profile"]["profile_picture"], "");
}
