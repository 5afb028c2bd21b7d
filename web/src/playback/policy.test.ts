import { describe, expect, test } from "vitest";

import { clampRate, offeredRates, SeekGuard } from "./policy";
import { policy } from "../testing/playback";

describe("speed", () => {
  const limited = policy({ playback_rate: { max: 1.5, ui_control: true } });
  const hidden = policy({ playback_rate: { max: 2, ui_control: false } });

  test.each([
    [1, 1],
    [1.5, 1.5],
    [2, 1.5],
    [16, 1.5],
    [0.5, 0.5],
    [0.01, 0.25],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])("%d becomes %d where 1.5 is the highest", (wished, played) => {
    expect(clampRate(wished, limited)).toBe(played);
  });

  test("is 1 and nothing else where there is no control", () => {
    expect([0.5, 1, 2].map((rate) => clampRate(rate, hidden))).toEqual([1, 1, 1]);
    expect(offeredRates(hidden)).toEqual([]);
  });

  test("only what is allowed is offered", () => {
    expect(offeredRates(limited)).toEqual([0.5, 0.75, 1, 1.25, 1.5]);
    expect(offeredRates(policy({ playback_rate: { max: 0.8, ui_control: true } }))).toEqual([0.5, 0.75]);
  });

  test.each([0, -1, Number.NaN])("a highest speed of %d means normal speed", (max) => {
    expect(clampRate(2, policy({ playback_rate: { max, ui_control: true } }))).toBe(1);
  });
});

describe("SeekGuard", () => {
  const closed = { allow_seek: false };

  test("refuses a seek in either direction and stays where it was", () => {
    const guard = new SeekGuard();
    guard.played(20);
    expect(guard.seeking(60, closed)).toEqual({ kind: "refused", from: 20, to: 60 });
    expect(guard.seeking(0, closed)).toEqual({ kind: "refused", from: 20, to: 0 });
    expect(guard.position).toBe(20);
  });

  test("lets the way back pass, and guards again after it", () => {
    const guard = new SeekGuard();
    guard.played(20);
    guard.seeking(60, closed);
    guard.expect(20);
    // The position of the refused seek is still reported once.
    guard.played(60);
    expect(guard.seeking(20, closed)).toEqual({ kind: "none" });
    guard.seeked(20);
    guard.played(21);
    expect(guard.seeking(60, closed)).toMatchObject({ kind: "refused", from: 21 });
  });

  test("the resume at the start and small nudges over gaps are no seeks", () => {
    const guard = new SeekGuard();
    guard.expect(300);
    expect(guard.seeking(300, closed)).toEqual({ kind: "none" });
    guard.seeked(300);
    expect(guard.seeking(300.4, closed)).toEqual({ kind: "none" });
  });

  test("watching again from the start is allowed after the end, once", () => {
    const guard = new SeekGuard();
    guard.played(100);
    guard.ended();
    expect(guard.seeking(0, closed)).toEqual({ kind: "none" });
    guard.seeked(0);
    guard.played(50);
    expect(guard.seeking(0, closed)).toMatchObject({ kind: "refused" });
  });

  test("an allowed seek is told with both ends", () => {
    const guard = new SeekGuard();
    guard.played(5);
    expect(guard.seeking(50, { allow_seek: true })).toEqual({ kind: "allowed", from: 5, to: 50 });
    expect(guard.seeking(70, { allow_seek: true })).toEqual({ kind: "allowed", from: 50, to: 70 });
  });
});
