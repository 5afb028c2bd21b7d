import { type RefObject, useEffect, useReducer } from "react";

/** What the controls show of a video element. */
export interface MediaState {
  playing: boolean;
  /** Wants to play and has no data. */
  waiting: boolean;
  ended: boolean;
  position: number;
  duration: number;
  /** End of the buffered part around the position, in seconds. */
  buffered: number;
  volume: number;
  muted: boolean;
  rate: number;
}

const IDLE: MediaState = {
  playing: false,
  waiting: false,
  ended: false,
  position: 0,
  duration: 0,
  buffered: 0,
  volume: 1,
  muted: false,
  rate: 1,
};

const EVENTS = [
  "play",
  "playing",
  "pause",
  "ended",
  "timeupdate",
  "seeking",
  "seeked",
  "durationchange",
  "progress",
  "volumechange",
  "ratechange",
  "waiting",
  "canplay",
  "emptied",
] as const;

/** The state of a video element, as it changes. */
export function useMedia(ref: RefObject<HTMLVideoElement | null>): MediaState {
  const [state, look] = useReducer((_: MediaState, video: HTMLVideoElement) => read(video), IDLE);
  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    const onEvent = () => look(video);
    for (const name of EVENTS) video.addEventListener(name, onEvent);
    return () => {
      for (const name of EVENTS) video.removeEventListener(name, onEvent);
    };
  }, [ref]);
  return state;
}

function read(video: HTMLVideoElement): MediaState {
  return {
    playing: !video.paused && !video.ended,
    waiting: !video.paused && !video.ended && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
    ended: video.ended,
    position: video.currentTime,
    duration: Number.isFinite(video.duration) ? video.duration : 0,
    buffered: bufferedEnd(video),
    volume: video.volume,
    muted: video.muted,
    rate: video.playbackRate,
  };
}

function bufferedEnd({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i)) return buffered.end(i);
  }
  return currentTime;
}
