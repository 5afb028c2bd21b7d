import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

const put = vi.hoisted(() => vi.fn<(sent: { url: string; body: Blob }) => Promise<void>>(() => Promise.resolve()));
vi.mock("../upload/transport", async (original) => ({ ...(await original<object>()), put }));

afterEach(() => {
  vi.useRealTimers();
  put.mockClear();
  close();
});

/** A profile, with these changes of what it says. */
function profile(changes: object = {}, preferences: object = {}) {
  return {
    ...person(),
    instructor_requested_at: null,
    profile: {
      bio: "Writes programs",
      profile_picture: "",
      profile_picture_error: null,
      phone: "",
      birthdate: null,
      country: "UK",
      timezone: "Europe/London",
      language: "en",
      ...changes,
    },
    preferences: {
      email_notifications_enabled: true,
      email_notifications: { security: true, learning: true, marketing: false },
      ...preferences,
    },
  };
}

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /users/profile": profile(), ...answers });
  open("/account", { signedIn: true });
  await screen.findByLabelText(/^A few words/);
  return fake;
}

const choose = (file: File) =>
  fireEvent.change(screen.getByLabelText(/Choose (a|another) picture/), { target: { files: [file] } });
const jpeg = (bytes = 3) => new File([new Uint8Array(bytes)], "me.jpg", { type: "image/jpeg" });

test("what somebody tells of himself is shown and saved", async () => {
  const { bodies } = await opened({ "PUT /users/profile": profile() });
  expect(screen.getByLabelText<HTMLSelectElement>(/^Time zone/).value).toBe("Europe/London");
  fill(/^Country/, "Korea");
  fill("Language of mails", "ko");
  fill(/^Telephone/, "010-1234-5678");
  press("Save");
  await screen.findByText("Saved.");
  expect(bodies("PUT /users/profile")).toEqual([
    {
      first_name: "Ada",
      last_name: "Lovelace",
      bio: "Writes programs",
      country: "Korea",
      phone: "010-1234-5678",
      timezone: "Europe/London",
      language: "ko",
    },
  ]);
});

test("what the server refuses is said beside its field", async () => {
  const details = { phone: ["must be an international number"], preferences: ["something else"] };
  await opened({ "PUT /users/profile": refusal(422, "VALIDATION_FAILED", "Some fields are not valid.", { details }) });
  fill(/^Telephone/, "123");
  press("Save");
  await screen.findByText("must be an international number");
  // What no field shows is in the notice.
  expect(await alert()).toContain("something else");
});

test("an address that is not confirmed leads to the mail", async () => {
  await opened({ "GET /auth/me": person({ email_verified: false }) });
  expect(screen.getByRole("link", { name: "Confirm it" }).getAttribute("href")).toBe("/verify-email?next=/account");
});

test("a picture is sent to the storage, and shown when it is ready", async () => {
  const ticket = { picture_id: "p", upload_url: "https://s3/put", headers: { "content-type": "image/jpeg" }, expires_at: "" };
  const { answers, bodies } = await opened({ "POST /users/profile/picture": { status: 201, body: ticket } });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  choose(jpeg());
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  expect(bodies("POST /users/profile/picture")).toEqual([{ content_type: "image/jpeg", size: 3 }]);
  expect(put.mock.calls[0]?.[0]).toMatchObject({ url: "https://s3/put", headers: ticket.headers });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(screen.getByText(/The picture is being prepared/)).toBeDefined();
  answers["GET /users/profile"] = profile({ profile_picture: "/avatars/u/p.jpg" });
  await vi.advanceTimersByTimeAsync(2_000);
  vi.useRealTimers();
  const picture = await screen.findByRole<HTMLImageElement>("img", { name: "Your picture" });
  expect(picture.src).toContain("/avatars/u/p.jpg");
  await waitFor(() => expect(screen.queryByText(/being prepared/)).toBeNull());
});

test("a picture that the platform refuses is explained", async () => {
  const ticket = { picture_id: "p", upload_url: "https://s3/put", headers: {}, expires_at: "" };
  const { answers } = await opened({ "POST /users/profile/picture": { status: 201, body: ticket } });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  answers["GET /users/profile"] = profile({ profile_picture_error: "The picture is animated." });
  choose(jpeg());
  await vi.waitFor(() => expect(put).toHaveBeenCalledOnce());
  await vi.advanceTimersByTimeAsync(2_000);
  vi.useRealTimers();
  await screen.findByText("The picture is animated.");
});

test.each([
  ["another kind of file", new File(["x"], "a.gif", { type: "image/gif" }), "This is no JPEG, PNG or WebP picture."],
  ["one byte too much", jpeg(5 * 1024 * 1024 + 1), "This picture is larger than 5 MB."],
  ["nothing", jpeg(0), "This file is empty."],
])("what is no picture is not sent: %s", async (_, file, message) => {
  await opened();
  choose(file);
  expect(await alert()).toContain(message);
  expect(put).not.toHaveBeenCalled();
});
