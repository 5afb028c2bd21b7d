import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { lesson, lessonView, quiz } from "../testing/courses";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const ATTEMPTS = "/courses/course-1/lessons/lesson-1/quiz-attempts";

const enrollment = {
  id: "e",
  course: {
    id: "course-1",
    title: "Rust in practice",
    slug: "rust-in-practice",
    curriculum: [{ id: "section-1", title: "Basics", lessons: [{ ...lesson({ kind: "quiz", title: "Check yourself" }), completed: false }] }],
  },
  progress_percent: 0,
  lessons_completed: 0,
  total_lessons: 1,
};

const none = { attempts_left: 3, passed: false, solutions: null, results: [] };

const attempt = (changes: object = {}) => ({
  id: "a1",
  quiz_version: 3,
  score: 2,
  points: 5,
  percent: 40,
  passed: false,
  results: [1, 2, 3, 4].map((question) => ({ question, correct: question === 1, points: question === 1 ? 2 : 0 })),
  answers: [
    { question: 1, choices: [2] },
    { question: 3, number: 9.7 },
  ],
  created_at: "2026-11-20T10:00:00Z",
  ...changes,
});

const solutions = [
  { answer: { kind: "single", correct: 2 }, explanation: "Ownership is Rust's idea." },
  { answer: { kind: "multiple", correct: [1, 3] }, explanation: "" },
  { answer: { kind: "numeric", value: 9.81, tolerance: 0.01 }, explanation: "" },
  { answer: { kind: "short_text", accepted: ["a value", "values"] }, explanation: "" },
];

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({
    "GET /auth/me": person(),
    "GET /enrollments/e": enrollment,
    "GET /courses/course-1/lessons/lesson-1": lessonView({ kind: "quiz", title: "Check yourself", quiz: quiz() }),
    [`GET ${ATTEMPTS}`]: none,
    ...answers,
  });
  open("/learn/e/lesson-1", { signedIn: true });
  await screen.findByText("4 questions. You pass with 70 % of the points.");
  return fake;
}

const question = (n: number) => within(screen.getByRole("group", { name: new RegExp(`^Question ${n}`) }));

test("a quiz is answered, handed in and graded", async () => {
  const { answers, bodies } = await opened({ [`POST ${ATTEMPTS}`]: { status: 201, body: {} } });
  await screen.findByRole("button", { name: "Hand in" });
  const sure = vi.fn().mockReturnValueOnce(false);
  window.confirm = sure;
  press("Hand in");
  expect(sure).toHaveBeenCalledWith("4 questions have no answer and will count as wrong. Hand in all the same?");
  fireEvent.click(question(1).getByRole("radio", { name: "Its owner" }));
  fireEvent.click(question(2).getByRole("checkbox", { name: "f64" }));
  fireEvent.click(question(2).getByRole("checkbox", { name: "str" }));
  fireEvent.click(question(2).getByRole("checkbox", { name: "u8" }));
  fireEvent.click(question(2).getByRole("checkbox", { name: "str" }));
  fill("Your number", "9.81");
  fill("Your answer", "a value");
  answers[`GET ${ATTEMPTS}`] = {
    attempts_left: 0,
    passed: true,
    solutions,
    results: [attempt({ percent: 80, passed: true })],
  };
  press("Hand in");
  await screen.findByText("Passed with 80 %.");
  expect(sure).toHaveBeenCalledTimes(1);
  expect(bodies(`POST ${ATTEMPTS}`)).toEqual([
    {
      quiz_version: 3,
      answers: [
        { question: 1, choices: [2] },
        { question: 2, choices: [1, 3] },
        { question: 3, number: 9.81 },
        { question: 4, text: "a value" },
      ],
    },
  ]);
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});

test("what is right is told when no attempt is left", async () => {
  await opened({ [`GET ${ATTEMPTS}`]: { attempts_left: 0, passed: false, solutions, results: [attempt(), attempt({ id: "a2", percent: 40 })] } });
  await screen.findByText("40 %: not passed yet.");
  for (const text of ["You have no attempt left.", "Right is: u8, f64", "Right is: 9.81 (± 0.01)", "Right is: a value / values"])
    screen.getByText(text);
  screen.getByText("Ownership is Rust's idea.");
  expect(screen.getByText(/^Attempt 2,/).textContent).toContain("40 %");
});

test("another attempt begins with empty answers", async () => {
  await opened({ [`GET ${ATTEMPTS}`]: { ...none, attempts_left: 2, results: [attempt()] } });
  await screen.findByText("You have 2 attempts left.");
  expect(screen.queryByText(/Right is/)).toBeNull();
  press("Try again");
  expect(question(1).getByRole<HTMLInputElement>("radio", { name: "Its owner" }).checked).toBe(false);
});

test("answers to questions that have changed are given anew", async () => {
  const { answers } = await opened({ [`POST ${ATTEMPTS}`]: refusal(409, "QUIZ_CHANGED", "The questions have changed.") });
  await screen.findByRole("button", { name: "Hand in" });
  const changed = quiz({ version: 4, questions: [{ text: "What is new?", points: 1, kind: "short_text", options: [] }] });
  answers["GET /courses/course-1/lessons/lesson-1"] = lessonView({ kind: "quiz", quiz: changed });
  window.confirm = vi.fn().mockReturnValue(true);
  press("Hand in");
  await screen.findByText("What is new?");
  screen.getByText(/Your teacher has changed the questions/);
});

test("a lost answer is sent again as the same attempt", async () => {
  const { answers, sent } = await opened({ [`POST ${ATTEMPTS}`]: refusal(503, "UNAVAILABLE", "In a moment.") });
  await screen.findByRole("button", { name: "Hand in" });
  window.confirm = vi.fn().mockReturnValue(true);
  press("Hand in");
  expect(await alert()).toContain("In a moment.");
  answers[`POST ${ATTEMPTS}`] = { status: 201, body: {} };
  press("Hand in");
  await waitFor(() => expect(sent(`POST ${ATTEMPTS}`)).toHaveLength(2));
  const keys = sent(`POST ${ATTEMPTS}`).map(({ idempotencyKey }) => idempotencyKey);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);
});

test("a file of a lesson is saved by a link that is made when it is asked for", async () => {
  const file = { id: "f", title: "Slides", file_name: "slides.pdf", content_type: "application/pdf", size: 248_113, added_at: "2026-11-20T10:00:00Z" };
  const { answers } = await opened({
    "GET /courses/course-1/lessons/lesson-1": lessonView({ kind: "quiz", quiz: quiz(), resources: [file] }),
    "GET /courses/course-1/lessons/lesson-1/resources/f": refusal(404, "RESOURCE_NOT_FOUND", "The lesson has no such file."),
  });
  await screen.findByText("slides.pdf · 248 kB");
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  press("Download “Slides”");
  expect(await alert()).toContain("The lesson has no such file.");
  answers["GET /courses/course-1/lessons/lesson-1/resources/f"] = { url: "https://files/f", expires_at: "" };
  press("Download “Slides”");
  await waitFor(() => expect(saved.mock.instances.map((link) => (link as HTMLAnchorElement).href)).toEqual(["https://files/f"]));
});
