import { type SubmitEvent, useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { Checkbox, Select, TextArea, TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { LessonRow } from "./LessonRow";
import { Rename } from "./Rename";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];
type Section = Schemas["SectionView"];

/** The curriculum, to be changed. */
export function Sections({ course }: { course: Course }) {
  const [title, setTitle] = useState("");
  const add = useCourseChange(async () => {
    await call(api.POST("/api/v1/courses/{id}/sections", { params: { path: { id: course.id } }, body: { title } }));
    setTitle("");
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="stack" aria-labelledby="sections">
      <h2 id="sections">{t.editor.sections}</h2>
      {course.curriculum.length === 0 && <p className="muted">{t.editor.noSections}</p>}
      {course.curriculum.map((section) => (
        <SectionEditor key={section.id} courseId={course.id} section={section} />
      ))}
      <form className="card stack" onSubmit={submit}>
        <ErrorNotice error={add.error} />
        <TextField
          label={t.editor.sectionTitle}
          required
          maxLength={255}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <div>
          <button type="submit" className="button" disabled={add.isPending}>
            {t.editor.addSection}
          </button>
        </div>
      </form>
    </section>
  );
}

function SectionEditor({ courseId, section }: { courseId: string; section: Section }) {
  const path = { params: { path: { id: courseId, section_id: section.id } } };
  const rename = useCourseChange((title: string) =>
    call(api.PATCH("/api/v1/courses/{id}/sections/{section_id}", { ...path, body: { title } })),
  );
  const remove = useCourseChange(() => call(api.DELETE("/api/v1/courses/{id}/sections/{section_id}", path)));
  const [adding, setAdding] = useState(false);
  return (
    <section className="section" aria-label={section.title}>
      <div className="section-head">
        <h3 className="lesson-title">{section.title}</h3>
        <Rename title={section.title} label={t.editor.sectionTitle} onRename={(title) => rename.mutateAsync(title)} />
        {section.lessons.length === 0 && (
          <button
            type="button"
            className="button quiet danger small-button"
            disabled={remove.isPending}
            onClick={() => {
              if (window.confirm(t.editor.removeSection(section.title))) remove.mutate();
            }}
          >
            {t.editor.remove}
          </button>
        )}
      </div>
      <ErrorNotice error={rename.error ?? remove.error} />
      <ol className="lessons">
        {section.lessons.map((lesson) => (
          <li key={lesson.id}>
            <LessonRow courseId={courseId} lesson={lesson} />
          </li>
        ))}
        <li className="lesson">
          {adding ? (
            <NewLesson courseId={courseId} section={section} onDone={() => setAdding(false)} />
          ) : (
            <button
              type="button"
              className="button small-button"
              aria-label={t.editor.addLessonTo(section.title)}
              onClick={() => setAdding(true)}
            >
              {t.editor.addLesson}
            </button>
          )}
        </li>
      </ol>
    </section>
  );
}

function NewLesson({ courseId, section, onDone }: { courseId: string; section: Section; onDone: () => void }) {
  const [form, setForm] = useState({
    title: "",
    kind: "video" as Schemas["LessonKind"],
    content: "",
    is_preview: false,
  });
  const add = useCourseChange(async () => {
    const { content, ...rest } = form;
    const body = { ...rest, ...(form.kind === "text" && { content }) };
    const path = { params: { path: { id: courseId, section_id: section.id } } };
    await call(api.POST("/api/v1/courses/{id}/sections/{section_id}/lessons", { ...path, body }));
    onDone();
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="stack grow" onSubmit={submit} aria-label={t.editor.addLessonTo(section.title)}>
      <ErrorNotice error={add.error} />
      <div className="fields">
        <TextField
          label={t.editor.lessonTitle}
          required
          autoFocus
          maxLength={255}
          value={form.title}
          onChange={(event) => setForm({ ...form, title: event.target.value })}
        />
        <Select
          label={t.editor.kind}
          value={form.kind}
          onChange={(event) => setForm({ ...form, kind: event.target.value as Schemas["LessonKind"] })}
        >
          {Object.entries(t.learn.kinds).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {form.kind === "text" && (
        <TextArea
          label={t.editor.content}
          required
          rows={8}
          value={form.content}
          onChange={(event) => setForm({ ...form, content: event.target.value })}
        />
      )}
      <Checkbox
        label={t.editor.isPreview}
        checked={form.is_preview}
        onChange={(event) => setForm({ ...form, is_preview: event.target.checked })}
      />
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
