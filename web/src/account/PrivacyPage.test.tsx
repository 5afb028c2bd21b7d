import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { tokens } from "../auth/tokens";
import { alert, close, fill, open, person, platform, press, refusal, session } from "../testing/platform";

afterEach(close);

const message = { message: "done" };
const made = {
  id: "export-1",
  status: "ready",
  requested_at: "2026-11-20T10:00:00Z",
  ready_at: "2026-11-20T10:01:00Z",
  available_until: "2026-11-27T10:01:00Z",
  size_bytes: 12_345,
  download: { url: "https://s3/export.zip", expires_at: "2026-11-20T10:15:00Z" },
};

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), ...answers });
  const view = open("/account/privacy", { signedIn: true });
  await screen.findByRole("heading", { name: "Delete your account" });
  return { ...fake, ...view };
}

test("an export is asked for", async () => {
  const { bodies } = await opened({
    "POST /users/export": { status: 202, body: { ...made, status: "pending", download: null } },
  });
  // Nothing is asked before somebody wants it: the answer would be a question for the password.
  expect(bodies("GET /users/export")).toEqual([]);
  press("Make an export");
  await screen.findByText(/The export is being made/);
});

test("an export that is ready can be fetched; the next one has to wait", async () => {
  const { answers } = await opened({
    "GET /users/export": refusal(404, "EXPORT_NOT_FOUND", "x"),
    "POST /users/export": refusal(429, "EXPORT_TOO_SOON", "One export a day.", { retryAfter: 80_000 }),
  });
  press("Look for the last one");
  await screen.findByText("You have no export yet.");
  answers["GET /users/export"] = { status: 200, body: made };
  press("Look for the last one");
  const link = await screen.findByRole("link", { name: "Download" });
  expect(link.getAttribute("href")).toBe("https://s3/export.zip");
  expect(screen.getByText(/Ready: 12 kB/)).toBeDefined();
  press("Make an export");
  expect(await alert()).toContain("One export a day. Try again in 23 hours.");
  answers["GET /users/export"] = { status: 200, body: { ...made, status: "expired", download: null } };
  press("Look for the last one");
  await screen.findByText(/no longer kept/);
});

test("the account is deleted by typing its address and showing that it is oneself", async () => {
  const replace = vi.fn();
  vi.spyOn(window.location, "replace").mockImplementation(replace);
  let proved = false;
  await opened({
    "DELETE /users/profile": () =>
      proved ? { status: 200, body: message } : refusal(403, "REAUTHENTICATION_REQUIRED", "x"),
    "POST /auth/reauthenticate": () => {
      proved = true;
      return message;
    },
  });
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Delete my account" });
  fill("Type ada@example.com to confirm", "bob");
  expect(screen.getByText("This is not your address.")).toBeDefined();
  expect(button.disabled).toBe(true);
  fill("Type ada@example.com to confirm", "ada@example.com");
  button.click();
  const dialog = within(await screen.findByRole("dialog"));
  fill("Password", "right");
  dialog.getByRole("button", { name: "Go on" }).click();
  await waitFor(() => expect(replace).toHaveBeenCalledExactlyOnceWith("/login?deleted"));
  expect(tokens.signedIn).toBe(false);
});

test("a deleted account can be had back at the login", async () => {
  const { bodies } = platform({
    "POST /auth/login": refusal(403, "ACCOUNT_DELETED", "This account was deleted by its owner."),
    "POST /auth/restore": session(),
  });
  open("/login?deleted");
  expect(screen.getByText(/Log in within 30 days/)).toBeDefined();
  fill(/E-mail address or user name/, "ada@example.com");
  fill("Password", "right");
  press("Log in");
  (await screen.findByRole("button", { name: "Restore my account" })).click();
  await screen.findByRole("heading", { name: "My learning" });
  expect(bodies("POST /auth/restore")).toEqual([{ email: "ada@example.com", password: "right" }]);
});

test("an account that can't be had back any more", async () => {
  platform({
    "POST /auth/login": refusal(403, "ACCOUNT_DELETED", "x"),
    "POST /auth/restore": refusal(403, "ACCOUNT_ERASED", "The 30 days are over."),
  });
  open("/login");
  fill(/E-mail address or user name/, "ada@example.com");
  fill("Password", "right");
  press("Log in");
  (await screen.findByRole("button", { name: "Restore my account" })).click();
  await waitFor(() => expect(screen.getByText(/The 30 days are over/)).toBeDefined());
});
