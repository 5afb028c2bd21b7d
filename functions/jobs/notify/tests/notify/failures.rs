use std::time::Duration;

use contracts::{notify::Notify, privacy::Privacy};
use domain::identity::SecurityEventKind;
use job_notify::LEASE;
use jobs::JobError;
use kernel::SignedDuration;
use store::entities::mail::Claim;

use crate::stage::Stage;

fn retried(result: Result<(), JobError>) -> String {
    match result {
        Err(JobError::Retry(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

fn parked(result: Result<(), JobError>) -> String {
    match result {
        Err(JobError::Fail(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_that_comes_twice_mails_once() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::PasswordChanged).await;
    for _ in 0..3 {
        stage.take(&stage.message(&event)).await.unwrap();
    }
    assert_eq!(stage.ses.take().len(), 1);

    let another = stage.event(&user, SecurityEventKind::PasswordChanged).await;
    stage.take(&stage.message(&another)).await.unwrap();
    assert_eq!(stage.ses.take().len(), 1, "another event is another mail");
}

#[tokio::test]
async fn racing_deliveries_mail_once() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::MfaDisabled).await;
    let message = stage.message(&event);
    let results = futures::future::join_all((0..8).map(|_| stage.take(&message))).await;
    assert!(results.iter().any(Result::is_ok));
    for result in results {
        assert!(matches!(result, Ok(()) | Err(JobError::Retry(_))), "{result:?}");
    }
    assert_eq!(stage.ses.take().len(), 1);
    stage.take(&message).await.unwrap();
    assert!(stage.ses.take().is_empty(), "who had to wait finds it sent");
}

#[tokio::test]
async fn while_ses_is_down_the_message_stays_and_the_next_delivery_sends_it_at_once() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::PasswordReset).await;
    for down in
        ["SendingPausedException", "AccountSuspendedException", "NotFoundException", "LimitExceededException"]
    {
        stage.ses.refuse(Some(down));
        let reason = retried(stage.take(&stage.message(&event)).await);
        assert!(reason.contains(down) && !reason.contains('@'), "{reason}");
    }
    stage.ses.refuse(None);
    stage.take(&stage.message(&event)).await.unwrap();
    assert_eq!(stage.ses.only().to(), "a@learn.example");
}

#[tokio::test]
async fn what_ses_refuses_goes_to_the_dead_letters_without_the_address() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::PasswordReset).await;
    for refused in ["MessageRejected", "BadRequestException"] {
        stage.ses.refuse(Some(refused));
        let reason = parked(stage.take(&stage.message(&event)).await);
        assert!(reason.contains(refused) && !reason.contains('@'), "{reason}");
    }
    stage.ses.refuse(None);
    stage.take(&stage.message(&event)).await.unwrap();
    assert_eq!(stage.ses.take().len(), 1, "sent again from the dead letters, it arrives");
}

#[tokio::test]
async fn a_job_that_was_killed_is_followed_by_another_when_its_lease_is_over() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::RecoveryCodeUsed).await;
    let killed =
        stage.world.store().mails().claim(event.id, stage.world.ambient().now(), LEASE).await.unwrap();
    assert_eq!(killed, Claim::Mine);

    stage.world.advance(LEASE - SignedDuration::from_millis(1));
    retried(stage.take(&stage.message(&event)).await);
    assert!(stage.ses.take().is_empty(), "the one before may still be sending");

    stage.world.advance(SignedDuration::from_millis(1));
    stage.take(&stage.message(&event)).await.unwrap();
    assert_eq!(stage.ses.take().len(), 1);
}

#[tokio::test]
async fn nothing_is_begun_that_the_invocation_can_not_finish() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::RecoveryCodeUsed).await;
    retried(stage.take_within(&stage.message(&event), Duration::from_secs(14)).await);
    assert!(stage.ses.take().is_empty());
    stage.take(&stage.message(&event)).await.unwrap();
    assert_eq!(stage.ses.take().len(), 1, "it was not claimed");
}

#[tokio::test]
async fn an_address_that_ses_can_not_reach_holds_nothing_up() {
    let stage = Stage::new().await;
    let user = stage.user("ü@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::PasswordChanged).await;
    stage.take(&stage.message(&event)).await.unwrap();
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn a_message_that_can_not_be_read_is_parked() {
    let stage = Stage::new().await;
    let privacy = stage.encode(&Privacy::Erase { user_id: stage.world.ambient().id() });
    let newer = stage
        .encode(&Notify::PasswordReset { email: "a@learn.example".into() })
        .replace("\"version\":1", "\"version\":2");
    for body in ["", "hello", "{}", "[1]", &privacy, &newer] {
        parked(stage.take(body).await);
    }
    assert!(stage.ses.take().is_empty());
}

#[tokio::test]
async fn an_event_of_an_account_that_is_gone_is_done() {
    let stage = Stage::new().await;
    let user = stage.user("a@learn.example", |_| ()).await;
    let event = stage.event(&user, SecurityEventKind::Exported).await;
    let key = store::entities::User::key_of(user.id);
    stage.world.store().delete(store::Table::Identity, key).await.unwrap();
    stage.take(&stage.message(&event)).await.unwrap();
    assert!(stage.ses.take().is_empty());
}
