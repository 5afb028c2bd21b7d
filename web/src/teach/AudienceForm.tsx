import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { video as videoQuery } from "../api/queries";
import { t } from "../text";
import { Checkbox, Select, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { words } from "./details";

const VISIBILITIES = ["PUBLIC", "UNLISTED", "PRIVATE"] as const;

/** Who may see a video beside the students of its course, and by which words it is found. */
export function AudienceForm({ video }: { video: Schemas["VideoView"] }) {
  const queries = useQueryClient();
  const path = { params: { path: { id: video.id } } };
  const keep = (saved: Schemas["VideoView"]) => queries.setQueryData(videoQuery(video.id).queryKey, saved);
  const initial = {
    visibility: video.visibility as string,
    tags: video.tags.join(", "),
    geo_restrictions: (video.geo_restrictions ?? []).join(", "),
    age_restricted: video.age_restricted,
  };
  const save = useMutation({
    mutationFn: async ({ tags, geo_restrictions: countries, visibility, age_restricted }: typeof initial) => {
      await call(api.PUT("/api/v1/media/videos/{id}/tags", { ...path, body: { tags: words(tags) } }));
      const body = {
        age_restricted,
        visibility: visibility as Schemas["Visibility"],
        geo_restrictions: words(countries).map((code) => code.toUpperCase()),
      };
      return call(api.PATCH("/api/v1/media/videos/{id}", { ...path, body }));
    },
    onSuccess: keep,
  });
  const publish = useMutation({
    mutationFn: () => call(api.POST("/api/v1/media/videos/{id}/publish", path)),
    onSuccess: () => queries.invalidateQueries({ queryKey: videoQuery(video.id).queryKey }),
  });
  const form = useForm(initial, save);
  const shown = video.status === "PUBLISHED" && video.visibility !== "PRIVATE";
  return (
    <section className="card stack" aria-labelledby="audience">
      <h2 id="audience">{t.audience.title}</h2>
      <p className="muted">{t.audience.lead}</p>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <div className="fields">
          <Select label={t.audience.visibility} {...form.text("visibility")}>
            {VISIBILITIES.map((visibility) => (
              <option key={visibility} value={visibility}>
                {t.audience.visibilities[visibility]}
              </option>
            ))}
          </Select>
        </div>
        <TextField label={t.audience.tags} hint={t.audience.tagsHint} {...form.text("tags")} />
        <TextField label={t.audience.countries} hint={t.audience.countriesHint} {...form.text("geo_restrictions")} />
        <Checkbox label={t.audience.adults} {...form.checkbox("age_restricted")} />
        <SaveRow send={save} />
      </form>
      {video.status === "READY" && video.visibility !== "PRIVATE" && (
        <div className="row">
          <button type="button" className="button" disabled={publish.isPending} onClick={() => publish.mutate()}>
            {t.audience.publish}
          </button>
          <span className="small muted">{t.audience.publishHint}</span>
        </div>
      )}
      <ErrorNotice error={publish.error} />
      {shown && <Link to={`/watch/${video.id}`}>{t.audience.page}</Link>}
    </section>
  );
}
