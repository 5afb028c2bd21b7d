import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, call, type Schemas } from "../api/client";
import { save } from "../lib/browser";
import { bytes } from "../lib/format";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";

type File = Schemas["ResourceView"];

interface Props {
  courseId: string;
  lessonId: string;
  files: File[];
}

/** The files of a lesson, to be saved. */
export function Files({ courseId, lessonId, files }: Props) {
  if (files.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="files">
      <h2 id="files">{t.course.files}</h2>
      <ul className="section lessons">
        {files.map((file) => (
          <li key={file.id}>
            <FileLine courseId={courseId} lessonId={lessonId} file={file} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A file, and its download: the link is made when it is asked for, since it works for minutes only. */
export function FileLine({ courseId, lessonId, file, children }: Omit<Props, "files"> & { file: File; children?: ReactNode }) {
  const load = useMutation({
    mutationFn: () =>
      call(
        api.GET("/api/v1/courses/{id}/lessons/{lesson_id}/resources/{resource_id}", {
          params: { path: { id: courseId, lesson_id: lessonId, resource_id: file.id } },
        }),
      ),
    onSuccess: ({ url }) => save(url),
  });
  return (
    <>
      <div className="lesson">
        <Icon name="file" />
        <span className="lesson-title">{file.title}</span>
        <span className="small muted">
          {file.file_name} · {bytes(file.size)}
        </span>
        <button
          type="button"
          className="button small-button"
          aria-label={t.course.download(file.title)}
          disabled={load.isPending}
          onClick={() => load.mutate()}
        >
          <Icon name="download" />
        </button>
        {children}
      </div>
      <ErrorNotice error={load.error} />
    </>
  );
}
