import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { Student } from "../api/teaching";
import { detail, lesson, section } from "../testing/courses";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(() => {
  vi.useRealTimers();
  put.mockClear();
  close();
});

const put = vi.hoisted(() => vi.fn<(sent: { url: string; body: Blob }) => Promise<void>>(() => Promise.resolve()));
vi.mock("../upload/transport", async (original) => ({ ...(await original<object>()), put }));

const STATS = "GET /media/videos/v/stats";
const PICTURES = "GET /media/videos/v/thumbnails";
const THUMBNAIL = "/media/videos/v/thumbnail";
const BULK = "POST /media/video-permissions/bulk";
const ATTENDANCE = "/courses/course-1/sections/section-1/attendance";

const video = {
  id: "v",
  title: "Borrowing",
  status: "PUBLISHED",
  source_type: "s3",
  youtube_id: "",
  external_url: "",
  course_id: "course-1",
  session_id: "section-1",
  allow_skip: false,
  max_speed: 1,
  show_watermark: true,
  visibility: "PUBLIC",
  tags: ["rust"],
  geo_restrictions: [],
  age_restricted: false,
  duration_seconds: 600,
  created_at: "2026-11-01T10:00:00Z",
};

function student(name: string, changes: Partial<Student> = {}): Student {
  return {
    enrollment: `e-${name}`,
    student_id: `s-${name}`,
    student_name: name,
    enrollment_status: "active",
    attendance_status: null,
    attendance_by_rule: false,
    progress: 0.42,
    completed: false,
    rule: "free",
    is_override: false,
    effective_rule: "free",
    violations: 0,
    parent_phone: null,
    student_phone: null,
    school: null,
    grade: null,
    ...changes,
  };
}

const classOf = (...students: Student[]) => ({
  video,
  stats: { total_students: students.length, completed_100: 1, completed_90: 2, avg_progress: 0.625 },
  students,
  next: null,
});

async function opened(answers: Parameters<typeof platform>[0] = {}, path = "/teach/videos/v") {
  const fake = platform({
    "GET /auth/me": person({ is_instructor: true, role: "instructor" }),
    "GET /media/videos/v": video,
    [PICTURES]: { results: [], next: null },
    "GET /media/videos/v/processing": { status: "PUBLISHED", percentage: 100, steps: [], error_reason: "" },
    "GET /courses/course-1": detail({ curriculum: [section([lesson({ kind: "video", video_id: "v" })])] }),
    [STATS]: classOf(student("Ada"), student("Bo")),
    ...answers,
  });
  open(path, { signedIn: true });
  await screen.findByRole("heading", { name: "Borrowing" });
  return fake;
}

const row = async (name: string) => within(await screen.findByRole("row", { name: new RegExp(name) }));

test("the class is shown with its numbers, attendance and rules", async () => {
  await opened({
    [STATS]: classOf(
      student("Ada", { attendance_status: "present", attendance_by_rule: true, progress: 0.999, completed: true }),
      student("Bo", { enrollment_status: "expired", effective_rule: "blocked", is_override: true, rule: "once", violations: 2 }),
    ),
  });
  const ada = await row("Ada");
  ada.getByText("99 %");
  ada.getByText("Completed");
  ada.getByText("Freely");
  await waitFor(() => expect(ada.getByRole<HTMLSelectElement>("combobox").selectedOptions[0]?.textContent).toBe("Present (by watching)"));
  const bo = await row("Bo");
  for (const words of ["Expired", "2 attempts against the policy", "Blocked", "Own settings"]) bo.getByText(words);
  expect(screen.getByText("Watched on average").parentElement?.textContent).toContain("62 %");
  screen.getByText("Rust in practice · Basics", { exact: false });
});

test("one is blocked and unblocked", async () => {
  const { answers, bodies } = await opened({ [BULK]: { students: 1, next: null } });
  const button = await screen.findByRole("button", { name: "Block Ada" });
  answers[STATS] = classOf(student("Ada", { rule: "blocked", effective_rule: "blocked", is_override: true }), student("Bo"));
  fireEvent.click(button);
  const unblock = await screen.findByRole("button", { name: "Unblock Ada" });
  await waitFor(() => expect(unblock).toMatchObject({ disabled: false }));
  fireEvent.click(unblock);
  await waitFor(() => expect(bodies(BULK)).toHaveLength(2));
  const common = { video: "v", enrollments: ["e-Ada"], page_size: 1_000 };
  expect(bodies(BULK)).toEqual([
    { ...common, changes: { rule: "blocked" } },
    { ...common, changes: { rule: "free" } },
  ]);
});

test("many are chosen, blocked and marked", async () => {
  const { bodies } = await opened({ [BULK]: { students: 2, next: null }, [`PUT ${ATTENDANCE}`]: { set: 1, removed: 0 } });
  await row("Ada");
  const bulk = within(screen.getByRole("group", { name: "All who are chosen" }));
  expect(bulk.getByRole<HTMLButtonElement>("button", { name: "Block" }).disabled).toBe(true);
  press("Choose all who are shown", "checkbox");
  bulk.getByText("2 chosen");
  press("Choose Bo", "checkbox");
  bulk.getByText("1 chosen");
  fireEvent.click(bulk.getByRole("button", { name: "Block" }));
  await screen.findByText("Saved.");
  expect(bodies(BULK)).toEqual([{ video: "v", enrollments: ["e-Ada"], changes: { rule: "blocked" }, page_size: 1_000 }]);
  fireEvent.change(await bulk.findByLabelText("Attendance of all who are chosen"), { target: { value: "late" } });
  await waitFor(() => expect(bodies(`PUT ${ATTENDANCE}`)).toEqual([{ attendance: [{ enrollment: "e-Ada", status: "late" }] }]));
});

test("the whole class, page by page", async () => {
  const { bodies } = await opened({
    [BULK]: ({ body }) => ({ students: 1_000, next: (body as { cursor?: string }).cursor === undefined ? "c2" : null }),
  });
  await row("Ada");
  press("Choose the whole class (2)");
  const bulk = within(screen.getByRole("group", { name: "All who are chosen" }));
  fireEvent.click(bulk.getByRole("button", { name: "Block" }));
  await screen.findByText("Saved.");
  const common = { video: "v", all: true, changes: { rule: "blocked" }, page_size: 1_000 };
  expect(bodies(BULK)).toEqual([common, { ...common, cursor: "c2" }]);
});

test("attendance is set by hand, and taken back", async () => {
  const { answers, bodies } = await opened({
    [STATS]: classOf(student("Ada", { attendance_status: "present", attendance_by_rule: true })),
    [`PUT ${ATTENDANCE}`]: { set: 1, removed: 0 },
  });
  const field = await screen.findByLabelText<HTMLSelectElement>("Attendance of Ada");
  answers[STATS] = classOf(student("Ada", { attendance_status: "absent", attendance_by_rule: false }));
  fireEvent.change(field, { target: { value: "absent" } });
  await waitFor(() => expect(field).toMatchObject({ value: "absent", disabled: false }));
  fireEvent.change(field, { target: { value: "" } });
  await waitFor(() => expect(bodies(`PUT ${ATTENDANCE}`)).toHaveLength(2));
  expect(bodies(`PUT ${ATTENDANCE}`)).toEqual([
    { attendance: [{ enrollment: "e-Ada", status: "absent" }] },
    { attendance: [{ enrollment: "e-Ada", status: null }] },
  ]);
});

test("a student gets settings of his own; only what was chosen is sent", async () => {
  const { bodies, sent } = await opened({
    "GET /media/video-permissions": { results: [], next: null },
    [BULK]: { students: 1, next: null },
  });
  fireEvent.click((await row("Ada")).getByRole("button", { name: "Settings for Ada" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Settings for Ada" }));
  fireEvent.change(await dialog.findByLabelText("Seeking"), { target: { value: "yes" } });
  fireEvent.change(dialog.getByLabelText("Speed"), { target: { value: "1.5" } });
  fireEvent.click(dialog.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(sent("GET /media/video-permissions")[0]?.path).toContain("enrollment=e-Ada");
  expect(bodies(BULK)).toEqual([
    {
      video: "v",
      enrollments: ["e-Ada"],
      changes: { allow_skip_override: true, block_seek: false, max_speed_override: 1.5, block_speed_control: false },
      page_size: 1_000,
    },
  ]);
});

test("what was set for those who are chosen is taken away; a refusal stays in the dialog", async () => {
  const { answers, bodies } = await opened({ [BULK]: refusal(409, "CLASS_CHANGED", "A student has left the class just now. Send the request again.") });
  await row("Ada");
  press("Choose Ada", "checkbox");
  fireEvent.click(within(screen.getByRole("group", { name: "All who are chosen" })).getByRole("button", { name: "Settings" }));
  press("Take own settings away");
  expect(await alert()).toContain("A student has left the class just now.");
  answers[BULK] = { students: 1, next: null };
  press("Take own settings away");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(bodies(BULK).at(-1)).toEqual({ video: "v", enrollments: ["e-Ada"], changes: null, page_size: 1_000 });
});

test("a student is found by his name", async () => {
  await opened();
  await row("Bo");
  fill("Find a student", "ad");
  expect(screen.queryByRole("row", { name: /Bo/ })).toBeNull();
  await row("Ada");
  fill("Find a student", "xyz");
  screen.getByText(/^Nobody is called so/);
});

test("the class is saved as a file", async () => {
  const made = vi.spyOn(URL, "createObjectURL");
  const { sent } = await opened({ "GET /media/videos/v/stats.csv": { status: 200, body: "student_name" } });
  const saved = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  fireEvent.click(await screen.findByRole("button", { name: "Download as CSV" }));
  await waitFor(() => expect(saved).toHaveBeenCalled());
  expect(await (made.mock.calls[0]?.[0] as Blob).text()).toContain("student_name");
  expect(sent("GET /media/videos/v/stats.csv")[0]?.path).not.toContain("course=");
});

test("another course that shows the video has a class of its own", async () => {
  const { sent } = await opened(
    { "GET /courses/course-2": detail({ id: "course-2", title: "Rust again", curriculum: [section([lesson({ video_id: "v" })], { id: "section-9" })] }) },
    "/teach/videos/v?course=course-2",
  );
  await row("Ada");
  expect(sent(STATS)[0]?.path).toContain("course=course-2");
  screen.getByText(/Rust again/);
  expect(screen.getByRole("link", { name: "Back to the course" }).getAttribute("href")).toBe("/teach/courses/course-2");
});

test("a video of another site is opened there, and one of no course has no class", async () => {
  await opened({
    "GET /media/videos/v": { ...video, source_type: "youtube", youtube_id: "dQw4w9WgXcQ", course_id: null, session_id: null },
  });
  expect(screen.getByRole("link", { name: "Open it there" }).getAttribute("href")).toBe("https://www.youtube.com/watch?v=dQw4w9WgXcQ");
  screen.getByText(/^This video belongs to no course/);
});

const candidates = (chosen: number, own?: string) => ({
  results: [
    { candidate: 0, picture_id: null, url: "/posters/v/1/poster_0.jpg", at_seconds: 3, is_chosen: chosen === 0 },
    { candidate: 1, picture_id: null, url: "/posters/v/1/poster_1.jpg", at_seconds: 75, is_chosen: chosen === 1 },
    ...(own === undefined
      ? []
      : [{ candidate: null, picture_id: own, url: `/posters/videos/v/${own}.jpg`, at_seconds: null, is_chosen: chosen === 2 }]),
  ],
  next: null,
});

const isChosen = (name: string) => screen.getByRole("button", { name }).getAttribute("aria-pressed");

test("another picture is chosen, out of the video or the own one again", async () => {
  const { answers, bodies } = await opened({ [PICTURES]: candidates(2, "p"), [`PUT ${THUMBNAIL}`]: video });
  await screen.findByRole("button", { name: "Your own picture" });
  expect([isChosen("The picture at 0:03"), isChosen("Your own picture")]).toEqual(["false", "true"]);
  answers[PICTURES] = candidates(1, "p");
  press("The picture at 1:15");
  await waitFor(() => expect(isChosen("The picture at 1:15")).toBe("true"));
  answers[PICTURES] = candidates(2, "p");
  await waitFor(() => expect(screen.getByRole("button", { name: "Your own picture" })).toMatchObject({ disabled: false }));
  press("Your own picture");
  await waitFor(() => expect(isChosen("Your own picture")).toBe("true"));
  expect(bodies(`PUT ${THUMBNAIL}`)).toEqual([{ candidate: 1 }, { picture_id: "p" }]);
});

test("an own picture is uploaded and shown, or is told why not", async () => {
  const ticket = { picture_id: "p", upload_url: "https://s3/put", headers: { "content-type": "image/png" }, expires_at: "" };
  const { answers, bodies } = await opened({
    [PICTURES]: candidates(0),
    [`POST ${THUMBNAIL}`]: { status: 201, body: ticket },
    [`GET ${THUMBNAIL}`]: { thumbnail: "", picture_id: null, error: null },
  });
  await screen.findByRole("button", { name: "The picture at 0:03" });
  const upload = (chosen: File) => fireEvent.change(screen.getByLabelText("Upload a picture"), { target: { files: [chosen] } });
  upload(new File(["x"], "a.gif", { type: "image/gif" }));
  expect(await alert()).toContain("This is no JPEG, PNG or WebP picture.");
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  upload(new File(["abc"], "a.png", { type: "image/png" }));
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(bodies(`POST ${THUMBNAIL}`)).toEqual([{ content_type: "image/png", size: 3 }]);
  await vi.advanceTimersByTimeAsync(1_500);
  answers[`GET ${THUMBNAIL}`] = { thumbnail: "", picture_id: "p", error: "The picture is animated." };
  await vi.advanceTimersByTimeAsync(1_500);
  vi.useRealTimers();
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("The picture is animated."));

  answers[`GET ${THUMBNAIL}`] = { thumbnail: "/posters/videos/v/p.jpg", picture_id: "p", error: null };
  answers[PICTURES] = candidates(2, "p");
  await waitFor(() => expect(screen.getByLabelText("Upload a picture")).toMatchObject({ disabled: false }));
  upload(new File(["abc"], "a.png", { type: "image/png" }));
  await screen.findByRole("button", { name: "Your own picture" });
  expect(isChosen("Your own picture")).toBe("true");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("the owner says who may see it, by which words it is found, and publishes it", async () => {
  const PATCH = "PATCH /media/videos/v";
  const TAGS = "PUT /media/videos/v/tags";
  const changed = { ...video, status: "READY", visibility: "UNLISTED", tags: ["rust", "ownership"], geo_restrictions: ["DE"], age_restricted: true };
  const { answers, bodies } = await opened({
    "GET /media/videos/v": { ...video, status: "READY" },
    [TAGS]: changed,
    [PATCH]: refusal(400, "VALIDATION_FAILED", "Check it.", { details: { "geo_restrictions[0]": ["must be a country's code"] } }),
  });
  expect(screen.queryByRole("link", { name: "See its page" })).toBeNull();
  fill("Everybody else", "UNLISTED");
  fill(/^Tags/, "rust, ownership, ");
  fill(/^Not in these countries/, "germany");
  press("For adults of 18 years and more only", "checkbox");
  const form = within(screen.getByRole("region", { name: "Who may see it" }));
  const save = form.getByRole("button", { name: "Save" });
  fireEvent.click(save);
  await form.findByText("must be a country's code");
  answers[PATCH] = changed;
  fill(/^Not in these countries/, "de");
  fireEvent.click(save);
  await form.findByText("Saved.");
  expect(bodies(TAGS).at(-1)).toEqual({ tags: ["rust", "ownership"] });
  expect(bodies(PATCH).at(-1)).toEqual({ visibility: "UNLISTED", geo_restrictions: ["DE"], age_restricted: true });

  answers["POST /media/videos/v/publish"] = { status: 200, body: { ...changed, status: "PUBLISHED" } };
  answers["GET /media/videos/v"] = { ...changed, status: "PUBLISHED" };
  fireEvent.click(form.getByRole("button", { name: "Publish" }));
  expect((await form.findByRole("link", { name: "See its page" })).getAttribute("href")).toBe("/watch/v");
});
