//! The link at the end of a mail.

use axum::body::Body;
use domain::identity::{
    Digest, NotificationKind, Preferences,
    unsubscribe::{Mails, token},
};
use serde_json::json;
use testkit::{Caller, Reply};

use crate::stage::Stage;

const PATH: &str = "/api/v1/users/unsubscribe";

async fn link(stage: &Stage, user: &Caller, mails: impl Into<Mails>) -> String {
    let key = stage.world.platform.derived_key("unsubscribe").await.unwrap();
    format!("{PATH}?token={}", token(&key, user.id, mails).unwrap())
}

/// As a mail program does it (RFC 8058, 3.2): no cookies, no login, a form's body.
async fn one_click(stage: &Stage, link: &str) -> Reply {
    let request = http::Request::post(link).header("content-type", "application/x-www-form-urlencoded");
    stage.app.send(request.body(Body::from("List-Unsubscribe=One-Click")).unwrap()).await
}

async fn wants(stage: &Stage, user: &Caller, kind: &str) -> bool {
    stage.profile(user).await["preferences"]["email_notifications"][kind] == true
}

#[tokio::test]
async fn one_click_stops_mails_of_one_kind_without_a_login() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let link = link(&stage, &user, NotificationKind::Learning).await;
    let page = stage.app.get(&link, None).await.expect(200);
    assert!(wants(&stage, &user, "learning").await, "opening a link, as scanners do, changes nothing");
    let html = page.body.as_str().unwrap();
    for part in ["<html lang=\"en\">", "<form method=\"post\"", "<button type=\"submit\">", "<h1>"] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("<script"), "{html}");
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(page.headers["referrer-policy"], "no-referrer", "the token goes nowhere");
    for _ in 0..2 {
        one_click(&stage, &link).await.expect(200);
        assert!(!wants(&stage, &user, "learning").await);
    }
    assert!(wants(&stage, &user, "community").await, "the other kinds stay");
    let other = stage.world.student().await;
    assert!(wants(&stage, &other, "learning").await);
    let on = json!({"preferences": {"email_notifications": {"learning": true}}});
    stage.app.put("/api/v1/users/profile", &user, on).await.expect(200);
    assert!(wants(&stage, &user, "learning").await);
}

#[tokio::test]
async fn the_link_of_a_digest_stops_digests_and_no_other_mails() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let users = stage.world.store().users();
    let daily = |wanted: &mut Preferences| {
        wanted.digest = Digest::Daily;
        Ok(())
    };
    assert_eq!(users.change_preferences(user.id, daily).await.unwrap(), Ok(true));
    let before = users.get(user.id).await.unwrap().unwrap().preferences;
    let link = link(&stage, &user, Mails::Digest).await;
    let page = stage.app.get(&link, None).await.expect(200);
    assert!(page.body.as_str().unwrap().contains("what you have not read"), "{}", page.body);
    for _ in 0..2 {
        one_click(&stage, &link).await.expect(200);
    }
    let after = users.get(user.id).await.unwrap().unwrap().preferences;
    assert_eq!(after, Preferences { digest: Digest::Off, ..before });
}

#[tokio::test]
async fn the_page_speaks_the_user_s_language() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    stage.app.put("/api/v1/users/profile", &user, json!({"language": "ko"})).await.expect(200);
    let link = link(&stage, &user, NotificationKind::Marketing).await;
    let page = stage.app.get(&link, None).await.expect(200);
    assert!(page.body.as_str().unwrap().contains("<html lang=\"ko\">"));
    assert!(one_click(&stage, &link).await.expect(200).body.as_str().unwrap().contains("처리되었습니다"));
    let request = http::Request::get(PATH).header("accept-language", "ko-KR,en;q=0.5");
    let broken = stage.app.send(request.body(Body::empty()).unwrap()).await.expect(400);
    assert!(
        broken.body.as_str().unwrap().contains("사용할 수 없는 링크"),
        "an unknown reader's browser says"
    );
}

#[tokio::test]
async fn another_link_is_refused_and_shows_nothing_of_itself() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let good = link(&stage, &user, NotificationKind::Learning).await;
    let foreign = good.replace(&user.id.to_string(), &stage.world.student().await.id.to_string());
    for link in [
        good.replace("learning", "security"),
        good.replace("learning", "account"),
        good[..good.len() - 1].to_owned(),
        foreign,
        format!("{PATH}?token=%3Cscript%3Ealert(1)%3C/script%3E"),
        PATH.to_owned(),
    ] {
        for reply in [stage.app.get(&link, None).await, one_click(&stage, &link).await] {
            let reply = reply.expect(400);
            assert!(!reply.body.as_str().unwrap().contains("<script"), "{link}");
        }
    }
    assert!(wants(&stage, &user, "learning").await);
    assert!(wants(&stage, &user, "account").await);
}
