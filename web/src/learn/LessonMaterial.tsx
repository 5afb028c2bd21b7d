import type { Schemas } from "../api/client";
import { Files } from "../course/Files";
import { QuizLesson } from "./QuizLesson";

/** What a lesson holds beside its video: what it is about, its text or its questions, and its files. */
export function LessonMaterial({ lesson }: { lesson: Schemas["LessonView"] }) {
  const { id, course_id: courseId, description, content, quiz, resources } = lesson;
  return (
    <>
      {description !== "" && <p className="prewrap muted">{description}</p>}
      {typeof content === "string" && <article className="card prewrap">{content}</article>}
      {quiz && <QuizLesson courseId={courseId} lessonId={id} quiz={quiz} />}
      <Files courseId={courseId} lessonId={id} files={resources} />
    </>
  );
}
