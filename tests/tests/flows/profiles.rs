//! A picture from the browser to the profile, and a program with a key, through the whole platform.

use domain::identity::signing::{Signable, authorization, signing_key};
use kernel::Ambient;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stack::{Person, Stack, clip, text, until};

const STILL: &str = "-f lavfi -i testsrc2=size=800x600 -frames:v 1";

/// Sends a file as the picture of its owner's profile.
async fn send_picture(person: &Person, kind: &str, file: Vec<u8>) {
    let wish = json!({"content_type": kind, "size": file.len()});
    let ticket = person.post("/users/profile/picture", wish).await.ok();
    person.put(&text(&ticket, "upload_url"), Some(kind), file).await;
}

/// The field of the profile, once it has a value.
async fn once_set(person: &Person, field: &str) -> String {
    until("the end of the picture's processing", async || {
        let profile = person.get("/users/profile").await.ok();
        profile["profile"][field].as_str().filter(|value| !value.is_empty()).map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn a_picture_is_shown_to_everybody_and_a_playlist_is_not() {
    let stack = Stack::open();
    let (student, visitor) = (stack.student().await, stack.visitor());
    let scratch = tempfile::tempdir().unwrap();
    send_picture(&student, "image/png", clip(scratch.path(), "me.png", STILL)).await;
    let address = once_set(&student, "profile_picture").await;
    let (status, square) = visitor.file(&address, None).await;
    assert_eq!(status, 200, "{address}");
    let header = domain::picture::inspect(&square).unwrap();
    assert_eq!((header.width, header.height), (512, 512));
    let seen = visitor.get(&format!("/users/{}", student.id)).await.ok();
    assert_eq!(seen["profile_picture"], address);

    send_picture(&student, "image/jpeg", b"#EXTM3U\nfile:///etc/passwd\n".to_vec()).await;
    let reason = once_set(&student, "profile_picture_error").await;
    assert!(reason.contains("not a picture"), "{reason}");
    let profile = student.get("/users/profile").await.ok();
    assert_eq!(profile["profile"]["profile_picture"], address, "the one before stays");
    student.call(Method::DELETE, "/users/profile/picture", None).await.ok();
    assert_eq!(student.get("/users/profile").await.ok()["profile"]["profile_picture"], "");
}

#[tokio::test]
async fn a_program_signs_its_way_through_the_distribution() {
    let stack = Stack::open();
    let teacher = stack.instructor().await;
    let wish = json!({"name": "A program", "scopes": ["courses:read", "courses:write"]});
    stack.confirm_address(&teacher).await;
    let key = teacher.post("/users/api-keys", wish).await.ok();
    let send = async |method: Method, path: &str, query: &str, body: &Value| {
        let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() };
        let signed = Signable { method: method.as_str(), path, query, body: &body };
        let (secret, now) = (signing_key(&text(&key, "secret")), Ambient::system().now());
        let header = authorization(&secret, text(&key, "id").parse().unwrap(), &signed, now).unwrap();
        let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        teacher.send(method, &target, &header, body).await
    };
    let title = json!({"title": "Signed, 서명됨", "price": 0});
    let made = send(Method::POST, "/api/v1/courses", "", &title).await.ok();
    let path = format!("/api/v1/courses/{}", text(&made, "slug"));
    assert_eq!(send(Method::GET, &path, "", &Value::Null).await.ok()["id"], made["id"], "a path with Hangul");
    let own = send(Method::GET, "/api/v1/instructor/courses", "page_size=5&page=1", &Value::Null).await.ok();
    assert_eq!(own["results"][0]["id"], made["id"]);
    let refused = send(Method::GET, "/api/v1/users/profile", "", &Value::Null).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "API_KEY_SCOPE"));
    let revoke = format!("/users/api-keys/{}", text(&key, "id"));
    teacher.call(Method::DELETE, &revoke, None).await.ok();
    let over = send(Method::GET, "/api/v1/instructor/courses", "", &Value::Null).await;
    assert_eq!((over.status.as_u16(), over.code()), (401, "API_KEY_INVALID"));
}
