/** Outlines on a 24 by 24 grid. */
const PATHS = {
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8 5.5v13M16 5.5v13",
  again: "M5 12a7 7 0 1 0 2.3-5.2M5 4.5v4h4",
  volume: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  muted: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 10l4.5 4.5M20.5 10L16 14.5",
  expand: "M4.5 9V4.5H9M15 4.5h4.5V9M19.5 15v4.5H15M9 19.5H4.5V15",
  shrink: "M9 4.5V9H4.5M19.5 9H15V4.5M15 19.5V15h4.5M4.5 15H9v4.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  circle: "M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  lock: "M7 11V8.5a5 5 0 0 1 10 0V11M5.5 11h13v8.5h-13z",
  text: "M5.5 6.5h13M5.5 12h13M5.5 17.5h8",
  question: "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.3M12 17.5v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  download: "M12 4.5v11M7.5 11.5L12 16l4.5-4.5M5 19.5h14",
  up: "M6 14.5L12 8.5l6 6",
  down: "M6 9.5l6 6 6-6",
  upload: "M12 16V5M7.5 9L12 4.5 16.5 9M5 19.5h14",
  cross: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  warning: "M12 4.5l8.5 15h-17zM12 10.5v4M12 17v.2",
  info: "M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM12 11v5M12 8v.2",
  heart: "M12 19.5l-7-7a4.4 4.4 0 0 1 6.2-6.2l.8.8.8-.8a4.4 4.4 0 0 1 6.2 6.2z",
  heartFull: "M12 19.5l-7-7a4.4 4.4 0 0 1 6.2-6.2l.8.8.8-.8a4.4 4.4 0 0 1 6.2 6.2z",
  bell: "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5h-14zM10 20.5h4",
  device: "M4.5 5.5h15v10h-15zM9 19h6M12 15.5V19",
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set(["play", "heartFull"]);

/** A picture beside a text or inside a labelled button; it says nothing itself. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill={FILLED.has(name) ? "currentColor" : "none"} />
    </svg>
  );
}
