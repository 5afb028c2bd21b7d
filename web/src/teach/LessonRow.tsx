import { type ReactNode, useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { KindIcon } from "../course/KindIcon";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { LessonEditor } from "./LessonEditor";
import { LessonVideo } from "./LessonVideo";
import { useCourseChange } from "./useCourseChange";

interface Props {
  course: Schemas["CourseDetail"];
  lesson: Schemas["CurriculumLesson"];
  /** The buttons that move it. */
  move: ReactNode;
}

/** A lesson in the editor, with its video; the rest of it opens below. */
export function LessonRow({ course, lesson, move }: Props) {
  const [open, setOpen] = useState(false);
  const params = { path: { id: course.id, lesson_id: lesson.id } };
  const remove = useCourseChange(() => call(api.DELETE("/api/v1/courses/{id}/lessons/{lesson_id}", { params })));
  return (
    <>
      <div className="lesson">
        {move}
        <KindIcon kind={lesson.kind} />
        <span className="lesson-title">{lesson.title}</span>
        {lesson.is_preview && <span className="tag tag-busy">{t.course.preview}</span>}
        {lesson.kind === "file" && lesson.resource_count === 0 && <span className="tag">{t.editor.needsFile}</span>}
        {lesson.kind === "video" && <LessonVideo courseId={course.id} lesson={lesson} />}
        <button
          type="button"
          className="button quiet small-button"
          aria-expanded={open}
          aria-label={t.editor.editLesson(lesson.title)}
          onClick={() => setOpen(!open)}
        >
          {open ? t.editor.close : t.editor.edit}
        </button>
        <button
          type="button"
          className="button quiet danger small-button"
          disabled={remove.isPending}
          aria-label={`${t.editor.remove}: ${lesson.title}`}
          onClick={() => {
            if (window.confirm(t.editor.removeLesson(lesson.title))) remove.mutate();
          }}
        >
          {t.editor.remove}
        </button>
      </div>
      <ErrorNotice error={remove.error} />
      {open && <LessonEditor course={course} lessonId={lesson.id} />}
    </>
  );
}
