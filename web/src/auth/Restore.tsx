import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";

const text = t.account.privacy;

/** Offers whoever logs in to an account that he has deleted to have it back, as long as that is possible. */
export function Restore({
  who,
  onAnswer,
}: {
  who: Schemas["Login"];
  onAnswer: (answer: Schemas["LoginAnswer"]) => void;
}) {
  const restore = useChange(async () => onAnswer(await call(api.POST("/api/v1/auth/restore", { body: who }))));
  return (
    <>
      <Notice kind="bad" title={text.restoreTitle}>
        <p>{text.restoreLead}</p>
        <button type="button" className="button" disabled={restore.isPending} onClick={() => restore.mutate()}>
          {text.restore}
        </button>
      </Notice>
      <ErrorNotice error={restore.error} />
    </>
  );
}
