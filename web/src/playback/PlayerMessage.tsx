import type { ReactNode } from "react";

import type { ApiError } from "../api/errors";
import { t } from "../text";
import { Icon } from "../ui/Icon";

/** Codes after which trying again can't help: somebody else must change something first. */
const FINAL = new Set([
  "no_session_access",
  "blocked",
  "already_completed_once",
  "country_blocked",
  "country_unknown",
  "age_restricted",
  "enrollment_not_found",
  "unsupported",
]);

/** Why the video does not play, and what can be done. */
export function PlayerMessage({
  error,
  onAgain,
  children,
}: {
  error: ApiError;
  onAgain: () => void;
  children?: ReactNode;
}) {
  const text = playbackText(error);
  return (
    <div className="player-message" role="alert">
      <Icon name="warning" />
      <h2>{text.title}</h2>
      <p>{text.body}</p>
      {children}
      {!FINAL.has(error.code) && (
        <button type="button" className="button primary" onClick={() => onAgain()}>
          {error.code === "session_not_active" ? t.player.playHere : t.player.tryAgain}
        </button>
      )}
    </div>
  );
}

/** Seed 002's short codes in words; for the others the API's own message. */
export function playbackText(error: ApiError): { title: string; body: string } {
  const known: Partial<Record<string, { title: string; body: string }>> = t.playbackErrors;
  return known[error.code] ?? { title: t.player.cannotPlay, body: error.message };
}
