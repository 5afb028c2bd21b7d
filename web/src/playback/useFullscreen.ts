import { type RefObject, useCallback, useEffect, useState } from "react";

import type { EventQueue } from "./events";

/** Whether `frame` fills the screen, and the change of it. The frame and not the video, so that the watermark stays on top. */
export function useFullscreen(frame: RefObject<HTMLElement | null>, events: EventQueue): [boolean, () => void] {
  const [fullscreen, setFullscreen] = useState(false);
  useEffect(() => {
    const onChange = () => {
      const now = document.fullscreenElement !== null && document.fullscreenElement === frame.current;
      setFullscreen((before) => {
        if (before !== now) events.push(now ? "FULLSCREEN_ENTER" : "FULLSCREEN_EXIT");
        return now;
      });
    };
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, [frame, events]);
  const toggle = useCallback(() => {
    // Refused outside of a user's gesture, and on phones that only let a video fill the screen.
    const change = document.fullscreenElement === null ? frame.current?.requestFullscreen() : document.exitFullscreen();
    change?.catch(() => undefined);
  }, [frame]);
  return [fullscreen, toggle];
}
