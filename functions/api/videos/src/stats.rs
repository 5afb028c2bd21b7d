//! A video as its teacher sees it: his class, and how far each student has watched (seed 002, `stats`).

use api_views::VideoView;
use domain::{
    attendance::{Attendance, AttendanceStatus, CLASS_PAGE_MAX},
    csv::{Cell, Csv},
    enrollment::EnrollmentStatus,
    playback::{AccessRule, ClassStats, effective_rule},
};
use garde::Validate;
use http_kit::{ApiError, ApiResult, ClassQuery, CursorQuery, Platform, Principal};
use kernel::{Id, id::kinds};
use serde::{Deserialize, Serialize};
use store::{
    Position,
    entities::{Lesson, Video, class::StudentOfVideo},
};

use crate::access::{own_video, video_not_found};

/// Most students of a file: at some 150 bytes each it stays below the 6 MB that Lambda answers with.
const EXPORT_MAX: usize = 20_000;

/// Which class.
#[derive(Clone, Copy, Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CourseQuery {
    /// A course that shows the video; its own unless it is sent.
    #[garde(skip)]
    pub(crate) course: Option<Id<kinds::Course>>,
}

/// Numbers of the whole class, whichever page (seed 002, VideoStats.stats).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StatsBlock {
    #[schema(example = 32)]
    total_students: u64,
    /// Who has watched all of it.
    #[schema(example = 9)]
    completed_100: u64,
    /// Who has watched 90 % of it or more.
    #[schema(example = 14)]
    completed_90: u64,
    /// Mean of the parts that were watched, 0 to 1.
    #[schema(example = 0.625)]
    avg_progress: f64,
}

/// A student (seed 002, VideoStatsStudent).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StatsStudent {
    enrollment: Id<kinds::Enrollment>,
    student_id: Id<kinds::User>,
    #[schema(example = "Ada Lovelace")]
    student_name: String,
    /// Always null: it is not known. Seed 002's client reads it.
    parent_phone: Option<String>,
    /// Always null: the numbers of students are not shown to teachers. Seed 002's client reads it.
    student_phone: Option<String>,
    /// Always null: it is not known. Seed 002's client reads it.
    school: Option<String>,
    /// Always null: it is not known. Seed 002's client reads it.
    grade: Option<u8>,
    enrollment_status: EnrollmentStatus,
    /// In the video's section: what was set by hand, else what follows from watching; null while nothing is known.
    attendance_status: Option<AttendanceStatus>,
    /// Whether the attendance follows from watching.
    attendance_by_rule: bool,
    /// Part that was watched, 0 to 1.
    #[schema(example = 0.42)]
    progress: f64,
    /// Whether 90 % were watched.
    completed: bool,
    /// What the teacher has set; `free` where he has set nothing.
    rule: AccessRule,
    /// Whether the teacher has set something for this student.
    is_override: bool,
    /// What counts in the end: `blocked` for who may not take the course now, else `rule`.
    effective_rule: AccessRule,
    /// Times that a player of this student reported what the policy forbids. An indication: players can lie.
    #[schema(example = 0)]
    violations: u32,
}

/// A video and its class (seed 002, VideoStats).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct VideoStatsView {
    video: VideoView,
    stats: StatsBlock,
    /// In the order of their enrolment, whatever the state of it.
    students: Vec<StatsStudent>,
    /// The next page's URL, in a class of more than `page_size`.
    next: Option<String>,
}

/// A video in a course of its teacher.
pub(crate) struct Lecture {
    pub(crate) video: Video,
    course: Option<Id<kinds::Course>>,
    section: Option<Id<kinds::Section>>,
}

impl Lecture {
    /// The caller's video in this course, or in its own: one read, and another one where the course shares it.
    ///
    /// # Errors
    /// 404 when it is not his, or the course does not show it.
    pub(crate) async fn of_course(
        platform: &Platform,
        caller: Principal,
        id: Id<kinds::Video>,
        course: Option<Id<kinds::Course>>,
    ) -> ApiResult<Self> {
        let video = own_video(platform, id, caller.user_id).await?;
        let course = course.or(video.course_id);
        let section = match course {
            None => None,
            Some(own) if video.course_id == Some(own) => video.section_id,
            Some(course) if video.is_in(course) => shown_in(platform, &video, course).await?,
            Some(_) => return Err(video_not_found()),
        };
        Ok(Self { video, course, section })
    }

    /// The caller's video under the nested path of seed 002.
    ///
    /// # Errors
    /// 404 when it is not his, or the section does not show it.
    pub(crate) async fn of_section(
        platform: &Platform,
        caller: Principal,
        id: Id<kinds::Video>,
        (course, section): (Id<kinds::Course>, Id<kinds::Section>),
    ) -> ApiResult<Self> {
        let lecture = Self::of_course(platform, caller, id, Some(course)).await?;
        if lecture.section == Some(section) { Ok(lecture) } else { Err(video_not_found()) }
    }

    /// A page of the class and the numbers of all of it.
    pub(crate) async fn stats(
        self,
        platform: &Platform,
        query: ClassQuery,
        path: &str,
    ) -> ApiResult<VideoStatsView> {
        let cursor = CursorQuery::from(query);
        let Some(course) = self.course else {
            return Ok(VideoStatsView {
                video: VideoView::own(self.video, platform.public_base_url()),
                stats: StatsBlock::new(ClassStats::default()),
                students: Vec::new(),
                next: None,
            });
        };
        let list = format!("class:{}:{course}", self.video.id);
        let start = cursor.start(platform, &list).await?;
        let is_first = start.is_none();
        let (students, next) = self.students(platform, course, cursor.page_size, start).await?;
        let stats = if is_first && next.is_none() {
            ClassStats::new(students.len() as u64, students.iter().map(|(student, _)| student.watch))
        } else {
            platform.store().classes().stats_of_video(course, self.video.id).await?
        };
        let shown = students.into_iter().map(|(student, attendance)| StatsStudent::new(student, attendance));
        let course = course.to_string();
        let own_course = self.video.course_id.is_none_or(|own| own.to_string() == course);
        let filters = [("course", course.as_str())];
        let filters = if own_course { &[][..] } else { &filters[..] };
        let page = cursor.page(platform, &list, path, filters, shown.collect(), next).await?;
        Ok(VideoStatsView {
            video: VideoView::own(self.video, platform.public_base_url()),
            stats: StatsBlock::new(stats),
            students: page.results,
            next: page.next,
        })
    }

    /// The whole class as a table for spreadsheets.
    ///
    /// # Errors
    /// 422 for a class of more than [`EXPORT_MAX`].
    pub(crate) async fn csv(&self, platform: &Platform) -> ApiResult<String> {
        let mut csv = Csv::new(&[
            "student_name",
            "student_id",
            "enrollment",
            "enrollment_status",
            "attendance_status",
            "progress_percent",
            "completed",
            "rule",
            "is_override",
            "effective_rule",
            "violations",
        ]);
        let Some(course) = self.course else { return Ok(csv.into_text()) };
        let (mut count, mut start) = (0, None);
        loop {
            let (students, next) = self.students(platform, course, CLASS_PAGE_MAX, start).await?;
            count += students.len();
            if count > EXPORT_MAX {
                return Err(too_large());
            }
            for (student, attendance) in students {
                csv.row(StatsStudent::new(student, attendance).cells());
            }
            start = next;
            if start.is_none() {
                return Ok(csv.into_text());
            }
        }
    }

    async fn students(
        &self,
        platform: &Platform,
        course: Id<kinds::Course>,
        limit: u32,
        start: Option<Position>,
    ) -> ApiResult<(Vec<(StudentOfVideo, Attendance)>, Option<Position>)> {
        let (classes, now) = (platform.store().classes(), platform.ambient().now());
        let page = classes.students_of_video((course, self.video.id), limit, start, now).await?;
        let Some(section) = self.section else {
            let unknown = |student| (student, Attendance::default());
            return Ok((page.items.into_iter().map(unknown).collect(), page.next));
        };
        let ids: Vec<_> = page.items.iter().map(|student| student.enrollment.id).collect();
        let attendance = classes.attendance((course, section), &ids).await?;
        let known = |student: StudentOfVideo| {
            let attendance = attendance.of(student.enrollment.id);
            (student, attendance)
        };
        Ok((page.items.into_iter().map(known).collect(), page.next))
    }
}

/// The section in which a course of the same teacher shows a video of another one.
async fn shown_in(
    platform: &Platform,
    video: &Video,
    course: Id<kinds::Course>,
) -> ApiResult<Option<Id<kinds::Section>>> {
    let lessons = video.lessons().filter(|(of, _)| *of == course);
    let keys = lessons.map(|(course, lesson)| Lesson::key_of(course, lesson));
    let found = platform.store().batch().with_all::<Lesson>(keys).read().await?.all::<Lesson>()?;
    let lesson = found.into_iter().find(|lesson| lesson.video_id == Some(video.id));
    Ok(lesson.map(|lesson| lesson.section_id))
}

fn too_large() -> ApiError {
    let message = format!(
        "The class has more than {EXPORT_MAX} students. Read it page by page: GET …/stats, and follow `next`."
    );
    ApiError::unprocessable("CLASS_TOO_LARGE", message)
}

impl StatsBlock {
    fn new(stats: ClassStats) -> Self {
        let ClassStats { total_students, completed_100, completed_90, avg_progress } = stats;
        Self { total_students, completed_100, completed_90, avg_progress }
    }
}

impl StatsStudent {
    fn new(student: StudentOfVideo, attendance: Attendance) -> Self {
        let StudentOfVideo { enrollment, has_access, watch, permission, violations } = student;
        let rule = permission.as_ref().map(|permission| permission.rule);
        Self {
            enrollment: enrollment.id,
            student_id: enrollment.user_id,
            student_name: enrollment.student_name.into_inner(),
            parent_phone: None,
            student_phone: None,
            school: None,
            grade: None,
            enrollment_status: enrollment.status,
            attendance_status: attendance.status,
            attendance_by_rule: attendance.by_rule,
            progress: watch.progress,
            completed: watch.completed,
            rule: rule.unwrap_or(AccessRule::Free),
            is_override: permission.is_some_and(|permission| permission.is_override),
            effective_rule: effective_rule(has_access, rule),
            violations,
        }
    }

    /// In the order of the columns.
    fn cells(&self) -> [Cell; 11] {
        [
            Cell::text(&self.student_name),
            Cell::value(self.student_id),
            Cell::value(self.enrollment),
            Cell::value(self.enrollment_status),
            self.attendance_status.map_or(Cell::empty(), |status| Cell::value(status.as_str())),
            Cell::value(format_args!("{:.1}", self.progress * 100.0)),
            Cell::value(self.completed),
            Cell::value(self.rule.as_str()),
            Cell::value(self.is_override),
            Cell::value(self.effective_rule.as_str()),
            Cell::value(self.violations),
        ]
    }
}
