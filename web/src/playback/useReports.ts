import { type RefObject, useEffect } from "react";

import type { Playback } from "./playback";
import { clampRate, type Policy, type SeekGuard } from "./policy";

/** What a refused action is told to the user by. */
export interface Refusals {
  onSeekRefused: () => void;
  onRateRefused: (rate: number) => void;
}

/** Watches what happens in the video: reports it, and takes back what the policy does not allow. */
export function useReports(
  ref: RefObject<HTMLVideoElement | null>,
  playback: Playback,
  policy: Policy | null,
  guard: SeekGuard,
  refusals: Refusals,
): void {
  useEffect(() => {
    const video = ref.current;
    if (video === null || policy === null) return;
    const { events, progress } = playback;
    let rate = clampRate(video.playbackRate, policy);
    video.playbackRate = rate;

    const handlers = {
      play: () => {
        progress?.tracker.playing(video.currentTime, video.playbackRate);
        events.push("play_start", { position: video.currentTime });
      },
      pause: () => {
        progress?.tracker.paused(video.currentTime, video.playbackRate);
        // The browser pauses at the end, too, and says so next.
        if (video.ended) return;
        events.push("pause", { position: video.currentTime });
        void progress?.report();
      },
      ended: () => {
        guard.ended();
        events.push("ended", { position: video.currentTime });
        void progress?.report();
      },
      timeupdate: () => {
        if (video.seeking) return;
        guard.played(video.currentTime);
        if (!video.paused) progress?.tracker.playing(video.currentTime, video.playbackRate);
      },
      seeking: () => {
        progress?.tracker.jumped();
        const verdict = guard.seeking(video.currentTime, policy);
        if (verdict.kind === "none") return;
        events.push("seek_attempt", { from: verdict.from, to: verdict.to });
        if (verdict.kind === "allowed") return;
        guard.expect(verdict.from);
        video.currentTime = verdict.from;
        refusals.onSeekRefused();
      },
      seeked: () => {
        guard.seeked(video.currentTime);
        if (!video.paused) progress?.tracker.playing(video.currentTime, video.playbackRate);
      },
      ratechange: () => {
        const wished = video.playbackRate;
        if (wished === rate) return;
        events.push("speed_change_attempt", { from: rate, to: wished });
        rate = clampRate(wished, policy);
        if (rate === wished) return;
        video.playbackRate = rate;
        refusals.onRateRefused(rate);
      },
    };
    for (const [name, handler] of Object.entries(handlers)) video.addEventListener(name, handler);
    return () => {
      for (const [name, handler] of Object.entries(handlers)) video.removeEventListener(name, handler);
    };
  }, [ref, playback, policy, guard, refusals]);
}
