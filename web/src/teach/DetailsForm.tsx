import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";

import { categories } from "../api/catalogue";
import { api, call, type Schemas } from "../api/client";
import { languageName } from "../catalogue/address";
import { t } from "../text";
import { Checkbox, Select, TextArea, TextField } from "../ui/Field";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { ChangeError } from "./ChangeError";
import { type Details, detailsOf, updateOf } from "./details";
import { ifMatch, useBase } from "./useBase";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];

/** Languages that are offered; another one that a course has is offered too. */
const LANGUAGES = "en ko ja zh de fr es pt it nl pl sv uk ru tr ar hi id vi th".split(" ");

/** What a course says of itself. */
export function DetailsForm({ course }: { course: Course }) {
  const queries = useQueryClient();
  const [reads, setReads] = useState(0);
  const reload = async () => {
    await queries.invalidateQueries({ queryKey: ["course"] });
    setReads(reads + 1);
  };
  return (
    <section className="stack" aria-labelledby="details">
      <h2 id="details">{t.editor.details}</h2>
      <Fields key={reads} course={course} onReload={() => void reload()} />
    </section>
  );
}

function Fields({ course, onReload }: { course: Course; onReload: () => void }) {
  const [initial] = useState(() => detailsOf(course));
  const base = useBase(detailsOf(course), course.version);
  const save = useCourseChange(async (details: Details) => {
    const params = { path: { id: course.id }, header: ifMatch(base.version) };
    const saved = await call(api.PATCH("/api/v1/courses/{id}", { params, body: updateOf(details) }));
    base.rebase(detailsOf(saved), saved.version);
  });
  const form = useForm(initial, save);
  const known = useQuery(categories).data?.results ?? [];
  const names = useId();
  const languages = [...new Set([...LANGUAGES, course.language])];
  const price = { type: "number", inputMode: "decimal", min: 0, max: 99_999_999.99, step: 0.01 } as const;
  return (
    <form className="card stack" onSubmit={form.onSubmit}>
      <ChangeError error={form.error} onReload={onReload} />
      <TextField label={t.editor.title} required maxLength={255} {...form.text("title")} />
      <TextField label={t.editor.short} maxLength={500} {...form.text("short_description")} />
      <TextArea
        label={t.editor.description}
        hint={t.editor.descriptionHint}
        optional={false}
        rows={6}
        maxLength={10_000}
        {...form.text("description")}
      />
      <div className="fields">
        <TextField label={t.editor.category} list={names} maxLength={100} {...form.text("category")} />
        <datalist id={names}>
          {known.map(({ id, name }) => (
            <option key={id} value={name} />
          ))}
        </datalist>
        <Select label={t.editor.level} {...form.text("level")}>
          {Object.entries(t.course.levels).map(([level, label]) => (
            <option key={level} value={level}>
              {label}
            </option>
          ))}
        </Select>
        <Select label={t.editor.language} {...form.text("language")}>
          {languages.map((code) => (
            <option key={code} value={code}>
              {languageName(code)}
            </option>
          ))}
        </Select>
      </div>
      <div className="fields">
        <TextField
          label={`${t.editor.price} (${course.currency})`}
          hint={t.editor.priceHint}
          optional={false}
          {...price}
          {...form.text("price")}
        />
        <TextField
          label={`${t.editor.originalPrice} (${course.currency})`}
          hint={t.editor.originalPriceHint}
          {...price}
          {...form.text("original_price")}
        />
      </div>
      <Checkbox label={t.editor.inPlans} hint={t.editor.inPlansHint} {...form.checkbox("in_plans")} />
      <div className="fields">
        <TextArea label={t.editor.outcomes} hint={t.editor.onePerLine} rows={5} {...form.text("outcomes")} />
        <TextArea label={t.editor.requirements} hint={t.editor.onePerLine} rows={5} {...form.text("requirements")} />
      </div>
      <TextArea label={t.editor.prerequisites} rows={2} maxLength={2_000} {...form.text("prerequisites")} />
      <TextField label={t.editor.tags} hint={t.editor.tagsHint} {...form.text("tags")} />
      <SaveRow send={save} />
    </form>
  );
}
