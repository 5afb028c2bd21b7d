import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { tokens } from "../auth/tokens";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const message = { message: "done" };
const dead = refusal(422, "TOKEN_INVALID", "This link was used or is too old. Ask for a new one.");

test("the link of the mail confirms the address on a click, not on the visit", async () => {
  const { bodies } = platform({ "POST /auth/verify-email": message });
  open("/verify-email?token=abc");
  const button = await screen.findByRole("button", { name: "Confirm the address" });
  expect(bodies("POST /auth/verify-email")).toEqual([]);
  button.click();
  await screen.findByText("Your address is confirmed.");
  expect(bodies("POST /auth/verify-email")).toEqual([{ token: "abc" }]);
  expect(screen.getByRole("link", { name: "Go to the login" })).toBeDefined();
});

test("who is logged in and has an old link gets a new one, up to a limit", async () => {
  const { answers } = platform({
    "GET /auth/me": person({ email_verified: false }),
    "POST /auth/verify-email": dead,
    "POST /auth/resend-verification": { status: 202, body: message },
  });
  open("/verify-email?token=old", { signedIn: true });
  (await screen.findByRole("button", { name: "Confirm the address" })).click();
  expect(await alert()).toContain("This link was used or is too old.");
  press("Send the mail again");
  await screen.findByText("A new mail is on its way.");
  answers["POST /auth/resend-verification"] = refusal(429, "RATE_LIMITED", "Too many requests.", { retryAfter: 3600 });
  press("Send the mail again");
  await screen.findByText(/Try again in 60 minutes/);
});

test("who follows his own link again hears that all is well", async () => {
  platform({ "GET /auth/me": person(), "POST /auth/verify-email": dead });
  open("/verify-email?token=old", { signedIn: true });
  (await screen.findByRole("button", { name: "Confirm the address" })).click();
  await screen.findByText("Your address is confirmed.");
});

test("a visitor with an old link is sent to the login", async () => {
  platform({ "POST /auth/verify-email": dead });
  open("/verify-email?token=old");
  (await screen.findByRole("button", { name: "Confirm the address" })).click();
  const link = await screen.findByRole("link", { name: "Log in to have a new link sent" });
  expect(link.getAttribute("href")).toBe("/login?next=/verify-email");
});

test("a forgotten password: the same answer for every address", async () => {
  const { bodies } = platform({ "POST /auth/password-reset": { status: 202, body: message } });
  open("/forgot-password");
  await screen.findByRole("heading", { name: "Forgotten your password?" });
  fill("E-mail address", "ada@example.com");
  press("Send the link");
  await screen.findByText(/If ada@example.com has an account, a mail with a link is on its way/);
  expect(bodies("POST /auth/password-reset")).toEqual([{ email: "ada@example.com" }]);
});

test("a forgotten password: too many mails", async () => {
  platform({ "POST /auth/password-reset": refusal(429, "RATE_LIMITED", "Too many requests.", { retryAfter: 3600 }) });
  open("/forgot-password");
  await screen.findByRole("heading", { name: "Forgotten your password?" });
  fill("E-mail address", "ada@example.com");
  press("Send the link");
  expect(await alert()).toContain("Try again in 60 minutes.");
});

test("a new password ends the session of this browser too", async () => {
  const details = { new_password: ["must have at least 12 characters"] };
  const { answers, bodies } = platform({
    "GET /auth/me": person(),
    "POST /auth/password-reset/confirm": refusal(422, "VALIDATION_FAILED", "Some fields are not valid.", { details }),
  });
  open("/reset-password?token=abc", { signedIn: true });
  await screen.findByRole("heading", { name: "Set a new password" });
  fill("New password", "short");
  press("Set the password");
  await screen.findByText("must have at least 12 characters");
  expect(screen.queryByRole("alert")).toBeNull();
  answers["POST /auth/password-reset/confirm"] = message;
  fill("New password", "a better horse, and a staple");
  press("Set the password");
  await screen.findByText("The password is set.");
  expect(bodies("POST /auth/password-reset/confirm").at(-1)).toEqual({
    token: "abc",
    new_password: "a better horse, and a staple",
  });
  await waitFor(() => expect(tokens.signedIn).toBe(false));
});

test.each([["/reset-password"], ["/reset-password?token=old"]])("%s offers a new link", async (path) => {
  platform({ "POST /auth/password-reset/confirm": dead });
  open(path);
  await screen.findByRole("heading", { name: "Set a new password" });
  if (path.includes("token")) {
    fill("New password", "a better horse, and a staple");
    press("Set the password");
  }
  await screen.findByRole("alert");
  expect(screen.getByRole("link", { name: "Have a new link sent" }).getAttribute("href")).toBe("/forgot-password");
});
