import { useNavigate } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { saveBlob } from "../lib/browser";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { ArchiveCourse } from "./ArchiveCourse";
import type { CopyState } from "./LeftOut";
import { useCourseChange } from "./useCourseChange";

/** What is done with a course as a whole: a copy, a document, an archive, its end. */
export function WholeCourse({ course }: { course: Schemas["CourseDetail"] }) {
  const navigate = useNavigate();
  const params = { path: { id: course.id } };
  const duplicate = useCourseChange(async () => {
    const copy = await call(api.POST("/api/v1/courses/{id}/duplicate", { params }));
    await navigate(`/teach/courses/${copy.id}`, { state: { leftOut: copy.left_out } satisfies CopyState });
  });
  const download = useChange(async () => {
    const document = await call(api.GET("/api/v1/courses/{id}/export", { params }));
    saveBlob(new Blob([JSON.stringify(document, null, 2)], { type: "application/json" }), `${course.slug}.json`);
  });
  const remove = useCourseChange(async () => {
    await call(api.DELETE("/api/v1/courses/{id}", { params }));
    await navigate("/teach");
  });
  const students = course.student_count;
  const question =
    students === 0 ? t.editor.deleteSure(course.title) : t.editor.deleteSureStudents(course.title, students);
  return (
    <section className="card stack" aria-labelledby="whole">
      <h2 id="whole">{t.editor.whole}</h2>
      <ErrorNotice error={duplicate.error ?? download.error ?? remove.error} />
      <div className="whole">
        <button type="button" className="button" disabled={duplicate.isPending} onClick={() => duplicate.mutate()}>
          {t.editor.duplicate}
        </button>
        <p className="hint">{t.editor.duplicateHint}</p>
        <button type="button" className="button" disabled={download.isPending} onClick={() => download.mutate()}>
          {t.editor.export}
        </button>
        <p className="hint">{t.editor.exportHint}</p>
        <ArchiveCourse id={course.id} />
      </div>
      <div>
        <button
          type="button"
          className="button danger"
          disabled={remove.isPending}
          onClick={() => {
            if (window.confirm(question)) remove.mutate();
          }}
        >
          {t.editor.delete}
        </button>
      </div>
    </section>
  );
}
