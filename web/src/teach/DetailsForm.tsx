import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { Select, TextArea, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];

/** What a course says of itself. */
export function DetailsForm({ course }: { course: Course }) {
  const initial = {
    title: course.title,
    short_description: course.short_description,
    description: course.description,
    level: course.level,
    price: typeof course.price === "number" ? String(course.price) : "",
  };
  const save = useCourseChange(({ price, ...rest }: typeof initial) => {
    const body = { ...rest, ...(price !== "" && { price: Number(price) }) };
    return call(api.PATCH("/api/v1/courses/{id}", { params: { path: { id: course.id } }, body }));
  });
  const form = useForm(initial, save);
  return (
    <section className="stack" aria-labelledby="details">
      <h2 id="details">{t.editor.details}</h2>
      <form className="card stack" onSubmit={form.onSubmit}>
        <ErrorNotice error={form.error} />
        <TextField label={t.editor.title} required maxLength={255} {...form.text("title")} />
        <TextField label={t.editor.short} maxLength={500} {...form.text("short_description")} />
        <TextArea
          label={t.editor.description}
          hint={t.editor.descriptionHint}
          optional={false}
          rows={6}
          maxLength={10000}
          {...form.text("description")}
        />
        <div className="fields">
          <Select label={t.editor.level} {...form.text("level")}>
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
            {...form.text("price")}
          />
        </div>
        <SaveRow send={save} />
      </form>
    </section>
  );
}
