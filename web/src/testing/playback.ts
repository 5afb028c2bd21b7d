import { vi } from "vitest";

import { ApiError } from "../api/errors";
import type { PlaybackApi } from "../playback/playback";
import type { Policy } from "../playback/policy";
import type { Answered, Play } from "../playback/session";

/** A policy that allows all, but for what is changed. */
export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    allow_seek: true,
    playback_rate: { max: 2, ui_control: true },
    watermark: { enabled: true, mode: "overlay", fields: ["user_id"] },
    concurrency: { max_sessions: 1, max_devices: 2, max_concurrent_sessions: 1 },
    ...changes,
  };
}

/** An error as the playback endpoints give it. */
export function refusal(status: number, code: string): ApiError {
  return new ApiError({ status, code, message: code });
}

/** The calls of a play with one seat, as the platform keeps it; each is counted and may be made to fail. */
export function fakeApi({ lifetime = 600, skewSeconds = 0, rules = policy() } = {}) {
  const seats = new Set<string>();
  let plays = 0;
  let tokens = 0;
  const serverTime = () => Date.now() / 1000 + skewSeconds;
  const grant = (session: string): Answered<Play> => ({
    data: {
      token: `token-${++tokens}`,
      session_id: session,
      expires_at: serverTime() + lifetime,
      policy: rules,
      play_url: "/hls/videos/v/1/master.m3u8",
    },
    serverTime: serverTime(),
  });
  const log: string[] = [];
  const api = {
    play: vi.fn(async () => {
      log.push("play");
      await Promise.resolve();
      if (seats.size > 0) throw refusal(409, "concurrency_limit_exceeded");
      const session = `session-${++plays}`;
      seats.add(session);
      return grant(session);
    }),
    refresh: vi.fn(() => Promise.resolve(grant(`session-${plays}`))),
    heartbeat: vi.fn<PlaybackApi["heartbeat"]>(() => Promise.resolve()),
    end: vi.fn<PlaybackApi["end"]>(() => {
      log.push("end");
      seats.clear();
      return Promise.resolve();
    }),
    events: vi.fn<PlaybackApi["events"]>(() => {
      log.push("events");
      return Promise.resolve();
    }),
    progress: vi.fn<NonNullable<PlaybackApi["progress"]>>(() => {
      log.push("progress");
      return Promise.resolve();
    }),
  } satisfies PlaybackApi;
  return { api, seats, log };
}
