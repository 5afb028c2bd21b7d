import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { CourseToContinue, DashboardStats, LearningCalendar } from "../api/dashboard";
import { listed } from "../testing/courses";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const stats = (changes: Partial<DashboardStats> = {}): DashboardStats => ({
  courses_enrolled: 12,
  courses_completed: 5,
  lessons_completed: 96,
  total_hours_learned: 248,
  seconds_learned: 893_412,
  days_learned: 73,
  current_streak_days: 15,
  longest_streak_days: 31,
  frozen_days_left: 2,
  learned_today: true,
  average_rating_given: 4.6,
  certificates_earned: 4,
  ...changes,
});

const calendar = (changes: Partial<LearningCalendar> = {}): LearningCalendar => ({
  from: "2026-11-01",
  to: "2026-11-20",
  today: "2026-11-20",
  current_streak_days: 15,
  longest_streak_days: 31,
  frozen_days_left: 2,
  learned_today: true,
  seconds_learned: 4_500,
  days: [
    { date: "2026-11-18", seconds_learned: 900, lessons_completed: 0, frozen: false },
    { date: "2026-11-19", seconds_learned: 0, lessons_completed: 0, frozen: true },
    { date: "2026-11-20", seconds_learned: 3_600, lessons_completed: 2, frozen: false },
  ],
  ...changes,
});

const going = (changes: Partial<CourseToContinue> = {}): CourseToContinue => ({
  enrollment_id: "e",
  course: { id: "course-1", title: "Rust in practice", slug: "rust-in-practice", thumbnail: "", instructor: "Angela Yu" },
  progress_percent: 45,
  lessons_completed: 18,
  total_lessons: 40,
  last_learned_at: "2026-11-20T10:00:00Z",
  current_lesson: {
    id: "lesson-9",
    title: "Borrowing",
    order: 19,
    kind: "video",
    duration_minutes: 12,
    video_id: "v",
    last_position: 126,
    locked: false,
    opens_at: null,
  },
  ...changes,
});

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({
    "GET /auth/me": person(),
    "GET /dashboard/stats": stats(),
    "GET /dashboard/activity": calendar(),
    "GET /dashboard/continue-learning": { results: [going()] },
    "GET /dashboard/recommendations": { results: [listed({ id: "course-2", title: "Rust for the web" })] },
    ...answers,
  });
  const view = open("/dashboard", { signedIn: true });
  await screen.findByRole("heading", { name: "Dashboard" });
  return { ...fake, ...view };
}

const tile = async (name: string) => (await screen.findByText(name)).parentElement?.textContent;

test("numbers, streak, and what to learn next", async () => {
  await opened();
  await screen.findByText("Welcome back, Ada.");
  expect(await tile("Streak")).toContain("15 days");
  expect(await tile("Learned")).toContain("248 h");
  expect(await tile("Courses completed")).toContain("5 of 12");
  expect(await tile("Rating you give")).toContain("4.6");
  screen.getByText("Today counts already. You may miss 2 days without losing it. The longest one had 31 days.");
  expect((await screen.findByRole("link", { name: "Rust for the web" })).getAttribute("href")).toBe("/courses/rust-in-practice");
});

test("who has just begun has no streak, no rating and some minutes", async () => {
  const nothing = { current_streak_days: 0, longest_streak_days: 0, learned_today: false, average_rating_given: null };
  await opened({
    "GET /dashboard/stats": stats({ ...nothing, total_hours_learned: 0, seconds_learned: 150 }),
    "GET /dashboard/activity": calendar({ days: [], seconds_learned: 0 }),
    "GET /dashboard/continue-learning": { results: [] },
    "GET /dashboard/recommendations": refusal(503, "UNAVAILABLE", "Later."),
  });
  expect(await tile("Learned")).toContain("2 min");
  screen.getByText("Learn something today to begin one.");
  expect(screen.queryByText("Rating you give")).toBeNull();
  await screen.findByText("The days on which you learn appear here.");
  await screen.findByText("There is no course that you have begun.");
  expect(screen.queryByText("For you")).toBeNull();
});

test("a course is gone on with where it stopped, begun, or awaited", async () => {
  const course = (title: string) => ({ ...going().course, title });
  const lesson = (changes: object) => ({ ...(going().current_lesson as NonNullable<CourseToContinue["current_lesson"]>), last_position: 0, ...changes });
  await opened({
    "GET /dashboard/continue-learning": {
      results: [
        going(),
        going({ enrollment_id: "new", course: course("New"), last_learned_at: null, current_lesson: lesson({ order: 1 }) }),
        going({ enrollment_id: "late", course: course("Late"), current_lesson: lesson({ locked: true, opens_at: "2026-12-01T08:00:00Z" }) }),
        going({ enrollment_id: "done", course: course("Done"), current_lesson: null }),
      ],
    },
  });
  const card = async (title: string) => {
    const link = await screen.findByRole("link", { name: `Continue “${title}”` });
    return [link.getAttribute("href"), link.closest("article")?.textContent] as const;
  };
  const [to, said] = await card("Rust in practice");
  expect(to).toBe("/learn/e/lesson-9");
  for (const words of ["By Angela Yu", "Lesson 19: Borrowing", "18 of 40 lessons done", "Resume at 2:06"]) expect(said).toContain(words);
  expect((await card("New"))[1]).toContain("Begin");
  expect((await card("Late"))[1]).toMatch(/The next lesson opens on Dec 1, 2026/);
  expect((await card("Done"))[0]).toBe("/learn/done");
});

test("the map of days is read by eye, by pointer and by keyboard", async () => {
  await opened();
  const map = within(await screen.findByRole("grid"));
  const day = (name: string | RegExp) => map.getByRole("gridcell", { name });
  screen.getByText("2 days of learning, 1 hour 15 minutes in all.");
  const today = day("Nov 20, 2026: 1 hour, 2 lessons completed");
  expect([today.tabIndex, today.dataset.shade]).toEqual([0, "4"]);
  fireEvent.keyDown(today, { key: "ArrowUp" });
  const frozen = day("Nov 19, 2026: nothing, and the streak was kept");
  expect(document.activeElement).toBe(frozen);
  screen.getByText("Nov 19, 2026: nothing, and the streak was kept");
  fireEvent.keyDown(frozen, { key: "ArrowLeft" });
  expect(document.activeElement).toBe(day("Nov 12, 2026: nothing"));
  // There is no day after today.
  fireEvent.click(today);
  fireEvent.keyDown(today, { key: "ArrowDown" });
  expect(today.tabIndex).toBe(0);
});

test("another year is asked for", async () => {
  const { sent } = await opened();
  await screen.findByRole("grid");
  fill("Year", "2025");
  await waitFor(() => expect(sent("GET /dashboard/activity").map(({ path }) => path.split("?")[1])).toEqual([undefined, "year=2025"]));
});

test("what can't be read is said, and asked for again", async () => {
  const { answers } = await opened({ "GET /dashboard/stats": refusal(503, "UNAVAILABLE", "Try again in a minute.") });
  expect(await alert()).toContain("Try again in a minute.");
  answers["GET /dashboard/stats"] = stats();
  press("Try again");
  expect(await tile("Certificates")).toContain("4");
});
