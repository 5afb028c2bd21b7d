import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api, call, type Schemas } from "../api/client";
import { video as videoQuery } from "../api/queries";
import { RATES } from "../playback/policy";
import { t } from "../text";
import { Checkbox, Select } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";

/** What students may do with a video. */
export function PolicyForm({ video }: { video: Schemas["VideoView"] }) {
  const queries = useQueryClient();
  const initial = {
    allow_skip: video.allow_skip,
    max_speed: String(video.max_speed),
    show_watermark: video.show_watermark,
  };
  const save = useMutation({
    mutationFn: (form: typeof initial) => {
      const body = { ...form, max_speed: Number(form.max_speed) };
      return call(api.POST("/api/v1/media/videos/{id}/set-policy", { params: { path: { id: video.id } }, body }));
    },
    onSuccess: (saved) => queries.setQueryData(videoQuery(video.id).queryKey, saved),
  });
  const form = useForm(initial, save);
  // A speed that was set elsewhere is not in the usual list.
  const speeds = [...new Set([...RATES.filter((rate) => rate >= 1), video.max_speed])].sort((a, b) => a - b);
  return (
    <section className="card stack" aria-labelledby="policy">
      <h2 id="policy">{t.policy.title}</h2>
      <p className="muted">{t.policy.lead}</p>
      <form className="stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <Checkbox label={t.policy.allowSkip} {...form.checkbox("allow_skip")} />
        <Checkbox label={t.policy.watermark} {...form.checkbox("show_watermark")} />
        <div className="fields">
          <Select label={t.policy.maxSpeed} {...form.text("max_speed")}>
            {speeds.map((speed) => (
              <option key={speed} value={speed}>
                {t.policy.speed(speed)}
              </option>
            ))}
          </Select>
        </div>
        <SaveRow send={save} />
      </form>
    </section>
  );
}
