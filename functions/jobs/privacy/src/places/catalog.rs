//! Courses and reviews. Courses with students stay, without a name: people have paid for them, or learn from them.

use domain::course::CourseStatus;
use jobs::JobError;
use store::{
    Entity as _, Item, Table,
    entities::{Course, CourseThumbnail, Lesson, Resource, Section, belongings::Part, course::EditError},
    from_item, item_type,
};

use super::{Subject, collect_part, course_of, each_page, erase_part, reviews};
use crate::{Archive, Context};

/// The kinds of items that are found here.
pub(super) const REACHES: &[&str] = &[
    "course",
    "course_thumbnail",
    "section",
    "lesson",
    "lesson_content",
    "lesson_quiz",
    "quiz_key",
    "lesson_resources",
    "section_place",
    "lesson_place",
    "slug_guard",
    "taught_course",
    "teaching_stats",
    "course_export",
    "course_import",
    "search_query",
    "review",
    "review_guard",
    "review_edit",
    "review_vote",
    "review_reply",
];

/// Adds what is found to the archive.
pub(super) async fn collect(
    context: &Context,
    subject: &Subject,
    archive: &mut Archive,
) -> Result<(), JobError> {
    reviews::collect(context, subject, archive).await?;
    collect_part(context, &Part::Searches(subject.id()), archive).await?;
    collect_part(context, &Part::Teaching(subject.id()), archive).await?;
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
        reviews::collect_replies(context, id, archive).await?;
    }
    Ok(())
}

/// Erases what is left.
pub(super) async fn erase(context: &Context, subject: &Subject) -> Result<(), JobError> {
    reviews::erase(context, subject).await?;
    erase_part(context, &Part::Searches(subject.id()), &[]).await?;
    for id in subject.courses(context).await? {
        // Nobody enrols any more from here on, so a course without students stays without.
        let course = context.store.courses().unpublish(id, subject.id(), context.ambient.now()).await;
        match course {
            Ok(course) if course.student_count == 0 => remove(context, &course).await?,
            // Who is enrolled keeps it, under an author without a name.
            Ok(_) => {}
            // He deleted it while it had students; nobody enrols any more, and the last of them may have gone since.
            Err(EditError::NoCourse) => {
                if let Some(course) = context.store.courses().get(id).await? {
                    remove(context, &course).await?;
                }
            }
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
    .await?;
    // After the courses, which were still counted there. His archives are beside the numbers.
    erase_part(context, &Part::Teaching(subject.id()), &[]).await
}

/// Removes a course, its sections and lessons; the course itself last, so that a run after a crash finds the rest.
async fn remove(context: &Context, course: &Course) -> Result<(), JobError> {
    if course.student_count > 0 || course.status != CourseStatus::Draft {
        return Ok(());
    }
    // The files of its lessons and its picture, while the course still says where they are.
    let uploads = &context.buckets.uploads;
    while !context.objects.purge(uploads, &Resource::folder(course.id)).await? {}
    while !context.objects.purge(uploads, &CourseThumbnail::upload_folder(course.id)).await? {}
    let shown = CourseThumbnail::folder(course.id);
    while !context.objects.purge(&context.buckets.media, &shown).await? {}
    context.edge.invalidate(vec![format!("/{shown}*")], &shown.replace('/', "-")).await?;
    let belongings = context.store.belongings();
    let mut items = belongings.all(&Part::Course(course.id)).await?;
    for item in &items {
        if let Some(part) = around(item)? {
            erase_part(context, &part, &[]).await?;
        }
    }
    reviews::remove_of_course(context, course.id).await?;
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
