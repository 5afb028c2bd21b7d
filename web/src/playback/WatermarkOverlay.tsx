import { useEffect, useState } from "react";

import type { Policy } from "./policy";

/** How long the mark stays in one place: cropping it out of a recording should cost the whole picture. */
const MOVE_MS = 20_000;

/** Places of the mark, in percent of the picture. */
const PLACES: readonly [left: number, top: number][] = [
  [6, 10],
  [62, 74],
  [58, 12],
  [10, 70],
  [34, 42],
];

interface Props {
  watermark: Policy["watermark"];
  /** Values of the fields that the policy may name. */
  values: Record<string, string>;
  sessionId: string;
}

/** Who watches, over the picture, so that a recording tells whose it is. */
export function WatermarkOverlay({ watermark, values, sessionId }: Props) {
  const [place, setPlace] = useState(0);
  useEffect(() => {
    if (!watermark.enabled) return;
    const timer = setInterval(() => setPlace((now) => (now + 1) % PLACES.length), MOVE_MS);
    return () => clearInterval(timer);
  }, [watermark.enabled]);
  if (!watermark.enabled) return null;
  const [left, top] = PLACES[place] ?? [34, 42];
  // It says nothing to those who listen: it is against recordings of the picture.
  return (
    <div className="watermark" aria-hidden="true" style={{ left: `${left}%`, top: `${top}%` }}>
      {watermarkText(watermark, values, sessionId)}
    </div>
  );
}

/** The fields' values and, as seed 002 does, the beginning of the session's id. UUIDv7 begin with the time, so it is their end. */
export function watermarkText(
  watermark: Policy["watermark"],
  values: Record<string, string>,
  sessionId: string,
): string {
  const known = watermark.fields.map((field) => values[field]).filter((value) => value !== undefined && value !== "");
  return [...known, sessionId.slice(-8)].join(" · ");
}
