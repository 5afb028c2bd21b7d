import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { linkedLogins, providers } from "../api/account";
import { api, call } from "../api/client";
import { useChange } from "../api/useChange";
import { goToProvider } from "../auth/social";
import { moment } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading } from "../ui/Page";

const text = t.account.security;

/** The logins of other services that open this account. Shown where the platform has such services, or the account such a login. */
export function LinkedLogins() {
  const offered = useQuery(providers);
  const linked = useQuery(linkedLogins);
  const [search] = useSearchParams();
  const link = useChange((provider: string) =>
    goToProvider(provider, { next: "/account/security", acceptTerms: false }),
  );
  const unlink = useChange(
    (provider: string) => call(api.DELETE("/api/v1/auth/social/{provider}", { params: { path: { provider } } })),
    linkedLogins.queryKey,
  );
  const names = new Map(offered.data?.results.map(({ id, name }) => [id, name]));
  const accounts = new Map(linked.data?.results.map((account) => [account.provider, account]));
  // One that the platform does not offer any more can still be unlinked.
  const all = [...new Set([...names.keys(), ...accounts.keys()])];
  if (linked.isSuccess && all.length === 0) return null;
  const justLinked = search.get("linked");
  return (
    <section className="card stack" aria-labelledby="linked">
      <h2 id="linked">{text.linked}</h2>
      <p className="muted">{text.linkedLead}</p>
      {justLinked !== null && (
        <Notice kind="good">
          <p>{text.nowLinked(names.get(justLinked) ?? justLinked)}</p>
        </Notice>
      )}
      <ErrorNotice error={linked.error} onRetry={() => void linked.refetch()} />
      <ErrorNotice error={link.error ?? unlink.error} />
      {linked.isPending && <Loading />}
      <ul className="plain rows">
        {linked.isSuccess &&
          all.map((id) => {
            const [name, account] = [names.get(id) ?? id, accounts.get(id)];
            return (
              <li key={id} className="row">
                <div className="lesson-title">
                  <strong>{name}</strong>
                  <p className="small muted">
                    {account === undefined
                      ? text.notLinked
                      : [account.email, text.linkedSince(moment(account.linked_at))].filter(Boolean).join(", ")}
                  </p>
                </div>
                {account === undefined ? (
                  <button
                    type="button"
                    className="button"
                    disabled={link.isPending}
                    aria-label={text.linkLabel(name)}
                    onClick={() => link.mutate(id)}
                  >
                    {text.link}
                  </button>
                ) : (
                  <button
                    type="button"
                    className="button danger"
                    disabled={unlink.isPending}
                    aria-label={text.unlinkLabel(name)}
                    onClick={() => unlink.mutate(id)}
                  >
                    {text.unlink}
                  </button>
                )}
              </li>
            );
          })}
      </ul>
    </section>
  );
}
