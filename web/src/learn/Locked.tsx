import type { Schemas } from "../api/client";
import { moment } from "../lib/format";
import { t } from "../text";
import { Notice } from "../ui/Notice";

/** Why a lesson can't be taken yet. */
export function Locked({ lesson: { opens_at: opensAt } }: { lesson: Schemas["EnrolledLesson"] }) {
  return (
    <Notice title={t.learn.lockedTitle}>
      <p>{typeof opensAt === "string" ? t.learn.opensAt(moment(opensAt)) : t.learn.earlierFirst}</p>
    </Notice>
  );
}
