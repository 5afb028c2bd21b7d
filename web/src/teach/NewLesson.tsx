import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { Select, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { useForm } from "../ui/useForm";
import { type LessonDraft, lessonOf, newLesson } from "./draft";
import { LessonFields, restOf } from "./LessonFields";
import { useCourseChange } from "./useCourseChange";

interface Props {
  courseId: string;
  section: Schemas["SectionView"];
  onDone: () => void;
}

/** Adds a lesson of any kind. Its video and its files come when it is there. */
export function NewLesson({ courseId, section, onDone }: Props) {
  const [kind, setKind] = useState<Schemas["LessonKind"]>("video");
  const add = useCourseChange(async (draft: LessonDraft) => {
    const params = { path: { id: courseId, section_id: section.id } };
    const body = { kind, ...lessonOf(kind, draft, newLesson()) };
    await call(api.POST("/api/v1/courses/{id}/sections/{section_id}/lessons", { params, body }));
    onDone();
  });
  const form = useForm(newLesson(), add);
  return (
    <form className="stack grow" onSubmit={form.onSubmit} aria-label={t.editor.addLessonTo(section.title)}>
      <ErrorNotice error={restOf(form)} />
      <div className="fields">
        <TextField label={t.editor.lessonTitle} required autoFocus maxLength={255} {...form.text("title")} />
        <Select
          label={t.editor.kind}
          value={kind}
          onChange={({ target }) => setKind(target.value as Schemas["LessonKind"])}
        >
          {Object.entries(t.learn.kinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <LessonFields form={form} kind={kind} />
      <div className="row">
        <button type="submit" className="button primary" disabled={add.isPending}>
          {t.editor.addLesson}
        </button>
        <button type="button" className="button" onClick={() => onDone()}>
          {t.common.cancel}
        </button>
      </div>
    </form>
  );
}
