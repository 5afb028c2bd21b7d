//! How a copy is made: a draft with all its sections and lessons at once, from another course of its instructor or from a document.
//!
//! It takes several transactions, and the function may die between any two of them. So until the last one the draft is stored like a course
//! that was deleted: no access pattern gives it, and the erasure of its instructor's account finds it. Another attempt at the same request
//! comes with the same identifiers and goes on where the one before stopped.

use std::collections::{HashMap, HashSet};

use domain::course::{quiz, resource};
use kernel::{Id, Timestamp, id::kinds};

use super::{
    BegunCopy, Lesson, LessonPlace, NewLesson, Section, SectionPlace,
    copy::demand_in_time,
    lessons::{content, put_quiz, share},
};
use crate::{
    Transaction, TransactionError,
    entities::{
        Course, LessonResources, Resource, Video,
        course::{Courses, EditError, Part, rewrite},
    },
    transaction::wait_for_turn,
};

/// Lessons that one transaction makes: each takes up to five of the 100 actions that DynamoDB allows.
const LESSONS_AT_ONCE: usize = 18;
/// Bytes of texts that one transaction writes; DynamoDB takes 4 MB, and the items have other fields too.
const BYTES_AT_ONCE: usize = 2_000_000;
/// Courses that share a video, besides its own: it bounds the video's item.
const SHARED_MAX: usize = 100;

/// A section to be made with its lessons.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// Its identifier.
    pub id: Id<kinds::Section>,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Its lessons in their order. Their files lie under the course's key by now, each with its reminder ([`Courses::expect_files`]).
    pub lessons: Vec<NewLesson>,
}

/// A draft with all its lessons.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The course as it is then.
    pub course: Course,
    /// Lessons that came without their video, since it is not the instructor's, or gone, or in another lesson of this course, or in too
    /// many courses.
    pub without_video: Vec<Id<kinds::Lesson>>,
    /// The files of each lesson that has any. The janitor removes them unless [`Courses::show_copy`] gets them.
    pub files: HashMap<Id<kinds::Lesson>, Vec<Id<kinds::Resource>>>,
}

/// How often a part is planned anew after one of its videos changed.
const TRIES: u32 = 8;

impl Courses<'_> {
    /// Gives a copy that was begun its sections and lessons, some 18 lessons a transaction. A video of the instructor becomes one that this
    /// course shares ([`Video::is_in`]); it stays in its lesson. What an earlier attempt has made under the same identifiers is kept.
    ///
    /// # Errors
    /// [`domain::course::Refusal::CopyTooOld`] where a copy with files was begun too long ago; [`EditError`] otherwise, and another attempt
    /// goes on.
    pub async fn fill(
        &self,
        begun: BegunCopy,
        sections: &[NewSection],
        now: Timestamp,
    ) -> Result<Filled, EditError> {
        let is_shown = begun.is_shown();
        let BegunCopy { course, lessons: before, files } = begun;
        let lacks = |new: &&NewLesson| {
            new.video_id.is_some() && before.get(&new.id).is_some_and(|made| made.video_id.is_none())
        };
        let all = || sections.iter().flat_map(|section| &section.lessons);
        let without_video = all().filter(lacks).map(|new| new.id).collect();
        let mut filled = Filled { course, without_video, files };
        if is_shown {
            return Ok(filled);
        }
        if !filled.files.is_empty() || all().any(|new| !new.resources.is_empty()) {
            demand_in_time(&filled.course, now)?;
        }
        for section in sections {
            // Parts are made from the front, so what is there is a beginning.
            let ids = section.lessons.iter().map(|lesson| lesson.id);
            let mut made: Vec<_> = ids.filter(|id| before.contains_key(id)).collect();
            let mut rest = &section.lessons[made.len()..];
            while !rest.is_empty() || !filled.course.section_order.contains(&section.id) {
                let (now_made, later) = rest.split_at(prefix(rest));
                made.extend(now_made.iter().map(|lesson| lesson.id));
                filled = self.fill_part(filled, section, (now_made, &made), now).await?;
                rest = later;
            }
        }
        Ok(filled)
    }

    /// Makes these lessons of a section, which then has all of `made`.
    async fn fill_part(
        &self,
        filled: Filled,
        new: &NewSection,
        (lessons, made): (&[NewLesson], &[Id<kinds::Lesson>]),
        now: Timestamp,
    ) -> Result<Filled, EditError> {
        let before = &filled.course;
        let (id, owner) = (before.id, before.instructor_id);
        let section = Section {
            id: new.id,
            course_id: id,
            title: new.title.clone(),
            description: new.description.clone(),
            lesson_order: made.to_vec(),
            created_at: now,
            updated_at: now,
        };
        let place = SectionPlace { section_id: new.id, course_id: id, instructor_id: owner };
        for attempt in 1..=TRIES {
            let mut after = before.clone();
            if !after.section_order.contains(&section.id) {
                after.section_order.push(section.id);
            }
            let videos = self.shareable(before, lessons).await?;
            let mut without_video = filled.without_video.clone();
            let mut files = filled.files.clone();
            let (mut puts, mut shown) = (Vec::with_capacity(lessons.len()), HashSet::new());
            for new in lessons {
                // A course shows a video once, in a document too.
                let video = new.video_id.filter(|id| shown.insert(*id)).and_then(|id| videos.get(&id));
                if new.video_id.is_some() && video.is_none() {
                    without_video.push(new.id);
                }
                let resources = fitting(new, &files);
                if !resources.is_empty() {
                    files.insert(new.id, resources.iter().map(|file| file.id).collect());
                }
                let lesson = lesson_of(before, new, video, resources, now);
                after.lesson_count += 1;
                after.duration_seconds += lesson.duration_seconds;
                puts.push((new, lesson, video, resources));
            }
            let mut transaction =
                rewrite(self.0, before, &mut after, now).put(Part::Rest, &section).put(Part::Rest, &place);
            for (new, lesson, video, resources) in puts {
                transaction = put_lesson(transaction, owner, new, &lesson, video, now);
                transaction = put_files(transaction, &lesson, resources, now);
            }
            match transaction.commit().await {
                Ok(()) => return Ok(Filled { course: after, without_video, files }),
                // Nobody sees the course: it was erased with its instructor's account.
                Err(TransactionError::Failed { label: Part::Course, .. }) => return Err(EditError::NoCourse),
                Err(TransactionError::Failed { .. }) => wait_for_turn(attempt).await,
                Err(TransactionError::Store(error)) => return Err(error.into()),
            }
        }
        Err(EditError::Contended)
    }

    /// Those of the lessons' videos that the course may share, and does not yet.
    async fn shareable(
        &self,
        course: &Course,
        lessons: &[NewLesson],
    ) -> Result<HashMap<Id<kinds::Video>, Video>, EditError> {
        let keys = lessons.iter().filter_map(|lesson| lesson.video_id).map(Video::key_of);
        let videos: Vec<Video> = self.0.batch().with_all::<Video>(keys).read().await?.all()?;
        let usable = videos.into_iter().filter(|video| {
            let own = video.owner_id == course.instructor_id && video.deleted_at.is_none();
            own && !video.is_in(course.id) && video.shared_with.len() < SHARED_MAX
        });
        Ok(usable.map(|video| (video.id, video)).collect())
    }
}

/// How many of the lessons fit into one transaction; at least one, where there is one.
fn prefix(lessons: &[NewLesson]) -> usize {
    let mut bytes = 0;
    let fits = |lesson: &&NewLesson| {
        let content = lesson.content.as_ref().map_or(0, String::len);
        let quiz = lesson.quiz.as_ref().map_or(0, |_| quiz::BYTES_MAX);
        let names = |file: &Resource| file.title.len() + file.file_name.len();
        let files: usize = lesson.resources.iter().map(names).sum();
        bytes += lesson.title.len() + lesson.description.len() + content + quiz + files;
        bytes <= BYTES_AT_ONCE
    };
    let count = lessons.iter().take(LESSONS_AT_ONCE).take_while(fits).count();
    count.max(1).min(lessons.len())
}

/// The files of a lesson; none where the transaction that shows the copy could not take them too. Attempts at a course that changes
/// between them may bring more together than each of them.
fn fitting<'a>(
    new: &'a NewLesson,
    files: &HashMap<Id<kinds::Lesson>, Vec<Id<kinds::Resource>>>,
) -> &'a [Resource] {
    let there: usize = files.values().map(Vec::len).sum();
    if there + new.resources.len() <= resource::COPIED_MAX { &new.resources } else { &[] }
}

fn lesson_of(
    course: &Course,
    new: &NewLesson,
    video: Option<&Video>,
    resources: &[Resource],
    now: Timestamp,
) -> Lesson {
    Lesson {
        id: new.id,
        course_id: course.id,
        section_id: new.section_id,
        kind: new.kind,
        title: new.title.clone(),
        description: new.description.clone(),
        video_id: video.map(|video| video.id),
        duration_seconds: video.map_or(new.duration_seconds.unwrap_or_default(), Video::duration_seconds),
        is_preview: new.is_preview,
        schedule: new.schedule,
        resource_count: u32::try_from(resources.len()).unwrap_or(u32::MAX),
        created_at: now,
        updated_at: now,
    }
}

fn put_lesson<'a>(
    transaction: Transaction<'a, Part>,
    owner: Id<kinds::User>,
    new: &NewLesson,
    lesson: &Lesson,
    video: Option<&Video>,
    now: Timestamp,
) -> Transaction<'a, Part> {
    let place = LessonPlace {
        lesson_id: lesson.id,
        section_id: lesson.section_id,
        course_id: lesson.course_id,
        instructor_id: owner,
    };
    let mut transaction = transaction.put_new(Part::Rest, lesson).put_new(Part::Rest, &place);
    if let Some(text) = &new.content {
        transaction = transaction.put(Part::Rest, &content(lesson, text, now));
    }
    if let Some(quiz) = &new.quiz {
        transaction = put_quiz(transaction, lesson, quiz, 1, now);
    }
    match video {
        Some(video) => transaction.update(Part::Rest, share(video, lesson, now)),
        None => transaction,
    }
}

fn put_files<'a>(
    transaction: Transaction<'a, Part>,
    lesson: &Lesson,
    resources: &[Resource],
    now: Timestamp,
) -> Transaction<'a, Part> {
    if resources.is_empty() {
        return transaction;
    }
    let Lesson { id: lesson_id, course_id, .. } = *lesson;
    let resources = resources.to_vec();
    transaction.put(Part::Rest, &LessonResources { lesson_id, course_id, resources, updated_at: now })
}
