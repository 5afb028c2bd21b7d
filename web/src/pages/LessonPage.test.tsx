import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

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

test("a completed course waits for its certificate, then gives the PDF and the public page", async () => {
  const made = vi.spyOn(URL, "createObjectURL");
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  const done = { ...enrolled({ completed: true }), status: "completed", is_completed: true };
  let looks = 0;
  const number = { certificate_code: "LF-7K3M-9QXA-2D5T", certificate_url: "https://learn.example/api/v1/certificates/LF-7K3M-9QXA-2D5T" };
  opened(done, {
    "GET /enrollments/e": () => (++looks === 1 ? done : { ...done, ...number }),
    "GET /enrollments/e/certificate": { status: 200, body: "%PDF" },
  });
  await screen.findByText("Your certificate is being made. This takes a minute at most.");
  const file = await screen.findByRole("button", { name: "Download the PDF" });
  expect(screen.getByRole("link", { name: "Public page to check it" }).getAttribute("href")).toBe(number.certificate_url);
  fireEvent.click(file);
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(await (made.mock.calls[0]?.[0] as Blob).text()).toContain("%PDF");
});

test("a certificate that was taken back says so", async () => {
  const done = { ...enrolled({ completed: true }), is_completed: true, certificate_code: "LF-7K3M-9QXA-2D5T", certificate_url: "/api/v1/certificates/x" };
  opened(done, { "GET /enrollments/e/certificate": refusal(409, "CERTIFICATE_REVOKED", "An admin has taken this certificate back.") });
  fireEvent.click(await screen.findByRole("button", { name: "Download the PDF" }));
  expect(await alert()).toContain("An admin has taken this certificate back.");
});

test("the list of courses leads to the certificates", async () => {
  const { id, progress_percent, lessons_completed, total_lessons } = enrolled({ completed: true });
  const item = {
    id, progress_percent, lessons_completed, total_lessons, status: "completed", is_completed: true,
    course: { id: "course-1", title: "Rust in practice", slug: "rust-in-practice", thumbnail: "" },
    certificate_code: "LF-7K3M-9QXA-2D5T", certificate_url: "https://learn.example/api/v1/certificates/LF-7K3M-9QXA-2D5T",
  };
  platform({ "GET /auth/me": person(), "GET /enrollments": { results: [item], next: null } });
  open("/learn", { signedIn: true });
  const link = await screen.findByRole("link", { name: "Your certificate of “Rust in practice”" });
  expect(link.getAttribute("href")).toBe(item.certificate_url);
});
