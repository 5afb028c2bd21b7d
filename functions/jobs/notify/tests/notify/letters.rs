use contracts::notify::Notify;
use domain::identity::{Language, NotificationKind, SecurityEventKind, TokenPurpose, unsubscribe};
use kernel::{PlatformSecret, SignedDuration};
use store::entities::SecurityEvent;

use testkit::shop;

use crate::stage::{SECRET, Stage};

#[tokio::test]
async fn a_notice_tells_its_owner_in_his_language_and_time_zone() {
    let stage = Stage::new().await;
    let user = stage
        .user("Minsu@Learn.Example", |user| {
            user.language = Language::Ko;
            user.timezone = "Asia/Seoul".into();
        })
        .await;
    let event = stage.event(&user, SecurityEventKind::NewDevice).await;
    stage.take(&stage.message(&event)).await.unwrap();

    let mail = stage.ses.only();
    assert_eq!(mail.to(), "Minsu@Learn.Example", "the address as its owner writes it");
    assert_eq!(mail.from(), "LearnFlow <no-reply@learn.example>");
    assert_eq!(mail.configuration_set(), "mails");
    assert_eq!(mail.subject(), "계정에 새로운 로그인이 있었습니다");
    for part in [
        "LovelaceAda님, 안녕하세요.",
        "2026년 6월 1일 21:00 (Asia/Seoul, UTC+09:00)",
        "Linux의 Firefox",
        "203.0.113.7",
        "https://learn.example/forgot-password",
    ] {
        assert!(mail.text().contains(part), "{part} is not in {}", mail.text());
        assert!(mail.html().contains(part), "{part} is not in {}", mail.html());
    }
    assert_eq!(mail.header("List-Unsubscribe"), None, "a notice can't be turned off");
}

#[tokio::test]
async fn every_event_that_is_mailed_makes_a_mail_even_when_all_mails_are_turned_off() {
    let stage = Stage::new().await;
    let user =
        stage.user("a@learn.example", |user| user.preferences.email_notifications_enabled = false).await;
    let mut subjects = std::collections::BTreeSet::new();
    for kind in SecurityEventKind::ALL.into_iter().filter(|kind| kind.mails()) {
        let event = stage.event(&user, kind).await;
        stage.take(&stage.message(&event)).await.unwrap();
        let mail = stage.ses.only();
        assert!(mail.text().contains("1 June 2026, 12:00 (UTC)"), "{kind:?}: {}", mail.text());
        assert!(subjects.insert(mail.subject()), "{kind:?}");
    }
}

#[tokio::test]
async fn a_link_confirms_the_address_it_was_sent_to_for_a_day() {
    let stage = Stage::new().await;
    let user = stage
        .user("New@learn.example", |user| {
            user.email_verified_at = None;
            user.first_name = kernel::Secret::new("Buy now at evil.example".into());
        })
        .await;
    let registered = stage.event(&user, SecurityEventKind::Registered).await;
    stage.take(&stage.message(&registered)).await.unwrap();

    let mail = stage.ses.only();
    assert!(
        !mail.text().contains("evil") && !mail.html().contains("evil"),
        "a stranger's words: {}",
        mail.text()
    );
    assert!(mail.text().contains("https://learn.example/verify-email?token="), "{}", mail.text());
    let (tokens, text) = (stage.world.store().one_time_tokens(), mail.token());
    assert!(text.len() >= 43, "256 random bits");
    let now = stage.world.ambient().now();
    let token = tokens.find(&text, TokenPurpose::VerifyEmail, now).await.unwrap().unwrap();
    assert_eq!((token.user_id, token.email.expose().as_str()), (user.id, "new@learn.example"));
    assert!(tokens.find(&text, TokenPurpose::ResetPassword, now).await.unwrap().is_none());
    let day = now + SignedDuration::from_hours(24);
    assert!(tokens.find(&text, TokenPurpose::VerifyEmail, day).await.unwrap().is_none());
}

#[tokio::test]
async fn a_confirmed_address_and_a_deleted_account_are_not_asked_again() {
    let stage = Stage::new().await;
    let confirmed = stage.user("a@learn.example", |_| ()).await;
    let deleted = stage
        .user("b@learn.example", |user| {
            user.email_verified_at = None;
            user.deleted_at = Some(user.created_at);
        })
        .await;
    for user_id in [confirmed.id, deleted.id, stage.world.ambient().id()] {
        stage.deliver(&Notify::Verification { user_id }).await.unwrap();
    }
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn a_link_for_a_new_password_goes_to_an_account_only_and_works_for_an_hour() {
    let stage = Stage::new().await;
    let unknown = Notify::PasswordReset { email: "nobody@learn.example".into() };
    stage.deliver(&unknown).await.unwrap();
    assert!(stage.ses.take().is_empty());

    let caller = stage.world.student().await;
    let email = format!("{}@learn.example", caller.id);
    stage.deliver(&Notify::PasswordReset { email: email.clone() }).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(mail.to(), email);
    assert!(mail.text().contains("https://learn.example/reset-password?token="), "{}", mail.text());
    let (tokens, now) = (stage.world.store().one_time_tokens(), stage.world.ambient().now());
    let life = SignedDuration::from_mins(60);
    let find = async |at| tokens.find(&mail.token(), TokenPurpose::ResetPassword, at).await.unwrap();
    assert_eq!(find(now + life - SignedDuration::from_millis(1)).await.unwrap().user_id, caller.id);
    assert!(find(now + life).await.is_none());
}

#[tokio::test]
async fn news_of_an_export_can_be_turned_off_with_one_click() {
    let stage = Stage::new().await;
    let wants = stage.user("a@learn.example", |_| ()).await;
    stage.deliver(&Notify::ExportReady { user_id: wants.id, export_id: stage.id() }).await.unwrap();
    let mail = stage.ses.only();
    let link = mail.header("List-Unsubscribe").unwrap();
    let link = link.trim_start_matches('<').trim_end_matches('>');
    assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let token = link.strip_prefix("https://learn.example/api/v1/users/unsubscribe?token=").unwrap();
    let key = PlatformSecret::new(SECRET).unwrap().derive(unsubscribe::KEY_PURPOSE);
    assert_eq!(unsubscribe::read(&key, token), Some((wants.id, NotificationKind::Account.into())));
    assert!(mail.text().contains(link) && mail.text().contains("for 7 days"), "{}", mail.text());

    let off =
        stage.user("b@learn.example", |user| user.preferences.set(NotificationKind::Account, false).unwrap());
    let off = off.await;
    stage.deliver(&Notify::ExportReady { user_id: off.id, export_id: stage.id() }).await.unwrap();
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn the_last_mail_needs_no_account() {
    let stage = Stage::new().await;
    let erased = Notify::Erased { email: "gone@learn.example".into(), language: Language::Ko };
    stage.deliver(&erased).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(
        (mail.to().as_str(), mail.subject().as_str()),
        ("gone@learn.example", "계정이 완전히 삭제되었습니다")
    );
    assert!(mail.text().contains("30일 전에"), "{}", mail.text());
}

#[tokio::test]
async fn a_changed_address_is_told_to_the_one_before() {
    let stage = Stage::new().await;
    let user = stage.user("thief@learn.example", |_| ()).await;
    let kind = SecurityEventKind::EmailChanged;
    let event = SecurityEvent::now(stage.world.ambient(), user.id, kind, "", "")
        .with("previous_email", "owner@learn.example");
    stage.world.store().security_events().record(&event).await.unwrap();
    stage.take(&stage.message(&event)).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(mail.to(), "owner@learn.example");
    assert!(!mail.text().contains("Device") && !mail.text().contains("Network address"), "{}", mail.text());
}

#[tokio::test]
async fn a_stranger_fills_no_mailbox_with_notices() {
    let stage = Stage::new().await;
    let unproven = stage.user("victim@learn.example", |user| user.email_verified_at = None).await;
    let owner = stage.user("owner@learn.example", |_| ()).await;
    for kind in [SecurityEventKind::NewDevice, SecurityEventKind::LoginFailedLockout] {
        for _ in 0..8 {
            let event = stage.event(&unproven, kind).await;
            stage.take(&stage.message(&event)).await.unwrap();
        }
        assert!(stage.ses.take().is_empty(), "{kind:?}: nobody has shown the address to be his");
        for _ in 0..8 {
            let event = stage.event(&owner, kind).await;
            stage.take(&stage.message(&event)).await.unwrap();
        }
        assert_eq!(stage.ses.take().len(), 5, "{kind:?}");
        stage.world.advance(SignedDuration::from_hours(1));
        let event = stage.event(&owner, kind).await;
        stage.take(&stage.message(&event)).await.unwrap();
        assert_eq!(stage.ses.take().len(), 1, "{kind:?}: the next hour");
    }
    // What its owner did is told however often.
    for _ in 0..8 {
        let event = stage.event(&owner, SecurityEventKind::PasswordChanged).await;
        stage.take(&stage.message(&event)).await.unwrap();
    }
    assert_eq!(stage.ses.take().len(), 8);
}

#[tokio::test]
async fn an_order_by_transfer_tells_where_the_money_goes_while_it_waits() {
    let stage = Stage::new().await;
    let (teacher, buyer) = (stage.world.instructor().await, stage.world.student().await);
    let courses = shop::courses(&stage.world, &teacher, 1).await;
    let order = shop::order_by_transfer(&stage.world, &buyer, &courses).await;
    let message = Notify::OrderTransferAwaited { user_id: buyer.id, order_id: order.id };
    stage.deliver(&message).await.unwrap();
    let mail = stage.ses.only();
    assert_eq!(mail.subject(), "Your order waits for your transfer");
    for part in [
        "Please transfer 10.00 USD to this account by 8 June 2026, 12:00 (UTC)",
        "LearnFlow Ltd",
        "DE89 3704 0044 0532 0130 00",
        "COBADEFFXXX",
        "Example Bank",
        &order.order_number.to_string(),
    ] {
        assert!(mail.text().contains(part), "{part} is not in {}", mail.text());
        assert!(mail.html().contains(part), "{part} is not in {}", mail.html());
    }
    let orders = stage.world.store().orders();
    orders.cancel(order.user_id, order.id, stage.world.ambient().now()).await.unwrap();
    stage.deliver(&message).await.unwrap();
    assert!(stage.ses.take().is_empty(), "an order that is gone waits for nothing");
}
