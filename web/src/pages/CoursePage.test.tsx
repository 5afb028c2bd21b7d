import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { detail, lesson, listed, review, reviewPage, section } from "../testing/courses";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

async function opened(answers: Parameters<typeof platform>[0] = {}, signedIn = false) {
  const fake = platform({
    "GET /courses/rust-in-practice": detail(),
    "GET /courses/course-1/reviews": reviewPage([review()]),
    "GET /courses/course-1/related": { results: [] },
    "GET /auth/me": person(),
    ...answers,
  });
  const view = open("/courses/rust-in-practice", { signedIn });
  await screen.findByRole("heading", { level: 1, name: "Rust in practice" });
  return { ...fake, ...view };
}

const student = (answers: Parameters<typeof platform>[0] = {}) =>
  opened({ "GET /courses/rust-in-practice": detail({ enrolled: true, enrollment_id: "e" }), ...answers }, true);

test("a course is shown with all that matters before one enrols", async () => {
  const lessons = [
    lesson({ id: "1", title: "Welcome", kind: "video", is_preview: true }),
    lesson({ id: "2", title: "Check yourself", kind: "quiz" }),
    lesson({ id: "3", title: "Slides", kind: "file" }),
  ];
  await opened({
    "GET /courses/rust-in-practice": detail({ curriculum: [section(lessons, { description: "First steps" })], tags: ["rust"] }),
    "GET /courses/course-1/related": { results: [listed({ id: "2", title: "Go in practice", slug: "go" })] },
  });
  for (const text of ["Write programs without leaks", "A computer", "Some programming", "First steps", "Teaches since 2010"])
    screen.getByText(text);
  expect(screen.getByRole("link", { name: /Welcome/ }).getAttribute("href")).toBe("/courses/rust-in-practice/1");
  expect(screen.queryByRole("link", { name: /Check yourself/ })).toBeNull();
  expect(screen.getByText("Check yourself").closest(".lesson")?.textContent).toContain("Quiz");
  screen.getByText("3 courses · 9,000 students · 4.8 of 5 on average");
  expect(screen.getByRole("link", { name: "#rust" }).getAttribute("href")).toBe("/?tag=rust");
  expect(screen.getByRole("link", { name: "All courses of Angela Yu" }).getAttribute("href")).toBe("/?instructor=0190-teacher");
  await screen.findByRole("link", { name: "Go in practice" });
});

test("the page does without what can't be read beside it", async () => {
  await opened({ "GET /courses/course-1/related": refusal(503, "UNAVAILABLE", "In a moment.") });
  await screen.findByText("Explains everything.");
  screen.getByText("Teaches since 2010");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("there is no such course", async () => {
  platform({ "GET /courses/nothing": refusal(404, "COURSE_NOT_FOUND", "No.") });
  open("/courses/nothing");
  await screen.findByRole("heading", { name: "There is no such course" });
});

test("reviews can be read by stars and in another order", async () => {
  const { sent } = await opened();
  await screen.findByText("Explains everything.");
  fireEvent.click(screen.getByRole("button", { name: "3 stars: 1 review" }));
  const query = () => sent("GET /courses/course-1/reviews").at(-1)?.path.split("?")[1];
  await waitFor(() => expect(query()).toBe("page_size=5&ordering=-created_at&rating=3"));
  fill("Order", "-helpful_count");
  await waitFor(() => expect(query()).toContain("ordering=-helpful_count"));
  press("Show all reviews");
  await waitFor(() => expect(query()).not.toContain("rating"));
});

test("more reviews come with the cursor", async () => {
  const first = { ...reviewPage([review()]), next: "/api/v1/courses/course-1/reviews?page=2&cursor=abc" };
  const { answers, sent } = await opened({ "GET /courses/course-1/reviews": first });
  await screen.findByText("Explains everything.");
  answers["GET /courses/course-1/reviews"] = reviewPage([review({ id: "r2", comment: "Not for me." })]);
  press("Show more");
  await screen.findByText("Not for me.");
  expect(sent("GET /courses/course-1/reviews").at(-1)?.path).toContain("cursor=abc");
});

test("reviews that can't be read can be asked for again", async () => {
  const { answers } = await opened({ "GET /courses/course-1/reviews": refusal(503, "UNAVAILABLE", "In a moment.") });
  expect(await alert()).toContain("In a moment.");
  answers["GET /courses/course-1/reviews"] = reviewPage([]);
  press("Try again");
  await screen.findByText("Nobody has reviewed this course yet.");
});

test("a student reviews the course", async () => {
  const details = { comment: ["must not be blank"] };
  const { answers, bodies } = await student({
    "POST /courses/course-1/reviews": refusal(422, "VALIDATION_FAILED", "Some are not valid.", { details }),
  });
  fireEvent.click(await screen.findByRole("button", { name: "Review this course" }));
  fireEvent.click(screen.getByRole("radio", { name: "4 stars" }));
  fill(/^Title/, "Good");
  fill("What you think of it", " ");
  press("Send");
  await screen.findByText("must not be blank");
  answers["POST /courses/course-1/reviews"] = { status: 201, body: review() };
  answers["GET /courses/course-1/reviews"] = reviewPage([review({ id: "mine", comment: "Well made." })], "mine");
  fill("What you think of it", "Well made.");
  press("Send");
  await screen.findByText("Well made.", { selector: "p" });
  expect(bodies("POST /courses/course-1/reviews").at(-1)).toEqual({ rating: 4, title: "Good", comment: "Well made." });
  screen.getByRole("article", { name: "Your review" });
  expect(screen.queryByRole("button", { name: "Review this course" })).toBeNull();
});

test("the own review is changed and deleted, wherever it is in the list", async () => {
  const mine = review({ id: "mine", rating: 2, comment: "So so." });
  const { answers, bodies } = await student({
    "GET /courses/course-1/reviews": reviewPage([review()], "mine"),
    "PATCH /courses/course-1/reviews/mine": mine,
    "DELETE /courses/course-1/reviews/mine": { status: 204 },
  });
  await screen.findByText("So so.");
  press("Change");
  fireEvent.click(screen.getByRole("radio", { name: "5 stars" }));
  press("Save");
  await waitFor(() =>
    expect(bodies("PATCH /courses/course-1/reviews/mine")).toContainEqual({ rating: 5, title: "Great", comment: "So so." }),
  );
  const sure = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  window.confirm = sure;
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(bodies("DELETE /courses/course-1/reviews/mine")).toEqual([]);
  answers["GET /courses/course-1/reviews"] = reviewPage([review()]);
  press("Delete");
  await screen.findByRole("button", { name: "Review this course" });
});

test("who is not enrolled is told why there is no form", async () => {
  await opened({}, true);
  await screen.findByText("Who is enrolled may review the course.");
});

test("a visitor is asked to log in first", async () => {
  await opened();
  const link = await screen.findByRole("link", { name: "Enrolled? Log in to review the course." });
  expect(link.getAttribute("href")).toBe("/login?next=%2Fcourses%2Frust-in-practice");
  screen.getByText("2 readers find this helpful");
});

test("a review is found helpful, and not any more", async () => {
  const { answers, bodies } = await student({
    "POST /courses/course-1/reviews/review-1/helpful": { helpful_count: 3, found_helpful: true },
    "DELETE /courses/course-1/reviews/review-1/helpful": { helpful_count: 2, found_helpful: false },
  });
  fireEvent.click(await screen.findByRole("button", { name: "Helpful: the review of John Smith (2)" }));
  answers["GET /courses/course-1/reviews"] = reviewPage([review({ helpful_count: 3, found_helpful: true })]);
  const pressed = await screen.findByRole("button", { name: "Helpful: the review of John Smith (3)" });
  expect(pressed.getAttribute("aria-pressed")).toBe("true");
  fireEvent.click(pressed);
  await waitFor(() => expect(bodies("DELETE /courses/course-1/reviews/review-1/helpful")).toHaveLength(1));
});

test("the teacher replies, changes the reply and takes it back", async () => {
  const me = person({ id: "0190-teacher", is_instructor: true, role: "instructor" });
  const path = "/courses/course-1/reviews/review-1/reply";
  const reply = { comment: "Thank you!", created_at: "2026-11-03T10:00:00Z", edited_at: null };
  const { answers, bodies } = await opened(
    { "GET /auth/me": me, [`POST ${path}`]: { status: 201, body: reply }, [`PATCH ${path}`]: reply, [`DELETE ${path}`]: { status: 204 } },
    true,
  );
  fireEvent.click(await screen.findByRole("button", { name: "Reply to John Smith" }));
  expect(screen.queryByRole("button", { name: "Review this course" })).toBeNull();
  fill("Your reply", "Thank you!");
  answers["GET /courses/course-1/reviews"] = reviewPage([review({ reply })]);
  press("Save");
  const article = within(await screen.findByRole("article", { name: "John Smith" }));
  await article.findByText("Thank you!");
  article.getByText("Angela Yu replies");
  expect(bodies(`POST ${path}`)).toEqual([{ comment: "Thank you!" }]);
  press("Change the reply");
  fill("Your reply", "Thanks!");
  press("Save");
  await waitFor(() => expect(bodies(`PATCH ${path}`)).toEqual([{ comment: "Thanks!" }]));
  window.confirm = vi.fn().mockReturnValue(true);
  fireEvent.click(await screen.findByRole("button", { name: "Delete the reply" }));
  answers["GET /courses/course-1/reviews"] = reviewPage([review()]);
  await screen.findByRole("button", { name: "Reply to John Smith" });
});

test("somebody enrols in a free course", async () => {
  const { path } = await opened(
    {
      "POST /courses/course-1/enroll": { status: 201, body: { id: "e1" } },
      "GET /enrollments/e1": refusal(404, "ENROLLMENT_NOT_FOUND", "No."),
    },
    true,
  );
  press("Enrol for free");
  await waitFor(() => expect(path()).toBe("/learn/e1"));
});
