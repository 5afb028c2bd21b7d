import { useQuery } from "@tanstack/react-query";

import { profile as profileQuery } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { Checkbox } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { SaveRow } from "../ui/SaveRow";
import { type Send, useForm } from "../ui/useForm";

const text = t.account.notifications;

interface Choice {
  enabled: boolean;
  /** What was chosen anew, by kind. */
  kinds: Record<string, boolean>;
}

/** Which mails somebody wants. */
export function NotificationsPage() {
  const query = useQuery(profileQuery);
  const save = useChange(({ enabled, kinds }: Choice) => {
    const preferences = { email_notifications_enabled: enabled, email_notifications: kinds };
    return call(api.PUT("/api/v1/users/profile", { body: { preferences } }));
  }, profileQuery.queryKey);
  const preferences = query.data?.preferences;
  return (
    <Page title={text.title} lead={text.lead}>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {preferences && <Mails key={String(preferences.email_notifications_enabled)} current={preferences} save={save} />}
    </Page>
  );
}

function Mails({ current, save }: { current: Schemas["PreferencesView"]; save: Send<Choice> }) {
  const initial: Choice = { enabled: current.email_notifications_enabled, kinds: {} };
  const form = useForm(initial, save);
  const { enabled, kinds } = form.values;
  // While all are off the API does not tell which ones would be on: they can be chosen once that is saved.
  const open = enabled && current.email_notifications_enabled;
  return (
    <form className="card stack" onSubmit={form.onSubmit}>
      <ErrorNotice error={form.error} />
      <Checkbox label={text.enabled} hint={text.enabledHint} {...form.checkbox("enabled")} />
      {enabled && !open && <p className="hint">{text.saveFirst}</p>}
      <fieldset className="checks">
        <legend>{text.about}</legend>
        <div className="stack">
          {Object.entries(text.kinds).map(([kind, [label, hint]]) => (
            <Checkbox
              key={kind}
              label={label}
              hint={hint}
              checked={kind === "security" || (enabled && (kinds[kind] ?? current.email_notifications[kind] ?? false))}
              disabled={kind === "security" || !open}
              onChange={(event) => form.set({ kinds: { ...kinds, [kind]: event.target.checked } })}
            />
          ))}
        </div>
      </fieldset>
      <SaveRow send={save} />
    </form>
  );
}
