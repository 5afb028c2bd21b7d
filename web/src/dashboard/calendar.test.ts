import { expect, test } from "vitest";

import { daysAfter, shadeOf, weeksOf } from "./calendar";

const learned = (date: string, seconds_learned: number, changes: object = {}) => ({
  date,
  seconds_learned,
  lessons_completed: 0,
  frozen: false,
  ...changes,
});

test.each([
  [0, 0],
  [1, 1],
  [899, 1],
  [900, 2],
  [1_800, 3],
  [3_599, 3],
  [3_600, 4],
  [86_400, 4],
])("%d seconds have shade %d", (seconds, shade) => {
  expect(shadeOf(learned("2026-11-20", seconds))).toBe(shade);
});

test("a lesson without time is something, a frozen day and no day are nothing", () => {
  expect(shadeOf(learned("2026-11-20", 0, { lessons_completed: 1 }))).toBe(1);
  expect(shadeOf(learned("2026-11-20", 0, { frozen: true }))).toBe(0);
  expect(shadeOf(null)).toBe(0);
});

test("weeks begin on Mondays and end with today", () => {
  // The 18th of November 2026 is a Wednesday.
  const weeks = weeksOf({ from: "2026-11-18", to: "2026-12-31", today: "2026-11-24", days: [learned("2026-11-20", 60)] });
  expect(weeks.map((week) => week.map((cell) => cell?.date.slice(8) ?? "").join(" "))).toEqual([
    "  18 19 20 21 22",
    "23 24     ",
  ]);
  expect(weeks[0]?.[4]).toMatchObject({ shade: 1, day: { seconds_learned: 60 } });
});

test.each([
  ["2024-02-28", 1, "2024-02-29"],
  ["2026-02-28", 1, "2026-03-01"],
  ["2026-12-31", 1, "2027-01-01"],
  ["2026-03-29", -1, "2026-03-28"],
])("%s and %d days", (date, days, then) => {
  expect(daysAfter(date, days)).toBe(then);
});

test("a year has all its days, a leap year one more", () => {
  const count = (from: string, to: string) => weeksOf({ from, to, today: to, days: [] }).flat().filter(Boolean).length;
  expect([count("2026-01-01", "2026-12-31"), count("2024-01-01", "2024-12-31")]).toEqual([365, 366]);
});
