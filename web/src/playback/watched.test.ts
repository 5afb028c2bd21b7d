import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { ProgressReporter, type SendReport, WatchTracker } from "./watched";

describe("WatchTracker", () => {
  test("joins what is played on and leaves out what is jumped over", () => {
    const tracker = new WatchTracker();
    for (const at of [0, 0.25, 0.5, 0.75]) tracker.playing(at);
    tracker.jumped();
    for (const at of [40, 40.25, 40.5]) tracker.playing(at);
    tracker.paused(40.6);
    expect(tracker.take()).toEqual([
      [0, 0.75],
      [40, 40.6],
    ]);
    expect(tracker.take()).toEqual([]);
  });

  test("the frames before the first one are not missed", () => {
    const tracker = new WatchTracker();
    for (const at of [0.18, 0.4, 0.65]) tracker.playing(at);
    expect(tracker.take()).toEqual([[0, 0.65]]);
  });

  test("a jump that nobody announced is not counted", () => {
    const tracker = new WatchTracker();
    tracker.playing(1);
    tracker.playing(30);
    tracker.playing(30.25);
    tracker.playing(5);
    tracker.playing(5.25);
    expect(tracker.take()).toEqual([
      [30, 30.25],
      [5, 5.25],
    ]);
  });

  test("at double speed a step is twice as long", () => {
    const tracker = new WatchTracker();
    tracker.playing(0, 2);
    tracker.playing(4, 2);
    expect(tracker.take()).toEqual([[0, 4]]);
  });

  test("what could not be reported is kept together with what came after", () => {
    const tracker = new WatchTracker();
    tracker.playing(0);
    tracker.playing(1);
    const lost = tracker.take();
    tracker.playing(2);
    tracker.giveBack(lost);
    expect(tracker.take()).toEqual([[0, 2]]);
  });
});

describe("ProgressReporter", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  function reporter() {
    const send = vi.fn<SendReport>(() => Promise.resolve());
    const at = { position: 0 };
    const progress = new ProgressReporter(() => at.position, send);
    progress.open();
    const watch = (from: number, to: number) => {
      progress.tracker.jumped();
      progress.tracker.playing(from);
      progress.tracker.playing(to);
      at.position = to;
    };
    return { send, progress, watch };
  }

  test("reports every 15 seconds while something was watched", async () => {
    const { send, watch } = reporter();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(send).not.toHaveBeenCalled();
    watch(0, 0.123456);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(send).toHaveBeenCalledExactlyOnceWith({ intervals: [[0, 0.123]], position: 0.123 }, false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(send).toHaveBeenCalledOnce();
  });

  test("a report that failed is part of the next one", async () => {
    const { send, watch, progress } = reporter();
    send.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    watch(0, 2);
    await progress.report();
    watch(10, 12);
    await progress.report(true);
    expect(send).toHaveBeenLastCalledWith(
      {
        intervals: [
          [0, 2],
          [10, 12],
        ],
        position: 12,
      },
      true,
    );
  });
});
