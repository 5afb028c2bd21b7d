//! A person takes his data and leaves; 30 days later nothing of him is left (spec 09, row 34).

use reqwest::Method;
use serde_json::json;

use crate::stack::{Stack, clip, text, until};

const STILL: &str = "-f lavfi -i testsrc2=size=400x400 -frames:v 1";

#[tokio::test]
async fn who_leaves_takes_his_data_with_him_and_leaves_nothing() {
    let stack = Stack::open();
    let teacher = stack.instructor().await;
    let course = teacher.course(&format!("To be left {}", stack.word())).await;
    teacher.lesson(&course.id, &course.section, None).await;
    teacher.post(&format!("/courses/{}/publish", course.id), None).await.ok();

    let words: Vec<String> = (0..8).map(|_| stack.word()).collect();
    let [name, first, last, bio, key, channel, own, place] = &words[..] else { unreachable!() };
    let mut person = stack.visitor();
    person.email = format!("{name}@example.com");
    let account = json!({
        "email": person.email, "password": person.password(), "first_name": first, "last_name": last,
        "username": name, "as_instructor": true,
    });
    let registered = person.post("/auth/register", account).await.ok();
    person.id = text(&registered, "id");
    person.take_tokens(&registered);
    let profile = json!({"bio": bio, "country": place});
    person.call(Method::PUT, "/users/profile", Some(profile)).await.ok();
    stack.confirm_address(&person).await;
    person.post("/users/api-keys", json!({"name": key, "scopes": ["courses:read"]})).await.ok();
    person.post("/channels", json!({"name": channel, "handle": channel})).await.ok();
    person.course(own).await;
    person.enroll(&course.id).await;
    let scratch = tempfile::tempdir().unwrap();
    let still = clip(scratch.path(), "me.png", STILL);
    let ticket = person
        .post("/users/profile/picture", json!({"content_type": "image/png", "size": still.len()}))
        .await
        .ok();
    person.put(&text(&ticket, "upload_url"), Some("image/png"), still).await;
    until("the picture", async || {
        let profile = person.get("/users/profile").await.ok();
        (profile["profile"]["profile_picture"] != "").then_some(())
    })
    .await;

    // Suggestions are not recorded; a search would be, and what a stranger typed stays.
    let suggested = async |count: usize| {
        let found = stack.visitor().get(&format!("/search/suggest?q={channel}")).await.ok();
        (found["results"].as_array().is_some_and(|results| results.len() == count)).then_some(())
    };
    until("the channel among the suggestions", async || suggested(1).await).await;

    person.post("/users/export", None).await.ok();
    stack.mail(&person.email, "The copy of your data is ready").await;
    let export = person.get("/users/export").await.ok();
    let (status, archive) = person.file(&text(&export["download"], "url"), None).await;
    assert!(status == 200 && archive.starts_with(b"PK"), "{status}: a ZIP archive");

    person.call(Method::DELETE, "/users/profile", None).await.ok();
    let login = json!({"email": person.email, "password": person.password()});
    let refused = stack.visitor().post("/auth/login", login.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "ACCOUNT_DELETED"));
    let held = stack.contents().await;
    for word in &words {
        assert!(held.iter().any(|line| line.contains(word)), "{word} was not planted, or is gone too early");
    }

    stack.let_the_grace_end(&person).await;
    stack.daily().await;
    stack.mail(&person.email, "Your account was erased").await;
    until("the end of the erasure", async || (!stack.is_being_erased(&person).await).then_some(())).await;
    // The person himself, and the numbers that stood for him: he taught nobody, so that no pseudonym is left.
    let left: Vec<_> = stack
        .contents()
        .await
        .into_iter()
        .filter(|line| !stack.is_of_the_index(line))
        .filter(|line| words.iter().chain([&person.id]).any(|word| line.contains(word)))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    until("the suggestions without the channel", async || suggested(0).await).await;
    let refused = stack.visitor().post("/auth/login", login).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (401, "INVALID_CREDENTIALS"));
    let count = stack.visitor().get(&format!("/courses/{}", course.id)).await.ok();
    assert_eq!(count["student_count"], 0);
}
