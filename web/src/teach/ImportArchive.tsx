import { useState } from "react";
import { useNavigate } from "react-router";

import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice, Notice } from "../ui/Notice";
import { putWhole } from "../upload/putWhole";
import { untilEnded } from "../upload/wait";
import type { CopyState } from "./LeftOut";
import { useCourseChange } from "./useCourseChange";

/** Largest archive, in bytes, as the API has it. */
const MAX_BYTES = 512 * 1024 * 1024 + 5_000_000 + 600 * 1024;

const refuse = (message: string) => ApiError.refusal("ARCHIVE", message);

/** Makes a course of an archive that an export gave. */
export function ImportArchive() {
  const navigate = useNavigate();
  const [percent, setPercent] = useState(0);
  const add = useCourseChange(async (file: File) => {
    if (file.size === 0 || file.size > MAX_BYTES) throw refuse(t.teach.archiveSize);
    setPercent(0);
    const ticket = await call(api.POST("/api/v1/courses/import-archive/ticket", { body: { size: file.size } }));
    await putWhole(ticket, file, setPercent);
    setPercent(100);
    const { archive_id } = ticket;
    const begun = await call(api.POST("/api/v1/courses/import-archive", { body: { archive_id } }));
    const params = { path: { id: archive_id } };
    const state = await untilEnded(() => call(api.GET("/api/v1/courses/import-archive/{id}", { params })), begun);
    if (state === null) throw refuse(t.teach.archiveLate);
    if (state.course_id == null) throw refuse(state.reason ?? t.teach.archiveLate);
    await navigate(`/teach/courses/${state.course_id}`, { state: { leftOut: state.left_out } satisfies CopyState });
  });
  return (
    <div className="stack-small">
      <p className="hint">{t.teach.archiveHint}</p>
      <ErrorNotice error={add.error} />
      <div>
        <FileButton
          label={t.teach.chooseArchive}
          accept="application/zip,.zip"
          disabled={add.isPending}
          onFile={(file) => add.mutate(file)}
        />
      </div>
      {add.isPending && (
        <Notice>
          <p>{percent < 100 ? t.teach.archiveUploading(percent) : t.teach.archiveWaiting}</p>
        </Notice>
      )}
    </div>
  );
}
