import { apiKeys } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { Checkbox, Select, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { useForm } from "../ui/useForm";

const text = t.account.keys;

/** How long a key may work. */
const DAYS = ["30", "90", "180", "365"];

type Scope = Schemas["Scope"];

/** Makes a key. */
export function NewKey({ onMade }: { onMade: (made: Schemas["NewApiKey"]) => void }) {
  const create = useChange(async ({ name, days, scopes }: { name: string; days: string; scopes: Scope[] }) => {
    onMade(await call(api.POST("/api/v1/users/api-keys", { body: { name, scopes, expires_in_days: Number(days) } })));
  }, apiKeys.queryKey);
  const form = useForm({ name: "", days: "90", scopes: [] as Scope[] }, create);
  const { scopes } = form.values;
  const choose = (scope: Scope, chosen: boolean) =>
    form.set({ scopes: chosen ? [...scopes, scope] : scopes.filter((other) => other !== scope) });
  return (
    <section className="card stack" aria-labelledby="new-key">
      <h2 id="new-key">{text.newKey}</h2>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <div className="fields">
          <TextField label={text.name} required maxLength={100} {...form.text("name")} />
          <Select label={text.days} {...form.text("days")}>
            {DAYS.map((days) => (
              <option key={days} value={days}>
                {text.daysOf(Number(days))}
              </option>
            ))}
          </Select>
        </div>
        <fieldset className="checks" aria-describedby="scopes-note">
          <legend>{text.scopes}</legend>
          <div className="checks-grid">
            {(Object.entries(text.scopeNames) as [Scope, string][]).map(([scope, label]) => (
              <Checkbox
                key={scope}
                label={label}
                checked={scopes.includes(scope)}
                onChange={(event) => choose(scope, event.target.checked)}
              />
            ))}
          </div>
          <p id="scopes-note" className={form.fields.scopes === undefined ? "hint" : "field-error"}>
            {form.fields.scopes ?? (scopes.length === 0 ? text.noScope : "")}
          </p>
        </fieldset>
        <div>
          <button type="submit" className="button primary" disabled={create.isPending || scopes.length === 0}>
            {text.create}
          </button>
        </div>
      </form>
    </section>
  );
}
