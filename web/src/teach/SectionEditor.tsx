import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { ChangeError } from "./ChangeError";
import { LessonRow } from "./LessonRow";
import { MoveButtons, moveLabel } from "./MoveButtons";
import { NewLesson } from "./NewLesson";
import { Rename } from "./Rename";
import type { useArrange } from "./useArrange";
import { ifMatch } from "./useBase";
import { useCourseChange } from "./useCourseChange";

interface Props {
  course: Schemas["CourseDetail"];
  section: Schemas["SectionView"];
  /** Its place in the course, from 0. */
  place: number;
  arrange: ReturnType<typeof useArrange>;
}

/** A section with its lessons. */
export function SectionEditor({ course, section, place, arrange }: Props) {
  const path = { id: course.id, section_id: section.id };
  const params = { path, header: ifMatch(course.version) };
  const [adding, setAdding] = useState(false);
  const rename = useCourseChange((title: string) =>
    call(api.PATCH("/api/v1/courses/{id}/sections/{section_id}", { params, body: { title } })),
  );
  const remove = useCourseChange(() =>
    call(api.DELETE("/api/v1/courses/{id}/sections/{section_id}", { params: { path } })),
  );
  const failed = rename.error === null ? remove : rename;
  const { length } = section.lessons;
  const [top, bottom] = [place === 0, place === course.curriculum.length - 1];
  const busy = arrange.change.isPending;
  return (
    <section className="section" aria-label={section.title}>
      <div className="section-head">
        <MoveButtons
          label={moveLabel(section.title)}
          place={place}
          first={top}
          last={bottom}
          busy={busy}
          onMove={(step) => arrange.moveSection(place, step)}
        />
        <h3 className="lesson-title">{section.title}</h3>
        <Rename title={section.title} label={t.editor.sectionTitle} onRename={(title) => rename.mutateAsync(title)} />
        {length === 0 && (
          <button
            type="button"
            className="button quiet danger small-button"
            disabled={remove.isPending}
            aria-label={`${t.editor.remove}: ${section.title}`}
            onClick={() => {
              if (window.confirm(t.editor.removeSection(section.title))) remove.mutate();
            }}
          >
            {t.editor.remove}
          </button>
        )}
      </div>
      <ChangeError error={failed.error} onReload={() => failed.reset()} />
      <ol className="lessons">
        {section.lessons.map((lesson, at) => (
          <li key={lesson.id}>
            <LessonRow
              course={course}
              lesson={lesson}
              move={
                <MoveButtons
                  label={moveLabel(lesson.title)}
                  place={at}
                  first={top && at === 0}
                  last={bottom && at === length - 1}
                  busy={busy}
                  arrived={arrange.arrived === lesson.id}
                  onMove={(step) => arrange.moveLesson(section, at, step)}
                />
              }
            />
          </li>
        ))}
        <li className="lesson">
          {adding ? (
            <NewLesson courseId={course.id} section={section} onDone={() => setAdding(false)} />
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
