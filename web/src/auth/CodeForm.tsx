import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { Checkbox } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";
import { CodeField } from "./CodeField";

/** The second step of a login, after a password or a login provider. */
export function CodeForm({
  challenge,
  onLoggedIn,
  onAgain,
}: {
  challenge: string;
  onLoggedIn: (answer: Schemas["LoggedIn"]) => void;
  /** Back to the first step: a challenge ends after five minutes or five wrong codes. */
  onAgain: () => void;
}) {
  const verify = useChange(async (sent: { code: string; trust_device: boolean }) => {
    const answer = await call(api.POST("/api/v1/auth/mfa/verify", { body: { challenge_token: challenge, ...sent } }));
    if ("access_token" in answer) onLoggedIn(answer);
  });
  const form = useForm({ code: "", trust_device: false }, verify);
  const ended = form.error?.code === "CHALLENGE_ENDED";
  return (
    <Page title={t.proof.codeTitle} lead={t.proof.codeLead} width="narrow">
      <form className="card stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        {!ended && (
          <>
            <CodeField autoFocus {...form.text("code")} />
            <Checkbox label={t.proof.trust} hint={t.proof.trustHint} {...form.checkbox("trust_device")} />
            <button type="submit" className="button primary" disabled={verify.isPending}>
              {t.proof.submitCode}
            </button>
          </>
        )}
        <button type="button" className={ended ? "button primary" : "button quiet"} onClick={onAgain}>
          {t.proof.startAgain}
        </button>
      </form>
    </Page>
  );
}
