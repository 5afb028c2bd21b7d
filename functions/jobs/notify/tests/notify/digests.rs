//! What somebody has not read, in one mail.

use contracts::notify::Notify;
use domain::{
    identity::{Digest, Language, unsubscribe, unsubscribe::Mails},
    notification::Notice,
};
use kernel::{Id, PlatformSecret, SignedDuration, Timestamp};
use store::entities::{Notification, User};

use crate::stage::{SECRET, Stage};

/// Somebody who wants a digest.
async fn reader(stage: &Stage, change: impl FnOnce(&mut User)) -> User {
    let user = stage.user("a@learn.example", |user| {
        user.preferences.digest = Digest::Daily;
        change(user);
    });
    user.await
}

async fn tell(stage: &Stage, user: &User, course: &str) -> Notification {
    stage.world.advance(SignedDuration::from_mins(1));
    let ambient = stage.world.ambient();
    let notification = Notification {
        id: ambient.id(),
        user_id: user.id,
        event_id: ambient.id(),
        notice: Notice::CoursePublished { course_id: ambient.id(), course: course.into() },
        created_at: ambient.now(),
        read_at: None,
    };
    stage.world.store().notifications().tell(&notification).await.unwrap();
    notification
}

fn digest(user: &User, since: Timestamp, until: Timestamp) -> String {
    let message = Notify::Digest { user_id: user.id, since, until };
    contracts::encode_as(&message, Id::of_text(format!("{until}")), until)
}

#[tokio::test]
async fn one_mail_lists_what_was_not_read_since_the_one_before() {
    let stage = Stage::new().await;
    let user = reader(&stage, |_| ()).await;
    tell(&stage, &user, "Of the time before").await;
    let since = stage.world.ambient().now();
    let read = tell(&stage, &user, "Already read").await;
    tell(&stage, &user, "First").await;
    tell(&stage, &user, "Second").await;
    let until = stage.world.ambient().now();
    tell(&stage, &user, "Of the time after").await;
    stage.world.store().notifications().mark_read(user.id, &[read.id], until).await.unwrap();
    for _ in 0..3 {
        stage.take(&digest(&user, since, until)).await.unwrap();
    }
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), "What you have not read on LearnFlow");
    let text = mail.text();
    let place = |title: &str| text.find(&format!("{title} is published: {title} is in the catalogue now."));
    assert!(place("Second").unwrap() < place("First").unwrap(), "{text}");
    for other in ["Already read", "Of the time before", "Of the time after"] {
        assert!(!text.contains(other), "{text}");
    }
    let link = mail.header("List-Unsubscribe").unwrap();
    let token = link.trim_end_matches('>').split("?token=").nth(1).unwrap();
    let key = PlatformSecret::new(SECRET).unwrap().derive(unsubscribe::KEY_PURPOSE);
    assert_eq!(unsubscribe::read(&key, token), Some((user.id, Mails::Digest)));
    let (told, unread) = stage.told(&user).await;
    assert_eq!((told.len(), unread), (5, 4), "a mail is no notification, and reads none");
}

#[tokio::test]
async fn twenty_are_listed_and_more_are_spoken_of() {
    let stage = Stage::new().await;
    let user = reader(&stage, |user| user.language = Language::Ko).await;
    let since = stage.world.ambient().now();
    for number in 0..20 {
        tell(&stage, &user, &format!("<{number}>")).await;
    }
    let until = stage.world.ambient().now();
    stage.take(&digest(&user, since, until)).await.unwrap();
    let mail = stage.ses.only().text();
    assert!(mail.contains("<0> 공개 완료") && mail.contains("아직 읽지 않은 알림입니다."), "{mail}");
    tell(&stage, &user, "<20>").await;
    let until = stage.world.ambient().now();
    stage.take(&digest(&user, since, until)).await.unwrap();
    let mail = stage.ses.only().text();
    assert!(
        !mail.contains("<0> 공개 완료") && mail.contains("읽지 않은 알림 가운데 최근 것입니다."),
        "{mail}"
    );
}

#[tokio::test]
async fn there_is_no_mail_where_all_is_read_or_nobody_wants_one() {
    let stage = Stage::new().await;
    let since = stage.world.ambient().now();
    let wants = reader(&stage, |_| ()).await;
    let one = tell(&stage, &wants, "One").await;
    let until = stage.world.ambient().now();
    stage.world.store().notifications().mark_read(wants.id, &[one.id], until).await.unwrap();
    let off = reader(&stage, |user| user.preferences.digest = Digest::Off).await;
    let switched = reader(&stage, |user| user.preferences.email_notifications_enabled = false).await;
    for user in [&off, &switched] {
        tell(&stage, user, "One").await;
    }
    let until = stage.world.ambient().now();
    for user in [&wants, &off, &switched] {
        stage.deliver(&Notify::Digest { user_id: user.id, since, until }).await.unwrap();
    }
    assert!(stage.ses.take().is_empty());
}
