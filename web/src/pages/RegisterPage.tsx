import { useMutation } from "@tanstack/react-query";
import { Link, Navigate, useSearchParams } from "react-router";

import { api, call } from "../api/client";
import { NameFields } from "../auth/NameFields";
import { NewPassword } from "../auth/PasswordField";
import { Providers } from "../auth/Providers";
import { pathAfterLogin, useAuth, useEnter } from "../auth/useAuth";
import { t } from "../text";
import { Checkbox, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Page } from "../ui/Page";
import { useForm } from "../ui/useForm";

const EMPTY = {
  first_name: "",
  last_name: "",
  email: "",
  username: "",
  birthdate: "",
  password: "",
  as_instructor: false,
  accept_terms: false,
};

/** Make an account. */
export function RegisterPage() {
  const [search] = useSearchParams();
  const { signedIn } = useAuth();
  const enter = useEnter();
  const register = useMutation({
    mutationFn: ({ username, birthdate, ...rest }: typeof EMPTY) => {
      const body = { ...rest, ...(username !== "" && { username }), ...(birthdate !== "" && { birthdate }) };
      return call(api.POST("/api/v1/auth/register", { body }));
    },
    onSuccess: ({ access_token, refresh_token }) => enter({ access_token, refresh_token }),
  });
  const form = useForm(EMPTY, register);
  const next = form.values.as_instructor ? "/teach" : pathAfterLogin(search);
  if (signedIn) {
    // Who has not sent the form has come here by a link or by the history.
    const to = register.isIdle ? next : `/verify-email?${new URLSearchParams({ next }).toString()}`;
    return <Navigate to={to} replace />;
  }
  return (
    <Page title={t.auth.register} width="narrow">
      <form className="card stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <NameFields form={form} />
        <TextField label={t.auth.email} type="email" autoComplete="username" required {...form.text("email")} />
        <NewPassword label={t.auth.password} {...form.text("password")} />
        <TextField
          label={t.auth.username}
          autoComplete="nickname"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={50}
          hint={t.auth.usernameHint}
          {...form.text("username")}
        />
        <TextField label={t.auth.birthdate} type="date" autoComplete="bday" {...form.text("birthdate")} />
        <Checkbox label={t.auth.asInstructor} hint={t.auth.asInstructorHint} {...form.checkbox("as_instructor")} />
        <Checkbox label={t.auth.terms} {...form.checkbox("accept_terms")} />
        <button type="submit" className="button primary" disabled={register.isPending}>
          {t.auth.submitRegister}
        </button>
        <Providers next={next} acceptTerms={form.values.accept_terms} />
        <p>
          {t.auth.haveAccount} <Link to={{ pathname: "/login", search: search.toString() }}>{t.auth.login}</Link>
        </p>
      </form>
    </Page>
  );
}
