import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, call, type Schemas } from "../api/client";
import { lessonAt } from "../api/queries";
import { t } from "../text";
import { TextField } from "../ui/Field";
import { ErrorNotice } from "../ui/Notice";
import { Loading } from "../ui/Page";
import { SaveRow } from "../ui/SaveRow";
import { useForm } from "../ui/useForm";
import { ChangeError } from "./ChangeError";
import { draftOf, type LessonDraft, lessonOf } from "./draft";
import { LessonFields, restOf } from "./LessonFields";
import { LessonFiles } from "./LessonFiles";
import { ifMatch, useBase } from "./useBase";
import { useCourseChange } from "./useCourseChange";

interface Props {
  course: Schemas["CourseDetail"];
  lessonId: string;
}

/** All that a lesson holds but its video, to be changed. */
export function LessonEditor({ course, lessonId }: Props) {
  const queries = useQueryClient();
  const [reads, setReads] = useState(0);
  const query = useQuery({ ...lessonAt(course.id, lessonId, course.version), placeholderData: keepPreviousData });
  if (query.isPending) return <Loading />;
  if (query.error !== null) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const { lesson, version } = query.data;
  const reload = async () => {
    await queries.invalidateQueries({ queryKey: ["course"] });
    await queries.invalidateQueries({ queryKey: ["lesson"] });
    setReads(reads + 1);
  };
  return (
    <div className="lesson-editor stack">
      <LessonForm key={reads} lesson={lesson} version={version} onReload={() => void reload()} />
      <LessonFiles lesson={lesson} />
    </div>
  );
}

interface FormProps {
  lesson: Schemas["LessonView"];
  /** The course's version that the lesson was read with. */
  version: number;
  onReload: () => void;
}

function LessonForm({ lesson, version, onReload }: FormProps) {
  const [initial] = useState(() => draftOf(lesson));
  const base = useBase(draftOf(lesson), version);
  const save = useCourseChange(async (draft: LessonDraft) => {
    const params = { path: { id: lesson.course_id, lesson_id: lesson.id }, header: ifMatch(base.version) };
    const body = lessonOf(lesson.kind, draft, initial);
    const saved = await call(api.PATCH("/api/v1/courses/{id}/lessons/{lesson_id}", { params, body }));
    // Each change is a version of the course.
    base.rebase(draftOf(saved), base.version + 1);
  });
  const form = useForm(initial, save);
  return (
    <form className="stack" onSubmit={form.onSubmit} aria-label={t.editor.editLesson(lesson.title)}>
      <ChangeError error={restOf(form)} onReload={onReload} />
      <TextField label={t.editor.lessonTitle} required autoFocus maxLength={255} {...form.text("title")} />
      <LessonFields form={form} kind={lesson.kind} />
      <SaveRow send={save} />
    </form>
  );
}
