import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useParams } from "react-router";

import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { videoPage } from "../api/queries";
import { useAuth } from "../auth/useAuth";
import { elsewhere } from "../lib/elsewhere";
import { day, spokenDuration } from "../lib/format";
import { t } from "../text";
import { ErrorNotice, Notice } from "../ui/Notice";
import { Loading, Page } from "../ui/Page";
import { NotFoundPage } from "./NotFoundPage";
import { PreviewPlayer } from "./PreviewPage";

/** A video that everybody may watch, or who has its link. */
export function WatchPage() {
  const { videoId = "" } = useParams();
  const query = useQuery(videoPage(videoId));
  if (query.isPending)
    return (
      <Page title={t.common.loading}>
        <Loading />
      </Page>
    );
  if (query.data === undefined) return <Refused error={ApiError.from(query.error)} onRetry={() => void query.refetch()} />;
  const video = query.data;
  return (
    <Page
      title={video.title}
      lead={`${video.channel.name} (@${video.channel.handle})`}
      actions={video.age_restricted && <span className="tag">{t.videoPage.adults}</span>}
    >
      <Film key={video.id} video={video} />
      <p className="small muted">{facts(video)}</p>
      {video.description !== "" && <p className="prewrap">{video.description}</p>}
      {video.tags.length > 0 && (
        <ul className="plain row" aria-label={t.course.tags}>
          {video.tags.map((tag) => (
            <li key={tag} className="chip">
              {t.catalogue.tag(tag)}
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function Film({ video }: { video: Schemas["VideoPage"] }) {
  if (video.can_play)
    return <PreviewPlayer videoId={video.id} title={video.title} poster={video.thumbnail_url ?? undefined} />;
  const address = elsewhere(video);
  if (address === null)
    return (
      <Notice>
        <p>{t.videoPage.notReady}</p>
      </Notice>
    );
  return (
    <Notice>
      <p>{t.videoPage.elsewhere}</p>
      <a href={address} rel="noopener noreferrer" target="_blank">
        {t.processing.openElsewhere}
      </a>
    </Notice>
  );
}

function facts(video: Schemas["VideoPage"]): string {
  const known = [
    video.duration_seconds > 0 && spokenDuration(video.duration_seconds),
    typeof video.published_at === "string" && day(video.published_at),
    video.subtitle_languages.length > 0 && t.videoPage.subtitles(video.subtitle_languages.join(", ")),
  ];
  return known.filter(Boolean).join(" · ");
}

/** Why a video is not shown, and what can be done about it. */
function Refused({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const { signedIn } = useAuth();
  const { pathname } = useLocation();
  if (error.status === 404) return <NotFoundPage title={t.videoPage.notFound} />;
  if (error.status !== 401 && error.status !== 403)
    return (
      <Page title={t.errors.title}>
        <ErrorNotice error={error} onRetry={onRetry} />
      </Page>
    );
  return (
    <Page title={t.videoPage.kept}>
      <Notice kind="bad">
        <p>{t.errors.messages[error.code] ?? error.message}</p>
        {error.code === "birthdate_required" && <Link to="/account">{t.videoPage.profile}</Link>}
        {!signedIn && error.status === 401 && (
          <Link to={`/login?next=${encodeURIComponent(pathname)}`}>{t.nav.login}</Link>
        )}
      </Notice>
    </Page>
  );
}
