//! A platform, and an index that jobs write and a reader opens.

use std::{sync::Arc, time::Duration};

use contracts::index::Index;
use domain::course::CourseStatus;
use jobs::Delivery;
use kernel::SignedDuration;
use search::{
    Document, Filter, Kind, Page, Reader, Request, Snapshot, Writer, directory::Place, objects::Memory,
};
use store::entities::{Category, Course, TaughtCourse};
use testkit::{Caller, World, fixtures};

/// A platform with an index in memory.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) objects: Arc<Memory>,
    pub(crate) context: job_index::Context<Arc<Memory>>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let objects = Arc::new(Memory::default());
        // What is written now is not old, or a sweep would take it from a job that is still at work.
        objects.set_time(world.ambient().now().as_second());
        let writer = Writer::new(Arc::clone(&objects), Place::Memory);
        let context = job_index::Context::new(world.store().clone(), writer, world.ambient().clone());
        Self { world, objects, context }
    }

    /// Makes an index of nothing. Where there is none the first message makes one of all that the tables hold.
    pub(crate) async fn begin(&self) {
        self.deliver(&[Index::Category { category_id: self.world.ambient().id() }]).await;
    }

    /// A published course of this teacher, as the tables have it.
    pub(crate) async fn published(&self, teacher: &Caller, title: &str) -> Course {
        let mut course = fixtures::course(&self.world, teacher);
        let now = self.world.ambient().now();
        (course.status, course.published_at, course.title) =
            (CourseStatus::Published, Some(now), title.to_owned());
        course.price_minor = Some(1_999);
        self.world.store().put(&course).await.unwrap();
        let place = TaughtCourse { instructor_id: teacher.id, course_id: course.id, created_at: now };
        self.world.store().put(&place).await.unwrap();
        course
    }

    /// Delivers these a moment later than all before, and stops the test unless each is done.
    pub(crate) async fn deliver(&self, messages: &[Index]) {
        self.world.advance(SignedDuration::from_millis(5));
        let deliveries = messages.iter().map(|message| delivery(&self.world, message)).collect();
        for outcome in job_index::handle(&self.context, deliveries).await {
            outcome.map_err(|_| ()).unwrap();
        }
    }

    pub(crate) async fn snapshot(&self) -> Arc<Snapshot> {
        let reader = Reader::new(Arc::clone(&self.objects), Place::Memory);
        reader.refresh().await.unwrap();
        reader.snapshot().unwrap()
    }

    pub(crate) async fn listed(&self, kind: Kind) -> Vec<Document> {
        let page = Page { offset: 0, limit: 300 };
        let request = Request { filter: Filter::kind(kind), page, ..Request::default() };
        let answer = self.snapshot().await.search(&request).unwrap();
        assert_eq!(usize::try_from(answer.count).unwrap(), answer.hits.len());
        answer.hits.into_iter().map(|hit| hit.document).collect()
    }

    pub(crate) async fn found(&self, text: &str) -> Vec<String> {
        let request = Request { text: text.to_owned(), ..Request::default() };
        let hits = self.snapshot().await.search(&request).unwrap().hits;
        hits.into_iter().map(|hit| hit.document.title).collect()
    }
}

pub(crate) fn delivery(world: &World, message: &Index) -> Delivery {
    raw(contracts::encode(message, world.ambient()))
}

pub(crate) fn raw(body: String) -> Delivery {
    Delivery { message_id: body.clone(), body, receive_count: 1, time_left: Duration::from_secs(60) }
}

pub(crate) fn about(course: &Course) -> Index {
    Index::Course { course_id: course.id }
}

pub(crate) fn category(world: &World, name: &str) -> Category {
    let now = world.ambient().now();
    Category {
        id: world.ambient().id(),
        name: name.into(),
        slug: name.to_lowercase(),
        description: String::new(),
        icon: String::new(),
        order_index: 0,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}
