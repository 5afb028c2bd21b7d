import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { profile } from "../api/account";
import {
  changePreferences,
  type Digest,
  type NotificationPreferences as Preferences,
  preferences as preferencesQuery,
} from "../api/notifications";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { Checkbox, Select } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { SaveRow } from "../ui/SaveRow";
import { type Send, useForm } from "../ui/useForm";

const text = t.account.notifications;

/** The ways in which one is told. */
type Way = "mail" | "here";

interface Choice {
  enabled: boolean;
  digest: Digest;
  /** What was chosen anew for each way, by kind. */
  mail: Record<string, boolean>;
  here: Record<string, boolean>;
}

/** How somebody wants to be told things: each kind by mail, on the platform, in both ways or not at all. */
export function NotificationPreferences() {
  const query = useQuery(preferencesQuery);
  const save = useChange(
    ({ enabled, digest, mail, here }: Choice) =>
      changePreferences({
        email_notifications_enabled: enabled,
        digest,
        email_notifications: mail,
        in_app_notifications: here,
      }),
    preferencesQuery.queryKey,
    profile.queryKey,
  );
  const current = query.data;
  return (
    <section className="card stack" aria-labelledby="wanted">
      <h2 id="wanted">{text.wanted}</h2>
      <p className="muted">{text.wantedLead}</p>
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {current && <Form key={String(current.email_notifications_enabled)} current={current} save={save} />}
    </section>
  );
}

function Form({ current, save }: { current: Preferences; save: Send<Choice> }) {
  const initial: Choice = { enabled: current.email_notifications_enabled, digest: current.digest, mail: {}, here: {} };
  const form = useForm(initial, save);
  const { enabled, digest } = form.values;
  // While all mails are off the API does not tell which ones would be on: they can be chosen once that is saved.
  const open = enabled && current.email_notifications_enabled;
  const decided: Record<Way, Record<string, boolean>> = {
    mail: current.email_notifications,
    here: current.in_app_notifications,
  };
  const isOn = (way: Way, kind: string) => form.values[way][kind] ?? decided[way][kind] ?? false;
  const box = (way: Way, kind: string, label: string) => {
    const always = kind === "security";
    const off = way === "mail" && !open;
    return (
      <input
        type="checkbox"
        aria-label={text.by[way](label)}
        checked={always || (isOn(way, kind) && (way === "here" || enabled))}
        disabled={always || off}
        onChange={({ target }) => form.set({ [way]: { ...form.values[way], [kind]: target.checked } })}
      />
    );
  };
  return (
    <form className="stack" onSubmit={form.onSubmit}>
      <ErrorNotice error={form.error} />
      <Checkbox label={text.enabled} hint={text.enabledHint} {...form.checkbox("enabled")} />
      {enabled && !open && <p className="hint">{text.saveFirst}</p>}
      <table className="table ways">
        <caption className="visually-hidden">{text.about}</caption>
        <thead>
          <tr>
            <th scope="col">{text.about}</th>
            <th scope="col">{text.byMail}</th>
            <th scope="col">{text.here}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(text.kinds).map(([kind, [label, hint]]) => (
            <tr key={kind}>
              <th scope="row">
                {label}
                <p className="hint">{hint}</p>
              </th>
              <td>{box("mail", kind, label)}</td>
              <td>{box("here", kind, label)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="narrow">
        <Select
          label={text.digest}
          name="digest"
          hint={text.digestHint}
          value={digest}
          disabled={!enabled}
          onChange={({ target }) => form.set({ digest: target.value as Digest })}
        >
          {Object.entries(text.digests).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Select>
        <p className="hint">
          <Link to="/account">{text.zone}</Link>
        </p>
      </div>
      <SaveRow send={save} />
    </form>
  );
}
