import { type SubmitEvent, useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { t } from "../text";
import { Select, TextArea, TextField } from "../ui/Field";
import { ErrorNotice, Notice } from "../ui/Notice";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];
type Level = Schemas["Level"];

/** What a course says of itself. */
export function DetailsForm({ course }: { course: Course }) {
  const [form, setForm] = useState({
    title: course.title,
    short_description: course.short_description,
    description: course.description,
    level: course.level,
    price: typeof course.price === "number" ? String(course.price) : "",
  });
  const save = useCourseChange(() => {
    const { price, ...rest } = form;
    const body = { ...rest, ...(price !== "" && { price: Number(price) }) };
    return call(api.PATCH("/api/v1/courses/{id}", { params: { path: { id: course.id } }, body }));
  });
  const fields = save.error === null ? {} : ApiError.from(save.error).fields;
  const set = (change: Partial<typeof form>) => {
    save.reset();
    setForm({ ...form, ...change });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="stack" aria-labelledby="details">
      <h2 id="details">{t.editor.details}</h2>
      <form className="card stack" onSubmit={submit}>
        {Object.keys(fields).length === 0 && <ErrorNotice error={save.error} />}
        <TextField
          label={t.editor.title}
          required
          maxLength={255}
          value={form.title}
          error={fields.title}
          onChange={(event) => set({ title: event.target.value })}
        />
        <TextField
          label={t.editor.short}
          maxLength={500}
          value={form.short_description}
          error={fields.short_description}
          onChange={(event) => set({ short_description: event.target.value })}
        />
        <TextArea
          label={t.editor.description}
          hint={t.editor.descriptionHint}
          optional={false}
          rows={6}
          maxLength={10000}
          value={form.description}
          error={fields.description}
          onChange={(event) => set({ description: event.target.value })}
        />
        <div className="fields">
          <Select
            label={t.editor.level}
            value={form.level}
            onChange={(event) => set({ level: event.target.value as Level })}
          >
            {Object.entries(t.course.levels).map(([level, label]) => (
              <option key={level} value={level}>
                {label}
              </option>
            ))}
          </Select>
          <TextField
            label={`${t.editor.price} (${course.currency})`}
            hint={t.editor.priceHint}
            optional={false}
            type="number"
            inputMode="decimal"
            min={0}
            max={100000}
            step={0.01}
            value={form.price}
            error={fields.price}
            onChange={(event) => set({ price: event.target.value })}
          />
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
