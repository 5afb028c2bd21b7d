import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";

import { api, call } from "../api/client";
import { ApiError } from "../api/errors";
import { pathAfterLogin, useAuth, useEnter } from "../auth/useAuth";
import { t } from "../text";
import { Checkbox, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Page } from "../ui/Page";

const EMPTY = { first_name: "", last_name: "", email: "", password: "", as_instructor: false };

/** Make an account. */
export function RegisterPage() {
  const [search] = useSearchParams();
  const { signedIn } = useAuth();
  const enter = useEnter();
  const [form, setForm] = useState(EMPTY);
  const register = useMutation({
    mutationFn: () => call(api.POST("/api/v1/auth/register", { body: form })),
    onSuccess: ({ access_token, refresh_token, ...user }) => enter({ access_token, refresh_token }, user),
  });
  if (signedIn) return <Navigate to={form.as_instructor ? "/teach" : pathAfterLogin(search)} replace />;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    register.mutate();
  };
  const text = (name: "first_name" | "last_name" | "email" | "password") => ({
    required: true,
    value: form[name],
    error: fields[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setForm({ ...form, [name]: event.target.value }),
  });
  const fields = register.error === null ? {} : ApiError.from(register.error).fields;
  return (
    <Page title={t.auth.register} width="narrow">
      <form className="card stack" onSubmit={submit}>
        {Object.keys(fields).length === 0 && <ErrorNotice error={register.error} />}
        <div className="fields">
          <TextField label={t.auth.firstName} autoComplete="given-name" maxLength={100} {...text("first_name")} />
          <TextField label={t.auth.lastName} autoComplete="family-name" maxLength={100} {...text("last_name")} />
        </div>
        <TextField label={t.auth.email} type="email" autoComplete="username" {...text("email")} />
        <TextField
          label={t.auth.password}
          type="password"
          autoComplete="new-password"
          minLength={12}
          maxLength={128}
          hint={t.auth.passwordHint}
          {...text("password")}
        />
        <Checkbox
          label={t.auth.asInstructor}
          hint={t.auth.asInstructorHint}
          checked={form.as_instructor}
          onChange={(event) => setForm({ ...form, as_instructor: event.target.checked })}
        />
        <button type="submit" className="button primary" disabled={register.isPending}>
          {t.auth.submitRegister}
        </button>
        <p>
          {t.auth.haveAccount} <Link to={{ pathname: "/login", search: search.toString() }}>{t.auth.login}</Link>
        </p>
      </form>
    </Page>
  );
}
