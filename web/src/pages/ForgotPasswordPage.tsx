import { Link } from "react-router";

import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";

/** Has a link for a new password mailed. Whether the address has an account is not told. */
export function ForgotPasswordPage() {
  const ask = useChange((body: { email: string }) => call(api.POST("/api/v1/auth/password-reset", { body })));
  const form = useForm({ email: "" }, ask);
  return (
    <Page title={t.mailbox.forgotTitle} lead={t.mailbox.forgotLead} width="narrow">
      <form className="card stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        {ask.isSuccess && (
          <Notice kind="good">
            <p>{t.mailbox.forgotSent(form.values.email)}</p>
            <p>{t.mailbox.forgotOther}</p>
          </Notice>
        )}
        <TextField label={t.auth.email} type="email" autoComplete="username" required {...form.text("email")} />
        <button type="submit" className="button primary" disabled={ask.isPending}>
          {t.mailbox.forgotSubmit}
        </button>
        <p>
          <Link to="/login">{t.auth.toLogin}</Link>
        </p>
      </form>
    </Page>
  );
}
