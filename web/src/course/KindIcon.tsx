import type { Schemas } from "../api/client";
import { Icon, type IconName } from "../ui/Icon";

const ICONS: Record<Schemas["LessonKind"], IconName> = { video: "play", text: "text", quiz: "question", file: "file" };

/** What kind of lesson it is, as a picture. */
export function KindIcon({ kind }: { kind: Schemas["LessonKind"] }) {
  return <Icon name={ICONS[kind]} />;
}
