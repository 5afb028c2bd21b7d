//! Certificates as students, strangers and admins meet them. What issues them is tested in `job-certify`.

use domain::{certificate::CertificateCode, identity::Language};
use http::{Request, header};
use kernel::Secret;
use serde_json::{Value, json};
use store::{
    Consistency,
    entities::{AdminAction, Certificate, Course, Enrollment, LearnerStats, certificate::Issued},
};
use testkit::{
    App, Caller, Reply, World,
    aws::{AwsServer, cloud_at},
    world::{BASE_URL, JWT_PUBLIC_KEYS},
};

use crate::stage::{BUCKET, app_with, course, enrolled, lessons, stored, take, world};

/// A student who has completed the course, through the API.
async fn graduate(world: &World, app: &App, course: &Course) -> (Caller, Enrollment, String) {
    let (student, enrollment, path) = enrolled(world, app, course).await;
    for lesson in &lessons(world, course.id).await {
        take(world, app, &student, &path, lesson).await.expect(200);
    }
    let enrollment = stored(world, &student, enrollment.id).await;
    assert!(enrollment.completed_at.is_some());
    (student, enrollment, path)
}

/// His certificate as the job writes it first.
async fn begin(world: &World, enrollment: &Enrollment, name: &str) -> Certificate {
    let now = world.ambient().now();
    let certificate = Certificate {
        code: CertificateCode::from_random(world.ambient().random.bytes()),
        enrollment_id: enrollment.id,
        user_id: enrollment.user_id,
        student_name: Secret::new(name.into()),
        course_id: enrollment.course_id,
        course_title: "Rust & <b>more</b>".into(),
        instructor_name: None,
        language: Language::En,
        completed_at: enrollment.completed_at.unwrap(),
        completed_on: "2026-06-01".parse().unwrap(),
        issued_at: now,
        jws: "e30.e30.c2ln".into(),
        ready_at: None,
        revoked_at: None,
        revoked_reason: None,
        updated_at: now,
    };
    let issued = world.store().certificates().issue(&certificate).await.unwrap();
    assert_eq!(issued, Issued::Made);
    certificate
}

/// And shows then.
async fn issue(world: &World, enrollment: &Enrollment, name: &str) -> Certificate {
    let certificate = begin(world, enrollment, name).await;
    assert!(world.store().certificates().show(&certificate, world.ambient().now()).await.unwrap());
    certificate
}

fn path_of(certificate: &Certificate) -> String {
    certificate.code.path()
}

/// What a browser gets.
async fn page(app: &App, path: &str, language: &str) -> (Reply, String) {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let request = Request::get(path).header(header::ACCEPT, accept).header(header::ACCEPT_LANGUAGE, language);
    let reply = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
    let text = reply.body.as_str().unwrap().to_owned();
    (reply, text)
}

async fn revoke(app: &App, who: &Caller, certificate: &Certificate, body: Value) -> Reply {
    app.post(&format!("/api/v1/admin/certificates/{}/revoke", certificate.code), who, body).await
}

async fn earned(world: &World, student: &Caller) -> u64 {
    let key = LearnerStats::key_of(student.id);
    let stats: LearnerStats = world.store().get(key, Consistency::Strong).await.unwrap().unwrap();
    stats.certificates_earned
}

async fn log(world: &World) -> Vec<AdminAction> {
    let month = AdminAction::month_of(world.ambient().now());
    world.store().admin_actions().of_month(&month, None, 100).await.unwrap().items
}

#[tokio::test]
async fn an_enrolment_shows_its_certificate_once_it_is_there() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, path) = graduate(&world, &app, &course).await;
    let shown = async || {
        let (list, one) = (app.get("/api/v1/enrollments", &student).await, app.get(&path, &student).await);
        let (list, one) = (list.expect(200).body["results"][0].clone(), one.expect(200).body);
        for field in ["certificate_code", "certificate_url"] {
            assert_eq!(list[field], one[field], "{field}");
        }
        (one["certificate_code"].clone(), one["certificate_url"].clone())
    };
    assert_eq!(shown().await, (Value::Null, Value::Null));
    let certificate = begin(&world, &enrollment, "Ada").await;
    assert_eq!(shown().await, (Value::Null, Value::Null), "it is being made");
    app.get(&path_of(&certificate), None).await.expect_error(404, "CERTIFICATE_NOT_FOUND");
    assert!(world.store().certificates().show(&certificate, world.ambient().now()).await.unwrap());
    let url = format!("{BASE_URL}/api/v1/certificates/{}", certificate.code);
    assert_eq!(shown().await, (json!(certificate.code), json!(url)));
    assert_eq!(earned(&world, &student).await, 1);
}

#[tokio::test]
async fn everybody_who_has_the_number_checks_a_certificate() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, _) = graduate(&world, &app, &course).await;
    let certificate = issue(&world, &enrollment, "홍길동").await;
    let reply = app.get(&path_of(&certificate), None).await.expect(200);
    assert_eq!(reply.calls, 1);
    assert_eq!(reply.headers["cache-control"], "private, no-store");
    let expected = json!({
        "code": certificate.code, "valid": true, "student_name": "홍길동",
        "course": {"id": course.id, "title": "Rust & <b>more</b>"}, "instructor_name": null,
        "completed_at": certificate.completed_at, "issued_at": certificate.issued_at, "revoked_at": null,
        "verification_url": format!("{BASE_URL}{}", path_of(&certificate)), "jws": "e30.e30.c2ln",
        "keys_url": format!("{BASE_URL}/api/v1/certificates/keys"),
    });
    assert_eq!(reply.body, expected);
    assert!(!reply.body.to_string().contains(&student.id.to_string()), "who it is beyond his name");
    let code = certificate.code.to_string();
    for copied in [code.to_lowercase(), code.replace('-', ""), code[3..].to_owned(), format!("{code}/")] {
        let same = app.get(&format!("/api/v1/certificates/{copied}"), None).await.expect(200);
        assert_eq!(same.body, expected, "{copied}");
    }
    let keys = app.get("/api/v1/certificates/keys", None).await.expect(200);
    assert_eq!((keys.body, keys.calls), (serde_json::from_str::<Value>(JWT_PUBLIC_KEYS).unwrap(), 0));
    assert_eq!(keys.headers["content-type"], "application/jwk-set+json");
}

#[tokio::test]
async fn what_is_no_number_is_refused_without_a_read() {
    let (world, app) = world().await;
    for code in
        ["x", "LF-7K3M-9QXA-2D5", "LF-7K3M-9QXA-2D5U", "%F0%9F%98%80", "LF-7K3M-9QXA-2D5T%00", "..%2fkeys"]
    {
        let path = format!("/api/v1/certificates/{code}");
        let reply = app.get(&path, None).await.expect_error(404, "CERTIFICATE_NOT_FOUND");
        assert_eq!(reply.calls, 0, "{code}");
        assert_eq!(page(&app, &path, "en").await.0.status, 404, "{code}");
    }
    let unknown = app.get("/api/v1/certificates/LF-7K3M-9QXA-2D5T", None).await;
    assert_eq!(unknown.calls, 1);
    unknown.expect_error(404, "CERTIFICATE_NOT_FOUND");
    let (reply, text) = page(&app, "/api/v1/certificates/LF-7K3M-9QXA-2D5T", "ko-KR,ko;q=0.9").await;
    assert_eq!(reply.status, 404);
    assert!(text.contains("이 번호의 수료증이 없습니다"), "{text}");
    let admin = world.admin().await;
    let body = json!({"reason": "A mistake."});
    app.post("/api/v1/admin/certificates/x/revoke", &admin, body)
        .await
        .expect_error(404, "CERTIFICATE_NOT_FOUND");
}

#[tokio::test]
async fn hostile_names_are_text_in_the_page() {
    let (world, app) = world().await;
    let teacher = world.instructor().await;
    let course = course(&world, &teacher, 0).await;
    let (_, enrollment, _) = graduate(&world, &app, &course).await;
    let certificate = issue(&world, &enrollment, "</dd><script>alert('x')</script>\"").await;
    let (reply, text) = page(&app, &path_of(&certificate), "en").await;
    assert_eq!(reply.status, 200);
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let policy = reply.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert!(reply.headers["vary"].to_str().unwrap().contains("accept"));
    assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
    let said = [
        "This certificate is valid",
        "&lt;/dd&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;",
        "Rust &amp; &lt;b&gt;more&lt;/b&gt;",
        "1 June 2026",
        &certificate.code.to_string(),
    ];
    for part in said {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let (_, korean) = page(&app, &path_of(&certificate), "ko").await;
    assert!(korean.contains("유효한 수료증입니다") && korean.contains("2026년 6월 1일"), "{korean}");
}

#[tokio::test]
async fn the_document_is_for_its_student_alone() {
    let world = World::new().await;
    let aws = AwsServer::start("s3");
    aws.make_bucket(BUCKET);
    let app = app_with(&world, &aws.url());
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let (beginner, _, early) = enrolled(&world, &app, &course).await;
    let reply = app.get(&format!("{early}/certificate"), &beginner).await;
    let reply = reply.expect_error(409, "CERTIFICATE_NOT_READY");
    assert_eq!(reply.body["error"]["details"], json!({"reason": "not_completed"}));

    let (student, enrollment, path) = graduate(&world, &app, &course).await;
    let path = format!("{path}/certificate");
    let not_ready = async || {
        let reply = app.get(&path, &student).await.expect_error(409, "CERTIFICATE_NOT_READY");
        assert_eq!(reply.body["error"]["details"], json!({"reason": "being_made"}));
    };
    not_ready().await;
    let certificate = begin(&world, &enrollment, "Ada").await;
    not_ready().await;
    let objects = cloud_at(&aws.url()).objects();
    let key = certificate.object_key();
    objects.write(BUCKET, &key, "application/pdf", "", b"%PDF-1.7 of Ada".to_vec()).await.unwrap();
    assert!(world.store().certificates().show(&certificate, world.ambient().now()).await.unwrap());

    let reply = app.get(&path, &student).await.expect(200);
    assert_eq!(reply.body, json!("%PDF-1.7 of Ada"));
    assert!(reply.calls <= 3, "session, enrolment, certificate: {}", reply.calls);
    assert_eq!(reply.headers["content-type"], "application/pdf");
    assert_eq!(reply.headers["cache-control"], "private, no-store");
    let name = format!("attachment; filename=\"certificate-{}.pdf\"", certificate.code);
    assert_eq!(reply.headers["content-disposition"], name);
    for other in [&beginner, &teacher, &admin] {
        app.get(&path, other).await.expect_error(404, "ENROLLMENT_NOT_FOUND");
    }
    app.get(&path, None).await.expect_error(401, "NOT_AUTHENTICATED");
    app.get("/api/v1/enrollments/x/certificate", &student).await.expect(404);
}

#[tokio::test]
async fn an_admin_takes_a_certificate_back_once_with_a_line_in_the_log() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, path) = graduate(&world, &app, &course).await;
    let certificate = issue(&world, &enrollment, "Ada").await;
    let body = json!({"reason": "Somebody else took the quizzes."});
    for who in [&student, &teacher] {
        revoke(&app, who, &certificate, body.clone()).await.expect_error(403, "ADMINS_ONLY");
    }
    for bad in [
        json!({}),
        json!({"reason": " "}),
        json!({"reason": "x".repeat(501)}),
        json!({"reason": 1}),
        json!({"reason": "x", "code": "y"}),
    ] {
        revoke(&app, &admin, &certificate, bad).await.expect_error(422, "VALIDATION_FAILED");
    }
    assert!(log(&world).await.is_empty());

    let revoked = revoke(&app, &admin, &certificate, body.clone()).await.expect(200);
    assert!(revoked.calls <= 3, "session, certificate, transaction: {}", revoked.calls);
    assert_eq!(
        (&revoked.body["valid"], &revoked.body["revoked_at"]),
        (&json!(false), &json!(world.ambient().now()))
    );
    let seen = app.get(&path_of(&certificate), None).await.expect(200).body;
    assert_eq!(seen, revoked.body);
    assert!(!seen.to_string().contains("quizzes"), "why is not for everybody");
    let (_, text) = page(&app, &path_of(&certificate), "en").await;
    assert!(text.contains("not valid any more") && text.contains("1 June 2026"), "{text}");
    assert_eq!(earned(&world, &student).await, 0);
    let refused = app.get(&format!("{path}/certificate"), &student).await;
    let refused = refused.expect_error(409, "CERTIFICATE_REVOKED");
    assert_eq!(refused.body["error"]["details"]["reason"], "Somebody else took the quizzes.");

    world.advance(kernel::SignedDuration::from_mins(1));
    let again = revoke(&app, &admin, &certificate, json!({"reason": "Again."})).await.expect(200);
    assert_eq!(again.body, revoked.body);
    let lines = log(&world).await;
    assert_eq!(lines.len(), 1, "what changes nothing is not logged: {lines:?}");
    assert_eq!((lines[0].admin_id, lines[0].user_id), (admin.id, Some(student.id)));
    assert_eq!(lines[0].details["certificate"], certificate.code.to_string());
    assert_eq!(earned(&world, &student).await, 0);
}

#[tokio::test]
async fn admins_who_take_one_back_at_once_count_it_once() {
    let (world, app) = world().await;
    let (teacher, admin) = (world.instructor().await, world.admin().await);
    let course = course(&world, &teacher, 0).await;
    let (student, enrollment, _) = graduate(&world, &app, &course).await;
    let certificate = issue(&world, &enrollment, "Ada").await;
    let body = json!({"reason": "A mistake."});
    let all = (0..8).map(|_| revoke(&app, &admin, &certificate, body.clone()));
    for reply in futures::future::join_all(all).await {
        // Who was slower asks again.
        assert!([200, 409].contains(&reply.status.as_u16()), "{:#}", reply.body);
    }
    assert_eq!((earned(&world, &student).await, log(&world).await.len()), (0, 1));
}
