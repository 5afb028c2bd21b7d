import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal, session } from "../testing/platform";

afterEach(close);

const PASSWORD = "correct horse battery staple";
const CHALLENGE = { mfa_required: true, challenge_token: "challenge", expires_in: 300 };
const pages = { "GET /auth/social": { results: [] } };

function login(name = "ada@example.com") {
  fill(/E-mail address or user name/, name);
  fill("Password", PASSWORD);
  press("Log in");
}

test("a login by address leads to where the visitor was going", async () => {
  const { bodies } = platform({ ...pages, "POST /auth/login": session() });
  const { path } = open("/login?next=/account/security");
  expect(screen.getByText("Log in to go on.")).toBeDefined();
  login();
  await screen.findByRole("heading", { name: "Security" });
  expect(path()).toBe("/account/security");
  expect(bodies("POST /auth/login")).toEqual([{ email: "ada@example.com", password: PASSWORD }]);
});

test("what is no address is a user name", async () => {
  const { bodies } = platform({ "POST /auth/login": session() });
  open("/login");
  login(" ada ");
  await screen.findByRole("heading", { name: "My learning" });
  expect(bodies("POST /auth/login")).toEqual([{ username: "ada", password: PASSWORD }]);
});

test.each([
  [refusal(401, "INVALID_CREDENTIALS", "x"), "The address or the password is wrong."],
  [refusal(403, "ACCOUNT_BANNED", "This account is banned."), "This account is banned."],
  [refusal(429, "ACCOUNT_LOCKED", "x", { retryAfter: 840 }), "Try again in 14 minutes."],
  [refusal(429, "RATE_LIMITED", "Too many requests.", { retryAfter: 31 }), "Try again in 31 seconds."],
])("a refusal says what to do: %o", async (answer, text) => {
  platform({ "POST /auth/login": answer });
  open("/login");
  login();
  expect(await alert()).toContain(text);
});

test("an account with a second factor asks for a code, and may trust the device", async () => {
  const { bodies } = platform({ "POST /auth/login": CHALLENGE, "POST /auth/mfa/verify": session() });
  open("/login");
  login();
  await screen.findByRole("heading", { name: "Second factor" });
  expect(document.activeElement).toBe(screen.getByLabelText("Code of your authenticator app"));
  fill("Code of your authenticator app", "123456");
  press("Trust this device for 30 days", "checkbox");
  press("Check the code");
  await screen.findByRole("heading", { name: "My learning" });
  expect(bodies("POST /auth/mfa/verify")).toEqual([
    { challenge_token: "challenge", code: "123456", trust_device: true },
  ]);
});

test("a wrong code can be corrected, by a recovery code too; an ended challenge leads back", async () => {
  const { answers, bodies } = platform({
    "POST /auth/login": CHALLENGE,
    "POST /auth/mfa/verify": refusal(401, "MFA_CODE_INVALID", "This code is wrong or was used."),
  });
  open("/login");
  login();
  await screen.findByRole("heading", { name: "Second factor" });
  press("Use a recovery code");
  fill("Recovery code", "ABCD-EFGH");
  press("Check the code");
  expect(await alert()).toContain("This code is wrong or was used.");
  answers["POST /auth/mfa/verify"] = refusal(401, "CHALLENGE_ENDED", "This login has ended. Log in again.");
  fill("Recovery code", "ABCD-EFGI");
  press("Check the code");
  await screen.findByText(/This login has ended/);
  expect(screen.queryByLabelText("Recovery code")).toBeNull();
  press("Log in again");
  expect(screen.getByLabelText("Password")).toBeDefined();
  expect(bodies("POST /auth/mfa/verify")).toHaveLength(2);
});

test("login providers have a button each; without any there is none", async () => {
  platform({ "GET /auth/social/providers": { results: [{ id: "google", name: "Google" }] } });
  const { unmount } = open("/login");
  expect(await screen.findByRole("button", { name: "Go on with Google" })).toBeDefined();
  unmount();
  platform({ "GET /auth/social/providers": { status: 404, body: {} } });
  open("/login");
  await new Promise((done) => setTimeout(done, 20));
  expect(screen.queryByRole("button", { name: /Go on with/ })).toBeNull();
});

test("a provider that can't be reached is told", async () => {
  platform({
    "GET /auth/social/providers": { results: [{ id: "google", name: "Google" }] },
    "GET /auth/social/google/start": refusal(503, "PROVIDER_UNAVAILABLE", "This login service can't be reached now.", {
      retryAfter: 1,
    }),
  });
  open("/login");
  await screen.findByRole("button", { name: "Go on with Google" });
  press("Go on with Google");
  expect(await alert()).toContain("This login service can't be reached now. Try again in 1 second.");
});

test("who is logged in is sent on", async () => {
  platform({ "GET /auth/me": person() });
  const { path } = open("/login?next=/learn", { signedIn: true });
  await screen.findByRole("heading", { name: "My learning" });
  expect(path()).toBe("/learn");
});
