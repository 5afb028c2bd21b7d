import { useState } from "react";

import { t } from "../text";

/** Text that is shown once, with ways to keep it. */
export function Secret({
  label,
  text,
  file,
  lines = false,
}: {
  label: string;
  text: string;
  /** The name of the file that it can be downloaded as. */
  file?: string;
  /** Whether each line is one of several secrets. */
  lines?: boolean;
}) {
  const [outcome, setOutcome] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome(t.account.copied);
    } catch {
      // Browsers allow it on safe origins only, and people may refuse it.
      setOutcome(t.account.copyFailed);
    }
  };
  const download = `data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`;
  return (
    <div className="stack-small" role="group" aria-label={label}>
      <strong>{label}</strong>
      <pre className={lines ? "secret secret-lines" : "secret"} tabIndex={0}>
        {text}
      </pre>
      <div className="row">
        <button type="button" className="button small-button" onClick={() => void copy()}>
          {t.account.copy}
        </button>
        {file !== undefined && (
          <a className="button small-button" href={download} download={file}>
            {t.account.download}
          </a>
        )}
        <span className="small muted" role="status">
          {outcome}
        </span>
      </div>
    </div>
  );
}
