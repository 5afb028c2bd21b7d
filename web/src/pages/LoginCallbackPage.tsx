import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";

import { ApiError } from "../api/errors";
import { useChange } from "../api/useChange";
import { CodeForm } from "../auth/CodeForm";
import { finish, goToProvider, type SocialAnswer, trip } from "../auth/social";
import { useEnter } from "../auth/useAuth";
import { t } from "../text";
import { Checkbox } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { useForm } from "../ui/useForm";

/** Where a login provider sends the browser back to. */
export function LoginCallbackPage() {
  const { provider = "" } = useParams();
  const [search] = useSearchParams();
  const { hash } = useLocation();
  const [challenge, setChallenge] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const navigate = useNavigate();
  const enter = useEnter();

  // The address has what works once: the effect runs for it once, and what it needs does not change meanwhile.
  const [sent] = useState(() => ({ provider, search, hash }));
  const settle = (answer: SocialAnswer) => {
    if ("linked" in answer) {
      void navigate(`/account/security?linked=${encodeURIComponent(answer.linked.provider)}`, { replace: true });
    } else if ("access_token" in answer) {
      enter(answer);
      void navigate(trip().next, { replace: true });
    } else {
      setChallenge(answer.challenge_token);
    }
  };
  useEffect(() => {
    const answer = finish(sent.provider, sent.search, sent.hash);
    let shown = true;
    answer?.then(
      (value) => shown && settle(value),
      (reason: unknown) => shown && setError(ApiError.from(reason)),
    );
    return () => {
      shown = false;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [sent]);

  if (challenge !== null) {
    return (
      <CodeForm
        challenge={challenge}
        onLoggedIn={(answer) => settle(answer)}
        onAgain={() => void navigate("/login", { replace: true })}
      />
    );
  }
  if (search.has("error")) return <Failed>{t.social.refused}</Failed>;
  if (!search.has("code") || !search.has("state")) return <Failed>{t.social.incomplete}</Failed>;
  if (error !== null && "accept_terms" in error.fields) return <Terms provider={provider} />;
  return (
    <Page {...(error === null ? { title: t.social.title, lead: t.social.wait } : { title: t.social.failed })} width="narrow">
      {error === null ? (
        <Loading />
      ) : (
        <div className="card stack">
          <ErrorNotice error={error} />
          {error.code === "LINK_REQUIRED" ? (
            <Again to="/login?next=/account/security" label={t.auth.toLogin} />
          ) : (
            <Again to="/login" />
          )}
        </div>
      )}
    </Page>
  );
}

function Failed({ children }: { children: string }) {
  return (
    <Page title={t.social.failed} width="narrow">
      <div className="card stack">
        <Notice kind="bad">
          <p>{children}</p>
        </Notice>
        <Again to="/login" />
      </div>
    </Page>
  );
}

function Again({ to, label = t.social.again }: { to: string; label?: string }) {
  return (
    <Link className="button primary" to={to}>
      {label}
    </Link>
  );
}

/** A login that has no account yet, of somebody who has not agreed to the terms. */
function Terms({ provider }: { provider: string }) {
  const again = useChange(({ accept_terms }: { accept_terms: boolean }) =>
    goToProvider(provider, { next: trip().next, acceptTerms: accept_terms }),
  );
  const form = useForm({ accept_terms: false }, again);
  return (
    <Page title={t.social.newAccount} lead={t.social.newAccountBody} width="narrow">
      <form className="card stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <Checkbox label={t.auth.terms} required {...form.checkbox("accept_terms")} />
        <button type="submit" className="button primary" disabled={again.isPending}>
          {t.auth.goOn}
        </button>
      </form>
    </Page>
  );
}
