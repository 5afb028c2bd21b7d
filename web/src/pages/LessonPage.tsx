import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useParams } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { enrollmentWithCertificate, lesson as lessonQuery, video as videoQuery } from "../api/queries";
import { useAuth, type User } from "../auth/useAuth";
import { KindIcon } from "../course/KindIcon";
import { Certificate } from "../learn/Certificate";
import { Done } from "../learn/Done";
import { LessonMaterial } from "../learn/LessonMaterial";
import { Locked } from "../learn/Locked";
import { playbackApi } from "../playback/api";
import { Player } from "../playback/Player";
import { SessionHelp } from "../playback/SessionHelp";
import { t } from "../text";
import { Icon } from "../ui/Icon";
import { ErrorNotice } from "../ui/Notice";
import { Loading, Page, ProgressBar } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";

type Enrollment = Schemas["EnrollmentDetail"];
type Lesson = Schemas["EnrolledLesson"];

/** Who stopped this close to the end begins the video anew. */
const NEAR_END_SECONDS = 10;

/** A lesson of a course that the caller is enrolled in, with the curriculum beside it. */
export function LessonPage() {
  const { enrollmentId = "", lessonId } = useParams();
  const query = useQuery(enrollmentWithCertificate(enrollmentId));
  const { user } = useAuth();
  if (query.isPending || user === null)
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (query.error !== null) {
    if (ApiError.from(query.error).status === 404) return <NotFoundPage title={t.learn.notFound} />;
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  const enrollment = query.data;
  const lessons = enrollment.course.curriculum.flatMap((section) => section.lessons);
  if (lessonId === undefined) {
    const next = lessons.find((lesson) => !lesson.completed) ?? lessons[0];
    if (next !== undefined) return <Navigate to={`/learn/${enrollmentId}/${next.id}`} replace />;
    return <NotFoundPage title={enrollment.course.title} body={t.learn.noLesson} />;
  }
  const at = lessons.findIndex((lesson) => lesson.id === lessonId);
  const lesson = lessons[at];
  if (lesson === undefined) return <NotFoundPage title={t.learn.notFound} />;
  return (
    <Page key={lesson.id} title={lesson.title} lead={<CourseLink enrollment={enrollment} />} width="wide">
      <Certificate enrollment={enrollment} />
      <div className="two-columns">
        <div className="stack">
          {lesson.locked ? (
            <Locked lesson={lesson} />
          ) : (
            <>
              {lesson.kind === "video" && <VideoLesson enrollment={enrollment} lesson={lesson} user={user} />}
              <Material courseId={enrollment.course.id} lesson={lesson} />
              {(lesson.kind === "text" || lesson.kind === "file") && <Done enrollmentId={enrollmentId} lesson={lesson} />}
            </>
          )}
          <Neighbours enrollmentId={enrollmentId} before={lessons[at - 1]} after={lessons[at + 1]} />
        </div>
        <Curriculum enrollment={enrollment} current={lesson.id} />
      </div>
    </Page>
  );
}

function CourseLink({ enrollment: { course } }: { enrollment: Enrollment }) {
  return <Link to={`/courses/${course.slug}`}>{course.title}</Link>;
}

/** Loads where the student was, then plays. */
function VideoLesson({ enrollment, lesson, user }: { enrollment: Enrollment; lesson: Lesson; user: User }) {
  const videoId = lesson.video_id ?? null;
  // Its poster and duration. The player does without, where the video may not be seen (yet), and says why it does not play.
  const video = useQuery({ ...videoQuery(videoId ?? ""), enabled: videoId !== null, retry: false });
  const progress = useQuery({
    queryKey: ["progress", enrollment.id, videoId],
    queryFn: async () => {
      const query = { enrollment: enrollment.id, video: videoId ?? "" };
      const { results } = await call(api.GET("/api/v1/media/video-progress", { params: { query } }));
      return results[0] ?? null;
    },
    enabled: videoId !== null,
    // Each visit asks anew where it stopped, and nothing asks again while it plays.
    gcTime: 0,
    staleTime: Infinity,
  });
  if (videoId === null) return <p className="empty">{t.learn.noVideo}</p>;
  if (progress.isPending || video.isPending) return <div className="player" aria-busy="true" />;
  const stoppedAt = progress.data?.last_position ?? 0;
  const duration = video.data?.duration_seconds ?? 0;
  return (
    <LessonPlayer
      videoId={videoId}
      enrollmentId={enrollment.id}
      title={lesson.title}
      poster={video.data?.thumbnail_url ?? undefined}
      resumeAt={stoppedAt < duration - NEAR_END_SECONDS ? stoppedAt : 0}
      user={user}
    />
  );
}

interface LessonPlayerProps {
  videoId: string;
  enrollmentId: string;
  title: string;
  poster: string | undefined;
  resumeAt: number;
  user: User;
}

function LessonPlayer({ videoId, enrollmentId, title, poster, resumeAt, user }: LessonPlayerProps) {
  const queries = useQueryClient();
  const [play] = useState(() =>
    playbackApi({
      videoId,
      enrollmentId,
      onCompleted: () => {
        void queries.invalidateQueries({ queryKey: ["enrollment", enrollmentId] });
        void queries.invalidateQueries({ queryKey: ["enrollments"] });
      },
    }),
  );
  return (
    <Player
      title={title}
      poster={poster}
      api={play}
      resumeAt={resumeAt}
      watermarkValues={{ user_id: user.id, username: user.username, email: user.email }}
      help={(error, again) => <SessionHelp error={error} onFreed={again} />}
    />
  );
}

/** What belongs to a lesson of any kind: its text or questions, and its files. */
function Material({ courseId, lesson }: { courseId: string; lesson: Lesson }) {
  const query = useQuery(lessonQuery(courseId, lesson.id));
  // A film that plays needs nothing of it.
  if (query.isPending) return lesson.kind === "video" ? null : <Loading />;
  if (query.error !== null) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <LessonMaterial lesson={query.data} />;
}

function Neighbours({
  enrollmentId,
  before,
  after,
}: {
  enrollmentId: string;
  before: Lesson | undefined;
  after: Lesson | undefined;
}) {
  return (
    <div className="row">
      {before !== undefined && (
        <Link className="button" to={`/learn/${enrollmentId}/${before.id}`}>
          {t.learn.previous}
        </Link>
      )}
      <span className="grow" />
      {after !== undefined && (
        <Link className="button primary" to={`/learn/${enrollmentId}/${after.id}`}>
          {t.learn.next}
        </Link>
      )}
    </div>
  );
}

function Curriculum({ enrollment, current }: { enrollment: Enrollment; current: string }) {
  const { progress_percent: percent } = enrollment;
  return (
    <nav className="stack" aria-label={t.course.curriculum}>
      <div className="stack">
        <p className="small muted">{t.learn.lessonsDone(enrollment.lessons_completed, enrollment.total_lessons)}</p>
        <ProgressBar label={t.learn.progress(percent)} value={percent} />
      </div>
      {enrollment.course.curriculum.map((section) => (
        <section key={section.id} className="section" aria-label={section.title}>
          <div className="section-head">
            <h2 className="small">{section.title}</h2>
          </div>
          <ol className="lessons">
            {section.lessons.map((lesson) => (
              <li key={lesson.id}>
                <Link
                  className="lesson"
                  to={`/learn/${enrollment.id}/${lesson.id}`}
                  aria-current={lesson.id === current ? "page" : undefined}
                >
                  {lesson.completed ? (
                    <span className="icon-done">
                      <Icon name="check" />
                    </span>
                  ) : lesson.locked ? (
                    <Icon name="lock" />
                  ) : (
                    <KindIcon kind={lesson.kind} />
                  )}
                  <span className="lesson-title">{lesson.title}</span>
                  {lesson.completed && <span className="visually-hidden">{t.learn.lessonCompleted}</span>}
                  {lesson.locked && <span className="visually-hidden">{t.learn.locked}</span>}
                  {lesson.duration_minutes > 0 && (
                    <span className="small muted">{t.units.minutes(lesson.duration_minutes)}</span>
                  )}
                </Link>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </nav>
  );
}
