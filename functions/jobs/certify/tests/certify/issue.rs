//! What becomes of a completed course.

use domain::{
    certificate::{SIGNED_TYPE, Statement},
    enrollment::EnrollmentStatus,
    identity::Language,
};
use kernel::Secret;
use store::{
    Entity as _, Update,
    entities::{Certificate, Course, Enrollment, User},
};
use testkit::world::{ISSUER, JWT_PUBLIC_KEYS};

use crate::stage::{BUCKET, Stage};

/// What is said, if the signature is that of a published key.
fn checked(signed: &str) -> Option<Statement> {
    jws::check(SIGNED_TYPE, signed, JWT_PUBLIC_KEYS).ok()
}

#[tokio::test]
async fn a_completed_course_gives_a_certificate_with_a_document_and_a_signature() {
    let stage = Stage::new().await;
    let student = stage.graduate().await;
    assert_eq!(stage.enrollment(&student).await.certificate(), None);
    stage.done(&student.message()).await;
    let certificate = stage.certificate(&student).await.unwrap();
    assert_eq!(stage.enrollment(&student).await.certificate(), Some(certificate.code));
    assert_eq!(certificate.student_name.expose(), "Ada Lovelace");
    assert_eq!(certificate.course_title, stage.course.title);
    assert_eq!(certificate.completed_on.to_string(), "2026-06-02", "eight in the morning in Seoul");
    assert_eq!((stage.earned(&student).await, stage.certificates().await), (1, 1));
    assert_eq!(stage.documents(&student).await, [certificate.object_key()]);
    assert!(stage.document(&student).await.starts_with(b"%PDF-"));
    let head = stage.objects.head(BUCKET, &certificate.object_key()).await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("application/pdf"));

    let said = checked(&certificate.jws).unwrap();
    assert_eq!((said.iss.as_str(), said.code), (ISSUER, certificate.code));
    assert_eq!((said.student.expose().as_str(), said.course.id), ("Ada Lovelace", stage.course.id));
    assert_eq!(said.course.title, stage.course.title);
    assert_eq!(said.instructor, Some(Secret::new("Ada Lovelace".into())));
    assert_eq!((said.completed_at, said.issued_at), (certificate.completed_at, certificate.issued_at));
}

#[tokio::test]
async fn a_certificate_says_what_was_true_when_it_was_issued() {
    let stage = Stage::new().await;
    let student = stage.graduate().await;
    stage.done(&student.message()).await;
    let before = (stage.certificate(&student).await.unwrap(), stage.document(&student).await);
    let store = stage.world.store();
    let renamed = Update::of::<User>(User::key_of(student.caller.id)).set("first_name", "Augusta");
    store.update(renamed).await.unwrap();
    store.update(Update::of::<Course>(stage.course.key()).set("title", "Another title")).await.unwrap();
    stage.world.advance(kernel::SignedDuration::from_hours(1));
    stage.done(&student.message()).await;
    let after = (stage.certificate(&student).await.unwrap(), stage.document(&student).await);
    assert_eq!(before.0.jws, after.0.jws);
    assert!(before.1 == after.1, "the document is another one");
    assert_eq!((stage.earned(&student).await, stage.certificates().await), (1, 1));
}

#[tokio::test]
async fn nothing_is_certified_that_was_not_completed_or_is_gone() {
    let stage = Stage::new().await;
    let student = stage.student(("Ada", "Lovelace"), Language::En).await;
    stage.done(&student.message()).await;
    assert_eq!(stage.certificates().await, 0, "the message was early");
    stage.complete(&student).await;
    stage.world.store().delete(Enrollment::TABLE, student.enrollment.key()).await.unwrap();
    stage.done(&student.message()).await;
    assert_eq!(stage.certificates().await, 0, "the student was erased");
    assert!(stage.documents(&student).await.is_empty());
}

#[tokio::test]
async fn what_was_completed_is_certified_also_when_the_enrolment_has_ended_since() {
    let stage = Stage::new().await;
    let student = stage.graduate().await;
    let ended = Update::of::<Enrollment>(student.enrollment.key()).set("status", EnrollmentStatus::Expired);
    stage.world.store().update(ended).await.unwrap();
    stage.done(&student.message()).await;
    assert!(stage.enrollment(&student).await.certificate().is_some());
    assert_eq!(stage.earned(&student).await, 1);
}

#[tokio::test]
async fn a_teacher_who_is_gone_is_not_named() {
    let stage = Stage::new().await;
    let gone = Update::of::<User>(User::key_of(stage.course.instructor_id)).set("status", "deleted");
    stage.world.store().update(gone).await.unwrap();
    let student = stage.graduate().await;
    stage.done(&student.message()).await;
    let certificate: Certificate = stage.certificate(&student).await.unwrap();
    assert_eq!(certificate.instructor_name, None);
    assert_eq!(checked(&certificate.jws).unwrap().instructor, None);
}

#[tokio::test]
async fn the_job_does_not_start_with_a_key_that_nobody_could_check() {
    let strangers = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"x","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    let names = [
        "TABLE_IDENTITY",
        "TABLE_CATALOG",
        "TABLE_LEARNING",
        "PUBLIC_BASE_URL",
        "JWT_ISSUER",
        "UPLOADS_BUCKET",
    ];
    let aws = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", "us-east-1")];
    let settings = names.map(|name| (name, "x")).into_iter().chain(aws);
    let vars = kernel::Vars::fixed(settings.chain([("CERTIFICATE_PUBLIC_KEYS", strangers)]));
    let started =
        job_certify::Context::with(vars, kernel::Ambient::system(), testkit::world::JWT_PRIVATE_KEY);
    let error = started.err().unwrap().to_string();
    assert!(error.contains("CERTIFICATE_PUBLIC_KEYS"), "{error}");
}
