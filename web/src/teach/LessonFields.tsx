import type { Schemas } from "../api/client";
import { t } from "../text";
import { Checkbox, TextArea, TextField } from "../ui/Field";
import type { useForm } from "../ui/useForm";
import type { LessonDraft } from "./draft";
import { QuizFields } from "./QuizFields";

/** The form of a lesson. */
export type LessonForm = ReturnType<typeof useForm<LessonDraft>>;

/** Fields of a lesson of this kind, below its title. */
export function LessonFields({ form, kind }: { form: LessonForm; kind: Schemas["LessonKind"] }) {
  return (
    <>
      <TextArea label={t.editor.lessonDescription} rows={2} maxLength={2_000} {...form.text("description")} />
      {kind === "text" && (
        <TextArea label={t.editor.content} required rows={8} maxLength={50_000} {...form.text("content")} />
      )}
      {kind === "quiz" && (
        <QuizFields quiz={form.values.quiz} faults={form.fields} onChange={(quiz) => form.set({ quiz })} />
      )}
      {kind !== "video" && (
        <div className="fields">
          <TextField
            label={t.editor.minutes}
            type="number"
            min={0}
            max={1_440}
            step="any"
            {...form.text("minutes")}
            error={form.fields.duration_seconds}
          />
        </div>
      )}
      <Checkbox label={t.editor.isPreview} {...form.checkbox("is_preview")} />
    </>
  );
}

/** Names of the API's for fields that the form shows with what is wrong with them. */
const SHOWN =
  /^(duration_seconds|quiz\.(pass_percent|attempts_max|questions(\[\d+\]\.(text|points|options|explanation|answer\.\w+))?))$/;

/** What no field of the form shows. */
export function restOf({ error, fields }: Pick<LessonForm, "error" | "fields">) {
  return error?.without(Object.keys(fields).filter((name) => SHOWN.test(name))) ?? null;
}
