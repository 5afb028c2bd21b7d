import { type SubmitEvent, useState } from "react";

import { t } from "../text";
import { TextField } from "../ui/Field";

interface Props {
  title: string;
  label: string;
  onRename: (title: string) => Promise<unknown>;
}

/** A button that becomes a form for another title. */
export function Rename({ title, label, onRename }: Props) {
  const [next, setNext] = useState<string | null>(null);
  if (next === null) {
    return (
      <button
        type="button"
        className="button quiet small-button"
        onClick={() => setNext(title)}
        aria-label={`${t.editor.rename}: ${title}`}
      >
        {t.editor.rename}
      </button>
    );
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    // What went wrong is shown by the caller; the form stays open.
    onRename(next).then(
      () => setNext(null),
      () => undefined,
    );
  };
  return (
    <form className="stack grow" onSubmit={submit}>
      <TextField
        label={label}
        required
        autoFocus
        maxLength={255}
        value={next}
        onChange={(event) => setNext(event.target.value)}
      />
      <div className="row">
        <button type="submit" className="button small-button primary">
          {t.common.save}
        </button>
        <button type="button" className="button small-button" onClick={() => setNext(null)}>
          {t.common.cancel}
        </button>
      </div>
    </form>
  );
}
