import type { ReactNode } from "react";

import { ApiError } from "../api/errors";
import { t } from "../text";
import { Icon, type IconName } from "./Icon";

type Kind = "info" | "good" | "bad";

const ICONS: Record<Kind, IconName> = { info: "info", good: "check", bad: "warning" };

/** Something to know. Bad news interrupts a screen reader, other news waits for a pause. */
export function Notice({ kind = "info", title, children }: { kind?: Kind; title?: string; children?: ReactNode }) {
  return (
    <div className={`notice notice-${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon name={ICONS[kind]} />
      <div>
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** An error of the API, with what can be done. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === null || error === undefined) return null;
  const { code, message, retryAfter, fields } = ApiError.from(error);
  return (
    <Notice kind="bad" title={t.errors.title}>
      <p>
        {t.errors.messages[code] ?? message} {retryAfter !== null && t.errors.wait(retryAfter)}
      </p>
      {Object.keys(fields).length > 0 && (
        <ul>
          {Object.entries(fields).map(([name, problem]) => (
            <li key={name}>
              <code>{name}</code> {problem}
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <button type="button" className="button" onClick={() => onRetry()}>
          {t.common.retry}
        </button>
      )}
    </Notice>
  );
}
