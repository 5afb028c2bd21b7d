import { useMutation } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Link } from "react-router";

import { useAuth } from "../auth/useAuth";
import { bytes, spokenDuration } from "../lib/format";
import { t } from "../text";
import { FileButton } from "../ui/FileButton";
import { ErrorNotice } from "../ui/Notice";
import { ProgressBar } from "../ui/Page";
import type { UploadState } from "./state";
import type { UploadTask } from "./task";
import { useUploads } from "./UploadsProvider";

/** The uploads, at the foot of every page. */
export function UploadTray() {
  const { tasks } = useUploads();
  const { signedIn } = useAuth();
  if (tasks.length === 0 || !signedIn) return null;
  return (
    <section className="upload-tray" aria-label={t.upload.tray}>
      <div className="upload-tray-inner">
        {tasks.map((task) => (
          <Upload key={task.record.key} task={task} />
        ))}
      </div>
    </section>
  );
}

function Upload({ task }: { task: UploadTask }) {
  const uploads = useUploads();
  const state = useSyncExternalStore(task.subscribe, () => task.state);
  const { request, videoId } = task.record;
  const title = request.title ?? request.filename;
  // Another file than the one that was begun is told here, the upload's own errors in its state.
  const resume = useMutation({ mutationFn: (file?: File) => uploads.resume(task, file) });
  const cancel = useMutation({ mutationFn: () => uploads.cancel(task) });
  const { phase } = state;
  const gone = state.error?.code === "UPLOAD_NOT_FOUND" || state.error?.code === "UPLOAD_ABORTED";

  return (
    <article className="upload" aria-label={t.upload.label(title)}>
      <div className="row">
        <strong className="lesson-title">{title}</strong>
        <span className={phase === "done" ? "tag tag-good" : phase === "failed" ? "tag tag-bad" : "tag"} role="status">
          {t.upload.phase[phase]}
        </span>
        {(phase === "uploading" || phase === "preparing") && (
          <button type="button" className="button small-button" onClick={() => task.pause()}>
            {t.upload.pause}
          </button>
        )}
        {(phase === "paused" || phase === "failed") && !gone && (
          <button type="button" className="button small-button" onClick={() => resume.mutate(undefined)}>
            {phase === "paused" ? t.upload.resume : t.common.retry}
          </button>
        )}
        {phase === "detached" && (
          <FileButton
            label={t.upload.chooseAgain}
            describe={t.upload.chooseAgainHint(request.filename)}
            onFile={(file) => resume.mutate(file)}
          />
        )}
        {phase === "done" || gone ? (
          <>
            {videoId !== null && !gone && <Link to={`/teach/videos/${videoId}`}>{t.upload.processing}</Link>}
            <button type="button" className="button quiet small-button" onClick={() => uploads.dismiss(task)}>
              {t.upload.dismiss}
            </button>
          </>
        ) : (
          phase !== "completing" && (
            <button type="button" className="button quiet danger small-button" onClick={() => cancel.mutate()}>
              {t.upload.cancel}
            </button>
          )
        )}
      </div>
      <ProgressBar label={t.upload.label(title)} value={state.sent} max={state.size} text={progressText(state)} />
      <p className="small muted">
        {phase === "detached" ? t.upload.chooseAgainHint(request.filename) : progressText(state)}
      </p>
      {gone ? <p>{t.upload.gone}</p> : <ErrorNotice error={resume.error ?? cancel.error ?? state.error} />}
    </article>
  );
}

/** "12 MB of 48 MB · 3 MB/s · 12 seconds left". */
function progressText({ sent, size, speed, phase }: UploadState): string {
  const parts = [t.upload.progress(bytes(sent), bytes(size))];
  if (phase === "uploading" && speed !== null && speed > 0) {
    parts.push(t.upload.speed(bytes(speed)), t.upload.left(spokenDuration((size - sent) / speed)));
  }
  return parts.join(" · ");
}
