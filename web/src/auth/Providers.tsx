import { useQuery } from "@tanstack/react-query";

import { providers } from "../api/account";
import { useChange } from "../api/useChange";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { goToProvider } from "./social";

/** A button for each login provider of this platform; nothing where it has none, or does not tell. */
export function Providers({ next, acceptTerms = false }: { next: string; acceptTerms?: boolean }) {
  const { data } = useQuery(providers);
  const go = useChange((provider: string) => goToProvider(provider, { next, acceptTerms }));
  if (data === undefined || data.results.length === 0) return null;
  return (
    <>
      <p className="or">
        <span>{t.social.or}</span>
      </p>
      <ErrorNotice error={go.error} />
      {data.results.map(({ id, name }) => (
        <button key={id} type="button" className="button" disabled={go.isPending} onClick={() => go.mutate(id)}>
          {t.social.with(name)}
        </button>
      ))}
    </>
  );
}
