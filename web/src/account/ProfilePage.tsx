import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { profile as profileQuery } from "../api/account";
import { api, call, type Schemas } from "../api/client";
import { useChange } from "../api/useChange";
import { NameFields } from "../auth/NameFields";
import { useAuth } from "../auth/useAuth";
import { t } from "../text";
import { Select, TextArea, TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { Picture } from "./Picture";

const text = t.account.profile;

/** What somebody tells of himself. */
export function ProfilePage() {
  const { user } = useAuth();
  const query = useQuery(profileQuery);
  return (
    <Page title={text.title} lead={text.lead}>
      {user?.email_verified === false && (
        <Notice>
          <p>
            {text.unverified} <Link to="/verify-email?next=/account">{text.confirm}</Link>
          </p>
        </Notice>
      )}
      <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      {query.isPending && <Loading />}
      {query.isSuccess && (
        <>
          <Picture profile={query.data} />
          <About key={query.data.id} profile={query.data} />
        </>
      )}
    </Page>
  );
}

function About({ profile }: { profile: Schemas["OwnProfile"] }) {
  const initial = {
    first_name: profile.first_name,
    last_name: profile.last_name,
    bio: profile.profile.bio,
    country: profile.profile.country,
    phone: profile.profile.phone,
    birthdate: profile.profile.birthdate ?? "",
    timezone: profile.profile.timezone,
    language: profile.profile.language,
  };
  const save = useChange(
    ({ birthdate, ...rest }: typeof initial) =>
      call(api.PUT("/api/v1/users/profile", { body: { ...rest, ...(birthdate !== "" && { birthdate }) } })),
    profileQuery.queryKey,
    ["me"],
  );
  const form = useForm(initial, save);
  return (
    <section className="card stack" aria-labelledby="about">
      <h2 id="about">{text.about}</h2>
      <dl className="facts">
        <dt>{t.auth.email}</dt>
        <dd>{profile.email}</dd>
        <dt>{t.auth.username}</dt>
        <dd>{profile.username}</dd>
      </dl>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <NameFields form={form} />
        <TextArea label={text.bio} maxLength={500} {...form.text("bio")} />
        <div className="fields">
          <TextField label={text.country} autoComplete="country-name" maxLength={100} {...form.text("country")} />
          <TextField
            label={text.phone}
            type="tel"
            autoComplete="tel"
            maxLength={40}
            hint={text.phoneHint}
            {...form.text("phone")}
          />
        </div>
        <div className="fields">
          <TextField
            label={t.auth.birthdate}
            type="date"
            autoComplete="bday"
            // The API changes it, and does not take it back.
            required={initial.birthdate !== ""}
            {...form.text("birthdate")}
          />
          <Select label={text.timezone} optional {...form.text("timezone")}>
            <option value="">{text.timezoneUnset}</option>
            {zones(initial.timezone).map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll("_", " ")}
              </option>
            ))}
          </Select>
          <Select label={text.language} {...form.text("language")}>
            {Object.entries(text.languages).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </Select>
        </div>
        <SaveRow send={save} />
      </form>
    </section>
  );
}

/** The time zones that this browser knows, and the one that is chosen. */
function zones(chosen: string): string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), ...(chosen === "" ? [] : [chosen])])].sort();
}
