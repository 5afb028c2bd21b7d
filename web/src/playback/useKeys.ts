import type { KeyboardEvent, RefObject } from "react";

/** How far the arrow keys go, in seconds and in parts of the volume. */
const SEEK_STEP = 10;
const VOLUME_STEP = 0.1;

interface Actions {
  video: RefObject<HTMLVideoElement | null>;
  allowSeek: boolean;
  toggle: () => void;
  seek: (to: number) => void;
  mute: () => void;
  toggleFullscreen: () => void;
}

/** The keys that video players share: space and k, arrows, j and l, m, f. They act while the focus is within the player. */
export function useKeys({ video, allowSeek, toggle, seek, mute, toggleFullscreen }: Actions) {
  return (event: KeyboardEvent<HTMLElement>): void => {
    const element = video.current;
    if (element === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    // Sliders and buttons have keys of their own.
    const onSlider = target instanceof HTMLInputElement;
    if (event.key === " " && target instanceof HTMLButtonElement) return;
    const louder = (by: number) => {
      element.volume = Math.min(1, Math.max(0, element.volume + by));
    };
    const jump = (by: number) => {
      if (allowSeek) seek(element.currentTime + by);
    };
    const actions: Record<string, () => void> = {
      " ": toggle,
      k: toggle,
      m: mute,
      f: toggleFullscreen,
      j: () => jump(-SEEK_STEP),
      l: () => jump(SEEK_STEP),
    };
    const arrows: Record<string, () => void> = {
      ArrowLeft: () => jump(-SEEK_STEP),
      ArrowRight: () => jump(SEEK_STEP),
      ArrowUp: () => louder(VOLUME_STEP),
      ArrowDown: () => louder(-VOLUME_STEP),
    };
    const action = actions[event.key] ?? (onSlider ? undefined : arrows[event.key]);
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
}
