import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { apiKeys } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { day, moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { Secret } from "../ui/Secret";
import { takeFocus } from "../ui/takeFocus";
import { NewKey } from "./NewKey";

const text = t.account.keys;

type Made = Schemas["NewApiKey"];

/** Keys by which programs sign requests. */
export function ApiKeysPage() {
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Page title={text.title} lead={text.lead}>
      {made === null ? <NewKey onMade={setMade} /> : <MadeKey made={made} onKept={() => setMade(null)} />}
      <Keys />
    </Page>
  );
}

function MadeKey({ made, onKept }: { made: Made; onKept: () => void }) {
  return (
    <section className="card stack" aria-labelledby="made">
      <h2 id="made" ref={takeFocus} tabIndex={-1}>
        {text.made}
      </h2>
      <Notice kind="good" title={made.name}>
        <p>{text.madeLead}</p>
      </Notice>
      <Secret label={text.id} text={made.id} />
      <Secret label={text.secret} text={made.secret} />
      <div>
        <button type="button" className="button primary" onClick={onKept}>
          {text.done}
        </button>
      </div>
    </section>
  );
}

function Keys() {
  const list = useQuery(apiKeys);
  const revoke = useChange(
    (id: string) => call(api.DELETE("/api/v1/users/api-keys/{id}", { params: { path: { id } } })),
    apiKeys.queryKey,
  );
  return (
    <section className="stack" aria-labelledby="keys">
      <h2 id="keys">{text.yours}</h2>
      <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
      <ErrorNotice error={revoke.error} />
      {list.isPending && <Loading />}
      {list.data?.results.length === 0 && <p className="muted">{text.empty}</p>}
      <ul className="plain stack">
        {list.data?.results.map((key) => (
          <li key={key.id} className="card row">
            <div className="lesson-title">
              <strong>{key.name}</strong>
              <p className="small muted">
                {[
                  (key.expired ? text.expired : text.until)(moment(key.expires_at)),
                  key.last_used_on == null ? text.unused : text.used(day(key.last_used_on)),
                ].join(", ")}
              </p>
              <p className="small">
                <code>{key.scopes.join(" ")}</code>
              </p>
            </div>
            <button
              type="button"
              className="button danger"
              disabled={revoke.isPending}
              aria-label={text.revokeLabel(key.name)}
              onClick={() => {
                if (window.confirm(text.revokeSure(key.name))) revoke.mutate(key.id);
              }}
            >
              {text.revoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
