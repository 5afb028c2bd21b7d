import { act, cleanup, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { fakeApi } from "../testing/playback";
import { usePlayback } from "./usePlayback";

beforeEach(() =>
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] }),
);
afterEach(async () => {
  cleanup();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
});

async function rendered(strict = false) {
  const fake = fakeApi();
  const hook = renderHook(() => usePlayback(fake.api, () => 12), strict ? { wrapper: StrictMode } : {});
  await act(() => vi.advanceTimersByTimeAsync(1));
  return { ...fake, ...hook };
}

test("mounting plays, once, also in strict mode", async () => {
  const { api, result } = await rendered(true);
  expect(api.play).toHaveBeenCalledOnce();
  expect(result.current.state.phase).toBe("live");
});

test("unmounting reports what is left, then ends the session", async () => {
  const { api, log, result, unmount } = await rendered();
  result.current.playback.events.push("play_start");
  result.current.playback.progress?.tracker.playing(10);
  result.current.playback.progress?.tracker.playing(12);
  unmount();
  await vi.advanceTimersByTimeAsync(0);
  expect(log).toEqual(["play", "progress", "events", "end"]);
  expect(api.progress).toHaveBeenCalledWith({ intervals: [[10, 12]], position: 12 }, false);
  expect(vi.getTimerCount()).toBe(0);
});

test("a hidden page sends all at once and keeps its session", async () => {
  const { api, result } = await rendered();
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  result.current.playback.events.push("play_start");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(api.events).toHaveBeenCalledOnce();
  const [, batch, keepalive] = api.events.mock.calls[0] ?? [];
  expect(batch?.events.map((event) => [event.type, event.payload])).toEqual([
    ["play_start", undefined],
    ["visibility_change", { state: "hidden" }],
  ]);
  expect(keepalive).toBe(true);
  expect(api.end).not.toHaveBeenCalled();
});

test("a page that closes ends its session with a request that outlives it", async () => {
  const { api } = await rendered();
  act(() => void window.dispatchEvent(new Event("pagehide")));
  expect(api.end.mock.calls).toEqual([["token-1", true]]);
});

test("a page that the browser kept and brings back plays under a new session", async () => {
  const { result } = await rendered();
  act(() => void window.dispatchEvent(new Event("pagehide")));
  await act(async () => {
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await vi.advanceTimersByTimeAsync(1);
  });
  expect(result.current.state).toMatchObject({ phase: "live", play: { session_id: "session-2" } });
});
