import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { FileLine } from "../course/Files";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { putWhole } from "../upload/putWhole";
import { ACCEPTED, described } from "./files";
import { useCourseChange } from "./useCourseChange";

/** Files of a lesson, as the API has it. */
const FILES_MAX = 20;

/** The files of a lesson: added, looked at, removed. Each change takes effect at once. */
export function LessonFiles({ lesson }: { lesson: Schemas["LessonView"] }) {
  const { id: lessonId, course_id: courseId, resources } = lesson;
  const path = { id: courseId, lesson_id: lessonId };
  const [percent, setPercent] = useState(0);
  const add = useCourseChange(async (file: File) => {
    const { content_type, title } = described(file);
    setPercent(0);
    const ticket = await call(
      api.POST("/api/v1/courses/{id}/resources", {
        params: { path: { id: courseId } },
        body: { content_type, size: file.size },
      }),
    );
    await putWhole(ticket, file, setPercent);
    await call(
      api.POST("/api/v1/courses/{id}/lessons/{lesson_id}/resources", {
        params: { path },
        body: { resource_id: ticket.resource_id, title, file_name: file.name },
      }),
    );
  });
  const remove = useCourseChange((resource_id: string) =>
    call(
      api.DELETE("/api/v1/courses/{id}/lessons/{lesson_id}/resources/{resource_id}", {
        params: { path: { ...path, resource_id } },
      }),
    ),
  );
  return (
    <section className="stack" aria-label={t.editor.files}>
      <h4>{t.editor.files}</h4>
      {resources.length === 0 && <p className="small muted">{t.editor.noFiles}</p>}
      {resources.length > 0 && (
        <ul className="section lessons">
          {resources.map((file) => (
            <li key={file.id}>
              <FileLine courseId={courseId} lessonId={lessonId} file={file}>
                <button
                  type="button"
                  className="button quiet danger small-button"
                  aria-label={t.editor.removeFile(file.title)}
                  disabled={remove.isPending}
                  onClick={() => {
                    if (window.confirm(t.editor.removeFileSure(file.title))) remove.mutate(file.id);
                  }}
                >
                  {t.editor.remove}
                </button>
              </FileLine>
            </li>
          ))}
        </ul>
      )}
      {add.isPending && (
        <Notice>
          <p>{t.editor.fileUploading(add.variables.name, percent)}</p>
        </Notice>
      )}
      <ErrorNotice error={add.error ?? remove.error} />
      {resources.length < FILES_MAX && (
        <div className="stack-small">
          <FileButton
            label={t.editor.addFile}
            describe={t.editor.addFileTo(lesson.title)}
            accept={ACCEPTED}
            disabled={add.isPending}
            onFile={(file) => add.mutate(file)}
          />
          <p className="hint">{t.editor.fileHint}</p>
        </div>
      )}
    </section>
  );
}
