//! Where somebody is in the courses that he learns in.

use std::collections::{HashMap, HashSet};

use domain::{
    activity::Recent,
    enrollment::{EnrollmentStatus, gives_access},
    learning::{Lock, current, locks},
};
use futures::future::try_join_all;
use http_kit::{ApiResult, Platform};
use kernel::{Id, Timestamp, id::kinds};
use store::entities::{Enrollment, Lesson, LessonProgress, Outline, Person, VideoProgress};

/// A course that somebody learns in.
pub(crate) struct Place {
    pub(crate) enrollment: Enrollment,
    pub(crate) outline: Outline,
    /// None where the account is gone.
    pub(crate) teacher: Option<Person>,
    /// When he learnt in it, where it is one of the last.
    pub(crate) learned_at: Option<Timestamp>,
    /// The lesson in which he was last, where one is known.
    last: Option<Id<kinds::Lesson>>,
    completed: HashSet<Id<kinds::Lesson>>,
    watched: HashMap<Id<kinds::Video>, VideoProgress>,
    now: Timestamp,
}

impl Place {
    /// The lesson with which he goes on: its place from 1, itself, why it is locked, and where to resume its video.
    pub(crate) fn current(&self) -> Option<(usize, Lesson, Option<Lock>, u64)> {
        let step = |lesson: &Lesson| lesson.step(self.completed.contains(&lesson.id));
        let (course, since) = (&self.outline.course, self.enrollment.enrolled_at);
        let locks = locks(self.outline.lessons().map(step), course.required_order, since, self.now);
        let chosen = self.chosen()?;
        let found =
            (1..).zip(self.outline.lessons()).zip(locks).find(|((_, lesson), _)| lesson.id == chosen.id);
        let ((order, lesson), lock) = found?;
        let watched = lesson.video_id.and_then(|video| self.watched.get(&video));
        Some((order, lesson.clone(), lock, watched.map_or(0, |watched| watched.last_position)))
    }

    fn chosen(&self) -> Option<&Lesson> {
        let all = self.outline.lessons().map(|lesson| (lesson.id, self.completed.contains(&lesson.id)));
        let id = current(all, self.last)?;
        self.outline.lessons().find(|lesson| lesson.id == id)
    }
}

/// Up to `limit` courses that somebody has not completed and may take now: those in which he learnt last, then the newest. A batch and a query
/// at once; a batch of the enrolments in which he learnt; two queries for each course, all at once; and a batch of teachers and of the progress in
/// the videos to go on with. Two reads more where nothing but a plan gives the right to one of them.
///
/// # Errors
/// As storage fails.
pub(crate) async fn places(
    platform: &Platform,
    user: Id<kinds::User>,
    limit: usize,
) -> ApiResult<Vec<Place>> {
    let (store, now) = (platform.store(), platform.ambient().now());
    let (activities, enrollments) = (store.activities(), store.enrollments());
    let newest = u32::try_from(limit).unwrap_or(u32::MAX);
    let newest = enrollments.of_user(user, Some(EnrollmentStatus::Active), None, 0, newest);
    let (learner, newest) = tokio::try_join!(activities.learner(user), newest)?;
    let recent = learner.activity().recent;
    let keys = recent.iter().map(|recent| Enrollment::key_of(user, recent.enrollment_id));
    let learnt_in: Vec<Enrollment> = store.batch().with_all::<Enrollment>(keys).read().await?.all()?;
    let chosen = open_ones(platform, user, in_order(learnt_in, newest.items, &recent), now).await?;
    let chosen = chosen.into_iter().take(limit);
    let mut places: Vec<Place> = try_join_all(chosen.map(|one| read(platform, one, &recent, now)))
        .await?
        .into_iter()
        .flatten()
        .collect();
    look_into_videos(platform, &mut places).await?;
    Ok(places)
}

/// Those in which he learnt last first, then the others.
fn in_order(mut learnt_in: Vec<Enrollment>, newest: Vec<Enrollment>, recent: &[Recent]) -> Vec<Enrollment> {
    let place = |one: &Enrollment| recent.iter().position(|recent| recent.enrollment_id == one.id);
    learnt_in.sort_by_key(place);
    let others = newest.into_iter().filter(|one| place(one).is_none());
    learnt_in.into_iter().chain(others).collect()
}

/// Those that he has not completed and may take now.
async fn open_ones(
    platform: &Platform,
    user: Id<kinds::User>,
    mut all: Vec<Enrollment>,
    now: Timestamp,
) -> ApiResult<Vec<Enrollment>> {
    all.retain(|one| {
        one.status == EnrollmentStatus::Active && gives_access(one.status, one.expiry_date, now)
    });
    let by_plan = |one: &Enrollment| one.sources().is_plan_alone();
    if all.iter().any(by_plan) && !platform.store().subscriptions().covers_courses(user, now).await? {
        all.retain(|one| !by_plan(one));
    }
    Ok(all)
}

/// A course with what he has completed; `None` where the course is gone.
async fn read(
    platform: &Platform,
    enrollment: Enrollment,
    recent: &[Recent],
    now: Timestamp,
) -> ApiResult<Option<Place>> {
    let (courses, learning) = (platform.store().courses(), platform.store().learning());
    let (outline, progress) =
        tokio::try_join!(courses.outline(enrollment.course_id), learning.of_enrollment(enrollment.id))?;
    let recent = recent.iter().find(|recent| recent.enrollment_id == enrollment.id);
    let completed = progress.iter().filter(|progress| progress.is_completed());
    let last_touched = || progress.iter().max_by_key(|progress| progress.updated_at);
    Ok(outline.map(|outline| Place {
        outline,
        teacher: None,
        learned_at: recent.map(|recent| recent.at),
        last: recent
            .and_then(|recent| recent.lesson_id)
            .or_else(|| last_touched().map(|progress: &LessonProgress| progress.lesson_id)),
        completed: completed.map(|progress| progress.lesson_id).collect(),
        watched: HashMap::new(),
        enrollment,
        now,
    }))
}

/// Reads teachers, and the progress in the videos to go on with. A video that was completed when lessons were not kept one by one leads to
/// the next lesson, and to another batch.
async fn look_into_videos(platform: &Platform, places: &mut [Place]) -> ApiResult<()> {
    let mut teachers: Vec<_> = places.iter().map(|place| place.outline.course.instructor_id).collect();
    loop {
        let unread = |place: &Place| {
            let video = place.chosen()?.video_id.filter(|video| !place.watched.contains_key(video))?;
            Some(VideoProgress::key_of(video, place.enrollment.id))
        };
        let keys: Vec<_> = places.iter().filter_map(unread).collect();
        let batch = platform.store().batch().with_people(teachers.drain(..)).with_all::<VideoProgress>(keys);
        let found = batch.read().await?;
        let people: Vec<Person> = found.all()?;
        let mut old = false;
        for watched in found.all::<VideoProgress>()? {
            let whose = places.iter_mut().find(|place| place.enrollment.id == watched.enrollment_id);
            let Some(place) = whose else { continue };
            if watched.is_counted() {
                let lessons = place.outline.lessons();
                let shows = lessons.filter(|lesson| lesson.video_id == Some(watched.video_id));
                place.completed.extend(shows.map(|lesson| lesson.id));
                old = true;
            }
            place.watched.insert(watched.video_id, watched);
        }
        for place in places.iter_mut().filter(|place| place.teacher.is_none()) {
            let id = place.outline.course.instructor_id;
            place.teacher = people.iter().find(|person| person.id == id).cloned();
        }
        if !old {
            return Ok(());
        }
    }
}
