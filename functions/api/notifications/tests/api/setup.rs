//! A world with the application of the notifications, and shortcuts.

use api_notifications::State;
use domain::notification::Notice;
use kernel::{Id, SignedDuration, id::kinds};
use serde_json::{Value, json};
use store::{
    Entity as _, Query, Table,
    entities::{Notification, notification::Told},
    from_item, item_type,
};
use testkit::{App, Caller, Reply, World};

/// The list.
pub(crate) const PATH: &str = "/api/v1/notifications";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) reader: Caller,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(World::new().await).await
    }

    pub(crate) async fn on(world: World) -> Self {
        let app = world.app(api_notifications::router(), State::new(world.platform.clone()).unwrap());
        let reader = world.student().await;
        Self { world, app, reader }
    }

    /// A notification of this event, which is not stored yet. Each is some milliseconds younger than the one before.
    pub(crate) fn notification(&self, event: Id<kinds::Event>, course: &str) -> Notification {
        self.world.advance(SignedDuration::from_millis(5));
        let ambient = self.world.ambient();
        Notification {
            id: ambient.id(),
            user_id: self.reader.id,
            event_id: event,
            notice: Notice::Enrolled { enrollment_id: Id::of_text(course), course: course.into() },
            created_at: ambient.now(),
            read_at: None,
        }
    }

    /// Tells the reader of a new event.
    pub(crate) async fn tell(&self, course: &str) -> Id<kinds::Notification> {
        let notification = self.notification(self.world.ambient().id(), course);
        let told = self.world.store().notifications().tell(&notification).await.unwrap();
        assert_eq!(told, Told::Made);
        notification.id
    }

    pub(crate) async fn list(&self, query: &str) -> Reply {
        self.app.get(&format!("{PATH}{query}"), &self.reader).await
    }

    pub(crate) async fn unread_count(&self) -> u64 {
        self.list("").await.expect(200).body["unread_count"].as_u64().unwrap()
    }

    pub(crate) async fn read(&self, ids: &[Id<kinds::Notification>]) -> Reply {
        self.app.post(&format!("{PATH}/read"), &self.reader, json!({ "ids": ids })).await
    }

    pub(crate) async fn read_until(&self, until: &str) -> Reply {
        self.app.post(&format!("{PATH}/read"), &self.reader, json!({ "until": until })).await
    }

    /// How many notifications of the reader are stored unread, whatever the counts say.
    pub(crate) async fn stored_unread(&self) -> u64 {
        let key = Notification::key_of(self.reader.id, self.world.ambient().id());
        let items = self.world.store().query_all(Table::Social, Query::partition(key.pk)).await.unwrap();
        let stored = items.into_iter().filter(|item| item_type(item) == Notification::TYPE);
        let unread = stored.map(|item| from_item::<Notification>(item).unwrap());
        unread.filter(|one| one.read_at.is_none()).count().try_into().unwrap()
    }
}

/// The titles of a page.
pub(crate) fn titles(page: &Value) -> Vec<&str> {
    let results = page["results"].as_array().unwrap().iter();
    results.map(|one| one["title"].as_str().unwrap()).collect()
}
