//! An hour without SES, with the queue as template.yaml makes it and a clock that is moved: nothing is lost, and nothing is told twice.

use domain::identity::SecurityEventKind;
use kernel::SignedDuration;
use testkit::template;

use crate::stage::Stage;

/// How long SES is away.
const OUTAGE: SignedDuration = SignedDuration::from_hours(1);

/// The visibility time-out and the number of tries of the queue.
fn queue() -> (SignedDuration, u32) {
    let queues = template::resources("AWS::SQS::Queue");
    let (_, queue) = queues.iter().find(|(id, _)| id == "NotifyQueue").unwrap();
    let properties = &queue["Properties"];
    let tries = properties["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap();
    let seconds = properties["VisibilityTimeout"].as_i64().unwrap();
    (SignedDuration::from_secs(seconds), u32::try_from(tries).unwrap())
}

/// A message of the queue.
struct Queued {
    body: String,
    received: u32,
    done: bool,
}

#[tokio::test]
async fn an_hour_without_ses_loses_nothing_and_sends_nothing_twice() {
    let stage = Stage::new().await;
    let (visibility, tries) = queue();
    let mut owners = Vec::new();
    let mut waiting = Vec::new();
    for number in 0..6 {
        let owner = stage.user(&format!("{number}@learn.example"), |_| ()).await;
        // Of the second kind only five an hour are told: what is tried again does not count again.
        for kind in [SecurityEventKind::PasswordChanged, SecurityEventKind::NewDevice] {
            let event = stage.event(&owner, kind).await;
            waiting.push(Queued { body: stage.message(&event), received: 0, done: false });
        }
        owners.push(owner);
    }
    stage.ses.refuse(Some("SendingPausedException"));
    let began = stage.world.ambient().now();
    let mut mails = Vec::new();
    while waiting.iter().any(|message| !message.done) {
        if stage.world.ambient().now() >= began + OUTAGE {
            stage.ses.refuse(None);
        }
        for (number, message) in waiting.iter_mut().enumerate().filter(|(_, message)| !message.done) {
            message.received += 1;
            assert!(message.received <= tries, "message {number} went to the dead letters");
            message.done = stage.take(&message.body).await.is_ok();
            // SQS gives some messages twice.
            if number % 3 == 0 {
                let _ = stage.take(&message.body).await;
            }
        }
        mails.extend(stage.ses.take());
        stage.world.advance(visibility);
    }
    let lasted = stage.world.ambient().now().duration_since(began);
    assert!(lasted > OUTAGE && lasted < OUTAGE + visibility * 3, "{lasted}: sent as soon as SES is back");
    assert_eq!(mails.len(), 12);
    for owner in &owners {
        let to = |subject: &str| {
            let mut own = mails.iter().filter(|mail| mail.to() == *owner.email.expose());
            own.clone().count() == 2 && own.any(|mail| mail.subject() == subject)
        };
        assert!(to("Your password was changed") && to("New login to your account"));
        assert_eq!(stage.told(owner).await.1, 2, "told inside at once, and once");
    }
}
