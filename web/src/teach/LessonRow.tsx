import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { isSettled, video as videoQuery } from "../api/queries";
import { t } from "../text";
import { useUploads } from "../upload/UploadsProvider";
import { isRunning } from "../upload/state";
import { FileButton } from "../ui/FileButton";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";
import { Rename } from "./Rename";
import { useCourseChange } from "./useCourseChange";
import { VideoTag } from "./VideoTag";

type Lesson = Schemas["CurriculumLesson"];

/** How often the state of a lesson's video is looked at while it changes. */
const POLL_MS = 4_000;

/** A lesson in the editor, with its video. */
export function LessonRow({ courseId, lesson }: { courseId: string; lesson: Lesson }) {
  const path = { params: { path: { id: courseId, lesson_id: lesson.id } } };
  const change = useCourseChange((body: Schemas["UpdateLesson"]) =>
    call(api.PATCH("/api/v1/courses/{id}/lessons/{lesson_id}", { ...path, body })),
  );
  const remove = useCourseChange(() => call(api.DELETE("/api/v1/courses/{id}/lessons/{lesson_id}", path)));
  return (
    <div className="stack">
      <div className="lesson">
        <Icon name={lesson.kind === "text" ? "text" : "play"} />
        <span className="lesson-title">{lesson.title}</span>
        {lesson.is_preview && <span className="tag tag-busy">{t.course.preview}</span>}
        {lesson.kind === "video" && <LessonVideo courseId={courseId} lesson={lesson} />}
        <Rename title={lesson.title} label={t.editor.lessonTitle} onRename={(title) => change.mutateAsync({ title })} />
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
      <ErrorNotice error={change.error ?? remove.error} />
    </div>
  );
}

/** The lesson's video and its state, or the way to upload one. */
function LessonVideo({ courseId, lesson }: { courseId: string; lesson: Lesson }) {
  const videoId = typeof lesson.video_id === "string" ? lesson.video_id : null;
  const uploads = useUploads();
  const video = useQuery({
    ...videoQuery(videoId ?? ""),
    enabled: videoId !== null,
    refetchInterval: ({ state }) => (state.data !== undefined && isSettled(state.data.status) ? false : POLL_MS),
  });
  const upload = useMutation({
    mutationFn: (file: File) =>
      uploads.begin(file, lesson.title, { kind: "lesson", id: lesson.id }, `/teach/courses/${courseId}`),
  });
  const busy = uploads.tasks.some((task) => task.record.videoId === videoId && isRunning(task.state));
  // A file that never came, or could not be processed, makes room for another one.
  const free = videoId === null || video.data?.status === "FAILED" || (video.data?.status === "PENDING" && !busy);
  return (
    <>
      {videoId !== null && video.data !== undefined && (
        <>
          <VideoTag status={video.data.status} />
          <Link className="small" to={`/teach/videos/${videoId}`} aria-label={`${t.editor.openVideo}: ${lesson.title}`}>
            {t.editor.openVideo}
          </Link>
        </>
      )}
      {free && !upload.isPending && (
        <FileButton
          label={videoId === null ? t.editor.upload : t.editor.replace}
          describe={t.editor.chooseFile(lesson.title)}
          onFile={(file) => upload.mutate(file)}
        />
      )}
      <ErrorNotice error={upload.error} />
    </>
  );
}
