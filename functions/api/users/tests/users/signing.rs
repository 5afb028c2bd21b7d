//! Requests that are signed with a key instead of carrying a token.

use std::process::Command;

use axum::body::Body;
use domain::identity::signing::{Signable, authorization, signing_key};
use futures::future::join_all;
use http::Method;
use jobs::Publisher;
use kernel::{SignedDuration, Timestamp};
use serde_json::json;
use testkit::{
    App, Reply, World,
    aws::{NOWHERE, cloud_at},
    template,
};

use crate::stage::Stage;

const PROFILE: &str = "/api/v1/users/profile";

/// A program with a key.
struct Program<'a> {
    world: &'a World,
    app: &'a App,
    id: String,
    secret: String,
}

impl Program<'_> {
    fn header(&self, method: &Method, target: &str, body: &str, at: Timestamp) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Signable { method: method.as_str(), path, query, body: body.as_bytes() };
        authorization(&signing_key(&self.secret), self.id.parse().unwrap(), &request, at).unwrap()
    }

    async fn send(&self, method: Method, target: &str, body: &str, header: &str) -> Reply {
        let request = http::Request::builder().method(method).uri(target).header("authorization", header);
        self.app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Signs with the time of now, which moves on so that no two signatures are the same.
    async fn call(&self, method: Method, target: &str, body: &str) -> Reply {
        self.world.advance(SignedDuration::from_secs(1));
        let header = self.header(&method, target, body, self.world.ambient().now());
        self.send(method, target, body, &header).await
    }

    async fn get(&self, target: &str) -> Reply {
        self.call(Method::GET, target, "").await
    }
}

async fn program<'a>(stage: &'a Stage, owner: &testkit::Caller, scopes: &[&str]) -> Program<'a> {
    let (id, secret) = stage.key(owner, scopes).await;
    Program { world: &stage.world, app: &stage.app, id, secret }
}

#[tokio::test]
async fn a_signed_request_does_what_its_owner_may() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:read", "profile:write"]).await;
    let first = program.get(PROFILE).await.expect(200);
    assert_eq!(first.body["id"], owner.id.to_string());
    assert_eq!(first.calls, 5, "the key, the owner, the signature, the use of the day, the profile");
    assert_eq!(program.get(PROFILE).await.expect(200).calls, 4);
    let changed = program.call(Method::PUT, PROFILE, r#"{"bio": "by a program"}"#).await.expect(200);
    assert_eq!(changed.body["profile"]["bio"], "by a program");
    program.get("/api/v1/users/profile/").await.expect(200);
    program.get("/api/v1/users/profile?b=2&a=1").await.expect(200);
    let listed = stage.app.get("/api/v1/users/api-keys", &owner).await.expect(200);
    assert_eq!(listed.body["results"][0]["last_used_on"], "2026-06-01");
}

#[tokio::test]
async fn the_client_of_the_docs_is_let_in() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:write"]).await;
    let root = template::path().parent().unwrap().to_owned();
    let page = std::fs::read_to_string(root.join("docs/api-keys.md")).unwrap();
    let block = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let body = r#"{"bio": "러스트"}"#;
    let target = "/api/v1/users/profile?z=1&a=%20";
    let script = format!(
        "{block}\nimport sys\nprint(authorization(sys.argv[1], sys.argv[2], 'PUT', sys.argv[3], sys.argv[4].encode(), int(sys.argv[5])))"
    );
    let now = stage.world.ambient().now().as_second().to_string();
    let url = format!("https://learn.example{target}");
    let done = Command::new(root.join(".local/venv/bin/python"))
        .args(["-c", &script, &program.id, &program.secret, &url, body, &now])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let header = String::from_utf8(done.stdout).unwrap();
    let reply = program.send(Method::PUT, target, body, header.trim()).await.expect(200);
    assert_eq!(reply.body["profile"]["bio"], "러스트");
}

#[tokio::test]
async fn any_changed_byte_is_refused_before_anything_is_read() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:read", "profile:write"]).await;
    let (target, body, now) =
        ("/api/v1/users/profile?a=1", r#"{"bio": "mine"}"#, stage.world.ambient().now());
    let header = program.header(&Method::PUT, target, body, now);
    let refuse = async |method: Method, target: &str, body: &str, header: &str| {
        let reply = program.send(method, target, body, header).await;
        let reply = reply.expect_error(401, "SIGNATURE_INVALID");
        assert_eq!(reply.calls, 0);
    };
    for (at, _) in body.char_indices() {
        let mut changed = body.as_bytes().to_vec();
        changed[at] ^= 1;
        refuse(Method::PUT, target, &String::from_utf8(changed).unwrap(), &header).await;
    }
    refuse(Method::PUT, target, &format!("{body} "), &header).await;
    refuse(Method::PUT, target, "", &header).await;
    refuse(Method::GET, target, body, &header).await;
    refuse(Method::PUT, "/api/v1/users/profile?a=2", body, &header).await;
    refuse(Method::PUT, "/api/v1/users/profile", body, &header).await;
    refuse(Method::PUT, "/api/v1/users/profile/?a=1", body, &header).await;
    for (at, letter) in header.char_indices().filter(|(at, _)| *at > 16) {
        let other = if letter == '1' { '2' } else { '1' };
        let changed = format!("{}{other}{}", &header[..at], &header[at + letter.len_utf8()..]);
        // A letter more or less in the word of the scheme makes it another scheme, which is a plain 401.
        refuse(Method::PUT, target, body, &changed).await;
    }
    let (id, secret) = (program.id.clone(), format!("{}x", program.secret));
    let other = Program { world: &stage.world, app: &stage.app, id, secret };
    refuse(Method::PUT, target, body, &other.header(&Method::PUT, target, body, now)).await;
    program.send(Method::PUT, target, body, &header).await.expect(200);
}

#[tokio::test]
async fn a_signature_works_once_whoever_sends_it() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:read"]).await;
    let header = program.header(&Method::GET, PROFILE, "", stage.world.ambient().now());
    let tries = join_all((0..50).map(|_| program.send(Method::GET, PROFILE, "", &header))).await;
    assert_eq!(tries.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(tries.iter().filter(|reply| reply.status != 200).all(|reply| reply.code() == "SIGNATURE_REUSED"));
}

#[tokio::test]
async fn a_signature_of_another_time_is_refused() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:read"]).await;
    let now = stage.world.ambient().now();
    for (seconds, status) in [(-301, 401), (-300, 200), (300, 200), (301, 401)] {
        let at = now + SignedDuration::from_secs(seconds);
        let header = program.header(&Method::GET, PROFILE, "", at);
        let reply = program.send(Method::GET, PROFILE, "", &header).await.expect(status);
        assert!(status == 200 || reply.code() == "SIGNATURE_INVALID", "{seconds}");
    }
}

#[tokio::test]
async fn a_key_does_no_more_than_its_scopes() {
    let stage = Stage::new().await;
    let owner = stage.world.admin().await;
    let reader = program(&stage, &owner, &["profile:read"]).await;
    let refused =
        reader.call(Method::PUT, PROFILE, r#"{"bio": "x"}"#).await.expect_error(403, "API_KEY_SCOPE");
    assert_eq!(refused.body["error"]["details"]["scope"], "profile:write");
    let writer = program(&stage, &owner, &["profile:write"]).await;
    writer.get(PROFILE).await.expect_error(403, "API_KEY_SCOPE");
    let all = [
        "profile:read",
        "profile:write",
        "courses:write",
        "videos:write",
        "learning:write",
        "community:write",
    ];
    let all = program(&stage, &owner, &all).await;
    for (method, path, body) in [
        (Method::GET, "/api/v1/users/api-keys".to_owned(), ""),
        (
            Method::POST,
            "/api/v1/users/api-keys".to_owned(),
            r#"{"name": "more", "scopes": ["profile:read"]}"#,
        ),
        (Method::DELETE, format!("/api/v1/users/api-keys/{}", all.id), ""),
        (Method::POST, "/api/v1/users/become-instructor".to_owned(), ""),
        (Method::GET, "/api/v1/admin/users".to_owned(), ""),
        (Method::PATCH, format!("/api/v1/admin/users/{}", owner.id), r#"{"role": "admin"}"#),
        (Method::GET, "/api/v1/admin/actions".to_owned(), ""),
    ] {
        all.call(method, &path, body).await.expect_error(403, "API_KEY_NOT_ACCEPTED");
    }
}

#[tokio::test]
async fn a_key_ends_with_its_revocation_its_time_and_its_owner() {
    let stage = Stage::new().await;
    let (admin, owner) = (stage.world.admin().await, stage.world.student().await);
    let revoked = program(&stage, &owner, &["profile:read"]).await;
    let lasting = program(&stage, &owner, &["profile:read", "profile:write"]).await;
    revoked.get(PROFILE).await.expect(200);
    stage.app.delete(&format!("/api/v1/users/api-keys/{}", revoked.id), &owner).await.expect(204);
    revoked.get(PROFILE).await.expect_error(401, "API_KEY_INVALID");
    lasting.get(PROFILE).await.expect(200);

    stage.change(&admin, &owner, json!({"status": "suspended"})).await.expect(200);
    lasting.get(PROFILE).await.expect(200);
    lasting.call(Method::PUT, PROFILE, "{}").await.expect_error(403, "ACCOUNT_SUSPENDED");
    stage.change(&admin, &owner, json!({"status": "banned"})).await.expect(200);
    lasting.get(PROFILE).await.expect_error(403, "ACCOUNT_BANNED");
    stage.change(&admin, &owner, json!({"status": "active"})).await.expect(200);
    lasting.get(PROFILE).await.expect(200);

    stage.world.advance(SignedDuration::from_hours(90 * 24));
    lasting.get(PROFILE).await.expect_error(401, "API_KEY_INVALID");
}

#[tokio::test]
async fn a_body_above_the_limit_is_not_held_in_memory() {
    let stage = Stage::new().await;
    let owner = stage.world.student().await;
    let program = program(&stage, &owner, &["profile:write"]).await;
    let body = format!(r#"{{"bio": "{}"}}"#, "x".repeat(1024 * 1024));
    program.call(Method::PUT, PROFILE, &body).await.expect_error(413, "BODY_TOO_LARGE");
}

/// What a teacher's key may do in other groups follows the teacher: the courses are his group's, the rule is here.
#[tokio::test]
async fn a_demoted_owner_takes_his_keys_down_with_him() {
    let stage = Stage::new().await;
    let (admin, owner) = (stage.world.admin().await, stage.world.instructor().await);
    let (id, secret) = stage.key(&owner, &["courses:read"]).await;
    let objects = cloud_at(NOWHERE).objects();
    let (publisher, _) = Publisher::keeping_for_tests(stage.world.ambient());
    let settings =
        api_courses::Settings { uploads_bucket: "uploads".into(), exports_bucket: "exports".into() };
    let state = api_courses::State::new(stage.world.platform.clone(), objects, publisher, &settings);
    let courses = stage.world.app(api_courses::router(), state);
    let program = Program { world: &stage.world, app: &courses, id, secret };
    program.get("/api/v1/instructor/courses").await.expect(200);
    stage.change(&admin, &owner, json!({"role": "student"})).await.expect(200);
    program.get("/api/v1/instructor/courses").await.expect_error(403, "INSTRUCTORS_ONLY");
}
