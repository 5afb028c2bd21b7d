import Hls, { type ErrorData, type HlsConfig } from "hls.js";

/** A rung of the ladder that can be chosen. */
export interface Quality {
  /** hls.js' number of the level. */
  level: number;
  height: number;
}

/** What the player is told of the stream. */
export interface StreamEvents {
  /** The rungs are known. */
  onQualities: (qualities: Quality[]) => void;
  /** This rung is played now. */
  onLevel: (level: number) => void;
  /** A request was refused: the cookies have ended. Whether they were renewed. */
  onForbidden: () => Promise<boolean>;
  /** Nothing helps; `detail` is for the audit. */
  onBroken: (detail: string) => void;
}

/** A stream that is attached to a video element. */
export interface Stream {
  /** Plays this level from now on; -1 chooses by bandwidth. */
  choose: (level: number) => void;
  destroy: () => void;
}

/** Refusals in a row, and repairs of the decoder, after which the stream counts as broken. */
const REPAIRS_MAX = 3;

/** Plays `url` in `video` from `start` seconds on. `null` where this browser can't play HLS at all. */
export function attach(video: HTMLVideoElement, url: string, start: number, events: StreamEvents): Stream | null {
  // hls.js first, even where the browser plays HLS itself: only it lets the quality be chosen.
  if (Hls.isSupported()) return attachHls(video, url, start, events);
  if (video.canPlayType("application/vnd.apple.mpegurl") !== "") return attachNative(video, url, start, events);
  return null;
}

function attachHls(video: HTMLVideoElement, url: string, start: number, events: StreamEvents): Stream {
  const config: Partial<HlsConfig> = {
    enableWorker: true,
    lowLatencyMode: false,
    startPosition: start,
    // No more picture than the player has room for.
    capLevelToPlayerSize: true,
    backBufferLength: 90,
    // The signed cookies are what opens the stream; on a player of another origin they are sent only so.
    xhrSetup: (xhr) => {
      xhr.withCredentials = true;
    },
  };
  const hls = new Hls(config);
  let refusals = 0;
  let repairs = 0;
  let renewing = false;

  const renew = async (): Promise<void> => {
    if (renewing) return;
    if (++refusals > REPAIRS_MAX) {
      events.onBroken("forbidden");
      return;
    }
    renewing = true;
    hls.stopLoad();
    const renewed = await events.onForbidden();
    renewing = false;
    if (!renewed) return;
    if (hls.levels.length === 0) hls.loadSource(url);
    else hls.startLoad();
  };

  hls.on(Hls.Events.MANIFEST_PARSED, (_, { levels }) => {
    events.onQualities(levels.map(({ height }, level) => ({ level, height })).sort((a, b) => b.height - a.height));
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => events.onLevel(level));
  hls.on(Hls.Events.FRAG_BUFFERED, () => {
    refusals = 0;
  });
  hls.on(Hls.Events.ERROR, (_, data: ErrorData) => {
    if (data.response?.code === 403) return void renew();
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && ++repairs <= REPAIRS_MAX) return hls.recoverMediaError();
    events.onBroken(data.details);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    choose: (level) => {
      hls.nextLevel = level;
    },
    destroy: () => hls.destroy(),
  };
}

/** Browsers without MediaSource (iOS) play HLS themselves and send the cookies on their own. */
function attachNative(video: HTMLVideoElement, url: string, start: number, events: StreamEvents): Stream {
  let refusals = 0;
  const onMetadata = () => {
    if (start > 0) video.currentTime = start;
  };
  const onError = () => {
    // The element does not say why it failed; ended cookies are the likeliest reason.
    if (++refusals > REPAIRS_MAX) {
      events.onBroken(video.error?.message ?? "native");
      return;
    }
    void events.onForbidden().then((renewed) => {
      if (renewed) video.load();
    });
  };
  video.addEventListener("loadedmetadata", onMetadata);
  video.addEventListener("error", onError);
  video.src = url;
  return {
    choose: () => undefined,
    destroy: () => {
      video.removeEventListener("loadedmetadata", onMetadata);
      video.removeEventListener("error", onError);
      video.removeAttribute("src");
      video.load();
    },
  };
}
