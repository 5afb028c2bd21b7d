//! What became of things, as changes of the index.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::{
    Numbers,
    documents::{self, lists_course},
};
use contracts::index::Index;
use kernel::{Id, id::kinds};
use search::{Change, Kind, Objects};
use store::{
    StoreError,
    entities::{Course, Person},
};

use crate::{Context, channels, version};

/// Courses of one page of an instructor's list; with them comes one batch.
const PAGE: u32 = 100;

type Users = BTreeSet<Id<kinds::User>>;
type People = HashMap<Id<kinds::User>, Person>;

/// Reads these things and gives what their documents are now.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn read<O: Objects>(
    context: &Context<O>,
    wanted: &BTreeSet<Index>,
) -> Result<Vec<Change>, StoreError> {
    let mut courses = BTreeMap::new();
    let mut teachers = Users::new();
    let mut categories = BTreeSet::new();
    for thing in wanted {
        match thing {
            Index::Course { course_id } => {
                courses.insert(*course_id, None);
            }
            Index::Instructor { user_id } => {
                teachers.insert(*user_id);
            }
            Index::Category { category_id } => {
                categories.insert(*category_id);
            }
            Index::Channel { .. }
            | Index::ChannelVideos { .. }
            | Index::Video { .. }
            | Index::Rebuild
            | Index::Sweep => {}
        }
    }
    let renamed = teachers.clone();
    // Before the first read: a document must not claim to know what came after it.
    let at = context.ambient.now();
    let version = version(at);
    let keys = courses.keys().map(|id| Course::key_of(*id));
    for course in context.store.batch().with_all::<Course>(keys).read().await?.all::<Course>()? {
        teachers.insert(course.instructor_id);
        courses.insert(course.id, Some(course));
    }
    let mut numbers = HashMap::new();
    for user in &teachers {
        numbers.insert(*user, sum(context, *user, renamed.contains(user), &mut courses).await?);
    }
    let people = people(context, &teachers).await?;

    let gone = |kind, id| Change::Delete { kind, id, version, at: at.as_second() };
    let mut changes: Vec<Change> = courses
        .iter()
        .map(|(id, course)| match course.as_ref().filter(|course| lists_course(course)) {
            Some(course) => {
                documents::upsert(documents::course(course, people.get(&course.instructor_id), version))
            }
            None => gone(Kind::Course, id.to_string()),
        })
        .collect();
    for (user, numbers) in &numbers {
        changes.push(match people.get(user).filter(|_| numbers.courses > 0) {
            Some(person) => documents::upsert(documents::instructor(person, numbers, version)),
            None => gone(Kind::Instructor, user.to_string()),
        });
    }
    for id in categories {
        changes.push(match context.store.categories().get(id).await? {
            Some(category) => documents::upsert(documents::category(&category, version)),
            None => gone(Kind::Category, id.to_string()),
        });
    }
    changes.extend(channels::read(context, wanted, at).await?);
    Ok(changes)
}

/// Sums up what an instructor has published. With `take`, his courses are to be written too, since they name him.
async fn sum<O: Objects>(
    context: &Context<O>,
    user: Id<kinds::User>,
    take: bool,
    courses: &mut BTreeMap<Id<kinds::Course>, Option<Course>>,
) -> Result<Numbers, StoreError> {
    let mut numbers = Numbers::default();
    let mut start = None;
    loop {
        let page = context.store.courses().taught_by(user, start, PAGE).await?;
        for course in page.items.into_iter().filter(lists_course) {
            numbers.add(&course);
            if take {
                courses.insert(course.id, Some(course));
            }
        }
        match page.next {
            Some(next) => start = Some(next),
            None => return Ok(numbers),
        }
    }
}

/// What others see of these people.
pub(crate) async fn people<O: Objects>(context: &Context<O>, users: &Users) -> Result<People, StoreError> {
    let found = context.store.batch().with_people(users.iter().copied()).read().await?;
    Ok(found.all::<Person>()?.into_iter().map(|person| (person.id, person)).collect())
}
