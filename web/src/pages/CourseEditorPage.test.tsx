import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { Schemas } from "../api/client";
import { detail, lesson, lessonView, section } from "../testing/courses";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

const put = vi.hoisted(() => vi.fn<(sent: { url: string; body: Blob }) => Promise<void>>(() => Promise.resolve()));
vi.mock("../upload/transport", async (original) => ({ ...(await original<object>()), put }));

afterEach(() => {
  vi.useRealTimers();
  put.mockClear();
  close();
});

const COURSE = "/courses/course-1";
const draft = (changes: Partial<Schemas["CourseDetail"]> = {}) =>
  detail({ status: "draft", is_published: false, version: 7, ...changes });

const me = person({ id: "0190-teacher", role: "instructor", is_instructor: true });

async function opened(answers: Parameters<typeof platform>[0] = {}, course = draft()) {
  const fake = platform({
    "GET /auth/me": me,
    [`GET ${COURSE}`]: course,
    "GET /channels/me": { id: "ch" },
    "GET /categories": { results: [] },
    "GET /instructor/courses": { results: [], next: null },
    ...answers,
  });
  const view = open("/teach/courses/course-1", { signedIn: true });
  await screen.findByRole("heading", { level: 1, name: "Rust in practice" });
  return { ...fake, ...view };
}

const details = () => within(screen.getByRole("region", { name: "Details" }));
const saveDetails = () => fireEvent.click(details().getByRole("button", { name: "Save" }));
const write = (label: RegExp | string, value: string) =>
  fireEvent.change(details().getByLabelText(label), { target: { value } });

test("what a course says of itself is changed against the version that was read", async () => {
  const { bodies, sent } = await opened({ [`PATCH ${COURSE}`]: draft({ version: 8 }) });
  write(/^Category/, "Design");
  write("Language", "ko");
  write(/^What students will learn/, "One\n\n  Two ");
  write(/^Tags/, "rust, web ,");
  write(/^Price before/, "");
  fireEvent.click(details().getByRole("checkbox", { name: "Part of plans" }));
  saveDetails();
  await details().findByText("Saved.");
  expect(bodies(`PATCH ${COURSE}`)).toMatchObject([
    {
      category: "Design",
      language: "ko",
      outcomes: ["One", "Two"],
      tags: ["rust", "web"],
      price: 0,
      original_price: null,
      in_plans: true,
    },
  ]);
  expect(sent(`PATCH ${COURSE}`)[0]?.ifMatch).toBe('"7"');
});

test("a change of another part does not stop the details, a change of the details does", async () => {
  const { answers, sent } = await opened({
    [`PATCH ${COURSE}`]: draft({ version: 9 }),
    [`POST ${COURSE}/sections`]: { status: 201, body: {} },
  });
  write("Title", "Rust, well done");
  answers[`GET ${COURSE}`] = draft({ version: 8 });
  fill("Title of the section", "More");
  press("Add section");
  await waitFor(() => expect(sent(`GET ${COURSE}`)).toHaveLength(2));
  // Its form is empty as soon as the section is there.
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Title of the section").value).toBe(""));
  saveDetails();
  await details().findByText("Saved.");
  expect(sent(`PATCH ${COURSE}`)[0]?.ifMatch).toBe('"8"');
});

test("what another has changed is not undone, and can be loaded", async () => {
  const stale = refusal(412, "PRECONDITION_FAILED", "The course was changed since you read it.");
  const { answers, sent } = await opened({ [`PATCH ${COURSE}`]: stale });
  write("Title", "Mine");
  answers[`GET ${COURSE}`] = draft({ title: "Theirs", version: 8 });
  saveDetails();
  expect(await alert()).toContain("The course has changed meanwhile");
  // What was written is still there, also after the course was read anew, and is still refused.
  await screen.findByRole("heading", { level: 1, name: "Theirs" });
  expect(details().getByLabelText<HTMLInputElement>("Title").value).toBe("Mine");
  saveDetails();
  await waitFor(() => expect(sent(`PATCH ${COURSE}`).map(({ ifMatch }) => ifMatch)).toEqual(['"7"', '"7"']));
  fireEvent.click(await screen.findByRole("button", { name: "Load what is there now" }));
  await waitFor(() => expect(details().getByLabelText<HTMLInputElement>("Title").value).toBe("Theirs"));
  answers[`PATCH ${COURSE}`] = draft({ title: "Ours", version: 9 });
  write("Title", "Ours");
  saveDetails();
  await details().findByText("Saved.");
  expect(sent(`PATCH ${COURSE}`).at(-1)?.ifMatch).toBe('"8"');
});

const three = [
  lesson({ id: "a", title: "A" }),
  lesson({ id: "b", title: "B", kind: "file" }),
  lesson({ id: "c", title: "C", kind: "quiz", is_preview: true }),
];
const threeSections = ["One", "Two"].map((title, at) => section(at === 0 ? three : [], { id: `s${at}`, title }));

const REORDER = `${COURSE}/sections/reorder`;

/** The same sections with these lessons, as the course has them in another version. */
const arranged = (version: number, ...lessons: number[][]) =>
  draft({
    version,
    curriculum: threeSections.map((one, at) => ({ ...one, lessons: lessons[at]?.flatMap((n) => three[n] ?? []) ?? [] })),
  });

test("lessons and sections are put in another order, each in one call", async () => {
  const { answers, bodies, sent } = await opened({ [`POST ${REORDER}`]: { status: 204 } }, draft({ curriculum: threeSections }));
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Move “A” up" }).disabled).toBe(true);
  answers[`GET ${COURSE}`] = arranged(8, [0, 2, 1]);
  press("Move “B” down");
  await screen.findByText("“B” is now 3 of 3.");
  expect(bodies(`POST ${REORDER}`)).toEqual([{ order: ["s0", "s1"], lessons: [{ section_id: "s0", order: ["a", "c", "b"] }] }]);
  // The list is drawn anew, and the next press goes on.
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move “B” down"));
  answers[`GET ${COURSE}`] = arranged(9, [0, 2], [1]);
  press("Move “B” down");
  await screen.findByText("“B” is now in “Two”.");
  expect(bodies(`POST ${REORDER}`)[1]).toEqual({
    order: ["s0", "s1"],
    lessons: [
      { section_id: "s0", order: ["a", "c"] },
      { section_id: "s1", order: ["b"] },
    ],
  });
  // There is no way further down: the way back has the focus.
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Move “B” up"));
  press("Move “Two” up");
  await screen.findByText("“Two” is now 1 of 2.");
  expect(bodies(`POST ${REORDER}`)[2]).toEqual({ order: ["s1", "s0"] });
  expect(sent(`POST ${REORDER}`).map(({ ifMatch }) => ifMatch)).toEqual(['"7"', '"8"', '"9"']);
});

test("an order that was made meanwhile is told of", async () => {
  const stale = refusal(412, "PRECONDITION_FAILED", "The course was changed since you read it.");
  await opened({ [`POST ${REORDER}`]: stale }, draft({ curriculum: threeSections }));
  press("Move “Two” up");
  expect(await alert()).toContain("The course has changed meanwhile");
  press("Load what is there now");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("a lesson with questions is made", async () => {
  const path = `POST ${COURSE}/sections/section-1/lessons`;
  const faults = { "quiz.questions[2].answer.value": ["must be a number"] };
  const { answers, bodies } = await opened({ [path]: refusal(422, "VALIDATION_FAILED", "Some are not valid.", { details: faults }) });
  press("Add lesson to “Basics”");
  fill("Title of the lesson", "Check yourself");
  fill("Kind", "quiz");
  const n = (place: number) => within(screen.getByRole("group", { name: `Question ${place}` }));
  const into = (place: number, label: string | RegExp, value: string) =>
    fireEvent.change(n(place).getByLabelText(label), { target: { value } });
  into(1, "Question", "Who frees a value?");
  into(1, "Option 1", "Nobody");
  into(1, "Option 2", "Its owner");
  fireEvent.click(n(1).getByRole("radio", { name: "Option 2 is right" }));
  press("Add question");
  into(2, "Question", "Earth's gravity?");
  into(2, "Kind", "numeric");
  into(2, "The right number", "9.81");
  into(2, "How far off it may be", "0.01");
  press("Add question");
  into(3, "Question", "What is moved?");
  into(3, "Kind", "short_text");
  into(3, /^Accepted/, "a value\nvalues\n");
  press("Move question 3 up");
  press("Add lesson");
  // It is said beside the field of the question that it is about.
  await waitFor(() => expect(screen.getByText("must be a number").closest("fieldset")).toBe(screen.getByRole("group", { name: "Question 3" })));
  answers[path] = { status: 201, body: {} };
  press("Add lesson");
  await waitFor(() => expect(screen.queryByLabelText("Kind")).toBeNull());
  expect(bodies(path).at(-1)).toEqual({
    kind: "quiz",
    title: "Check yourself",
    description: "",
    is_preview: false,
    quiz: {
      pass_percent: 70,
      attempts_max: 3,
      questions: [
        { text: "Who frees a value?", points: 1, options: ["Nobody", "Its owner"], answer: { kind: "single", correct: 2 }, explanation: "" },
        { text: "What is moved?", points: 1, options: [], answer: { kind: "short_text", accepted: ["a value", "values"] }, explanation: "" },
        { text: "Earth's gravity?", points: 1, options: [], answer: { kind: "numeric", value: 9.81, tolerance: 0.01 }, explanation: "" },
      ],
    },
  });
});

test("an option that goes takes its mark along", async () => {
  const { bodies } = await opened({ [`POST ${COURSE}/sections/section-1/lessons`]: { status: 201, body: {} } });
  press("Add lesson to “Basics”");
  fill("Title of the lesson", "Numbers");
  fill("Kind", "quiz");
  const group = () => within(screen.getByRole("group", { name: "Question 1" }));
  const into = (label: string, value: string) => fireEvent.change(group().getByLabelText(label), { target: { value } });
  into("Question", "Which are numbers?");
  into("Kind", "multiple");
  press("Add option");
  for (const [at, option] of ["str", "u8", "f64"].entries()) into(`Option ${at + 1}`, option);
  for (const place of [1, 3]) fireEvent.click(group().getByRole("checkbox", { name: `Option ${place} is right` }));
  press("Delete option 1");
  press("Add lesson");
  await waitFor(() => expect(bodies(`POST ${COURSE}/sections/section-1/lessons`)).toHaveLength(1));
  expect(bodies(`POST ${COURSE}/sections/section-1/lessons`)).toMatchObject([
    { quiz: { questions: [{ options: ["u8", "f64"], answer: { kind: "multiple", correct: [2] } }] } },
  ]);
});

const LESSON = `${COURSE}/lessons/lesson-1`;

test("a lesson is changed, with its text and how long it takes", async () => {
  const text = lessonView({ content: "Values move.", duration_seconds: 90 });
  const { bodies, sent } = await opened({
    [`GET ${LESSON}`]: text,
    [`PATCH ${LESSON}`]: lessonView({ content: "Values move on.", duration_seconds: 90, is_preview: true }),
  });
  press("Edit the lesson “Ownership”");
  const form = within(await screen.findByRole("form", { name: "Edit the lesson “Ownership”" }));
  expect(form.getByLabelText<HTMLInputElement>(/^Minutes/).value).toBe("1.5");
  fireEvent.change(form.getByLabelText("Text"), { target: { value: "Values move on." } });
  fireEvent.click(form.getByRole("checkbox", { name: /preview/ }));
  fireEvent.click(form.getByRole("button", { name: "Save" }));
  await form.findByText("Saved.");
  expect(bodies(`PATCH ${LESSON}`)).toEqual([
    { title: "Ownership", description: "", is_preview: true, content: "Values move on." },
  ]);
  expect(sent(`PATCH ${LESSON}`)[0]?.ifMatch).toBe('"7"');
});

test("files are added to a lesson and removed", async () => {
  const file = { id: "f", title: "Slides", file_name: "Slides.PDF", content_type: "application/pdf", size: 3, added_at: "2026-11-20T10:00:00Z" };
  const ticket = { resource_id: "f", upload_url: "https://s3/put", headers: { "content-type": "application/pdf" }, expires_at: "" };
  const { answers, bodies } = await opened({
    [`GET ${LESSON}`]: lessonView({ content: "x" }),
    [`POST ${COURSE}/resources`]: { status: 201, body: ticket },
    [`POST ${LESSON}/resources`]: { status: 201, body: file },
    [`DELETE ${LESSON}/resources/f`]: { status: 204 },
  });
  press("Edit the lesson “Ownership”");
  await screen.findByText("No file yet.");
  const choose = (chosen: File) =>
    fireEvent.change(screen.getByLabelText("Add a file to “Ownership”"), { target: { files: [chosen] } });
  choose(new File(["x"], "run.exe"));
  expect(await alert()).toContain("Files of this kind are not taken.");
  answers[`GET ${LESSON}`] = lessonView({ content: "x", resources: [file] });
  // Some browsers don't know the type.
  choose(new File(["abc"], "Slides.PDF"));
  await screen.findByText("Slides.PDF · 3 byte");
  expect(bodies(`POST ${COURSE}/resources`)).toEqual([{ content_type: "application/pdf", size: 3 }]);
  expect(put.mock.calls[0]?.[0]).toMatchObject({ url: "https://s3/put", headers: ticket.headers });
  expect(bodies(`POST ${LESSON}/resources`)).toEqual([{ resource_id: "f", title: "Slides", file_name: "Slides.PDF" }]);
  window.confirm = vi.fn().mockReturnValue(true);
  answers[`GET ${LESSON}`] = lessonView({ content: "x" });
  press("Remove the file “Slides”");
  await screen.findByText("No file yet.");
});

test("the course gets a picture, or is told why not", async () => {
  const ticket = { picture_id: "p", upload_url: "https://s3/put", headers: { "content-type": "image/png" }, expires_at: "" };
  const { answers, bodies } = await opened({
    [`POST ${COURSE}/thumbnail`]: { status: 201, body: ticket },
    [`GET ${COURSE}/thumbnail`]: { thumbnail: "", picture_id: null, error: null },
  });
  const choose = (chosen: File) =>
    fireEvent.change(screen.getByLabelText("Choose a picture"), { target: { files: [chosen] } });
  choose(new File(["x"], "a.gif", { type: "image/gif" }));
  expect(await alert()).toContain("This is no JPEG, PNG or WebP picture.");
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  choose(new File(["abc"], "a.png", { type: "image/png" }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(bodies(`POST ${COURSE}/thumbnail`)).toEqual([{ content_type: "image/png", size: 3 }]);
  await vi.advanceTimersByTimeAsync(1_500);
  answers[`GET ${COURSE}/thumbnail`] = { thumbnail: "", picture_id: "p", error: "The picture is animated." };
  await vi.advanceTimersByTimeAsync(1_500);
  vi.useRealTimers();
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("The picture is animated."));
});

test("what a course lacks is listed; with all of it, it is published", async () => {
  const missing = [
    { what: "FILE", lesson_id: "b", message: "Add a file to the lesson." },
    { what: "PRICE", message: "Set a price." },
  ];
  const { answers } = await opened(
    { [`POST ${COURSE}/publish`]: refusal(422, "PUBLISH_BLOCKED", "Not yet.", { details: { missing } }) },
    draft({ curriculum: threeSections }),
  );
  screen.getByText("Needs a file");
  press("Publish");
  expect(await alert()).toContain("Add a file to “B”.Set a price; 0 makes it free.");
  answers[`POST ${COURSE}/publish`] = detail();
  answers[`GET ${COURSE}`] = detail();
  press("Publish");
  await screen.findByText(/The course is published/);
  await screen.findByRole("button", { name: "Unpublish" });
});

test("a course is duplicated, and what did not come along is told", async () => {
  const leftOut = [{ lesson_id: "l", title: "Ownership", what: "files" }];
  const copy = draft({ id: "course-2", title: "Rust in practice (copy)", slug: "copy" });
  await opened({
    [`POST ${COURSE}/duplicate`]: { status: 201, body: { ...copy, left_out: leftOut } },
    "GET /courses/course-2": copy,
  });
  press("Duplicate");
  await screen.findByRole("heading", { level: 1, name: "Rust in practice (copy)" });
  screen.getByText("files of “Ownership”");
});

test("a course is exported as a file", async () => {
  await opened({ [`GET ${COURSE}/export`]: { format: 1, course: { title: "Rust in practice" }, sections: [] } });
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  const made = vi.spyOn(URL, "createObjectURL");
  press("Export");
  await waitFor(() => expect(saved).toHaveBeenCalledOnce());
  expect((saved.mock.instances[0] as HTMLAnchorElement).download).toBe("rust-in-practice.json");
  expect(JSON.parse(await (made.mock.calls[0]?.[0] as Blob).text())).toMatchObject({ format: 1 });
});

test("a course is exported with its files when the archive is written, or it is told why not", async () => {
  const state = { id: "a", reason: null, requested_at: "", available_until: null, size_bytes: null, download: null };
  const { answers, sent } = await opened({
    [`POST ${COURSE}/archive`]: { status: 202, body: { ...state, status: "queued" } },
    [`GET ${COURSE}/archive`]: { ...state, status: "running" },
  });
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  saved.mockClear();
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  press("Export with files");
  await vi.waitFor(() => expect(sent(`POST ${COURSE}/archive`)).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(1_200);
  await vi.waitFor(() => expect(sent(`GET ${COURSE}/archive`)).toHaveLength(1));
  expect(saved).not.toHaveBeenCalled();
  const download = { url: "https://s3/archive.zip", expires_at: "" };
  answers[`GET ${COURSE}/archive`] = { ...state, status: "ready", download };
  await vi.advanceTimersByTimeAsync(1_600);
  await vi.waitFor(() => expect(saved).toHaveBeenCalledOnce());
  expect((saved.mock.instances[0] as HTMLAnchorElement).href).toBe("https://s3/archive.zip");
  vi.useRealTimers();

  const failed = { ...state, status: "failed", reason: "Duplicate the course." };
  answers[`POST ${COURSE}/archive`] = { status: 202, body: failed };
  await waitFor(() => expect(screen.getByRole<HTMLButtonElement>("button", { name: "Export with files" }).disabled).toBe(false));
  press("Export with files");
  expect(await alert()).toContain("Duplicate the course.");
});

test("a course is deleted, after a question that tells what becomes of its students", async () => {
  const sure = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  window.confirm = sure;
  const { path, bodies } = await opened({ [`DELETE ${COURSE}`]: { status: 204 } }, draft({ student_count: 1 }));
  press("Delete the course");
  expect(sure).toHaveBeenCalledWith(
    "Delete “Rust in practice”? You can't change it any more. It leaves the catalogue; its 1 student keeps it.",
  );
  expect(bodies(`DELETE ${COURSE}`)).toEqual([]);
  press("Delete the course");
  await waitFor(() => expect(path()).toBe("/teach"));
});

test("a document becomes a course, and what is none is not sent", async () => {
  const made = draft({ id: "course-1" });
  const { bodies } = platform({
    "GET /auth/me": me,
    "GET /channels/me": { id: "ch", name: "Channel", handle: "channel", description: "" },
    "GET /instructor/courses": { results: [], next: null },
    "GET /categories": { results: [] },
    "POST /courses/import": { status: 201, body: { ...made, left_out: [] } },
    [`GET ${COURSE}`]: made,
  });
  open("/teach", { signedIn: true });
  const input = await screen.findByLabelText("Choose a document");
  fireEvent.change(input, { target: { files: [new File(["no json"], "a.json")] } });
  expect(await alert()).toContain("This file is no exported course.");
  const document = { format: 1, course: { title: "Rust in practice" }, sections: [] };
  fireEvent.change(input, { target: { files: [new File([JSON.stringify(document)], "a.json")] } });
  await screen.findByRole("heading", { level: 1, name: "Rust in practice" });
  expect(bodies("POST /courses/import")).toEqual([document]);
});

test("an archive is sent and becomes a course, or it is told what to do", async () => {
  const ticket = { archive_id: "a", upload_url: "https://s3/put", headers: { "content-type": "application/zip" }, expires_at: "" };
  const state = { id: "a", status: "queued", reason: null, course_id: null, left_out: [], requested_at: "" };
  const { answers, bodies } = platform({
    "GET /auth/me": me,
    "GET /channels/me": { id: "ch", name: "Channel", handle: "channel", description: "" },
    "GET /instructor/courses": { results: [], next: null },
    "GET /categories": { results: [] },
    "POST /courses/import-archive/ticket": { status: 201, body: ticket },
    "POST /courses/import-archive": { status: 202, body: { ...state, status: "failed", reason: "Pack it anew." } },
    [`GET ${COURSE}`]: draft(),
  });
  open("/teach", { signedIn: true });
  const input = await screen.findByLabelText("Choose an archive");
  const choose = () => fireEvent.change(input, { target: { files: [new File(["PK"], "a.zip")] } });
  choose();
  expect(await alert()).toContain("Pack it anew.");
  expect(put.mock.calls[0]?.[0]).toMatchObject({ url: "https://s3/put", headers: ticket.headers });
  expect(bodies("POST /courses/import-archive/ticket")).toEqual([{ size: 2 }]);
  expect(bodies("POST /courses/import-archive")).toEqual([{ archive_id: "a" }]);

  const leftOut = [{ lesson_id: "l", title: "Ownership", what: "files" }];
  const ready = { ...state, status: "ready", course_id: "course-1", left_out: leftOut };
  answers["POST /courses/import-archive"] = { status: 202, body: ready };
  choose();
  await screen.findByRole("heading", { level: 1, name: "Rust in practice" });
  screen.getByText("files of “Ownership”");
});
