import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { t } from "../text";
import { moved, type Step } from "./MoveButtons";
import { ifMatch } from "./useBase";
import { useCourseChange } from "./useCourseChange";

type Section = Schemas["SectionView"];

const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);

/** Puts the sections and lessons of a course in another order, each time in one call. */
export function useArrange({ id, version, curriculum }: Schemas["CourseDetail"]) {
  const [said, setSaid] = useState("");
  const [arrived, setArrived] = useState<string | null>(null);
  const change = useCourseChange((lessons: Partial<Schemas["ReorderSections"]>) =>
    call(
      api.POST("/api/v1/courses/{id}/sections/reorder", {
        params: { path: { id }, header: ifMatch(version) },
        body: { order: idsOf(curriculum), ...lessons },
      }),
    ),
  );
  return {
    change,
    /** What has moved where, for screen readers. */
    said,
    /** The lesson that has come from another section: its buttons are new, and get the focus. */
    arrived,
    moveSection: (place: number, step: Step) => {
      const title = curriculum[place]?.title ?? "";
      const say = t.editor.moved(title, place + step + 1, curriculum.length);
      change.mutate({ order: moved(idsOf(curriculum), place, step) }, { onSuccess: () => setSaid(say) });
    },
    /** Moves a lesson within its section, from its end into the next one. */
    moveLesson: (section: Section, at: number, step: Step) => {
      const lesson = section.lessons[at];
      if (lesson === undefined) return;
      const within = at + step >= 0 && at + step < section.lessons.length;
      const other = curriculum[curriculum.indexOf(section) + step];
      if (within) {
        const say = t.editor.moved(lesson.title, at + step + 1, section.lessons.length);
        const order = moved(idsOf(section.lessons), at, step);
        change.mutate({ lessons: [{ section_id: section.id, order }] }, { onSuccess: () => setSaid(say) });
      } else if (other !== undefined) {
        const rest = idsOf(section.lessons).filter((one) => one !== lesson.id);
        const there = idsOf(other.lessons);
        const lessons = [
          { section_id: section.id, order: rest },
          { section_id: other.id, order: step < 0 ? [...there, lesson.id] : [lesson.id, ...there] },
        ];
        setArrived(lesson.id);
        change.mutate({ lessons }, { onSuccess: () => setSaid(t.editor.movedTo(lesson.title, other.title)) });
      }
    },
  };
}
