//! How a whole curriculum gets a new order at once, lessons that move to another section included.

use std::collections::{BTreeMap, HashMap};

use domain::course::{Refusal, is_permutation};
use kernel::{Id, Timestamp, id::kinds};

use super::{Lesson, LessonPlace, Section, lessons::attach, sections::rewrite_order};
use crate::{
    Condition, Entity as _, Update,
    entities::{
        Course, Video,
        course::{Courses, EditError, Part, rewrite},
    },
};

/// Items that one call changes besides the course: DynamoDB allows 100 actions in a transaction. A section whose list changes is one, a
/// lesson that moves is two, three with a video.
const CHANGES_MAX: usize = 99;

impl Courses<'_> {
    /// Gives the sections of a course a new order and, of those that `lessons` names, the lessons: in one transaction, so that students never
    /// see a lesson twice or not at all.
    ///
    /// # Errors
    /// [`EditError`]; [`Refusal::NotAPermutation`] when a section or a lesson is named twice or left out, [`Refusal::TooManyMoves`].
    pub async fn arrange(
        &self,
        course: Id<kinds::Course>,
        owner: Id<kinds::User>,
        order: &[Id<kinds::Section>],
        lessons: &BTreeMap<Id<kinds::Section>, Vec<Id<kinds::Lesson>>>,
        now: Timestamp,
    ) -> Result<(), EditError> {
        let mut edit = self.edit(course, owner).await?;
        loop {
            let before = edit.course();
            if !is_permutation(&before.section_order, order) {
                return Err(Refusal::NotAPermutation.into());
            }
            let moves =
                if lessons.is_empty() { Vec::new() } else { self.moves(course, lessons, now).await? };
            let mut after = Course { section_order: order.to_vec(), ..before.clone() };
            let transaction = rewrite(self.0, &before, &mut after, now);
            let transaction =
                moves.into_iter().fold(transaction, |all, update| all.update(Part::Rest, update));
            if edit.commit(transaction).await? {
                return Ok(());
            }
        }
    }

    /// The updates that give these sections these lessons.
    async fn moves(
        &self,
        course: Id<kinds::Course>,
        lessons: &BTreeMap<Id<kinds::Section>, Vec<Id<kinds::Lesson>>>,
        now: Timestamp,
    ) -> Result<Vec<Update>, EditError> {
        let outline = self.outline(course).await?.ok_or(EditError::NoCourse)?;
        let sections: Vec<&Section> = outline.sections.iter().map(|(section, _)| section).collect();
        if lessons.keys().any(|id| !sections.iter().any(|section| section.id == *id)) {
            return Err(Refusal::NoSection.into());
        }
        let wanted = |section: &Section| lessons.get(&section.id).unwrap_or(&section.lesson_order).clone();
        let current: Vec<_> = sections.iter().flat_map(|section| section.lesson_order.clone()).collect();
        let then: Vec<_> = sections.iter().flat_map(|section| wanted(section)).collect();
        if !is_permutation(&current, &then) {
            return Err(Refusal::NotAPermutation.into());
        }
        let by_id: HashMap<_, _> = outline.lessons().map(|lesson| (lesson.id, lesson)).collect();
        let (mut updates, mut moved) = (Vec::new(), Vec::new());
        for section in sections {
            let lesson_order = wanted(section);
            if lesson_order == section.lesson_order {
                continue;
            }
            let came = lesson_order.iter().filter_map(|id| by_id.get(id));
            let came = came.filter(|lesson| lesson.section_id != section.id);
            moved.extend(came.map(|lesson| Lesson { section_id: section.id, ..(*lesson).clone() }));
            updates.push(rewrite_order(&Section { lesson_order, ..section.clone() }, now));
        }
        let keys = moved.iter().filter_map(|lesson| lesson.video_id).map(Video::key_of);
        let videos: Vec<Video> = self.0.batch().with_all::<Video>(keys).read().await?.all()?;
        for lesson in &moved {
            let section = Update::of::<Lesson>(lesson.key()).set("section_id", lesson.section_id);
            updates.push(section.set("updated_at", now).when(Condition::Exists));
            let place = Update::of::<LessonPlace>(LessonPlace::key_of(lesson.id));
            updates.push(place.set("section_id", lesson.section_id).when(Condition::Exists));
            let video = videos.iter().find(|video| video.lesson_id == Some(lesson.id));
            updates.extend(video.map(|video| attach(video, lesson, now)));
        }
        if updates.len() > CHANGES_MAX { Err(Refusal::TooManyMoves.into()) } else { Ok(updates) }
    }
}
