//! An application on an index in memory that can be broken.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use api_search::{FRESH_FOR, Index, State};
use bytes::Bytes;
use catalog::{Numbers, documents};
use domain::course::CourseStatus;
use jiff::SignedDuration;
use kernel::Secret;
use search::{
    Document, ObjectError, Objects, Reader, Writer,
    directory::Place,
    objects::{Fetched, Listed, Memory, Tag},
};
use serde_json::Value;
use store::entities::{Course, Person};
use testkit::{App, Caller, Reply, World, fixtures};

/// A store of objects that can be down.
#[derive(Default)]
pub(crate) struct Flaky {
    memory: Arc<Memory>,
    down: AtomicBool,
}

impl Flaky {
    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn check(&self, key: &str) -> Result<(), ObjectError> {
        match self.down.load(Ordering::SeqCst) {
            true => Err(ObjectError::Failed { key: key.to_owned(), reason: "down".to_owned() }),
            false => Ok(()),
        }
    }
}

impl Objects for Flaky {
    async fn get(&self, key: &str, known: Option<&Tag>) -> Result<Fetched, ObjectError> {
        self.check(key)?;
        self.memory.get(key, known).await
    }
    async fn download(&self, key: &str, sink: &mut (dyn Write + Send)) -> Result<(), ObjectError> {
        self.check(key)?;
        self.memory.download(key, sink).await
    }
    async fn put(&self, key: &str, bytes: Bytes) -> Result<(), ObjectError> {
        self.memory.put(key, bytes).await
    }
    async fn put_if(
        &self,
        key: &str,
        bytes: Bytes,
        expected: Option<&Tag>,
    ) -> Result<Option<Tag>, ObjectError> {
        self.memory.put_if(key, bytes, expected).await
    }
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        self.memory.list(prefix).await
    }
    async fn delete(&self, key: &str) -> Result<(), ObjectError> {
        self.memory.delete(key).await
    }
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) app: App,
    pub(crate) objects: Arc<Flaky>,
    pub(crate) teacher: Caller,
}

impl Stage {
    /// Without an index.
    pub(crate) async fn empty() -> Self {
        let world = World::new().await;
        let objects = Arc::new(Flaky::default());
        let reader = Reader::new(Arc::clone(&objects), Place::Memory);
        let index = Index::new(reader, world.ambient().clone());
        let app = world.app(api_search::router(), State::new(world.platform.clone(), index));
        let teacher = world.instructor().await;
        Self { world, app, objects, teacher }
    }

    /// With courses that this makes of five drafts, numbered from 0; their teacher and a category are in the index too.
    pub(crate) async fn with(change: impl Fn(usize, &mut Course)) -> (Self, Vec<Course>) {
        let stage = Self::empty().await;
        let mut courses = Vec::new();
        for number in 0..5 {
            let mut course = stage.course();
            change(number, &mut course);
            courses.push(course);
        }
        let person = stage.person();
        let mut all: Vec<Document> =
            courses.iter().map(|course| documents::course(course, Some(&person), 1)).collect();
        let mut numbers = Numbers::default();
        courses.iter().for_each(|course| numbers.add(course));
        all.push(documents::instructor(&person, &numbers, 1));
        all.push(documents::category(&stage.category(), 1));
        stage.write(all).await;
        (stage, courses)
    }

    pub(crate) fn course(&self) -> Course {
        let mut course = fixtures::course(&self.world, &self.teacher);
        (course.status, course.published_at) = (CourseStatus::Published, Some(self.world.ambient().now()));
        course.price_minor = Some(0);
        course
    }

    pub(crate) fn person(&self) -> Person {
        Person {
            id: self.teacher.id,
            first_name: Secret::new("Ada".into()),
            last_name: Secret::new("Lovelace".into()),
            bio: "Writes programs.".into(),
            avatar_url: String::new(),
        }
    }

    fn category(&self) -> store::entities::Category {
        let now = self.world.ambient().now();
        store::entities::Category {
            id: self.world.ambient().id(),
            name: "Web & Mobile".into(),
            slug: "web-mobile".into(),
            description: String::new(),
            icon: String::new(),
            order_index: 0,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Writes documents; the application sees them when its knowledge is no longer fresh, which is at once.
    pub(crate) async fn write(&self, documents: Vec<Document>) {
        // Who writes may reach the store while who reads does not.
        let writer = Writer::new(Arc::clone(&self.objects.memory), Place::Memory);
        let changes: Vec<_> = documents.into_iter().map(documents::upsert).collect();
        writer.apply(&changes, self.world.ambient().now().as_second()).await.unwrap();
        self.pass();
    }

    /// Lets the time pass after which the application asks for a newer index.
    pub(crate) fn pass(&self) {
        self.world.advance(SignedDuration::from_millis(FRESH_FOR));
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.app.get(&format!("/api/v1{path}"), None).await
    }

    /// The titles of a list.
    pub(crate) async fn titles(&self, path: &str) -> Vec<String> {
        titles(&self.get(path).await.expect(200).body["results"])
    }
}

pub(crate) fn titles(results: &Value) -> Vec<String> {
    let results = results.as_array().unwrap().iter();
    results.map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

/// A text as a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
