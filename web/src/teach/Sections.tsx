import { type SubmitEvent, useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { ChangeError } from "./ChangeError";
import { SectionEditor } from "./SectionEditor";
import { useArrange } from "./useArrange";
import { useCourseChange } from "./useCourseChange";

type Course = Schemas["CourseDetail"];

/** The curriculum, to be changed. */
export function Sections({ course }: { course: Course }) {
  const { curriculum } = course;
  const arrange = useArrange(course);
  return (
    <section className="stack" aria-labelledby="sections">
      <h2 id="sections">{t.editor.sections}</h2>
      {curriculum.length === 0 && <p className="muted">{t.editor.noSections}</p>}
      <ChangeError error={arrange.change.error} onReload={() => arrange.change.reset()} />
      <p className="visually-hidden" role="status">
        {arrange.said}
      </p>
      {curriculum.map((section, place) => (
        <SectionEditor
          key={section.id}
          course={course}
          section={section}
          place={place}
          arrange={arrange}
        />
      ))}
      <NewSection courseId={course.id} />
    </section>
  );
}

function NewSection({ courseId }: { courseId: string }) {
  const [title, setTitle] = useState("");
  const add = useCourseChange(async () => {
    await call(api.POST("/api/v1/courses/{id}/sections", { params: { path: { id: courseId } }, body: { title } }));
    setTitle("");
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
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
  );
}
