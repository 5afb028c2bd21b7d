import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Playback } from "./playback";
import { type Policy, SeekGuard } from "./policy";
import { fakeApi, policy } from "../testing/playback";
import { useReports } from "./useReports";

afterEach(cleanup);

/** As much of a video element as the hook looks at. A change of position or speed is announced at once. */
class FakeVideo extends EventTarget {
  paused = true;
  ended = false;
  seeking = false;
  #time = 0;
  #rate = 1;

  get currentTime() {
    return this.#time;
  }
  set currentTime(to: number) {
    this.#time = to;
    this.seeking = true;
    this.dispatchEvent(new Event("seeking"));
    this.seeking = false;
    this.dispatchEvent(new Event("seeked"));
  }
  get playbackRate() {
    return this.#rate;
  }
  set playbackRate(rate: number) {
    this.#rate = rate;
    this.dispatchEvent(new Event("ratechange"));
  }
  play(from: number, to: number) {
    this.paused = false;
    this.dispatchEvent(new Event("play"));
    for (let at = from; at <= to; at += 0.25) {
      this.#time = at;
      this.dispatchEvent(new Event("timeupdate"));
    }
  }
}

function watching(rules: Policy) {
  const video = new FakeVideo();
  const { api } = fakeApi();
  const playback = new Playback(api, () => video.currentTime);
  const push = vi.spyOn(playback.events, "push");
  const refusals = { onSeekRefused: vi.fn(), onRateRefused: vi.fn() };
  const ref = { current: video as unknown as HTMLVideoElement };
  const guard = new SeekGuard();
  renderHook(() => useReports(ref, playback, rules, guard, refusals));
  return { video, playback, push, refusals };
}

test("where seeking is off the video snaps back, and the attempt is reported", () => {
  const { video, push, refusals } = watching(policy({ allow_seek: false }));
  video.play(0, 10);
  video.currentTime = 60;
  expect(video.currentTime).toBe(10);
  expect(push).toHaveBeenLastCalledWith("seek_attempt", { from: 10, to: 60 });
  expect(refusals.onSeekRefused).toHaveBeenCalledOnce();
  // The way back was no second attempt.
  expect(push.mock.calls.filter(([type]) => type === "seek_attempt")).toHaveLength(1);
});

test("where seeking is on it is reported and what lies between does not count as watched", () => {
  const { video, playback, push } = watching(policy());
  video.play(0, 2);
  video.currentTime = 60;
  video.play(60, 61);
  expect(push).toHaveBeenCalledWith("seek_attempt", { from: 2, to: 60 });
  expect(playback.progress?.tracker.take()).toEqual([
    [0, 2],
    [60, 61],
  ]);
});

test("a speed above the highest is taken back, however it was set, and reported as wished", () => {
  const { video, push, refusals } = watching(policy({ playback_rate: { max: 1.5, ui_control: true } }));
  video.playbackRate = 4;
  expect(video.playbackRate).toBe(1.5);
  expect(push.mock.calls).toEqual([["speed_change_attempt", { from: 1, to: 4 }]]);
  expect(refusals.onRateRefused).toHaveBeenCalledWith(1.5);
  video.playbackRate = 1.25;
  expect(video.playbackRate).toBe(1.25);
  expect(refusals.onRateRefused).toHaveBeenCalledOnce();
});

test("a stricter policy slows down what plays already", () => {
  const video = new FakeVideo();
  video.playbackRate = 2;
  const playback = new Playback(fakeApi().api, () => 0);
  const ref = { current: video as unknown as HTMLVideoElement };
  const refusals = { onSeekRefused: vi.fn(), onRateRefused: vi.fn() };
  renderHook(() =>
    useReports(ref, playback, policy({ playback_rate: { max: 1, ui_control: true } }), new SeekGuard(), refusals),
  );
  expect(video.playbackRate).toBe(1);
});
