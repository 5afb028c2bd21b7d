//! Students who want to teach.

use futures::future::join_all;
use kernel::SignedDuration;
use serde_json::json;

use crate::stage::Stage;

const PATH: &str = "/api/v1/users/become-instructor";

#[tokio::test]
async fn where_it_is_open_a_student_teaches_at_once() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let reply = stage.app.call(http::Method::POST, PATH, Some(&user), None).await.expect(200);
    assert_eq!((&reply.body["role"], &reply.body["is_instructor"]), (&json!("instructor"), &json!(true)));
    assert_eq!(reply.calls, 2, "the check and one transaction");
    assert_eq!(stage.profile(&user).await["role"], "instructor", "in the same session");
    let again = stage.app.call(http::Method::POST, PATH, Some(&user), None).await.expect(200);
    assert_eq!(again.body, reply.body);
    assert_eq!(stage.events(&user).await, ["registered", "role_changed"]);
}

#[tokio::test]
async fn of_many_wishes_one_is_granted_and_all_are_told_so() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let tries = (0..20).map(|_| stage.app.call(http::Method::POST, PATH, Some(&user), None));
    assert!(join_all(tries).await.iter().all(|reply| reply.status == 200));
    assert_eq!(stage.events(&user).await, ["registered", "role_changed"]);
}

#[tokio::test]
async fn where_it_is_not_an_admin_decides() {
    let stage = Stage::closed().await;
    let (admin, first) = (stage.world.admin().await, stage.world.student().await);
    let asked = stage.app.call(http::Method::POST, PATH, Some(&first), None).await.expect(202);
    assert_eq!((&asked.body["role"], &asked.body["is_instructor"]), (&json!("student"), &json!(false)));
    stage.world.advance(SignedDuration::from_secs(1));
    let again = stage.app.call(http::Method::POST, PATH, Some(&first), None).await.expect(202);
    assert_eq!(again.body["requested_at"], asked.body["requested_at"], "the first time counts");
    assert_eq!(stage.profile(&first).await["instructor_requested_at"], asked.body["requested_at"]);
    let second = stage.world.student().await;
    stage.app.call(http::Method::POST, PATH, Some(&second), None).await.expect(202);

    let list = "/api/v1/admin/users?instructor_requests=true";
    let found = stage.app.get(list, &admin).await.expect(200);
    let ids: Vec<_> =
        found.body["results"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    assert_eq!(ids, [json!(first.id.to_string()), json!(second.id.to_string())]);
    let approved = stage.change(&admin, &first, json!({"role": "instructor"})).await.expect(200);
    assert_eq!(approved.body["instructor_requested_at"], json!(null));
    assert_eq!(stage.app.get(list, &admin).await.expect(200).body["results"].as_array().unwrap().len(), 1);
    stage.after_the_cache();
    let now = stage.app.call(http::Method::POST, PATH, Some(&first), None).await.expect(200);
    assert_eq!(now.body["is_instructor"], true);
}

#[tokio::test]
async fn who_may_not_write_does_not_become_one() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    stage.app.call(http::Method::POST, PATH, None, None).await.expect_error(401, "NOT_AUTHENTICATED");
    stage.change(&admin, &user, json!({"status": "suspended"})).await.expect(200);
    let refused = stage.app.call(http::Method::POST, PATH, Some(&user), None).await;
    refused.expect_error(403, "ACCOUNT_SUSPENDED");
    let granted = stage.app.call(http::Method::POST, PATH, Some(&admin), None).await.expect(200);
    assert_eq!(granted.body["role"], "admin", "an admin stays one");
}

#[tokio::test]
async fn an_admin_refuses_a_request_and_it_leaves_the_list() {
    let stage = Stage::closed().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    stage.app.call(http::Method::POST, PATH, Some(&user), None).await.expect(202);
    let refused = stage.change(&admin, &user, json!({"role": "student"})).await.expect(200);
    assert_eq!(
        (&refused.body["role"], &refused.body["instructor_requested_at"]),
        (&json!("student"), &json!(null))
    );
    let list = "/api/v1/admin/users?instructor_requests=true";
    assert_eq!(stage.app.get(list, &admin).await.expect(200).body["results"], json!([]));
    stage.app.call(http::Method::POST, PATH, Some(&user), None).await.expect(202);
}
