import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { fakeApi, policy, refusal } from "../testing/playback";
import { Player } from "./Player";
import type { StreamEvents } from "./stream";

/** What the player told the stream; the test stands in for hls.js, which needs a real browser. */
const stream = vi.hoisted(() => ({ attach: vi.fn(), choose: vi.fn(), destroy: vi.fn() }));
vi.mock("./stream", () => ({ attach: stream.attach }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
  vi.clearAllMocks();
  stream.attach.mockReturnValue({ choose: stream.choose, destroy: stream.destroy });
});
afterEach(async () => {
  cleanup();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
});

async function opened({ rules = policy(), resumeAt = 0 } = {}) {
  const fake = fakeApi({ rules });
  const view = render(
    <Player title="A film" api={fake.api} resumeAt={resumeAt} watermarkValues={{ user_id: "user-7" }} />,
  );
  await act(() => vi.advanceTimersByTimeAsync(1));
  const video = view.container.querySelector("video");
  if (video === null) throw new Error("no video");
  Object.defineProperty(video, "duration", { value: 100, configurable: true });
  const playTo = (from: number, to: number) =>
    act(() => {
      for (let at = from; at <= to; at += 1) {
        video.currentTime = at;
        fireEvent(video, new Event("timeupdate"));
      }
    });
  return { ...fake, ...view, video, playTo };
}

const streamEvents = () => stream.attach.mock.calls.at(-1)?.[3] as StreamEvents;

test("plays the session's stream from where the student stopped, and shows who watches", async () => {
  const { video } = await opened({ resumeAt: 41 });
  expect(stream.attach).toHaveBeenCalledExactlyOnceWith(video, "/hls/videos/v/1/master.m3u8", 41, expect.anything());
  expect(screen.getByText("user-7 · ession-1")).toBeDefined();
});

test("leaving reports the last position, although the element is gone, and ends the session", async () => {
  const { api, playTo, unmount } = await opened();
  vi.spyOn(HTMLMediaElement.prototype, "paused", "get").mockReturnValue(false);
  playTo(0, 7);
  unmount();
  await vi.advanceTimersByTimeAsync(0);
  expect(api.progress).toHaveBeenLastCalledWith({ intervals: [[0, 7]], position: 7 }, false);
  expect(api.end).toHaveBeenCalledOnce();
  expect(stream.destroy).toHaveBeenCalledOnce();
});

test("renewed cookies and tokens do not begin the stream anew", async () => {
  const { api } = await opened();
  await act(() => vi.advanceTimersByTimeAsync(541_000));
  expect(api.refresh).toHaveBeenCalledOnce();
  expect(stream.attach).toHaveBeenCalledOnce();
});

test("a refused segment renews the session", async () => {
  const { api } = await opened();
  await expect(streamEvents().onForbidden()).resolves.toBe(true);
  expect(api.refresh).toHaveBeenCalledOnce();
});

test("qualities can be chosen, the highest first", async () => {
  await opened();
  act(() => {
    streamEvents().onQualities([
      { level: 1, height: 720 },
      { level: 0, height: 360 },
    ]);
    streamEvents().onLevel(0);
  });
  fireEvent.click(screen.getByRole("button", { name: "Quality: Auto" }));
  expect(screen.getAllByRole("menuitemradio").map((item) => item.textContent)).toEqual(["720p", "360p", "Auto (360p)"]);
  fireEvent.click(screen.getByRole("menuitemradio", { name: "720p" }));
  expect(stream.choose).toHaveBeenCalledExactlyOnceWith(1);
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Quality: 720p" }));
});

test("speeds are offered up to the highest, and not at all without the control", async () => {
  const { unmount, video } = await opened({ rules: policy({ playback_rate: { max: 1.25, ui_control: true } }) });
  fireEvent.click(screen.getByRole("button", { name: /^Speed/ }));
  expect(screen.getAllByRole("menuitemradio").map((item) => item.textContent)).toEqual([
    "0.5×",
    "0.75×",
    "Normal",
    "1.25×",
  ]);
  fireEvent.click(screen.getByRole("menuitemradio", { name: "1.25×" }));
  expect(video.playbackRate).toBe(1.25);
  unmount();
  await opened({ rules: policy({ playback_rate: { max: 1.25, ui_control: false } }) });
  expect(screen.queryByRole("button", { name: /^Speed/ })).toBeNull();
});

test("where seeking is off, slider and keys do not seek", async () => {
  const { video } = await opened({ rules: policy({ allow_seek: false }) });
  expect(screen.getByRole<HTMLInputElement>("slider", { name: /Seeking is switched off/ }).disabled).toBe(true);
  fireEvent.keyDown(video, { key: "ArrowRight" });
  expect(video.currentTime).toBe(0);
});

test.each([
  ["concurrency_limit_exceeded", "You are watching elsewhere", true],
  ["already_completed_once", "You have watched it", false],
  ["country_blocked", "Not shown in your country", false],
  ["birthdate_required", "Add your date of birth", true],
  ["age_restricted", "For adults", false],
])("%s is explained, with another attempt only where it can help", async (code, title, again) => {
  const { api } = fakeApi();
  api.play.mockRejectedValueOnce(refusal(409, code));
  render(<Player title="A film" api={api} resumeAt={0} watermarkValues={{}} />);
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(screen.getByRole("alert").textContent).toContain(title);
  const button = screen.queryByRole("button", { name: "Try again" });
  expect(button !== null).toBe(again);
  if (button === null) return;
  await act(async () => {
    fireEvent.click(button);
    await vi.advanceTimersByTimeAsync(1);
  });
  expect(screen.queryByRole("alert")).toBeNull();
  expect(stream.attach).toHaveBeenCalledOnce();
});

test("a session that was ended from elsewhere stops the stream and offers to play here", async () => {
  const { api } = await opened();
  api.heartbeat.mockRejectedValue(refusal(409, "session_not_active"));
  await act(() => vi.advanceTimersByTimeAsync(30_000));
  expect(screen.getByRole("button", { name: "Play here" })).toBeDefined();
  expect(stream.destroy).toHaveBeenCalledOnce();
});
