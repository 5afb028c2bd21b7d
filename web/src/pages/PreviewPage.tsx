import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { course as courseQuery, lesson as lessonQuery } from "../api/queries";
import { useAuth } from "../auth/useAuth";
import { LessonMaterial } from "../learn/LessonMaterial";
import { playbackApi } from "../playback/api";
import { Player } from "../playback/Player";
import { SessionHelp } from "../playback/SessionHelp";
import { t } from "../text";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";

/** A lesson that everybody may see. */
export function PreviewPage() {
  const { slug = "", lessonId = "" } = useParams();
  const course = useQuery(courseQuery(slug));
  const known = course.data?.curriculum.flatMap((section) => section.lessons).find((lesson) => lesson.id === lessonId);
  const lesson = useQuery({ ...lessonQuery(course.data?.id ?? "", lessonId), enabled: known !== undefined });
  if (course.isPending || (known !== undefined && lesson.isPending))
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (course.isSuccess && known === undefined) return <NotFoundPage title={t.learn.notFound} />;
  if (lesson.data === undefined || course.data === undefined) {
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={course.error ?? lesson.error} />
      </Page>
    );
  }
  const { title, video_id: videoId } = lesson.data;
  return (
    <Page
      title={title}
      lead={<Link to={`/courses/${slug}`}>{course.data.title}</Link>}
      actions={<span className="tag tag-busy">{t.course.preview}</span>}
    >
      {typeof videoId === "string" && <PreviewPlayer videoId={videoId} title={title} />}
      <LessonMaterial lesson={lesson.data} />
    </Page>
  );
}

/** Plays without an enrolment: a preview, or the owner's own video. Nothing is kept of it. */
export function PreviewPlayer({
  videoId,
  title,
  poster,
}: {
  videoId: string;
  title: string;
  poster?: string | undefined;
}) {
  const { user } = useAuth();
  const [play] = useState(() => playbackApi({ videoId, enrollmentId: null }));
  const who: Record<string, string> = user === null ? {} : { user_id: user.id };
  return (
    <Player
      title={title}
      poster={poster}
      api={play}
      resumeAt={0}
      watermarkValues={who}
      help={(error, again) => user !== null && <SessionHelp error={error} onFreed={again} />}
    />
  );
}
