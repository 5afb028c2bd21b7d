import { expect, test } from "vitest";

import { bytes, clock, day, month, price, spokenDuration } from "./format";

test.each([
  [0, "0:00"],
  [65.9, "1:05"],
  [3_725, "1:02:05"],
  [-1, "0:00"],
])("%d seconds on the clock", (seconds, shown) => {
  expect(clock(seconds)).toBe(shown);
});

test.each([
  [0, "0 seconds"],
  [1, "1 second"],
  [60, "1 minute"],
  [3_725, "1 hour 2 minutes 5 seconds"],
])("%d seconds in words", (seconds, said) => {
  expect(spokenDuration(seconds)).toBe(said);
});

test.each([
  [0, "0 byte"],
  [999, "999 byte"],
  [1_500, "2 kB"],
  [48_300_000, "48.3 MB"],
  [50e9, "50 GB"],
  [5e13, "50,000 GB"],
])("%d bytes", (count, shown) => {
  expect(bytes(count)).toBe(shown);
});

test("nothing to pay is free", () => {
  expect([price(0, "USD"), price(49.99, "USD")]).toEqual(["Free", "$49.99"]);
});

test("a day is the same everywhere", () => {
  expect([day("2026-01-01"), month("2026-01-01")]).toEqual(["Jan 1, 2026", "Jan"]);
});
