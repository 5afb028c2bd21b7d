//! What admins see and do.

use domain::identity::Role;
use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::{Value, json};
use testkit::Caller;

use crate::stage::Stage;

const USERS: &str = "/api/v1/admin/users";
const ACTIONS: &str = "/api/v1/admin/actions";

fn ids(body: &Value) -> Vec<String> {
    body["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn nobody_but_admins_sees_or_changes_anything() {
    let stage = Stage::new().await;
    let target = stage.world.student().await;
    let (student, teacher) = (stage.world.student().await, stage.world.instructor().await);
    let user = format!("{USERS}/{}", target.id);
    let routes = [
        (http::Method::GET, USERS.to_owned(), None),
        (http::Method::PATCH, user.clone(), Some(json!({"role": "admin"}))),
        (http::Method::POST, format!("{user}/unlock"), None),
        (http::Method::GET, format!("{user}/sessions"), None),
        (http::Method::DELETE, format!("{user}/sessions"), None),
        (http::Method::GET, ACTIONS.to_owned(), None),
    ];
    for (method, path, body) in routes {
        let call =
            async |who: Option<&Caller>| stage.app.call(method.clone(), &path, who, body.as_ref()).await;
        call(None).await.expect_error(401, "NOT_AUTHENTICATED");
        for caller in [&student, &teacher, &target] {
            call(Some(caller)).await.expect_error(403, "ADMINS_ONLY");
        }
    }
    assert_eq!(stage.events(&target).await, ["registered"]);
}

#[tokio::test]
async fn a_demoted_admin_loses_his_power_at_once() {
    let stage = Stage::new().await;
    let (admin, other) = (stage.world.admin().await, stage.world.admin().await);
    // He has called a moment ago, so that an instance remembers him.
    stage.app.get(USERS, &other).await.expect(200);
    let changed = stage.change(&admin, &other, json!({"role": "student"})).await.expect(200);
    assert_eq!(changed.body["role"], "student");
    stage.app.get(USERS, &other).await.expect_error(403, "ADMINS_ONLY");
    stage.change(&other, &admin, json!({"role": "student"})).await.expect_error(403, "ADMINS_ONLY");
    assert_eq!(stage.profile(&other).await["role"], "student", "he is still logged in, as a student");
    assert_eq!(stage.events(&other).await, ["registered", "role_changed"]);
}

#[tokio::test]
async fn of_two_admins_who_demote_each_other_one_remains() {
    for _ in 0..20 {
        let stage = Stage::new().await;
        let (one, two) = (stage.world.admin().await, stage.world.admin().await);
        let body = json!({"role": "student"});
        let tries = [stage.change(&one, &two, body.clone()), stage.change(&two, &one, body)];
        let done = join_all(tries).await.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1);
        let mut left = 0;
        for admin in [&one, &two] {
            let standing = stage.world.store().users().standing(admin.id).await.unwrap().unwrap();
            left += usize::from(standing.role == Role::Admin);
        }
        assert_eq!(left, 1);
    }
}

#[tokio::test]
async fn an_admin_does_not_touch_himself() {
    let stage = Stage::new().await;
    let admin = stage.world.admin().await;
    for body in [json!({"role": "student"}), json!({"status": "banned"}), json!({"role": "admin"})] {
        let refused = stage.change(&admin, &admin, body).await.expect_error(409, "OWN_ACCOUNT");
        assert!(refused.body["error"]["message"].as_str().unwrap().contains("another admin"));
    }
    let sessions = format!("{USERS}/{}/sessions", admin.id);
    stage.app.delete(&sessions, &admin).await.expect_error(409, "OWN_ACCOUNT");
}

#[tokio::test]
async fn every_change_is_logged_with_its_reason_and_told_to_the_owner() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let change = json!({"role": "instructor", "status": "suspended", "reason": "Spam in 14 courses"});
    let reply = stage.change(&admin, &user, change.clone()).await.expect(200);
    assert_eq!(reply.calls, 3, "the check, the user, one transaction");
    let same = stage.change(&admin, &user, change).await.expect(200);
    assert_eq!(same.calls, 2, "nothing changes, nothing is written");
    stage.world.advance(SignedDuration::from_secs(1));
    stage
        .app
        .call(http::Method::POST, &format!("{USERS}/{}/unlock", user.id), Some(&admin), None)
        .await
        .expect(204);
    stage.world.advance(SignedDuration::from_secs(1));
    stage.app.delete(&format!("{USERS}/{}/sessions", user.id), &admin).await.expect(204);

    let log = stage.app.get(ACTIONS, &admin).await.expect(200);
    let kinds: Vec<_> =
        log.body["results"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, ["sessions_ended", "unlocked", "standing_changed"]);
    let first = &log.body["results"][2];
    assert_eq!(first["reason"], "Spam in 14 courses");
    assert_eq!(
        first["details"],
        json!({"role_from": "student", "role_to": "instructor", "status_from": "active", "status_to": "suspended"})
    );
    assert_eq!(first["admin_id"], admin.id.to_string());
    let about = format!("{ACTIONS}?user_id={}", user.id);
    assert_eq!(stage.app.get(&about, &admin).await.expect(200).body["results"], log.body["results"]);
    let month = stage.app.get(&format!("{ACTIONS}?month=2026-05"), &admin).await.expect(200);
    assert_eq!(month.body["results"], json!([]));
    assert_eq!(stage.events(&user).await, ["registered", "role_changed", "status_changed", "unlocked"]);
}

#[tokio::test]
async fn lists_go_by_role_and_status_and_through_all_pages() {
    let stage = Stage::new().await;
    let admin = stage.world.admin().await;
    let mut all = vec![admin.id.to_string()];
    for role in [Role::Instructor, Role::Student, Role::Student, Role::Student] {
        stage.world.advance(SignedDuration::from_secs(1));
        all.push(stage.world.user(role).await.id.to_string());
    }
    let students = stage.app.get(&format!("{USERS}?role=student"), &admin).await.expect(200);
    assert_eq!(ids(&students.body), [all[4].as_str(), &all[3], &all[2]], "the newest first");
    let one = stage.app.get(&format!("{USERS}?role=student&status=active&page_size=1"), &admin).await;
    assert_eq!(one.expect(200).calls, 2, "the check and one query");
    let banned =
        stage.world.login(students.body["results"][0]["id"].as_str().unwrap().parse().unwrap()).await;
    stage.change(&admin, &banned, json!({"status": "banned"})).await.expect(200);
    assert_eq!(
        ids(&stage.app.get(&format!("{USERS}?status=banned"), &admin).await.expect(200).body),
        [all[4].as_str()]
    );
    let active = stage.app.get(&format!("{USERS}?role=student&status=active"), &admin).await.expect(200);
    assert_eq!(ids(&active.body), [all[3].as_str(), &all[2]]);

    let mut seen = Vec::new();
    let mut next = Some(format!("{USERS}?page_size=2"));
    while let Some(path) = next {
        let page = stage.app.get(&path, &admin).await.expect(200);
        assert!(ids(&page.body).len() <= 2);
        seen.extend(ids(&page.body));
        next =
            page.body["next"].as_str().map(|url| url.trim_start_matches("https://learn.example").to_owned());
    }
    assert_eq!(seen, [&all[0], &all[1], &all[3], &all[2], &all[4]].map(String::as_str), "each once");
    let cursor = stage.app.get(&format!("{USERS}?page_size=1"), &admin).await.expect(200).text("next");
    let elsewhere =
        cursor.replace("https://learn.example", "").replace("admin/users?", "admin/users?role=student&");
    stage.app.get(&elsewhere, &admin).await.expect_error(400, "INVALID_CURSOR");
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_an_admin() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let elsewhere = stage.world.login(user.id).await;
    let path = format!("{USERS}/{}/sessions", user.id);
    let list = stage.app.get(&path, &admin).await.expect(200);
    assert_eq!(list.body["results"].as_array().unwrap().len(), 2);
    assert!(!list.body.to_string().contains("refresh"), "{:#}", list.body);
    stage.profile(&user).await;
    stage.app.delete(&path, &admin).await.expect(204);
    for session in [&user, &elsewhere] {
        stage.app.get("/api/v1/users/profile", session).await.expect_error(401, "NOT_AUTHENTICATED");
    }
    assert_eq!(stage.app.get(&path, &admin).await.expect(200).body["results"], json!([]));
    stage.world.advance(SignedDuration::from_millis(1));
    stage.profile(&stage.world.login(user.id).await).await;
}

#[tokio::test]
async fn what_can_t_be_is_refused() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    for (body, field) in [
        (json!({"role": "owner"}), "role"),
        (json!({"status": "deleted"}), "status"),
        (json!({"status": "gone"}), "status"),
        (json!({"reason": "x".repeat(501)}), "reason"),
        (json!({"email": "x@example.com"}), "email"),
    ] {
        let reply = stage.change(&admin, &user, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(field).is_some(), "{field}: {:#}", reply.body);
    }
    for path in ["?role=owner", "?page_size=0", "?page_size=101", "?instructor_requests=true&role=student"] {
        stage.app.get(&format!("{USERS}{path}"), &admin).await.expect_error(422, "VALIDATION_FAILED");
    }
    for query in [
        "?month=2026-13",
        "?month=2026-1",
        "?month=June",
        "?user_id=me",
        &format!("?month=2026-06&user_id={}", user.id),
    ] {
        stage.app.get(&format!("{ACTIONS}{query}"), &admin).await.expect_error(422, "VALIDATION_FAILED");
    }
    let nobody = format!("{USERS}/01933b7a-3c5e-7000-8000-4f2d1c9a7b10");
    stage.app.patch(&nobody, &admin, json!({"role": "student"})).await.expect_error(404, "USER_NOT_FOUND");
    stage.app.get(&format!("{nobody}/sessions"), &admin).await.expect_error(404, "USER_NOT_FOUND");
    stage.app.delete(&format!("{nobody}/sessions"), &admin).await.expect_error(404, "USER_NOT_FOUND");
    stage
        .app
        .call(http::Method::POST, &format!("{nobody}/unlock"), Some(&admin), None)
        .await
        .expect_error(404, "USER_NOT_FOUND");
}

#[tokio::test]
async fn the_log_keeps_the_whole_address_of_an_admin_for_thirty_days_and_its_network_for_good() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let path = format!("{USERS}/{}", user.id);
    let change = json!({"role": "instructor", "reason": "He asked"});
    stage
        .app
        .at("2001:db8:7:1::5")
        .call(http::Method::PATCH, &path, Some(&admin), Some(&change))
        .await
        .expect(200);
    let month = "?month=2026-06".to_owned();
    for (after, shown, calls) in
        [(0, "2001:db8:7:1::5", 3), (29, "2001:db8:7:1::5", 3), (1, "2001:db8:7::/48", 2)]
    {
        stage.world.advance(SignedDuration::from_hours(after * 24));
        let admin = stage.world.login(admin.id).await;
        for filter in [&month, &format!("?user_id={}", user.id)] {
            let log = stage.app.get(&format!("{ACTIONS}{filter}"), &admin).await.expect(200);
            let line = &log.body["results"][0];
            assert_eq!((line["ip_address"].as_str().unwrap(), log.calls), (shown, calls), "{filter}");
        }
    }
}
