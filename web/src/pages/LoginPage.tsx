import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { CodeForm } from "../auth/CodeForm";
import { CurrentPassword } from "../auth/PasswordField";
import { Providers } from "../auth/Providers";
import { Restore } from "../auth/Restore";
import { pathAfterLogin, useAuth, useEnter } from "../auth/useAuth";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";

interface Typed {
  name: string;
  password: string;
}

/** User names have no @. */
function credentials({ name, password }: Typed): Schemas["Login"] {
  return name.includes("@") ? { email: name, password } : { username: name.trim(), password };
}

/** Log in: by password, then by a second factor where the account has one; or by a provider. */
export function LoginPage() {
  const [search] = useSearchParams();
  const { signedIn } = useAuth();
  const enter = useEnter();
  const [challenge, setChallenge] = useState<string | null>(null);
  const onAnswer = (answer: Schemas["LoginAnswer"]) => {
    if ("access_token" in answer) enter(answer);
    else setChallenge(answer.challenge_token);
  };
  const login = useMutation({
    mutationFn: (typed: Typed) => call(api.POST("/api/v1/auth/login", { body: credentials(typed) })),
    onSuccess: onAnswer,
  });
  const form = useForm<Typed>({ name: "", password: "" }, login);
  if (signedIn) return <Navigate to={pathAfterLogin(search)} replace />;
  if (challenge !== null) {
    return <CodeForm challenge={challenge} onLoggedIn={enter} onAgain={() => setChallenge(null)} />;
  }
  const code = login.error === null ? null : ApiError.from(login.error).code;
  return (
    <Page title={t.auth.login} width="narrow">
      <form className="card stack" onSubmit={form.onSubmit}>
        {search.has("deleted") && login.isIdle && (
          <Notice title={t.account.privacy.deleted}>
            <p>{t.account.privacy.deletedLead}</p>
          </Notice>
        )}
        {search.has("next") && login.isIdle && (
          <Notice>
            <p>{t.auth.needed}</p>
          </Notice>
        )}
        {code === "INVALID_CREDENTIALS" && <Notice kind="bad" title={t.auth.invalid} />}
        {code === "ACCOUNT_DELETED" && <Restore who={credentials(form.values)} onAnswer={onAnswer} />}
        {code !== "INVALID_CREDENTIALS" && code !== "ACCOUNT_DELETED" && <ErrorNotice error={form.error} />}
        <TextField
          label={t.auth.emailOrUsername}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          {...form.text("name")}
        />
        <CurrentPassword {...form.text("password")} />
        <button type="submit" className="button primary" disabled={login.isPending}>
          {t.auth.submitLogin}
        </button>
        <p>
          <Link to="/forgot-password">{t.auth.forgotten}</Link>
        </p>
        <Providers next={pathAfterLogin(search)} />
        <p>
          {t.auth.noAccount} <Link to={{ pathname: "/register", search: search.toString() }}>{t.auth.register}</Link>
        </p>
      </form>
    </Page>
  );
}
