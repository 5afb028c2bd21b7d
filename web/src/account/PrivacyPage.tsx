import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { useAuth, useLeave } from "../auth/useAuth";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";
import { Export } from "./Export";

const text = t.account.privacy;

/** Somebody's data: to take along, or to have erased. */
export function PrivacyPage() {
  const { user } = useAuth();
  return (
    <Page title={text.title} lead={text.lead}>
      <Export />
      {user !== null && <Delete email={user.email} />}
    </Page>
  );
}

function Delete({ email }: { email: string }) {
  const leave = useLeave();
  const remove = useChange<{ typed: string }>(async () => {
    await call(api.DELETE("/api/v1/users/profile"));
    leave();
    // A load of the page and not a step of the router: nothing of the account stays in memory.
    window.location.replace("/login?deleted");
  });
  const form = useForm({ typed: "" }, remove);
  const { typed } = form.values;
  const same = typed.trim().toLowerCase() === email.toLowerCase();
  return (
    <section className="card stack" aria-labelledby="delete">
      <h2 id="delete">{text.delete}</h2>
      <p className="muted">{text.deleteLead}</p>
      <form className="stack narrow" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <TextField
          label={text.deleteType(email)}
          type="email"
          autoComplete="off"
          required
          {...form.text("typed")}
          error={typed !== "" && !same && !email.toLowerCase().startsWith(typed.trim().toLowerCase()) ? text.deleteMismatch : undefined}
        />
        <div>
          <button type="submit" className="button danger" disabled={!same || remove.isPending}>
            {text.deleteSubmit}
          </button>
        </div>
      </form>
    </section>
  );
}
