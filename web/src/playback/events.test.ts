import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { EventQueue, type SendEvents } from "./events";
import { refusal } from "../testing/playback";

beforeEach(() => vi.useFakeTimers({ now: new Date("2026-06-01T00:00:00.900Z") }));
afterEach(() => vi.useRealTimers());

function queue(token: () => string | null = () => "token") {
  const send = vi.fn<SendEvents>(() => Promise.resolve());
  const events = new EventQueue(token, send);
  events.open();
  const types = (call: number) => send.mock.calls[call]?.[1].events.map((event) => event.type);
  return { send, events, types };
}

test("what waits is sent after five seconds, with its time in whole seconds", async () => {
  const { send, events } = queue();
  events.push("play_start");
  events.push("seek_attempt", { from: 1, to: 9 });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(send).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(send).toHaveBeenCalledExactlyOnceWith(
    "token",
    {
      id: expect.any(String) as string,
      events: [
        { type: "play_start", occurred_at: 1780272000 },
        { type: "seek_attempt", occurred_at: 1780272000, payload: { from: 1, to: 9 } },
      ],
    },
    false,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(send).toHaveBeenCalledOnce();
});

test("the tenth event is not waited with", () => {
  const { send, events } = queue();
  for (let i = 0; i < 9; i++) events.push("pause");
  expect(send).not.toHaveBeenCalled();
  events.push("pause");
  expect(send.mock.calls[0]?.[1].events).toHaveLength(10);
});

test("on the way out everything is sent, also while a batch is on its way", () => {
  const { send, events, types } = queue();
  send.mockReturnValueOnce(new Promise(() => undefined));
  events.push("play_start");
  void events.flush();
  events.push("pause");
  void events.flush();
  expect(send).toHaveBeenCalledOnce();
  void events.flush(true);
  expect(types(1)).toEqual(["pause"]);
  expect(send.mock.calls[1]?.[2]).toBe(true);
});

test("events wait for a token, the newest hundred of them", async () => {
  let token: string | null = null;
  const { send, events } = queue(() => token);
  for (let i = 0; i < 150; i++) events.push("seek_attempt", { to: i });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(send).not.toHaveBeenCalled();
  token = "token";
  await vi.advanceTimersByTimeAsync(5_000);
  const sent = send.mock.calls[0]?.[1].events ?? [];
  expect([sent.length, sent.at(0)?.payload, sent.at(-1)?.payload]).toEqual([100, { to: 50 }, { to: 149 }]);
});

test("a batch that did not arrive is sent again under its id; one that was refused is dropped", async () => {
  const { send, events, types } = queue();
  send.mockRejectedValueOnce(refusal(503, "BUSY")).mockRejectedValueOnce(refusal(409, "session_not_active"));
  events.push("play_start");
  await events.flush();
  await events.flush();
  await events.flush();
  expect(send).toHaveBeenCalledTimes(2);
  expect([types(0), types(1)]).toEqual([["play_start"], ["play_start"]]);
  expect(send.mock.calls[0]?.[1].id).toBe(send.mock.calls[1]?.[1].id);
});
