//! A new index from the tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};

use catalog::{
    Numbers,
    documents::{self, lists_course},
};
use futures::{Stream, StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use kernel::{Id, id::kinds};
use search::{Document, Objects};
use store::{
    Position, StoreError,
    entities::{Course, Person},
};

use crate::{Context, changes::people, channels::Shelf, sweep, version};

/// Courses of one batch: with as many teachers they fill it.
const BATCH: usize = 50;
/// Courses whose batches are read at once: at a million the writer's work, not the waiting for answers, is what a rebuild takes.
const PAGE: u32 = 200;
/// Channels that are read together.
const CHANNELS: u32 = 100;
/// Instructors that are read together.
const PEOPLE: usize = 100;

/// What is read next.
enum Step {
    Courses(Option<Position>),
    Instructors,
    Categories,
    Channels(Option<Position>),
    Videos(Shelf),
    Done,
}

/// How far the reading is.
struct Reading<'a, O> {
    context: &'a Context<O>,
    step: Step,
    /// Before the first read. The numbers of an instructor are summed up over courses that were read at any time since.
    begun: u64,
    numbers: BTreeMap<Id<kinds::User>, Numbers>,
}

/// Replaces the index by one of all that the tables hold now.
///
/// # Errors
/// [`search::Error`]; the old index stays then.
pub(crate) async fn run<O: Objects>(context: &Context<O>) -> Result<(), search::Error> {
    let documents = pin!(all(context));
    let rebuilt = context.writer.rebuild(documents, context.ambient.now().as_second()).await?;
    let search::writer::Rebuilt { documents, caught_up, generation } = rebuilt;
    tracing::info!(documents, caught_up, generation, "rebuilt");
    sweep(context).await;
    Ok(())
}

/// All documents, page by page.
fn all<O: Objects>(context: &Context<O>) -> impl Stream<Item = Result<Document, search::Error>> + Send {
    let begun = version(context.ambient.now());
    let reading = Reading { context, step: Step::Courses(None), begun, numbers: BTreeMap::new() };
    stream::try_unfold(reading, |mut reading| async move {
        let page = reading.page().await.map_err(|error| search::Error::Source(error.into()))?;
        Ok::<_, search::Error>(page.map(|page| (page, reading)))
    })
    .map_ok(|page| stream::iter(page).map(Ok))
    .try_flatten()
}

impl<O: Objects> Reading<'_, O> {
    async fn page(&mut self) -> Result<Option<Vec<Document>>, StoreError> {
        match std::mem::replace(&mut self.step, Step::Done) {
            Step::Courses(start) => self.courses(start).await.map(Some),
            Step::Instructors => self.instructors().await.map(Some),
            Step::Categories => {
                let version = version(self.context.ambient.now());
                let all = self.context.store.categories().all().await?;
                self.step = Step::Channels(None);
                Ok(Some(all.iter().map(|category| documents::category(category, version)).collect()))
            }
            Step::Channels(start) => {
                let (shelf, documents) = Shelf::open(self.context, start, CHANNELS).await?;
                self.step = Step::Videos(shelf);
                Ok(Some(documents))
            }
            Step::Videos(mut shelf) => {
                let documents = shelf.videos(self.context).await?;
                self.step = match &documents {
                    Some(_) => Step::Videos(shelf),
                    None => shelf.next().map_or(Step::Done, |next| Step::Channels(Some(next))),
                };
                Ok(Some(documents.unwrap_or_default()))
            }
            Step::Done => Ok(None),
        }
    }

    /// The list of published courses may be behind, so each of them is read again, with its teacher.
    async fn courses(&mut self, start: Option<Position>) -> Result<Vec<Document>, StoreError> {
        let store = &self.context.store;
        let page = store.courses().published(start, 0, PAGE).await?;
        self.step = page.next.map_or(Step::Instructors, |next| Step::Courses(Some(next)));
        let version = version(self.context.ambient.now());
        let batches = try_join_all(page.items.chunks(BATCH).map(|courses| {
            store
                .batch()
                .with_all::<Course>(courses.iter().map(|course| Course::key_of(course.id)))
                .with_people(courses.iter().map(|course| course.instructor_id))
                .read()
        }));
        let mut listed = Vec::with_capacity(page.items.len());
        for found in batches.await? {
            let people: BTreeMap<_, _> =
                found.all::<Person>()?.into_iter().map(|person| (person.id, person)).collect();
            for course in found.all::<Course>()?.into_iter().filter(lists_course) {
                self.numbers.entry(course.instructor_id).or_default().add(&course);
                listed.push(documents::course(&course, people.get(&course.instructor_id), version));
            }
        }
        Ok(listed)
    }

    async fn instructors(&mut self) -> Result<Vec<Document>, StoreError> {
        let some: BTreeSet<_> = self.numbers.keys().take(PEOPLE).copied().collect();
        let found = people(self.context, &some).await?;
        let mut documents = Vec::with_capacity(some.len());
        for user in some {
            if let (Some(numbers), Some(person)) = (self.numbers.remove(&user), found.get(&user)) {
                documents.push(documents::instructor(person, &numbers, self.begun));
            }
        }
        self.step = if self.numbers.is_empty() { Step::Categories } else { Step::Instructors };
        Ok(documents)
    }
}
