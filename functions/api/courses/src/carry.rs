//! Files of lessons on their way into the copy of a course: which of them it gets, and their copying within S3.

use std::{
    collections::{HashMap, HashSet},
    pin::pin,
    time::Duration,
};

use course_document::{Making, WantedFile};
use domain::course::resource::{COPIED_MAX, CopyBudget};
use futures::{StreamExt as _, stream};
use http_kit::{ApiResult, Platform};
use kernel::{Id, id::kinds};
use store::entities::{Course, Resource};

use crate::{files::Files, refusals::not_made};

/// Files that are copied at the same time.
const AT_ONCE: usize = 8;
/// How long files are copied; what has not come by then stays away. The rest of the 29 s of an API function (template.yaml) is for the
/// items of the copy.
const COPY_TIME: Duration = Duration::from_secs(12);

/// A file that is to be copied.
struct Carried {
    lesson_id: Id<kinds::Lesson>,
    /// The key of the source.
    from: String,
    file: Resource,
}

/// Copies those files of the document into the new course that are the caller's, and gives them with the lessons that are to have them.
/// Nothing of what the document says of a file counts but its place. A lesson that an earlier attempt has made is left alone: what it has
/// is not overwritten.
pub(crate) async fn carry(
    platform: &Platform,
    files: &Files,
    making: &Making,
) -> ApiResult<Vec<(Id<kinds::Lesson>, Resource)>> {
    let mut carried = planned(platform, making).await?;
    let ids: Vec<_> = carried.iter().map(|one| one.file.id).collect();
    making.expect(platform.store(), platform.ambient(), &ids).await.map_err(not_made)?;
    let arrived = copied(files, making.course().id, &carried).await?;
    carried.retain(|one| arrived.contains(&one.file.id));
    Ok(carried.into_iter().map(|one| (one.lesson_id, one.file)).collect())
}

/// The files that may be taken over, as their lessons list them: two batches, and none where nothing is wanted.
async fn planned(platform: &Platform, making: &Making) -> ApiResult<Vec<Carried>> {
    let place = |file: &WantedFile| Some((file.reference.lesson_id?, file.reference.id));
    let wanted: Vec<_> =
        making.wanted().filter_map(|file| Some((file, place(file)?))).take(COPIED_MAX).collect();
    let lists =
        platform.store().courses().resources_of(wanted.iter().map(|(_, (lesson, _))| *lesson)).await?;
    let courses = lists.iter().map(|list| Course::key_of(list.course_id));
    let courses: Vec<Course> = platform.store().batch().with_all::<Course>(courses).read().await?.all()?;
    let owner = making.course().instructor_id;
    let own: HashSet<_> =
        courses.iter().filter(|course| course.is_taught_by(owner)).map(|course| course.id).collect();
    let lists: HashMap<_, _> = lists
        .into_iter()
        .filter(|list| own.contains(&list.course_id))
        .map(|list| (list.lesson_id, list))
        .collect();
    let (mut budget, now) = (CopyBudget::default(), platform.ambient().now());
    let carried = wanted.into_iter().filter_map(|(file, (lesson, id))| {
        let list = lists.get(&lesson)?;
        let source = list.resources.iter().find(|source| source.id == id)?;
        budget.takes(source.size).then(|| Carried {
            lesson_id: file.lesson_id,
            from: Resource::object_key(list.course_id, id),
            file: Resource { id: file.id, added_at: now, ..source.clone() },
        })
    });
    Ok(carried.collect())
}

/// Copies them and says which have arrived: not one whose source is gone by now, nor one for which the time did not suffice.
async fn copied(
    files: &Files,
    course: Id<kinds::Course>,
    carried: &[Carried],
) -> ApiResult<HashSet<Id<kinds::Resource>>> {
    let copies: Vec<_> = carried
        .iter()
        .map(|one| {
            let (files, id, from) = (files.clone(), one.file.id, one.from.clone());
            async move {
                files.copy(&from, &Resource::object_key(course, id)).await.map(|is_there| (id, is_there))
            }
        })
        .collect();
    let copies = stream::iter(copies).buffer_unordered(AT_ONCE);
    let mut copies = pin!(copies.take_until(tokio::time::sleep(COPY_TIME)));
    let mut arrived = HashSet::new();
    while let Some(copy) = copies.next().await {
        let (id, is_there) = copy?;
        if is_there {
            arrived.insert(id);
        }
    }
    if arrived.len() < carried.len() {
        tracing::warn!(%course, left_out = carried.len() - arrived.len(), "files of a copy did not come along");
    }
    Ok(arrived)
}
