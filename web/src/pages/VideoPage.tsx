import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { api, call, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { course as courseQuery, isSettled, processing as processingQuery, video as videoQuery } from "../api/queries";
import { RATES } from "../playback/policy";
import { ClassPanel, type Place } from "../students/ClassPanel";
import { elsewhere } from "../lib/elsewhere";
import { bytes, moment, spokenDuration } from "../lib/format";
import { AudienceForm } from "../teach/AudienceForm";
import { PolicyForm } from "../teach/PolicyForm";
import { VideoPictures } from "../teach/VideoPictures";
import { VideoTag } from "../teach/VideoTag";
import { t } from "../text";
import { Icon, type IconName } from "../ui/Icon";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page, ProgressBar } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";
import { PreviewPlayer } from "./PreviewPage";

type Video = Schemas["VideoView"];

/** A video as its owner sees it: how far its processing is, what students may do with it, which picture stands for it, who watches it, and the film itself. */
export function VideoPage() {
  const { videoId = "" } = useParams();
  const query = useQuery(videoQuery(videoId));
  if (query.isPending)
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (query.error !== null) {
    if (ApiError.from(query.error).status === 404) return <NotFoundPage />;
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    );
  }
  return <Video key={query.data.id} video={query.data} />;
}

function Video({ video }: { video: Video }) {
  // A video that several courses show has a class in each; the address may name one.
  const [search] = useSearchParams();
  const own = video.course_id ?? null;
  const courseId = search.get("course") ?? own;
  const course = useQuery({ ...courseQuery(courseId ?? ""), enabled: courseId !== null });
  const section = course.data?.curriculum.find((one) => one.lessons.some((lesson) => lesson.video_id === video.id));
  // What was uploaded for the section itself is in no lesson.
  const sectionId = section?.id ?? (courseId === own ? video.session_id : null) ?? null;
  const place: Place | null = courseId === null || sectionId === null ? null : { course: courseId, section: sectionId };
  const external = elsewhere(video);
  return (
    <Page
      title={video.title}
      width="wide"
      lead={
        <>
          <VideoTag status={video.status} />{" "}
          {course.data !== undefined && [course.data.title, section?.title].filter(Boolean).join(" · ")}
        </>
      }
      actions={
        courseId !== null && (
          <Link className="button" to={`/teach/courses/${courseId}`}>
            {t.processing.back}
          </Link>
        )
      }
    >
      <div className="two-columns">
        <div className="stack">
          {external === null ? <Processing video={video} /> : <Elsewhere address={external} />}
          <AudienceForm video={video} />
        </div>
        <div className="stack">
          <PolicyForm video={video} />
          <VideoPictures video={video} />
          <Facts video={video} />
        </div>
      </div>
      {courseId === null ? (
        <p className="empty">{t.students.noCourse}</p>
      ) : (
        <ClassPanel
          lecture={{ video: video.id, course: courseId === own ? undefined : courseId }}
          place={place}
          speeds={RATES.filter((rate) => rate >= 1)}
        />
      )}
    </Page>
  );
}

/** A video of another site: only its address is known here. */
function Elsewhere({ address }: { address: string }) {
  return (
    <section className="card stack" aria-labelledby="elsewhere">
      <h2 id="elsewhere">{t.editor.video}</h2>
      <p className="muted">{t.processing.elsewhere}</p>
      <p>
        <a href={address} rel="noopener noreferrer" target="_blank">
          {t.processing.openElsewhere}
        </a>
      </p>
    </section>
  );
}

const STATE_ICONS: Record<Schemas["StepState"], IconName> = {
  waiting: "circle",
  running: "play",
  done: "check",
  failed: "warning",
};

function Processing({ video }: { video: Video }) {
  const queries = useQueryClient();
  const [watching, setWatching] = useState(false);
  const query = useQuery(processingQuery(video.id));
  const status = query.data?.status;
  // What the video's own page shows changes with it.
  useEffect(() => {
    if (status !== undefined && status !== video.status)
      void queries.invalidateQueries({ queryKey: ["video", video.id] });
  }, [queries, status, video.id, video.status]);
  const retry = useMutation({
    mutationFn: () => call(api.POST("/api/v1/media/videos/{id}/retry", { params: { path: { id: video.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["processing", video.id] }),
  });
  if (query.isPending) return <Loading />;
  if (query.data === undefined) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  const { percentage, steps, error_reason: reason } = query.data;
  const ready = status === "READY" || status === "PUBLISHED";
  return (
    <section className="card stack" aria-labelledby="processing">
      <div className="row">
        <h2 id="processing" className="lesson-title">
          {t.processing.title}
        </h2>
        <strong>{t.processing.percent(percentage)}</strong>
      </div>
      <ProgressBar label={t.processing.title} value={percentage} text={t.processing.percent(percentage)} />
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.name}>
            <Icon name={STATE_ICONS[step.state]} />
            <span className="lesson-title">{t.processing.steps[step.name]}</span>
            <span className="small muted">
              {step.total > 1 && step.state !== "waiting"
                ? t.processing.parts(step.done, step.total)
                : t.processing.states[step.state]}
            </span>
          </li>
        ))}
      </ol>
      {status === "FAILED" && (
        <Notice kind="bad" title={t.processing.failed}>
          <p>{reason}</p>
          <button type="button" className="button" disabled={retry.isPending} onClick={() => retry.mutate()}>
            {t.processing.retry}
          </button>
        </Notice>
      )}
      <ErrorNotice error={retry.error} />
      {ready && !watching && (
        <Notice kind="good">
          <p>{t.processing.done}</p>
          <button type="button" className="button" onClick={() => setWatching(true)}>
            {t.processing.watch}
          </button>
        </Notice>
      )}
      {ready && watching && (
        <PreviewPlayer videoId={video.id} title={video.title} poster={video.thumbnail_url ?? undefined} />
      )}
      {status !== undefined && !isSettled(status) && (
        <p className="visually-hidden" role="status">
          {t.processing.status[status]}
        </p>
      )}
    </section>
  );
}

function Facts({ video }: { video: Video }) {
  return (
    <dl className="facts small">
      {typeof video.file_size === "number" && (
        <>
          <dt>{t.processing.facts.size}</dt>
          <dd>{bytes(video.file_size)}</dd>
        </>
      )}
      {video.duration_seconds > 0 && (
        <>
          <dt>{t.processing.facts.duration}</dt>
          <dd>{spokenDuration(video.duration_seconds)}</dd>
        </>
      )}
      <dt>{t.processing.facts.created}</dt>
      <dd>{moment(video.created_at)}</dd>
    </dl>
  );
}
