import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { missingOf, missingText } from "./missing";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];

/** Publishes a course, or says what it lacks. */
export function PublishPanel({ course }: { course: Course }) {
  const path = { params: { path: { id: course.id } } };
  const change = useCourseChange(() =>
    call(
      course.is_published
        ? api.POST("/api/v1/courses/{id}/unpublish", path)
        : api.POST("/api/v1/courses/{id}/publish", path),
    ),
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
        <Notice kind="good">
          <p>{course.is_published ? t.editor.published : t.editor.unpublished}</p>
        </Notice>
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
