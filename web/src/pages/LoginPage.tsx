import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";

import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { pathAfterLogin, useAuth, useEnter } from "../auth/useAuth";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Page } from "../ui/Page";

/** Log in. */
export function LoginPage() {
  const [search] = useSearchParams();
  const { signedIn } = useAuth();
  const enter = useEnter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => call(api.POST("/api/v1/auth/login", { body: { email, password } })),
    onSuccess: (answer) => enter(answer, answer.user),
  });
  if (signedIn) return <Navigate to={pathAfterLogin(search)} replace />;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    login.mutate();
  };
  const wrong = login.error !== null && ApiError.from(login.error).code === "INVALID_CREDENTIALS";
  return (
    <Page title={t.auth.login} width="narrow">
      <form className="card stack" onSubmit={submit}>
        {search.has("next") && login.isIdle && (
          <Notice>
            <p>{t.auth.needed}</p>
          </Notice>
        )}
        {wrong ? <Notice kind="bad" title={t.auth.invalid} /> : <ErrorNotice error={login.error} />}
        <TextField
          label={t.auth.email}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <TextField
          label={t.auth.password}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={login.isPending}>
          {t.auth.submitLogin}
        </button>
        <p>
          {t.auth.noAccount} <Link to={{ pathname: "/register", search: search.toString() }}>{t.auth.register}</Link>
        </p>
      </form>
    </Page>
  );
}
