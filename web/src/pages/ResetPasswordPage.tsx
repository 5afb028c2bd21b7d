import { Link, useSearchParams } from "react-router";

import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { NewPassword } from "../auth/PasswordField";
import { useLeave } from "../auth/useAuth";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";

/** Sets a new password by the link of a mail. */
export function ResetPasswordPage() {
  const [search] = useSearchParams();
  const token = search.get("token");
  return (
    <Page title={t.mailbox.resetTitle} lead={t.mailbox.resetLead} width="narrow">
      {token === null ? (
        <div className="card stack">
          <Notice kind="bad" title={t.mailbox.noToken} />
          <NewLink />
        </div>
      ) : (
        <Reset token={token} />
      )}
    </Page>
  );
}

function Reset({ token }: { token: string }) {
  const leave = useLeave();
  const reset = useChange(async (body: { new_password: string }) => {
    await call(api.POST("/api/v1/auth/password-reset/confirm", { body: { token, ...body } }));
    // All sessions have ended, that of this browser among them.
    leave();
  });
  const form = useForm({ new_password: "" }, reset);
  if (reset.isSuccess) {
    return (
      <div className="card stack">
        <Notice kind="good">
          <p>{t.mailbox.resetDone}</p>
        </Notice>
        <Link className="button primary" to="/login">
          {t.auth.toLogin}
        </Link>
      </div>
    );
  }
  return (
    <form className="card stack" onSubmit={form.onSubmit}>
      <ErrorNotice error={form.error} />
      {form.error?.code === "TOKEN_INVALID" && <NewLink />}
      <NewPassword {...form.text("new_password")} />
      <button type="submit" className="button primary" disabled={reset.isPending}>
        {t.mailbox.resetSubmit}
      </button>
    </form>
  );
}

function NewLink() {
  return <Link to="/forgot-password">{t.mailbox.newLink}</Link>;
}
