import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { Schemas } from "../api/client";
import { lesson, lessonView } from "../testing/courses";
import { alert, close, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const PROGRESS = "PUT /enrollments/e/lessons/lesson-1/progress";
const MARK = "POST /enrollments/e/mark-lesson-complete";
const opening = { lesson_id: "lesson-1", enrollment_id: "e", is_completed: false, watch_time_seconds: 0, completion_percentage: 0 };

function enrolled(...changes: Partial<Schemas["EnrolledLesson"]>[]) {
  const lessons = changes.map((one) => ({ ...lesson(), completed: false, locked: false, watch_time_seconds: 0, last_position: 0, ...one }));
  const done = lessons.filter((one) => one.completed).length;
  return {
    id: "e",
    status: "active",
    course: { id: "course-1", title: "Rust in practice", slug: "rust-in-practice", curriculum: [{ id: "section-1", title: "Basics", lessons }] },
    progress_percent: Math.round((100 * done) / lessons.length),
    lessons_completed: done,
    total_lessons: lessons.length,
  };
}

const opened = (enrollment: object, more: Parameters<typeof platform>[0] = {}) => {
  const fake = platform({
    "GET /auth/me": person(),
    "GET /enrollments/e": enrollment,
    "GET /courses/course-1/lessons/lesson-1": lessonView({ content: "A value has one owner." }),
    [PROGRESS]: opening,
    ...more,
  });
  open("/learn/e/lesson-1", { signedIn: true });
  return fake;
};

test("a text is opened, read for its time, and done", async () => {
  const { answers, bodies, sent } = opened(enrolled({}), {
    [MARK]: refusal(409, "LESSON_NOT_FINISHED", "Not yet.", { details: { missing: "time", seconds_left: 4 } }),
  });
  await screen.findByText("A value has one owner.");
  await waitFor(() => expect(sent(PROGRESS)).toHaveLength(1));
  press("I am done with this lesson");
  await screen.findByText("Take your time with it: this lesson counts as done in 4 seconds at the earliest.");
  answers[MARK] = { ...opening, is_completed: true, enrollment_progress: 100, course_completed: true };
  answers["GET /enrollments/e"] = enrolled({ completed: true });
  press("I am done with this lesson");
  await screen.findByText("1 of 1 lesson done");
  expect(bodies(MARK)).toEqual([{ lesson_id: "lesson-1" }, { lesson_id: "lesson-1" }]);
  expect(screen.queryByRole("button", { name: "I am done with this lesson" })).toBeNull();
});

test("what else goes wrong is said", async () => {
  opened(enrolled({}), { [MARK]: refusal(503, "UNAVAILABLE", "Try again in a minute."), [PROGRESS]: refusal(503, "UNAVAILABLE", "Later.") });
  await screen.findByText("A value has one owner.");
  press("I am done with this lesson");
  expect(await alert()).toContain("Try again in a minute.");
});

test("a lesson that is not open says when it will be, and asks for nothing of it", async () => {
  const { sent } = opened(enrolled({ locked: true, reason: "not_yet", opens_at: "2026-12-01T08:00:00Z" }));
  await screen.findByText(/^It opens on Dec 1, 2026/);
  const curriculum = within(screen.getByRole("navigation", { name: "Curriculum" }));
  curriculum.getByText("Not open yet");
  expect(sent(PROGRESS)).toHaveLength(0);
});

test("a required order asks for the lessons before", async () => {
  opened(enrolled({ locked: true, reason: "earlier_lessons" }));
  await screen.findByText("Complete the lessons before it first.");
});
