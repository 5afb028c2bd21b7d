import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { isSettled, video as videoQuery } from "../api/queries";
import { t } from "../text";
import { useUploads } from "../upload/UploadsProvider";
import { isRunning } from "../upload/state";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice } from "../ui/Notice";
import { VideoTag } from "./VideoTag";

type Lesson = Schemas["CurriculumLesson"];

/** How often the state of a lesson's video is looked at while it changes. */
const POLL_MS = 4_000;

/** The lesson's video and its state, or the way to upload one. */
export function LessonVideo({ courseId, lesson }: { courseId: string; lesson: Lesson }) {
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
          <Link
            className="small"
            to={`/teach/videos/${videoId}?course=${courseId}`}
            aria-label={`${t.editor.openVideo}: ${lesson.title}`}
          >
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
