import { screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal, session } from "../testing/platform";

const CALLBACK = "POST /auth/social/google/callback";
const google = { "GET /auth/social/providers": { results: [{ id: "google", name: "Google" }] } };
const start = { "GET /auth/social/google/start": { authorization_url: "https://id.example/authorize" } };

let state = 0;
/** Where the provider sends the browser: with a state of its own each time. */
const back = (more = "") => `/login/callback/google?code=c&state=${++state}${more}`;

const assign = vi.fn();
beforeEach(() => {
  assign.mockClear();
  vi.spyOn(window.location, "assign").mockImplementation(assign);
});
afterEach(close);

test("a login by a provider goes there and comes back to where the visitor was going", async () => {
  platform({ ...google, ...start });
  const { unmount } = open("/login?next=/account/activity");
  (await screen.findByRole("button", { name: "Go on with Google" })).click();
  await waitFor(() => expect(assign).toHaveBeenCalledWith("https://id.example/authorize"));
  unmount();

  const { bodies } = platform({
    ...google,
    [CALLBACK]: session(),
    "GET /auth/events": { results: [], next: null },
  });
  open(back("&iss=https%3A%2F%2Fid.example#first_name=Ada&last_name="));
  await screen.findByRole("heading", { name: "Activity" });
  expect(bodies(CALLBACK)).toEqual([
    { code: "c", state: String(state), accept_terms: false, iss: "https://id.example", first_name: "Ada" },
  ]);
});

test("an account with a second factor asks for a code here too", async () => {
  platform({
    [CALLBACK]: { mfa_required: true, challenge_token: "challenge", expires_in: 300 },
    "POST /auth/mfa/verify": session(),
  });
  open(back());
  await screen.findByRole("heading", { name: "Second factor" });
  fill("Code of your authenticator app", "123456");
  press("Check the code");
  await screen.findByRole("heading", { name: "My learning" });
});

test("a linked login leads back to the security page", async () => {
  const linked = { provider: "google", email: "ada@gmail.com", linked_at: "2026-11-01T10:00:00Z", last_used_at: "2026-11-01T10:00:00Z" };
  platform({
    ...google,
    [CALLBACK]: { linked },
    "GET /auth/me": person(),
    "GET /auth/social": { results: [linked] },
  });
  open(back(), { signedIn: true });
  await screen.findByText("Google is linked to your account.");
  expect(screen.getByText(/ada@gmail.com, linked/)).toBeDefined();
});

test("a new account needs the terms: they are asked for, and the provider once more", async () => {
  const details = { accept_terms: ["must be true"] };
  platform({ ...start, [CALLBACK]: refusal(422, "VALIDATION_FAILED", "Some fields are not valid.", { details }) });
  const { unmount } = open(back());
  await screen.findByRole("heading", { name: "You have no account here yet" });
  press("I agree to the terms of use", "checkbox");
  press("Go on");
  await waitFor(() => expect(assign).toHaveBeenCalledOnce());
  unmount();
  const { bodies } = platform({ [CALLBACK]: { status: 201, body: session() } });
  open(back());
  await screen.findByRole("heading", { name: "My learning" });
  expect(bodies(CALLBACK)).toMatchObject([{ accept_terms: true }]);
});

test("an address that has an account already must log in there first", async () => {
  platform({ [CALLBACK]: refusal(409, "LINK_REQUIRED", "Your e-mail address has an account here.") });
  open(back());
  expect(await alert()).toContain("Your e-mail address has an account here.");
  expect(screen.getByRole("link", { name: "Go to the login" }).getAttribute("href")).toBe("/login?next=/account/security");
});

test.each([
  ["/login/callback/google?error=access_denied&state=1", "you did not agree"],
  ["/login/callback/google?state=1", "lacks what a login service sends"],
])("%s is explained and nothing is sent", async (path, text) => {
  const { bodies } = platform({});
  open(path);
  expect(await alert()).toContain(text);
  expect(bodies(CALLBACK)).toEqual([]);
});
