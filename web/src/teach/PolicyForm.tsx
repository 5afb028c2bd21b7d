import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { video as videoQuery } from "../api/queries";
import { RATES } from "../playback/policy";
import { t } from "../text";
import { Checkbox, Select } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";

/** What students may do with a video. */
export function PolicyForm({ video }: { video: Schemas["VideoView"] }) {
  const queries = useQueryClient();
  const [form, setForm] = useState({
    allow_skip: video.allow_skip,
    max_speed: video.max_speed,
    show_watermark: video.show_watermark,
  });
  const save = useMutation({
    mutationFn: () =>
      call(api.POST("/api/v1/media/videos/{id}/set-policy", { params: { path: { id: video.id } }, body: form })),
    onSuccess: (saved) => queries.setQueryData(videoQuery(video.id).queryKey, saved),
  });
  const set = (change: Partial<typeof form>) => {
    save.reset();
    setForm({ ...form, ...change });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  // A speed that was set elsewhere is not in the usual list.
  const speeds = [...new Set([...RATES.filter((rate) => rate >= 1), video.max_speed])].sort((a, b) => a - b);
  return (
    <section className="card stack" aria-labelledby="policy">
      <h2 id="policy">{t.policy.title}</h2>
      <p className="muted">{t.policy.lead}</p>
      <form className="stack" onSubmit={submit}>
        <ErrorNotice error={save.error} />
        <Checkbox
          label={t.policy.allowSkip}
          checked={form.allow_skip}
          onChange={(event) => set({ allow_skip: event.target.checked })}
        />
        <Checkbox
          label={t.policy.watermark}
          checked={form.show_watermark}
          onChange={(event) => set({ show_watermark: event.target.checked })}
        />
        <div className="fields">
          <Select
            label={t.policy.maxSpeed}
            value={form.max_speed}
            onChange={(event) => set({ max_speed: Number(event.target.value) })}
          >
            {speeds.map((speed) => (
              <option key={speed} value={speed}>
                {t.policy.speed(speed)}
              </option>
            ))}
          </Select>
        </div>
        <div className="row">
          <button type="submit" className="button primary" disabled={save.isPending}>
            {t.common.save}
          </button>
          {save.isSuccess && (
            <Notice kind="good">
              <p>{t.common.saved}</p>
            </Notice>
          )}
        </div>
      </form>
    </section>
  );
}
