import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ApiError } from "../api/errors";
import { PlaybackSession } from "./session";
import { deferred } from "../testing/deferred";
import { fakeApi, refusal } from "../testing/playback";

const SECOND = 1_000;

beforeEach(() =>
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] }),
);
afterEach(() => vi.useRealTimers());

async function started(options?: Parameters<typeof fakeApi>[0]) {
  const fake = fakeApi(options);
  const session = new PlaybackSession(fake.api);
  await session.start();
  return { ...fake, session };
}

describe("a session that lives", () => {
  test("sends a heartbeat every 30 seconds under the newest token", async () => {
    const { api, session } = await started();
    await vi.advanceTimersByTimeAsync(29 * SECOND);
    expect(api.heartbeat).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(61 * SECOND);
    expect(api.heartbeat.mock.calls).toEqual([["token-1"], ["token-1"], ["token-1"]]);
    await session.renew();
    await vi.advanceTimersByTimeAsync(30 * SECOND);
    expect(api.heartbeat).toHaveBeenLastCalledWith("token-2");
  });

  test("renews its token 60 seconds before the end, again and again", async () => {
    const { api, session } = await started();
    await vi.advanceTimersByTimeAsync(539 * SECOND);
    expect(api.refresh).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(api.refresh.mock.calls).toEqual([["token-1"]]);
    expect(session.token).toBe("token-2");
    await vi.advanceTimersByTimeAsync(540 * SECOND);
    expect(api.refresh.mock.calls).toEqual([["token-1"], ["token-2"]]);
  });

  test.each([-300, 300])("a clock that is %d seconds off does not matter", async (skewSeconds) => {
    const { api } = await started({ skewSeconds });
    await vi.advanceTimersByTimeAsync(539 * SECOND);
    expect(api.refresh).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(api.refresh).toHaveBeenCalledOnce();
  });

  test("a very short token is renewed every five seconds and not faster", async () => {
    const { api } = await started({ lifetime: 30 });
    await vi.advanceTimersByTimeAsync(16 * SECOND);
    expect(api.refresh).toHaveBeenCalledTimes(3);
  });

  test("calls at the same time share one renewal", async () => {
    const { api, session } = await started();
    await expect(Promise.all([session.renew(), session.renew(), session.renew()])).resolves.toEqual([true, true, true]);
    expect(api.refresh).toHaveBeenCalledOnce();
  });

  test("when the page wakes up late it renews at once, and only then", async () => {
    const { api, session } = await started();
    session.wake();
    expect(api.refresh).not.toHaveBeenCalled();
    // The machine slept: time passed and no timer ran.
    vi.setSystemTime(Date.now() + 580 * SECOND);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 580 * SECOND);
    session.wake();
    expect(api.refresh).toHaveBeenCalledOnce();
  });
});

describe("a session that meets trouble", () => {
  test("survives lost heartbeats, and a lost renewal is tried again until it succeeds", async () => {
    const { api, session } = await started();
    api.heartbeat.mockRejectedValue(new TypeError("Failed to fetch"));
    api.refresh.mockRejectedValueOnce(refusal(503, "BUSY")).mockRejectedValueOnce(ApiError.network(null));
    await vi.advanceTimersByTimeAsync(551 * SECOND);
    expect(api.refresh).toHaveBeenCalledTimes(3);
    expect(session.token).toBe("token-2");
  });

  test("that was ended from elsewhere is over, says so, and calls nobody any more", async () => {
    const { api, session } = await started();
    const listener = vi.fn();
    session.subscribe(listener);
    api.heartbeat.mockRejectedValue(refusal(409, "session_not_active"));
    await vi.advanceTimersByTimeAsync(30 * SECOND);
    expect(session.state).toMatchObject({ phase: "over", error: { code: "session_not_active" } });
    expect(listener).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(3_600 * SECOND);
    expect(api.heartbeat).toHaveBeenCalledOnce();
    expect(api.refresh).not.toHaveBeenCalled();
  });

  test("whose token expired during a sleep begins a new session by itself", async () => {
    const { api, seats, session } = await started();
    api.refresh.mockRejectedValueOnce(refusal(401, "token_expired"));
    seats.clear();
    await expect(session.renew()).resolves.toBe(true);
    expect(session.state).toMatchObject({ phase: "live", play: { session_id: "session-2" } });
    await vi.advanceTimersByTimeAsync(30 * SECOND);
    expect(api.heartbeat).toHaveBeenCalledOnce();
  });

  test("that is refused says why, and can be tried again", async () => {
    const { api, seats } = fakeApi();
    seats.add("another tab");
    const session = new PlaybackSession(api);
    await session.start();
    expect(session.state).toMatchObject({ phase: "over", error: { code: "concurrency_limit_exceeded" } });
    seats.clear();
    await session.start();
    expect(session.state.phase).toBe("live");
  });
});

test("to start over while it plays takes no second seat", async () => {
  const { log, session } = await started();
  await session.start();
  expect(log).toEqual(["play", "end", "play"]);
  expect(session.state).toMatchObject({ phase: "live", play: { session_id: "session-2" } });
});

describe("the end", () => {
  test("gives the seat back, once, and stops all timers", async () => {
    const { api, session } = await started();
    session.end();
    session.end();
    await vi.advanceTimersByTimeAsync(3_600 * SECOND);
    expect(api.end.mock.calls).toEqual([["token-1", false]]);
    expect(api.heartbeat).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("before the answer to play came gives the seat back as soon as it comes", async () => {
    const { api, seats } = fakeApi();
    const session = new PlaybackSession(api);
    const starting = session.start();
    await vi.advanceTimersByTimeAsync(0);
    session.end();
    await starting;
    await vi.advanceTimersByTimeAsync(0);
    expect(api.end).toHaveBeenCalledOnce();
    expect(seats.size).toBe(0);
    expect(session.state.phase).toBe("ended");
  });

  test("of one video comes before the play of the next, so that a limit of one is no hindrance", async () => {
    const { api, log, session } = await started();
    const lastWords = deferred<undefined>();
    session.end(false, lastWords.promise);
    const next = new PlaybackSession(api);
    const starting = next.start();
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(log).toEqual(["play"]);
    lastWords.resolve(undefined);
    await starting;
    expect(log).toEqual(["play", "end", "play"]);
    expect(next.state.phase).toBe("live");
  });

  test("that hangs does not keep the next video for long", async () => {
    const { api, seats, session } = await started();
    api.end.mockReturnValueOnce(new Promise(() => undefined));
    session.end();
    seats.clear();
    const next = new PlaybackSession(api);
    void next.start();
    await vi.advanceTimersByTimeAsync(3 * SECOND);
    expect(next.state.phase).toBe("live");
    next.end();
    await vi.advanceTimersByTimeAsync(0);
  });

  test("of a page that closes does not wait for the last words", async () => {
    const { api, session } = await started();
    session.end(true, new Promise(() => undefined));
    expect(api.end.mock.calls).toEqual([["token-1", true]]);
  });
});
