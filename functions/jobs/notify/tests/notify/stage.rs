//! The job on an embedded database.

use std::time::Duration;

use cloud::Cloud;
use contracts::{Message, notify::Notify};
use domain::{
    identity::{Role, SecurityEventKind},
    notification::Notice,
};
use job_notify::Context;
use jobs::{Delivery, JobError};
use kernel::{Id, Secret, Vars, id::kinds};
use store::entities::{SecurityEvent, User};
use testkit::World;

use crate::ses::Ses;

/// The platform's secret.
pub(crate) const SECRET: &str = "test-secret-test-secret-test-secret-test-secret-";
/// A browser.
pub(crate) const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) ses: Ses,
    pub(crate) context: Context,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(World::new().await).await
    }

    /// On a world whose database is in somebody's way.
    pub(crate) async fn on(world: World) -> Self {
        let (ses, url) = Ses::start(SECRET).await;
        let vars = Vars::fixed([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &url),
            ("PUBLIC_BASE_URL", testkit::world::BASE_URL),
            ("MAIL_FROM", "LearnFlow <no-reply@learn.example>"),
            ("SES_CONFIGURATION_SET", "mails"),
            ("PLATFORM_SECRET_ARN", "platform"),
            ("BANK_ACCOUNT_HOLDER", "LearnFlow Ltd"),
            ("BANK_IBAN", "DE89370400440532013000"),
            ("BANK_BIC", "COBADEFFXXX"),
            ("BANK_NAME", "Example Bank"),
        ]);
        let cloud = Cloud::from_env(&vars).unwrap();
        let context = Context::new(&vars, &cloud, world.store().clone(), world.ambient().clone()).unwrap();
        Self { world, ses, context }
    }

    /// A user with a confirmed address, changed as the test needs.
    pub(crate) async fn user(&self, email: &str, change: impl FnOnce(&mut User)) -> User {
        let caller = self.world.user(Role::Student).await;
        let mut user = self.world.store().users().get(caller.id).await.unwrap().unwrap();
        user.email = Secret::new(email.into());
        user.email_verified_at = Some(user.created_at);
        change(&mut user);
        self.world.store().put(&user).await.unwrap();
        user
    }

    /// An event of this user's, kept.
    pub(crate) async fn event(&self, user: &User, kind: SecurityEventKind) -> SecurityEvent {
        let event = SecurityEvent::now(self.world.ambient(), user.id, kind, "203.0.113.7", FIREFOX);
        self.world.store().security_events().record(&event).await.unwrap();
        event
    }

    /// The message that the event makes.
    pub(crate) fn message(&self, event: &SecurityEvent) -> String {
        let message = Notify::about(event.user_id, event.id, event.kind).unwrap();
        contracts::encode_as(&message, event.id, event.at)
    }

    /// Delivers a new message.
    pub(crate) async fn deliver(&self, message: &Notify) -> Result<(), JobError> {
        self.take(&self.encode(message)).await
    }

    pub(crate) fn encode<M: Message>(&self, message: &M) -> String {
        contracts::encode(message, self.world.ambient())
    }

    /// Delivers a body.
    pub(crate) async fn take(&self, body: &str) -> Result<(), JobError> {
        self.take_within(body, Duration::from_secs(60)).await
    }

    pub(crate) async fn take_within(&self, body: &str, time_left: Duration) -> Result<(), JobError> {
        let delivery =
            Delivery { message_id: "1".into(), body: body.to_owned(), receive_count: 1, time_left };
        job_notify::handle(&self.context, delivery).await
    }

    /// What a user was told inside the platform, the newest first, with the count of what he has not read.
    pub(crate) async fn told(&self, user: &User) -> (Vec<Notice>, u64) {
        let (notifications, now) = (self.world.store().notifications(), self.world.ambient().now());
        let page = notifications.of_user(user.id, false, now, None, 100).await.unwrap();
        let unread = notifications.unread_count(user.id, now).await.unwrap();
        (page.items.into_iter().map(|one| one.notice).collect(), unread)
    }

    pub(crate) fn id(&self) -> Id<kinds::Export> {
        self.world.ambient().id()
    }
}
