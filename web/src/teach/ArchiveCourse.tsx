import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { save } from "../lib/browser";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { untilEnded } from "../upload/wait";

const refuse = (message: string) => ApiError.refusal("ARCHIVE", message);

/** A course with its files as one archive. */
export function ArchiveCourse({ id }: { id: string }) {
  const params = { path: { id } };
  const archive = useChange(async () => {
    const begun = await call(api.POST("/api/v1/courses/{id}/archive", { params }));
    const state = await untilEnded(() => call(api.GET("/api/v1/courses/{id}/archive", { params })), begun);
    if (state === null) throw refuse(t.editor.archiveLate);
    if (state.download == null) throw refuse(state.reason ?? t.editor.archiveLate);
    save(state.download.url);
  });
  return (
    <>
      <button type="button" className="button" disabled={archive.isPending} onClick={() => archive.mutate()}>
        {t.editor.archive}
      </button>
      <p className="hint">{t.editor.archiveHint}</p>
      <ErrorNotice error={archive.error} />
      {archive.isPending && <Notice title={t.editor.archiveWaiting} />}
    </>
  );
}
