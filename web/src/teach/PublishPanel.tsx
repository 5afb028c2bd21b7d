import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];

/** One thing that a course lacks, as `details.missing` of PUBLISH_BLOCKED lists it. */
interface Missing {
  what: string;
  lesson_id?: string;
  message?: string;
}

/** Publishes a course, or says what it lacks. */
export function PublishPanel({ course }: { course: Course }) {
  const path = { params: { path: { id: course.id } } };
  const change = useCourseChange(() =>
    call(course.is_published ? api.POST("/api/v1/courses/{id}/unpublish", path) : api.POST("/api/v1/courses/{id}/publish", path)),
  );
  const missing = change.error === null ? null : missingOf(change.error);
  return (
    <section className="stack">
      <div className="row">
        <button
          type="button"
          className={course.is_published ? "button" : "button primary"}
          disabled={change.isPending}
          onClick={() => change.mutate()}
        >
          {course.is_published ? t.editor.unpublish : t.editor.publish}
        </button>
      </div>
      {change.isSuccess && (
        <Notice kind="good"><p>{course.is_published ? t.editor.published : t.editor.unpublished}</p></Notice>
      )}
      {missing === null ? (
        <ErrorNotice error={change.error} />
      ) : (
        <Notice kind="bad" title={t.editor.missingTitle}>
          <ul>
            {missing.map((one) => (
              <li key={`${one.what} ${one.lesson_id ?? ""}`}>{missingText(one, course)}</li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  );
}

/** What the answer says is missing; `null` when it says something else. */
export function missingOf(thrown: unknown): Missing[] | null {
  const { code, details } = ApiError.from(thrown);
  const missing = (details as { missing?: unknown } | null)?.missing;
  return code === "PUBLISH_BLOCKED" && Array.isArray(missing) ? (missing as Missing[]) : null;
}

function missingText({ what, lesson_id, message }: Missing, course: Course): string {
  const lessons = course.curriculum.flatMap((section) => section.lessons);
  const lesson = lessons.find(({ id }) => id === lesson_id)?.title ?? t.editor.thisLesson;
  const texts: Partial<Record<string, string | ((lesson: string) => string)>> = t.editor.missing;
  const text = texts[what];
  // A later platform may ask for more than this client knows.
  return typeof text === "function" ? text(lesson) : (text ?? message ?? what);
}
