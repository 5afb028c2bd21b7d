import { useLocation } from "react-router";

import type { Schemas } from "../api/client";
import { t } from "../text";
import { Notice } from "../ui/Notice";

/** What the page of a new copy is told on the way to it. */
export interface CopyState {
  leftOut: Schemas["LeftOut"][];
}

/** What a copy came without, on the page that making it led to. */
export function LeftOut() {
  const { leftOut = [] } = (useLocation().state ?? {}) as Partial<CopyState>;
  if (leftOut.length === 0) return null;
  return (
    <Notice title={t.editor.leftOutTitle}>
      <ul>
        {leftOut.map(({ lesson_id, title, what }) => (
          <li key={`${lesson_id} ${what}`}>{t.editor.leftOut[what](title)}</li>
        ))}
      </ul>
    </Notice>
  );
}
