import { answer, api, call } from "../api/client";
import { deviceId } from "./device";
import type { PlaybackApi } from "./playback";
import type { Answered, Play } from "./session";

interface Options {
  videoId: string;
  /** `null` for previews and for the owner's own look: nothing is kept of them. */
  enrollmentId: string | null;
  /** Called when the video counts as watched. */
  onCompleted?: () => void;
}

/** The calls of one play against the real API. */
export function playbackApi({ videoId, enrollmentId, onCompleted }: Options): PlaybackApi {
  const path = { params: { path: { id: videoId } } };
  /** The session of the newest play: progress of it may be reported after its end, too. */
  let sessionId: string | null = null;

  const started = async (request: ReturnType<typeof play>): Promise<Answered<Play>> => {
    const { data, response } = await answer(request);
    sessionId = data.session_id;
    return { data: { ...data, play_url: resolvePlayUrl(data.play_url) }, serverTime: serverTime(response) };
  };
  const play = () =>
    api.POST("/api/v1/media/videos/{id}/play", {
      ...path,
      body: { device_id: deviceId(), ...(enrollmentId !== null && { enrollment_id: enrollmentId }) },
    });

  return {
    play: () => started(play()),
    refresh: (token) => started(api.POST("/api/v1/media/videos/{id}/refresh", { ...path, body: { token } })),
    heartbeat: async (token) => {
      await call(api.POST("/api/v1/media/videos/{id}/heartbeat", { ...path, body: { token } }));
    },
    end: async (token, keepalive) => {
      await call(api.POST("/api/v1/media/videos/{id}/end", { ...path, body: { token }, keepalive }));
    },
    // `fetch` with `keepalive` and not seed 002's sendBeacon, which can't send the login.
    events: async (token, { id, events }, keepalive) => {
      await call(
        api.POST("/api/v1/media/videos/{id}/events", { ...path, body: { token, events, batch_id: id }, keepalive }),
      );
    },
    progress:
      enrollmentId === null
        ? null
        : async ({ intervals, position }, keepalive) => {
            const body = {
              video: videoId,
              enrollment: enrollmentId,
              ...(sessionId !== null && { session_id: sessionId }),
              intervals,
              last_position: position,
              reported_at: Math.floor(Date.now() / 1000),
            };
            const { completed } = await call(api.PUT("/api/v1/media/video-progress", { body, keepalive }));
            if (completed) onCompleted?.();
          },
  };
}

/** The server's clock, which the token's end is told by; this machine's may be wrong by minutes. */
function serverTime(response: Response): number | null {
  const date = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(date) ? null : date / 1000;
}

/** The stream's address. The development server stands between page and platform: the cookies are its own, so the stream must be, too. */
function resolvePlayUrl(url: string): string {
  return import.meta.env.DEV ? new URL(url, window.location.origin).pathname : url;
}
