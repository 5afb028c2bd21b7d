import { useEffect } from "react";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";

interface Props {
  enrollmentId: string;
  lesson: Schemas["EnrolledLesson"];
}

/** Tells that a text or files were opened, and lets the student say that he is done with them. */
export function Done({ enrollmentId, lesson }: Props) {
  const { id: lessonId, completed } = lesson;
  useEffect(() => {
    if (completed) return;
    const path = { id: enrollmentId, lesson_id: lessonId };
    // Where this fails the button below opens it: the server says what is missing.
    call(api.PUT("/api/v1/enrollments/{id}/lessons/{lesson_id}/progress", { params: { path }, body: {} })).catch(() => undefined);
  }, [enrollmentId, lessonId, completed]);
  const mark = useChange(
    () =>
      call(
        api.POST("/api/v1/enrollments/{id}/mark-lesson-complete", {
          params: { path: { id: enrollmentId } },
          body: { lesson_id: lessonId },
        }),
      ),
    ["enrollment", enrollmentId],
    ["enrollments"],
  );
  if (completed) return <Notice kind="good" title={t.learn.lessonCompleted} />;
  const left = secondsLeft(mark.error);
  return (
    <div className="stack">
      {left !== null && (
        <Notice>
          <p>{t.learn.takeTime(left)}</p>
        </Notice>
      )}
      {left === null && <ErrorNotice error={mark.error} />}
      <div>
        <button type="button" className="button" disabled={mark.isPending} onClick={() => mark.mutate()}>
          {t.learn.markDone}
        </button>
      </div>
    </div>
  );
}

/** Seconds of the lesson's least time that are left, where that is what is missing. */
function secondsLeft(error: unknown): number | null {
  if (error === null) return null;
  const { code, details } = ApiError.from(error);
  const left = code === "LESSON_NOT_FINISHED" ? (details as { seconds_left?: unknown }).seconds_left : null;
  return typeof left === "number" ? left : null;
}
