//! Profiles, one's own and others'.

use serde_json::{Value, json};
use store::entities::{LearnerActivity, LearnerStats, TeachingStats};
use testkit::fields;

use crate::stage::Stage;

const PATH: &str = "/api/v1/users/profile";

#[tokio::test]
async fn a_profile_has_the_shape_of_the_seed() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let stats = LearnerStats {
        user_id: user.id,
        enrollment_count: 3,
        active_count: 1,
        completed_count: 2,
        suspended_count: 0,
        certificates_earned: 2,
    };
    stage.world.store().put(&stats).await.unwrap();
    let now = stage.world.ambient().now();
    let learnt: LearnerActivity = serde_json::from_value(json!({
        "user_id": user.id, "last": {"day": "2026-05-31", "streak": 15}, "learned_ms": 248 * 3_600_000_u64 + 59_000,
        "recent": [{"enrollment_id": user.id, "at": now}], "revision": 1, "created_at": now, "updated_at": now,
    }))
    .unwrap();
    stage.world.store().put(&learnt).await.unwrap();
    let reply = stage.app.get("/api/v1/users/profile/", &user).await.expect(200);
    assert_eq!(reply.calls, 2, "the check, and all of the profile in one batch");
    assert_eq!(reply.body["first_name"], "Ada");
    assert_eq!(reply.body["email"], format!("{}@learn.example", user.id));
    let profile = &reply.body["profile"];
    assert_eq!((&profile["courses_completed"], &profile["certificates_earned"]), (&json!(2), &json!(2)));
    assert_eq!((&profile["total_hours_learned"], &profile["current_streak_days"]), (&json!(248), &json!(15)));
    assert_eq!(profile["last_activity"], json!(now));
    for field in [
        "bio",
        "profile_picture",
        "phone",
        "country",
        "timezone",
        "total_hours_learned",
        "current_streak_days",
        "certificates_earned",
        "last_activity",
        "birthdate",
        "language",
    ] {
        assert!(profile.get(field).is_some(), "{field}: {profile:#}");
    }
    assert_eq!(reply.body["preferences"]["email_notifications"]["marketing"], false);
    assert_eq!(reply.body["preferences"]["email_notifications"]["learning"], true);
    assert!(!reply.body.to_string().contains("password"));
}

#[tokio::test]
async fn what_is_sent_changes_and_the_rest_stays() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let all = json!({
        "first_name": "John", "last_name": "Doe", "bio": "Updated bio", "phone": "+82 10-1234-5678",
        "country": "USA", "timezone": "america/los_angeles", "language": "ko", "birthdate": "1995-04-23",
        "preferences": {"email_notifications": {"marketing": true, "learning": false}},
    });
    let reply = stage.app.put(PATH, &user, all).await.expect(200);
    let profile = &reply.body["profile"];
    assert_eq!((&reply.body["first_name"], &reply.body["last_name"]), (&json!("John"), &json!("Doe")));
    assert_eq!(profile["phone"], "+821012345678", "in its one form");
    assert_eq!(profile["timezone"], "America/Los_Angeles");
    assert_eq!((&profile["language"], &profile["birthdate"]), (&json!("ko"), &json!("1995-04-23")));
    let mails = &reply.body["preferences"]["email_notifications"];
    assert_eq!((&mails["marketing"], &mails["learning"]), (&json!(true), &json!(false)));

    let one = json!({"country": "Korea", "preferences": {"email_notifications": {"community": false}}});
    let reply = stage.app.put(PATH, &user, one).await.expect(200);
    assert_eq!(reply.body["profile"]["bio"], "Updated bio");
    let mails = &reply.body["preferences"]["email_notifications"];
    assert_eq!((&mails["marketing"], &mails["community"]), (&json!(true), &json!(false)));
    let removed = stage.app.put(PATH, &user, json!({"phone": ""})).await.expect(200);
    assert_eq!(removed.body["profile"]["phone"], "");
    assert_eq!(
        removed.calls, 2,
        "the check is remembered: the change, the batch, and nothing of preferences"
    );
    let off = json!({"preferences": {"email_notifications_enabled": false}});
    let off = stage.app.put(PATH, &user, off).await.expect(200);
    let mails = &off.body["preferences"]["email_notifications"];
    assert_eq!((&mails["marketing"], &mails["security"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn each_bad_value_is_named_and_changes_nothing() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let before = stage.profile(&user).await;
    for (body, field) in [
        (json!({"first_name": ""}), "first_name"),
        (json!({"last_name": "x".repeat(101)}), "last_name"),
        (json!({"bio": "x".repeat(501)}), "bio"),
        (json!({"bio": 7}), "bio"),
        (json!({"phone": "12345"}), "phone"),
        (json!({"timezone": "Mars/Olympus"}), "timezone"),
        (json!({"language": "fr"}), "language"),
        (json!({"birthdate": "2015-06-01"}), "birthdate"),
        (json!({"birthdate": "1995-02-30"}), "birthdate"),
        (
            json!({"preferences": {"email_notifications": {"security": false}}}),
            "preferences.email_notifications",
        ),
        (json!({"preferences": {"email_notifications": {"all": false}}}), "preferences.email_notifications"),
        (json!({"role": "admin"}), "role"),
        (json!({"status": "active"}), "status"),
        (json!({"email": "other@example.com"}), "email"),
        (json!({"avatar_url": "https://evil.example/x.svg"}), "avatar_url"),
    ] {
        let reply = stage.app.put(PATH, &user, body).await.expect_error(422, "VALIDATION_FAILED");
        let details = reply.body["error"]["details"].as_object().unwrap();
        assert!(details.keys().any(|name| name.starts_with(field)), "{field}: {:#}", reply.body);
    }
    let two = json!({"phone": "1", "country": "x".repeat(101), "bio": "fine"});
    let reply = stage.app.put(PATH, &user, two).await.expect_error(422, "VALIDATION_FAILED");
    assert_eq!(reply.body["error"]["details"].as_object().unwrap().len(), 2, "all of them at once");
    assert_eq!(stage.profile(&user).await, before);
    stage.app.get(PATH, None).await.expect_error(401, "NOT_AUTHENTICATED");
    stage.app.put(PATH, None, json!({})).await.expect_error(401, "NOT_AUTHENTICATED");
}

#[tokio::test]
async fn everybody_sees_a_person_and_nobody_his_private_things() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let private = json!({"phone": "+14155550123", "birthdate": "1995-04-23", "bio": "Hello"});
    stage.app.put(PATH, &user, private).await.expect(200);
    let path = format!("/api/v1/users/{}", user.id);
    let reply = stage.app.get(&path, None).await.expect(200);
    assert_eq!(reply.calls, 1);
    assert_eq!((&reply.body["bio"], &reply.body["is_instructor"]), (&json!("Hello"), &json!(false)));
    assert_eq!(reply.body["courses_count"], Value::Null, "a student teaches nothing");
    let text = reply.body.to_string();
    for secret in ["@learn.example", "+1415", "1995", "password", "preferences"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    for path in ["/api/v1/users/01933b7a-3c5e-7000-8000-4f2d1c9a7b10", "/api/v1/users/nobody"] {
        assert_eq!(stage.app.get(path, None).await.expect(404).status, 404);
    }
}

#[tokio::test]
async fn an_instructor_shows_the_numbers_of_his_teaching() {
    let stage = Stage::new().await;
    let teacher = stage.world.instructor().await;
    let path = format!("/api/v1/users/{}", teacher.id);
    let numbers = |reply: &testkit::Reply| {
        ["courses_count", "students_count", "rating"].map(|name| reply.body[name].clone())
    };
    let none = stage.app.get(&path, None).await.expect(200);
    assert_eq!(none.calls, 2, "the user, his numbers");
    assert_eq!(numbers(&none), [json!(0), json!(0), Value::Null]);
    // That they follow the courses, students and reviews is shown where these are made (api-courses, api-reviews).
    let stats = json!({
        "instructor_id": teacher.id, "courses_count": 2, "students_count": 12, "rated_4": 1, "rated_5": 2,
    });
    let stats: TeachingStats = serde_json::from_value(stats).unwrap();
    stage.world.store().put(&stats).await.unwrap();
    let reply = stage.app.get(&path, None).await.expect(200);
    assert_eq!(numbers(&reply), [json!(2), json!(12), json!(4.67)]);
}

#[tokio::test]
async fn a_banned_account_is_shown_to_nobody() {
    let stage = Stage::new().await;
    let (admin, user) = (stage.world.admin().await, stage.world.student().await);
    let path = format!("/api/v1/users/{}", user.id);
    stage.change(&admin, &user, json!({"status": "banned"})).await.expect(200);
    stage.app.get(&path, None).await.expect_error(404, "USER_NOT_FOUND");
    stage.change(&admin, &user, json!({"status": "suspended"})).await.expect(200);
    stage.app.get(&path, None).await.expect(200);
}

#[tokio::test]
async fn no_field_of_a_user_can_be_sent_along() {
    let stage = Stage::new().await;
    let user = stage.world.student().await;
    let own = [
        "first_name",
        "last_name",
        "bio",
        "phone",
        "country",
        "timezone",
        "language",
        "birthdate",
        "preferences",
    ];
    for field in fields::of_a_user().into_iter().filter(|field| !own.contains(&field.as_str())) {
        let mut body = json!({"bio": "Hello"});
        body[&field] = json!(true);
        let reply = stage.app.put(PATH, &user, body).await.expect_error(422, "VALIDATION_FAILED");
        assert!(reply.body["error"]["details"].get(&field).is_some(), "{field}: {:#}", reply.body);
    }
}
