import { useEffect, useRef } from "react";

import { t } from "../text";
import { Icon } from "../ui/Icon";

/** Up, or down. */
export type Step = -1 | 1;

interface Props {
  label: { up: string; down: string };
  /** Its place in the list, from 0. */
  place: number;
  /** Whether nothing is above or below to move it to. */
  first: boolean;
  last: boolean;
  busy?: boolean;
  /** Whether it has just come from another list, and takes the focus that its old buttons had. */
  arrived?: boolean;
  onMove: (step: Step) => void;
}

/** Moves something one place up or down. The focus stays on the button, also at the end of the list and after the list is drawn anew. */
export function MoveButtons({ label, place, first, last, busy = false, arrived = false, onMove }: Props) {
  const buttons = useRef<HTMLSpanElement>(null);
  const pressed = useRef<Step | null>(arrived ? -1 : null);
  useEffect(() => {
    const [up, down] = buttons.current?.querySelectorAll("button") ?? [];
    const wanted = pressed.current === -1 ? [up, down] : [down, up];
    if (pressed.current !== null) wanted.find((button) => button?.disabled === false)?.focus();
    pressed.current = null;
  }, [place]);
  const button = (step: Step) => (
    <button
      type="button"
      className="button quiet small-button"
      aria-label={step < 0 ? label.up : label.down}
      disabled={step < 0 ? first : last}
      aria-disabled={busy || undefined}
      onClick={() => {
        if (busy) return;
        pressed.current = step;
        onMove(step);
      }}
    >
      <Icon name={step < 0 ? "up" : "down"} />
    </button>
  );
  return (
    <span ref={buttons} className="move">
      {button(-1)}
      {button(1)}
    </span>
  );
}

/** The names of the buttons for a section or a lesson. */
export const moveLabel = (title: string) => ({ up: t.editor.moveUp(title), down: t.editor.moveDown(title) });

/** The list with one of its items a place further up or down. */
export function moved<T>(list: T[], place: number, step: Step): T[] {
  const next = [...list];
  const [item] = next.splice(place, 1);
  if (item !== undefined) next.splice(place + step, 0, item);
  return next;
}
