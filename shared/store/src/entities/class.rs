//! The class of a course, as its teacher sees it: who is in it, how far each has watched, what each may do, who was there.
//!
//! Everything about a video or a section that belongs to a student lies in one partition of the video or section, sorted by the
//! enrolment, as the class itself is in its index. So a stretch of a class is one query of each.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::{
    attendance::{RULE_VIDEOS_MAX, attendance},
    enrollment::gives_access,
    playback::{ClassStats, Watch},
};
use kernel::{Id, Timestamp, id::kinds};
use serde::Deserialize;

use super::{
    attendance::Attendance,
    commerce::UserSubscription,
    enrollment::Enrollment,
    permission::VideoPermission,
    progress::VideoProgress,
    section::{Lesson, Section},
    video::Video,
    violation::VideoViolations,
};
use crate::{Entity, Key, Position, Query, QueryPage, Store, StoreError, Table, from_item};

/// Enrolments of a class from one to another, both included, in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    first: Id<kinds::Enrollment>,
    last: Id<kinds::Enrollment>,
}

impl Span {
    /// The stretch that these are, in whichever order; `None` for none.
    pub fn around(ids: impl IntoIterator<Item = Id<kinds::Enrollment>>) -> Option<Self> {
        ids.into_iter().fold(None, |span: Option<Self>, id| match span {
            None => Some(Self { first: id, last: id }),
            Some(Self { first, last }) => Some(Self { first: first.min(id), last: last.max(id) }),
        })
    }

    /// The query of what lies under these keys. Only DynamoDB's megabyte ends a page: a stretch is bounded by who made it.
    pub(crate) fn of(self, key: impl Fn(Id<kinds::Enrollment>) -> Key) -> Query {
        let (first, last) = (key(self.first), key(self.last));
        Query::partition(first.pk).between(first.sk, last.sk).limit(u32::MAX)
    }
}

/// A student of a class and what is known of him about one video.
#[derive(Clone, Debug)]
pub struct StudentOfVideo {
    /// The enrolment.
    pub enrollment: Enrollment,
    /// Whether it gives access to the course now.
    pub has_access: bool,
    /// How far he has watched; nothing where he has not begun.
    pub watch: Watch,
    /// His teacher's permission, where there is one.
    pub permission: Option<VideoPermission>,
    /// How often a player of his broke the policy.
    pub violations: u32,
}

/// Attendance of a stretch of a class in a section.
#[derive(Clone, Debug, Default)]
pub struct SectionAttendance {
    /// How many videos the rule counts; 0 where it says nothing.
    pub videos: usize,
    by_hand: HashMap<Id<kinds::Enrollment>, Attendance>,
    completed: HashMap<Id<kinds::Enrollment>, usize>,
}

impl SectionAttendance {
    /// What counts for a student.
    pub fn of(&self, student: Id<kinds::Enrollment>) -> domain::attendance::Attendance {
        let by_hand = self.by_hand.get(&student).map(|one| one.status);
        attendance(by_hand, self.completed(student), self.videos)
    }

    /// Videos of the section that he has completed, where the rule was asked.
    pub fn completed(&self, student: Id<kinds::Enrollment>) -> usize {
        self.completed.get(&student).copied().unwrap_or_default()
    }

    /// When his teacher has set it.
    pub fn marked_at(&self, student: Id<kinds::Enrollment>) -> Option<Timestamp> {
        self.by_hand.get(&student).map(|one| one.marked_at)
    }
}

/// What is read of a progress here.
#[derive(Deserialize)]
struct Seen {
    enrollment_id: Id<kinds::Enrollment>,
    progress: f64,
    completed: bool,
}

/// The attributes of [`Seen`].
const SEEN: &str = "enrollment_id, progress, completed";

/// The classes of courses.
pub struct Classes<'a>(&'a Store);

impl Store {
    /// The classes of courses.
    pub fn classes(&self) -> Classes<'_> {
        Classes(self)
    }
}

fn class(course: Id<kinds::Course>) -> Query {
    Query::index(1, format!("COURSE#{course}")).prefix("ENROLLMENT#")
}

impl Classes<'_> {
    /// A page of a class in the order of enrolment: one query of index 1, 1 MB a call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(
        &self,
        course: Id<kinds::Course>,
        limit: u32,
        after: Option<Position>,
    ) -> Result<QueryPage<Enrollment>, StoreError> {
        self.0.window(class(course).after(after), 0, limit).await
    }

    /// Those of these enrolments that are of the class: a query of index 1 from the first to the last of them, 1 MB a call. Reads what
    /// lies between them, so neighbours cost little.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn members(
        &self,
        course: Id<kinds::Course>,
        ids: &BTreeSet<Id<kinds::Enrollment>>,
    ) -> Result<HashMap<Id<kinds::Enrollment>, Enrollment>, StoreError> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(HashMap::new()) };
        let key = |id: &Id<kinds::Enrollment>| format!("ENROLLMENT#{id}");
        let mut query =
            Query::index(1, format!("COURSE#{course}")).between(key(first), key(last)).limit(u32::MAX);
        let mut found = HashMap::with_capacity(ids.len());
        loop {
            let page = self.0.query::<Enrollment>(query.clone()).await?;
            let wanted = page.items.into_iter().filter(|one| ids.contains(&one.id));
            found.extend(wanted.map(|one| (one.id, one)));
            match page.next {
                Some(next) => query = query.after(Some(next)),
                None => return Ok(found),
            }
        }
    }

    /// A page of a class with what is known of each student about one video: the page as [`Self::page`], then at the same time one query of
    /// the video's progress, one of its permissions and one of its violations; for those whom only a plan gives the right, a batch for
    /// each hundred of them and a query of the plans.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn students_of_video(
        &self,
        (course, video): (Id<kinds::Course>, Id<kinds::Video>),
        limit: u32,
        after: Option<Position>,
        now: Timestamp,
    ) -> Result<QueryPage<StudentOfVideo>, StoreError> {
        let page = self.page(course, limit, after).await?;
        let Some(span) = Span::around(page.items.iter().map(|one| one.id)) else {
            return Ok(QueryPage { items: Vec::new(), next: None });
        };
        let progress = self.watches(video, span);
        let permissions =
            self.by_student::<VideoPermission>(span.of(|id| VideoPermission::key_of(video, id)));
        let violations = self.by_student::<VideoViolations>(span.of(|id| VideoViolations::key_of(video, id)));
        let covered = self.covered_by_plans(&page.items, now);
        let (progress, mut permissions, violations, covered) =
            tokio::try_join!(progress, permissions, violations, covered)?;
        let student = |enrollment: Enrollment| {
            let by_plan = !enrollment.sources().is_plan_alone() || covered.contains(&enrollment.user_id);
            StudentOfVideo {
                has_access: gives_access(enrollment.status, enrollment.expiry_date, now) && by_plan,
                watch: progress.get(&enrollment.id).copied().unwrap_or_default(),
                permission: permissions.remove(&enrollment.id),
                violations: violations.get(&enrollment.id).map_or(0, |one| one.count),
                enrollment,
            }
        };
        Ok(QueryPage { items: page.items.into_iter().map(student).collect(), next: page.next })
    }

    /// The numbers of a whole class about one video: all ids of the class and all progress of the video, 1 MB a call each, at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stats_of_video(
        &self,
        course: Id<kinds::Course>,
        video: Id<kinds::Video>,
    ) -> Result<ClassStats, StoreError> {
        let (members, watched) = tokio::try_join!(self.ids(course), self.all_watches(video))?;
        // A video may be shown by several courses, and have been in others before.
        let begun = watched.into_iter().filter(|(student, _)| members.contains(student));
        Ok(ClassStats::new(members.len() as u64, begun.map(|(_, watch)| watch)))
    }

    /// The attendance of a stretch of a class in a section: one query of what was set by hand. Where that leaves somebody out, also the
    /// section's videos ([`Self::videos_of_section`]) and one query of the progress in each of them, at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attendance(
        &self,
        (course, section): (Id<kinds::Course>, Id<kinds::Section>),
        students: &[Id<kinds::Enrollment>],
    ) -> Result<SectionAttendance, StoreError> {
        let Some(span) = Span::around(students.iter().copied()) else {
            return Ok(SectionAttendance::default());
        };
        let attendances = self.0.attendances();
        let by_hand = attendances.of_section(section, span);
        let (by_hand, videos) = tokio::try_join!(by_hand, self.videos_of_section(course, section))?;
        let mut found = SectionAttendance { videos: videos.len(), by_hand, ..SectionAttendance::default() };
        if students.iter().all(|student| found.by_hand.contains_key(student)) {
            return Ok(found);
        }
        let watched = videos.into_iter().map(|video| self.watches(video, span));
        for of_video in futures::future::try_join_all(watched).await? {
            for (student, watch) in of_video {
                if watch.completed {
                    *found.completed.entry(student).or_default() += 1;
                }
            }
        }
        Ok(found)
    }

    /// The videos of a section from which attendance is told: those that its lessons show and those that were uploaded for the section
    /// itself, as far as they are streams that can be played. None where there are more than [`RULE_VIDEOS_MAX`]. Two calls, a batch for each hundred
    /// lessons, and another one for videos that are shared with the course.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn videos_of_section(
        &self,
        course: Id<kinds::Course>,
        section: Id<kinds::Section>,
    ) -> Result<Vec<Id<kinds::Video>>, StoreError> {
        let lessons = async {
            let found = self.0.batch().with::<Section>(Section::key_of(course, section)).read().await?;
            let order = found.one::<Section>()?.map(|one| one.lesson_order).unwrap_or_default();
            let keys = order.into_iter().map(|lesson| Lesson::key_of(course, lesson));
            self.0.batch().with_all::<Lesson>(keys).read().await?.all::<Lesson>()
        };
        let videos = self.0.videos();
        let (lessons, own) =
            tokio::try_join!(lessons, videos.of_section(section, RULE_VIDEOS_MAX + 1, None))?;
        if own.next.is_some() {
            return Ok(Vec::new());
        }
        let own: HashMap<_, _> = own.items.into_iter().map(|video| (video.id, video)).collect();
        let shared: BTreeSet<_> = lessons.into_iter().filter_map(|lesson| lesson.video_id).collect();
        let shared = shared.into_iter().filter(|id| !own.contains_key(id)).map(Video::key_of);
        let shared = self.0.batch().with_all::<Video>(shared).read().await?.all::<Video>()?;
        let is_counted = |video: &Video| {
            video.deleted_at.is_none() && video.status.is_playable() && video.active_version.is_some()
        };
        let all = own.into_values().filter(|video| video.course_id == Some(course)).chain(shared);
        let counted: Vec<_> = all.filter(is_counted).map(|video| video.id).collect();
        Ok(if counted.len() > RULE_VIDEOS_MAX as usize { Vec::new() } else { counted })
    }

    async fn ids(&self, course: Id<kinds::Course>) -> Result<HashSet<Id<kinds::Enrollment>>, StoreError> {
        #[derive(Deserialize)]
        struct Member {
            id: Id<kinds::Enrollment>,
        }
        let mut ids = HashSet::new();
        self.each::<Member>(class(course).only("id"), |one| {
            ids.insert(one.id);
        })
        .await?;
        Ok(ids)
    }

    async fn watches(
        &self,
        video: Id<kinds::Video>,
        students: Span,
    ) -> Result<HashMap<Id<kinds::Enrollment>, Watch>, StoreError> {
        self.seen(students.of(|enrollment| VideoProgress::key_of(video, enrollment))).await
    }

    async fn all_watches(
        &self,
        video: Id<kinds::Video>,
    ) -> Result<HashMap<Id<kinds::Enrollment>, Watch>, StoreError> {
        self.seen(Query::partition(Video::partition(video)).prefix("PROGRESS#")).await
    }

    async fn seen(&self, query: Query) -> Result<HashMap<Id<kinds::Enrollment>, Watch>, StoreError> {
        let mut found = HashMap::new();
        self.each::<Seen>(query.only(SEEN), |one| {
            found.insert(one.enrollment_id, Watch { progress: one.progress, completed: one.completed });
        })
        .await?;
        Ok(found)
    }

    /// Everything that a query gives, page by page, so that a whole class is never held as raw items.
    async fn each<T: serde::de::DeserializeOwned>(
        &self,
        query: Query,
        mut take: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let mut query = query.limit(u32::MAX);
        loop {
            let page = self.0.query_items(Table::Learning, query.clone()).await?;
            for item in page.items {
                take(
                    serde_dynamo::from_item(item).map_err(|error| StoreError::Malformed {
                        kind: "class",
                        reason: error.to_string(),
                    })?,
                );
            }
            match page.next {
                Some(next) => query = query.after(Some(next)),
                None => return Ok(()),
            }
        }
    }

    async fn by_student<E: Entity + OfStudent>(
        &self,
        query: Query,
    ) -> Result<HashMap<Id<kinds::Enrollment>, E>, StoreError> {
        let items = self.0.query_all(E::TABLE, query).await?;
        let found = items.into_iter().map(|item| {
            let one: E = from_item(item)?;
            Ok((one.student(), one))
        });
        found.collect()
    }

    /// Those of these students who have a plan now that covers the courses which are part of plans, of those who need one.
    async fn covered_by_plans(
        &self,
        class: &[Enrollment],
        now: Timestamp,
    ) -> Result<HashSet<Id<kinds::User>>, StoreError> {
        let by_plan = class
            .iter()
            .filter(|one| gives_access(one.status, one.expiry_date, now) && one.sources().is_plan_alone());
        let keys: Vec<Key> = by_plan.map(|one| UserSubscription::live_key(one.user_id)).collect();
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let batch = self.0.batch().with_all::<UserSubscription>(keys);
        let plans = self.0.plans();
        let (found, plans) = tokio::try_join!(batch.read(), plans.covering_courses())?;
        let live = found.all::<UserSubscription>()?.into_iter();
        let live = live.filter(|one| one.state.is_live(now) && plans.contains(&one.state.plan_id));
        Ok(live.map(|one| one.user_id).collect())
    }
}

/// What is kept of a student.
trait OfStudent {
    fn student(&self) -> Id<kinds::Enrollment>;
}

impl OfStudent for VideoPermission {
    fn student(&self) -> Id<kinds::Enrollment> {
        self.enrollment_id
    }
}

impl OfStudent for VideoViolations {
    fn student(&self) -> Id<kinds::Enrollment> {
        self.enrollment_id
    }
}
