//! What is told inside the platform, beside the mails.

use contracts::notify::Notify;
use domain::{
    certificate::CertificateCode,
    course::CourseStatus,
    identity::{NotificationKind, SecurityEventKind},
    notification::Notice,
    video::{TranscodingStatus, VideoStatus},
};
use job_notify::LEASE;
use kernel::{Id, SignedDuration};
use store::{
    Key,
    entities::{Certificate, Course, Enrollment, ReviewReply, User, Version, Video},
};
use testkit::{Caller, World, cut::Cut, dynamo, fixtures, shop};

use crate::stage::Stage;

/// The person as fixtures take him.
fn caller(user: &User) -> Caller {
    Caller { id: user.id, session: Id::of_text("none"), token: String::new() }
}

async fn course(stage: &Stage, teacher: &User) -> Course {
    let course =
        Course { status: CourseStatus::Published, ..fixtures::course(&stage.world, &caller(teacher)) };
    stage.world.store().put(&course).await.unwrap();
    course
}

/// A course that a student takes, and the message that says so.
async fn enrolled(stage: &Stage, student: &User) -> (Enrollment, Notify) {
    let teacher = stage.user("teacher@learn.example", |_| ()).await;
    let course = course(stage, &teacher).await;
    let enrollment = fixtures::enrollment(&stage.world, &caller(student), course.id);
    stage.world.store().put(&enrollment).await.unwrap();
    let message = Notify::Enrolled { user_id: student.id, enrollment_id: enrollment.id };
    (enrollment, message)
}

#[tokio::test]
async fn a_student_is_welcomed_to_his_course_by_mail_and_inside() {
    let stage = Stage::new().await;
    let student = stage.user("a@learn.example", |_| ()).await;
    let (enrollment, message) = enrolled(&stage, &student).await;
    stage.deliver(&message).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), "Welcome to Rust for Everyone");
    let link = format!("https://learn.example/learn/{}", enrollment.id);
    assert!(mail.text().contains(&link) && mail.text().contains("Hello Ada,"), "{}", mail.text());
    assert!(mail.header("List-Unsubscribe").unwrap().contains(".learning."), "it can be turned off");
    let welcome = Notice::Enrolled { enrollment_id: enrollment.id, course: "Rust for Everyone".into() };
    assert_eq!(stage.told(&student).await, (vec![welcome], 1));

    let lost = Enrollment { status: domain::enrollment::EnrollmentStatus::Suspended, ..enrollment };
    stage.world.store().put(&lost).await.unwrap();
    stage.deliver(&message).await.unwrap();
    assert!(stage.ses.take().is_empty(), "nobody is welcomed to what he has lost");
    assert_eq!(stage.told(&student).await.1, 1);
}

#[tokio::test]
async fn a_student_hears_of_his_certificate_once_while_it_holds() {
    let stage = Stage::new().await;
    let student = stage.user("a@learn.example", |_| ()).await;
    let (enrollment, _) = enrolled(&stage, &student).await;
    let now = stage.world.ambient().now();
    let mut certificate = Certificate {
        code: CertificateCode::from_random([7; 8]),
        enrollment_id: enrollment.id,
        user_id: student.id,
        student_name: student.first_name.clone(),
        course_id: enrollment.course_id,
        course_title: "Rust for Everyone".into(),
        instructor_name: None,
        language: student.language,
        completed_at: now,
        completed_on: "2026-06-01".parse().unwrap(),
        issued_at: now,
        jws: String::new(),
        ready_at: None,
        revoked_at: None,
        revoked_reason: None,
        updated_at: now,
    };
    let message = Notify::CertificateReady { user_id: student.id, code: certificate.code };
    let body = stage.encode(&message);
    for (ready_at, revoked_at) in [(None, None), (Some(now), Some(now))] {
        (certificate.ready_at, certificate.revoked_at) = (ready_at, revoked_at);
        stage.world.store().put(&certificate).await.unwrap();
        stage.deliver(&message).await.unwrap();
        assert!(stage.ses.take().is_empty() && stage.told(&student).await.1 == 0);
    }
    certificate.revoked_at = None;
    stage.world.store().put(&certificate).await.unwrap();
    for _ in 0..3 {
        stage.take(&body).await.unwrap();
    }
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), "Your certificate for Rust for Everyone");
    let link = format!("https://learn.example/api/v1/certificates/{}", certificate.code);
    assert!(mail.text().contains(&link), "{}", mail.text());
    let notice = Notice::CertificateReady { code: certificate.code, course: "Rust for Everyone".into() };
    assert_eq!(stage.told(&student).await, (vec![notice], 1));
    // Another's message about it tells nobody.
    let stranger = stage.user("b@learn.example", |_| ()).await;
    let forged = Notify::CertificateReady { user_id: stranger.id, code: certificate.code };
    stage.deliver(&forged).await.unwrap();
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn each_way_is_taken_as_its_reader_wants_it() {
    let stage = Stage::new().await;
    for (mails, inside) in [(true, true), (true, false), (false, true), (false, false)] {
        let email = format!("{mails}-{inside}@learn.example");
        let student = stage.user(&email, |user| {
            user.preferences.set(NotificationKind::Learning, mails).unwrap();
            user.preferences.set_in_app(NotificationKind::Learning, inside).unwrap();
        });
        let student = student.await;
        let (_, message) = enrolled(&stage, &student).await;
        let body = stage.encode(&message);
        for _ in 0..2 {
            stage.take(&body).await.unwrap();
        }
        assert_eq!(stage.ses.take().len(), usize::from(mails), "{email}");
        assert_eq!(stage.told(&student).await.1, u64::from(inside), "{email}");
        // What tells where his account is can't be turned off.
        let event = stage.event(&student, SecurityEventKind::PasswordChanged).await;
        stage.take(&stage.message(&event)).await.unwrap();
        assert_eq!((stage.ses.take().len(), stage.told(&student).await.1), (1, u64::from(inside) + 1));
    }
}

#[tokio::test]
async fn teachers_hear_of_courses_and_videos_and_reviewers_of_replies() {
    let stage = Stage::new().await;
    let teacher = stage.user("teacher@learn.example", |_| ()).await;
    let student = stage.user("student@learn.example", |_| ()).await;
    let (store, now) = (stage.world.store(), stage.world.ambient().now());
    let course = course(&stage, &teacher).await;
    stage.deliver(&Notify::CoursePublished { course_id: course.id }).await.unwrap();
    assert!(stage.ses.take().is_empty(), "he did it himself");

    let mut video = fixtures::video(&stage.world, &caller(&teacher), VideoStatus::Ready);
    store.put(&video).await.unwrap();
    let (ready, failed) =
        (Notify::VideoReady { video_id: video.id }, Notify::VideoFailed { video_id: video.id });
    // What is made in one millisecond has no order.
    stage.world.advance(SignedDuration::from_secs(1));
    stage.deliver(&ready).await.unwrap();
    stage.world.advance(SignedDuration::from_secs(1));
    stage.deliver(&failed).await.unwrap();
    assert!(stage.ses.take().is_empty(), "a course may have a hundred videos, and this one has not failed");
    video.status = VideoStatus::Failed;
    store.put(&video).await.unwrap();
    stage.deliver(&failed).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), format!("{} could not be processed", video.title));
    assert!(mail.text().contains(&format!("/teach/videos/{}", video.id)), "{}", mail.text());
    let (told, unread) = stage.told(&teacher).await;
    let names: Vec<_> = told.iter().map(Notice::name).collect();
    assert_eq!((names, unread), (vec!["video_failed", "video_ready", "course_published"], 3));

    let review = fixtures::review(&stage.world, student.id, course.id);
    store.put(&review).await.unwrap();
    let replied = Notify::ReviewReplied { course_id: course.id, review_id: review.id };
    stage.deliver(&replied).await.unwrap();
    assert!(stage.ses.take().is_empty(), "the reply is gone again");
    let reply = ReviewReply {
        course_id: course.id,
        review_id: review.id,
        comment: "Thank you.".into(),
        created_at: now,
        edited_at: None,
    };
    store.put(&reply).await.unwrap();
    stage.deliver(&replied).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(
        (mail.to().as_str(), mail.subject().as_str()),
        ("student@learn.example", "A reply to your review")
    );
    assert!(!mail.text().contains("Thank you."), "the words stay where they can be taken back");
    let about = Notice::ReviewReplied { course_id: course.id, course: course.title };
    assert_eq!(stage.told(&student).await, (vec![about], 1));
}

#[tokio::test]
async fn the_end_of_a_new_version_is_told_once_unless_it_is_outdated() {
    let stage = Stage::new().await;
    let teacher = stage.user("teacher@learn.example", |_| ()).await;
    let store = stage.world.store();
    let mut video = Video {
        active_version: Some(2),
        newest_shown: Some(2),
        latest_version: 3,
        ..fixtures::video(&stage.world, &caller(&teacher), VideoStatus::Published)
    };
    store.put(&video).await.unwrap();
    let third = Version { version_number: 3, ..fixtures::version(&video) };
    let put = async |transcoding_status| {
        store.put(&Version { transcoding_status, ..third.clone() }).await.unwrap();
    };
    put(TranscodingStatus::Failed).await;
    let (video_id, title) = (video.id, video.title.clone());
    let ready = stage.encode(&Notify::VersionReady { video_id, version: 2 });
    let failed = stage.encode(&Notify::VersionFailed { video_id, version: 3 });
    for body in [&ready, &ready] {
        stage.take(body).await.unwrap();
    }
    assert!(stage.ses.take().is_empty(), "a course may have a hundred videos");
    stage.world.advance(SignedDuration::from_secs(1));
    for body in [&failed, &failed, &ready] {
        stage.take(body).await.unwrap();
    }
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), format!("The new file of {title} could not be processed"));
    assert!(mail.text().contains(&format!("/teach/videos/{video_id}")), "{}", mail.text());
    let told = vec![
        Notice::VersionFailed { video_id, video: title.clone() },
        Notice::VersionReady { video_id, video: title },
    ];
    assert_eq!(stage.told(&teacher).await, (told.clone(), 2));

    // What has become of it since makes them outdated: it is tried again, a newer one plays, the owner went back, the video is gone.
    let nothing_new = async || {
        stage.world.advance(SignedDuration::from_secs(1));
        stage.deliver(&Notify::VersionReady { video_id, version: 2 }).await.unwrap();
        stage.deliver(&Notify::VersionFailed { video_id, version: 3 }).await.unwrap();
        assert_eq!(stage.told(&teacher).await, (told.clone(), 2));
    };
    (video.active_version, video.newest_shown) = (Some(1), Some(2));
    store.put(&video).await.unwrap();
    put(TranscodingStatus::InProgress).await;
    nothing_new().await;
    put(TranscodingStatus::Failed).await;
    (video.active_version, video.newest_shown, video.latest_version) = (Some(4), Some(4), 4);
    store.put(&video).await.unwrap();
    nothing_new().await;
    (video.active_version, video.newest_shown) = (Some(2), Some(2));
    video.deleted_at = Some(stage.world.ambient().now());
    store.put(&video).await.unwrap();
    nothing_new().await;
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn a_purchase_is_told_with_its_number_and_what_it_came_to() {
    let stage = Stage::new().await;
    let (teacher, buyer) = (stage.world.instructor().await, stage.world.student().await);
    let courses = shop::courses(&stage.world, &teacher, 1).await;
    let order = shop::order_by_transfer(&stage.world, &buyer, &courses).await;
    stage.deliver(&Notify::OrderTransferAwaited { user_id: buyer.id, order_id: order.id }).await.unwrap();
    let user = stage.world.store().users().get(buyer.id).await.unwrap().unwrap();
    let expected = Notice::OrderTransferAwaited {
        order_id: order.id,
        order: order.order_number.to_string(),
        amount: "10.00 USD".into(),
        pay_by: order.pay_by,
    };
    assert_eq!(stage.told(&user).await, (vec![expected], 1));
    assert_eq!(stage.ses.take().len(), 1);
}

#[tokio::test]
async fn who_takes_no_mails_any_more_is_told_inside_still() {
    let stage = Stage::new().await;
    let student = stage.user("a@learn.example", |_| ()).await;
    let (_, message) = enrolled(&stage, &student).await;
    let bounce = include_str!("../../../../../events/ses/bounce.json")
        .replace("recipient@example.com", "a@learn.example");
    stage.take(&bounce).await.unwrap();
    stage.deliver(&message).await.unwrap();
    assert!(stage.ses.take().is_empty());
    assert_eq!(stage.told(&student).await.1, 1);
}

#[tokio::test]
async fn strangers_fill_no_list_either() {
    let stage = Stage::new().await;
    let owner = stage.user("owner@learn.example", |_| ()).await;
    for _ in 0..8 {
        let event = stage.event(&owner, SecurityEventKind::LoginFailedLockout).await;
        for _ in 0..2 {
            stage.take(&stage.message(&event)).await.unwrap();
        }
    }
    assert_eq!((stage.ses.take().len(), stage.told(&owner).await.1), (5, 5));
}

/// Wherever the job is killed, what it was to tell is told once inside, and once by mail: only where it dies between the answer of SES and
/// its note of it does the mail come again.
#[tokio::test]
async fn a_job_that_is_killed_anywhere_leaves_one_notification_and_one_mail() {
    let cut = Cut::default();
    cut.after(usize::MAX);
    let url = cut.before(dynamo::serve().await).await;
    let stage = Stage::on(World::on(url, "2026-06-01T12:00:00Z".parse().unwrap()).await).await;
    let mut kills = 0;
    for requests in 0.. {
        let student = stage.user(&format!("{requests}@learn.example"), |_| ()).await;
        let (_, message) = enrolled(&stage, &student).await;
        let body = stage.encode(&message);
        cut.after(requests);
        let done = cut.run(stage.take(&body)).await;
        cut.after(usize::MAX);
        let mailed_before = stage.ses.take().len();
        // The lease of the killed attempt ends before the message comes again.
        stage.world.advance(LEASE);
        stage.take(&body).await.unwrap();
        stage.take(&body).await.unwrap();
        let mailed_after = stage.ses.take().len();
        assert_eq!(stage.told(&student).await.1, 1, "killed at request {requests}");
        match done {
            Some(result) => {
                result.unwrap();
                assert_eq!((mailed_before, mailed_after), (1, 0));
                break;
            }
            None => {
                kills += 1;
                // At the note of what SES has taken, and nowhere else, the mail is sent and not known to be.
                assert_eq!(mailed_after, 1, "killed at request {requests}");
            }
        }
    }
    assert!(kills > 5, "{kills}");
}

#[tokio::test]
async fn nothing_is_told_of_an_account_that_goes_while_it_is_written() {
    let stage = Stage::new().await;
    let student = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&student, SecurityEventKind::Deleted).await;
    let gone = User { status: domain::identity::UserStatus::Deleted, deleted_at: Some(event.at), ..student };
    stage.world.store().put(&gone).await.unwrap();
    stage.take(&stage.message(&event)).await.unwrap();
    assert_eq!(stage.ses.take().len(), 1, "the mail says how to undo it");
    assert_eq!(stage.told(&gone).await, (Vec::new(), 0));
    let rest = Key::new(format!("NOTIFICATIONS#{}", gone.id), "");
    let left = stage.world.store().query_all(store::Table::Social, store::Query::partition(rest.pk)).await;
    assert!(left.unwrap().is_empty());
}
