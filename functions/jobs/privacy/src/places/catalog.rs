//! Courses. Those with students stay, without a name: people have paid for them, or learn from them.

use domain::course::CourseStatus;
use jobs::JobError;
use store::{
    Entity as _, Item, Table,
    entities::{Course, Lesson, Section, belongings::Part, course::EditError},
    from_item, item_type,
};

use super::{Subject, collect_part, course_of, each_page};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "course",
    "section",
    "lesson",
    "lesson_content",
    "section_place",
    "lesson_place",
    "slug_guard",
    "taught_course",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    let belongings = context.store.belongings();
    let mut courses = subject.courses(context).await?;
    for item in belongings.all(&Part::DeletedCourses(subject.id())).await? {
        courses.push(course_of(item)?.id);
    }
    for id in courses {
        let items = belongings.all(&Part::Course(id)).await?;
        for item in &items {
            if let Some(part) = around(item)? {
                collect_part(context, &part, archive).await?;
            }
        }
        archive.add(items)?;
    }
    Ok(())
}

/// Erases what is left.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    for id in subject.courses(context).await? {
        // Nobody enrols any more from here on, so a course without students stays without.
        let course = context.store.courses().unpublish(id, subject.id(), context.ambient.now()).await;
        match course {
            Ok(course) if course.student_count == 0 => remove(context, &course).await?,
            // Who is enrolled keeps it, under an author without a name.
            Ok(_) => {}
            Err(EditError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(JobError::retry(error)),
        }
    }
    let deleted = Part::DeletedCourses(subject.id());
    each_page(context, &deleted, async |items| {
        for item in items {
            remove(context, &course_of(item)?).await?;
        }
        Ok(())
    })
    .await
}

/// Removes a course, its sections and lessons; the course itself last, so that a run after a crash finds the rest.
async fn remove(context: &Context, course: &Course) -> Result<(), JobError> {
    if course.student_count > 0 || course.status != CourseStatus::Draft {
        return Ok(());
    }
    let belongings = context.store.belongings();
    let mut items = belongings.all(&Part::Course(course.id)).await?;
    for item in &items {
        if let Some(part) = around(item)? {
            super::erase_part(context, &part, &[]).await?;
        }
    }
    items.retain(|item| item_type(item) != Course::TYPE);
    belongings.remove(Table::Catalog, &items).await?;
    if !belongings.remove_course(course).await? {
        return Err(JobError::retry("the course changed while it was erased"));
    }
    Ok(())
}

/// What has a partition of its own beside a section or a lesson.
fn around(item: &Item) -> Result<Option<Part>, JobError> {
    Ok(match item_type(item) {
        Section::TYPE => Some(Part::Section(from_item::<Section>(item.clone())?.id)),
        Lesson::TYPE => Some(Part::Lesson(from_item::<Lesson>(item.clone())?.id)),
        _ => None,
    })
}
