import { Link } from "react-router";

import { logins } from "../api/account";
import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { CurrentPassword, NewPassword } from "../auth/PasswordField";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { LinkedLogins } from "./LinkedLogins";
import { SecondFactor } from "./SecondFactor";

const text = t.account.security;
const EMPTY = { old_password: "", new_password: "" };

/** How somebody logs in. */
export function SecurityPage() {
  return (
    <Page title={text.title} lead={text.lead}>
      <Password />
      <SecondFactor />
      <LinkedLogins />
    </Page>
  );
}

function Password() {
  const change = useChange(
    (body: typeof EMPTY) => call(api.PUT("/api/v1/users/change-password", { body })),
    logins.queryKey,
  );
  const form = useForm(EMPTY, change);
  return (
    <section className="card stack" aria-labelledby="password">
      <h2 id="password">{text.password}</h2>
      <p className="muted">{text.passwordLead}</p>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <div className="fields">
          <CurrentPassword label={t.auth.oldPassword} {...form.text("old_password")} />
          <NewPassword {...form.text("new_password")} />
        </div>
        <SaveRow send={change} label={text.changePassword} done={text.passwordChanged} />
        <p className="small">
          <Link to="/forgot-password">{text.noPassword}</Link>
        </p>
      </form>
    </section>
  );
}
