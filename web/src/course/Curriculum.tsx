import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { spokenDuration } from "../lib/format";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { KindIcon } from "./KindIcon";

type Course = Schemas["CourseDetail"];

/** What is in a course, as far as the viewer may open it. */
export function Curriculum({ course }: { course: Course }) {
  return (
    <section className="stack" aria-labelledby="curriculum">
      <h2 id="curriculum">{t.course.curriculum}</h2>
      {course.curriculum.length === 0 && <p className="muted">{t.course.noLessons}</p>}
      {course.curriculum.map((section) => (
        <CurriculumSection key={section.id} section={section} course={course} />
      ))}
    </section>
  );
}

function CurriculumSection({ section, course }: { section: Schemas["SectionView"]; course: Course }) {
  const minutes = section.total_duration_minutes;
  const length = [t.course.lessons(section.total_lessons), ...(minutes > 0 ? [spokenDuration(minutes * 60)] : [])];
  return (
    <section className="section" aria-label={section.title}>
      <div className="section-head">
        <h3>{section.title}</h3>
        <span className="small muted">{length.join(" · ")}</span>
      </div>
      {section.description !== "" && <p className="section-about small muted">{section.description}</p>}
      <ol className="lessons">
        {section.lessons.map((lesson) => (
          <li key={lesson.id}>
            <LessonRow lesson={lesson} course={course} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function LessonRow({ lesson, course }: { lesson: Schemas["CurriculumLesson"]; course: Course }) {
  const content = (
    <>
      <KindIcon kind={lesson.kind} />
      <span className="lesson-title">{lesson.title}</span>
      {lesson.kind !== "video" && <span className="small muted">{t.learn.kinds[lesson.kind]}</span>}
      {lesson.duration_seconds > 0 && <span className="small muted">{spokenDuration(lesson.duration_seconds)}</span>}
    </>
  );
  if (course.enrolled && typeof course.enrollment_id === "string")
    return (
      <Link className="lesson" to={`/learn/${course.enrollment_id}/${lesson.id}`}>
        {content}
      </Link>
    );
  if (lesson.is_preview) {
    return (
      <Link className="lesson" to={`/courses/${course.slug}/${lesson.id}`}>
        {content}
        <span className="tag tag-busy">{t.course.preview}</span>
      </Link>
    );
  }
  return (
    <div className="lesson">
      {content}
      <Icon name="lock" />
      <span className="visually-hidden">{t.course.locked}</span>
    </div>
  );
}
