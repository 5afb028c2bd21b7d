import type { Schemas } from "../api/client";
import { t } from "../text";

const LOOKS: Partial<Record<Schemas["VideoStatus"], string>> = {
  READY: "tag tag-good",
  PUBLISHED: "tag tag-good",
  FAILED: "tag tag-bad",
  UPLOADED: "tag tag-busy",
  PROCESSING: "tag tag-busy",
};

/** The state of a video in a word. */
export function VideoTag({ status }: { status: Schemas["VideoStatus"] }) {
  return <span className={LOOKS[status] ?? "tag"}>{t.processing.status[status]}</span>;
}
