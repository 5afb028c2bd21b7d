import { ApiError } from "../api/errors";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";

/** Why a change of a course did not happen. Where another one came first, what is there now can be loaded. */
export function ChangeError({ error, onReload }: { error: unknown; onReload: () => void }) {
  if (error === null || ApiError.from(error).status !== 412) return <ErrorNotice error={error} />;
  return (
    <Notice kind="bad" title={t.editor.staleTitle}>
      <p>{t.editor.stale}</p>
      <button type="button" className="button" onClick={() => onReload()}>
        {t.editor.reload}
      </button>
    </Notice>
  );
}
