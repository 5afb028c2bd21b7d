import type { ActivityDay, LearningCalendar } from "../api/dashboard";

const DAY_MS = 86_400_000;

/** Seconds of a day from which on it has each shade: something, a quarter of an hour, half an hour, an hour. */
const SHADES = [1, 900, 1_800, 3_600] as const;

/** A day of the map. */
export interface Cell {
  /** `2026-11-20`. */
  date: string;
  /** What was done then. */
  day: ActivityDay | null;
  /** 0, where nothing was learned, to 4. */
  shade: number;
}

/** Days are calendar days, which have no time zone: UTC counts them. */
const at = (date: string) => Date.parse(`${date}T00:00:00Z`);
const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The day that comes so many days later. */
export const daysAfter = (date: string, days: number): string => dateOf(at(date) + days * DAY_MS);

/** How dark a day is. A lesson that took no time that was counted is something. */
export function shadeOf(day: ActivityDay | null): number {
  if (day === null || day.frozen) return 0;
  const shade = SHADES.filter((from) => day.seconds_learned >= from).length;
  return Math.max(shade, day.lessons_completed > 0 ? 1 : 0);
}

/** The days as weeks, which begin on Mondays; before the first day and after the last one, and after today, there is `null`. */
export function weeksOf({ from, to, today, days }: Pick<LearningCalendar, "from" | "to" | "today" | "days">): (Cell | null)[][] {
  const known = new Map(days.map((day) => [day.date, day]));
  const last = to < today ? to : today;
  // Sunday is 0 in JavaScript.
  const before = (new Date(at(from)).getUTCDay() + 6) % 7;
  const cells: (Cell | null)[] = Array.from({ length: before }, () => null);
  for (let date = from; date <= last; date = daysAfter(date, 1)) {
    const day = known.get(date) ?? null;
    cells.push({ date, day, shade: shadeOf(day) });
  }
  while (cells.length % 7 > 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
