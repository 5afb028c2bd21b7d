import { t } from "../text";
import { Notice } from "./Notice";

/** The end of a form: its button, and the word that it was saved. */
export function SaveRow({
  send,
  label = t.common.save,
  done = t.common.saved,
}: {
  send: { isPending: boolean; isSuccess: boolean };
  label?: string;
  done?: string;
}) {
  return (
    <div className="row">
      <button type="submit" className="button primary" disabled={send.isPending}>
        {label}
      </button>
      {send.isSuccess && (
        <Notice kind="good">
          <p>{done}</p>
        </Notice>
      )}
    </div>
  );
}
