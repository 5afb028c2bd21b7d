import { certificateFile, type Certified } from "../api/queries";
import { useChange } from "../api/useChange";
import { saveBlob } from "../lib/browser";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice, Notice } from "../ui/Notice";

const text = t.learn.certificate;

/** The certificate of a completed course: its PDF, and the page on which everybody can check it. */
export function Certificate({ enrollment }: { enrollment: Certified }) {
  const { id, is_completed: completed, certificate_code: code, certificate_url: page } = enrollment;
  const fetch = useChange(async () => saveBlob(await certificateFile(id), text.fileName(code ?? id)));
  if (!completed && code == null) return null;
  return (
    <Notice kind="good" title={completed ? text.done : text.title}>
      {code == null ? (
        <p>{text.waiting}</p>
      ) : (
        <>
          <p>{text.number(code)}</p>
          <div className="row">
            <button type="button" className="button" disabled={fetch.isPending} onClick={() => fetch.mutate()}>
              <Icon name="download" />
              {text.file}
            </button>
            {page != null && (
              <a href={page} target="_blank" rel="noopener">
                {text.page}
              </a>
            )}
          </div>
          <ErrorNotice error={fetch.error} />
        </>
      )}
    </Notice>
  );
}
