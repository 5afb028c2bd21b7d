import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";

/** One thing that a course lacks, as `details.missing` of PUBLISH_BLOCKED lists it. */
export interface Missing {
  what: string;
  lesson_id?: string;
  message?: string;
}

/** What the answer says is missing; `null` when it says something else. */
export function missingOf(thrown: unknown): Missing[] | null {
  const { code, details } = ApiError.from(thrown);
  const missing = (details as { missing?: unknown } | null)?.missing;
  return code === "PUBLISH_BLOCKED" && Array.isArray(missing) ? (missing as Missing[]) : null;
}

/** What to do about it. */
export function missingText({ what, lesson_id, message }: Missing, course: Schemas["CourseDetail"]): string {
  const lessons = course.curriculum.flatMap((section) => section.lessons);
  const lesson = lessons.find(({ id }) => id === lesson_id)?.title ?? t.editor.thisLesson;
  const texts: Partial<Record<string, string | ((lesson: string) => string)>> = t.editor.missing;
  const text = texts[what];
  // A later platform may ask for more than this client knows.
  return typeof text === "function" ? text(lesson) : (text ?? message ?? what);
}
