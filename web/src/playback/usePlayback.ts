import { useEffect, useState, useSyncExternalStore } from "react";

import { Playback, type PlaybackApi } from "./playback";
import type { SessionState } from "./session";

/** A play that lasts as long as the component; `position` tells where the video is, in seconds. */
export function usePlayback(api: PlaybackApi, position: () => number): { playback: Playback; state: SessionState } {
  const [playback] = useState(() => new Playback(api, position));
  const state = useSyncExternalStore(playback.session.subscribe, () => playback.session.state);

  useEffect(() => {
    // In a moment and not now: React's strict mode mounts twice, and each play takes a seat.
    const begin = setTimeout(() => playback.begin(), 0);
    const onVisibility = () => (document.visibilityState === "hidden" ? playback.hidden() : playback.shown());
    const onPageHide = () => playback.leave(true);
    // The browser kept the page and brings it back: its session has ended.
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) playback.begin();
    };
    document.addEventListener("visibilitychange", onVisibility);
    window.addEventListener("pagehide", onPageHide);
    window.addEventListener("pageshow", onPageShow);
    return () => {
      clearTimeout(begin);
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("pagehide", onPageHide);
      window.removeEventListener("pageshow", onPageShow);
      playback.leave(false);
    };
  }, [playback]);

  return { playback, state };
}
