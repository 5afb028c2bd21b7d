use domain::identity::SecurityEventKind;
use store::entities::{User, mail::Suppressed};

use crate::stage::Stage;

async fn arrives(stage: &Stage, user: &User) -> bool {
    let event = stage.event(user, SecurityEventKind::PasswordChanged).await;
    stage.take(&stage.message(&event)).await.unwrap();
    !stage.ses.take().is_empty()
}

fn sample(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events/ses/");
    std::fs::read_to_string(format!("{folder}{name}.json")).unwrap()
}

#[tokio::test]
async fn an_address_that_bounced_or_complained_gets_nothing_more() {
    for (name, reason) in [("bounce", Suppressed::Bounce), ("complaint", Suppressed::Complaint)] {
        let stage = Stage::new().await;
        let user = stage.user("Recipient@Example.com", |_| ()).await;
        let other = stage.user("other@example.com", |_| ()).await;
        assert!(arrives(&stage, &user).await);
        for _ in 0..2 {
            stage.take(&sample(name)).await.unwrap();
        }
        let mails = stage.world.store().mails();
        assert_eq!(mails.suppressed("recipient@example.com").await.unwrap(), Some(reason));
        assert!(!arrives(&stage, &user).await, "{name}");
        assert!(arrives(&stage, &other).await, "others are not meant");
        mails.unsuppress("recipient@example.com").await.unwrap();
        assert!(arrives(&stage, &user).await, "an operator may lift it");
    }
}

#[tokio::test]
async fn the_first_reason_stays() {
    let stage = Stage::new().await;
    for name in ["complaint", "bounce"] {
        stage.take(&sample(name)).await.unwrap();
    }
    let reason = stage.world.store().mails().suppressed("recipient@example.com").await.unwrap();
    assert_eq!(reason, Some(Suppressed::Complaint));
}

#[tokio::test]
async fn a_full_mailbox_is_written_to_again() {
    let stage = Stage::new().await;
    let user = stage.user("recipient@example.com", |_| ()).await;
    stage.take(&sample("bounce").replace("Permanent", "Transient")).await.unwrap();
    assert!(arrives(&stage, &user).await);
}
