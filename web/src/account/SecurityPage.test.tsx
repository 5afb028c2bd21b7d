import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

const WRITE_TEXT = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
const CODES = ["AAAA-BBBB", "CCCC-DDDD"];
const message = { message: "done" };
const stale = refusal(403, "REAUTHENTICATION_REQUIRED", "Show again that it is you.");
const base = { "GET /auth/me": person(), "GET /auth/social": { results: [] } };

beforeEach(() => {
  WRITE_TEXT.mockClear();
  Object.defineProperty(navigator, "clipboard", { value: { writeText: WRITE_TEXT }, configurable: true });
});
afterEach(close);

async function opened(answers: Parameters<typeof platform>[0]) {
  const fake = platform({ ...base, ...answers });
  open("/account/security", { signedIn: true });
  await screen.findByRole("heading", { name: "Security" });
  await waitFor(() => expect(screen.queryByText("Loading…")).toBeNull());
  return fake;
}

test("the password is changed", async () => {
  const { bodies } = await opened({ "PUT /users/change-password": message });
  fill("Current password", "old one");
  fill("New password", "a better horse, and a staple");
  press("Change password");
  await screen.findByText("The password is changed. Your other sessions have ended.");
  expect(bodies("PUT /users/change-password")).toEqual([
    { old_password: "old one", new_password: "a better horse, and a staple" },
  ]);
});

test("a wrong password, and a weak new one", async () => {
  const { answers } = await opened({
    "PUT /users/change-password": refusal(401, "WRONG_PASSWORD", "The password is wrong. Check it and try again."),
  });
  fill("Current password", "wrong");
  fill("New password", "123456789012");
  press("Change password");
  expect(await alert()).toContain("The password is wrong.");
  const details = { new_password: ["must not be digits only"] };
  answers["PUT /users/change-password"] = refusal(422, "VALIDATION_FAILED", "x", { details });
  press("Change password");
  await screen.findByText("must not be digits only");
});

test("the second factor is set up: picture, secret, code, recovery codes once", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const { answers, bodies } = await opened({
    "POST /auth/mfa/setup": { secret: "JBSWY3DP", otpauth_uri: "otpauth://x", qr_svg: svg },
    "POST /auth/mfa/enable": { recovery_codes: CODES },
  });
  press("Set it up");
  const picture = await screen.findByRole<HTMLImageElement>("img", { name: "QR code of the second factor" });
  expect(decodeURIComponent(picture.src)).toBe(`data:image/svg+xml,${svg}`);
  expect(document.querySelector("main script")).toBeNull();
  press("Copy");
  await screen.findByText("Copied.");
  expect(WRITE_TEXT).toHaveBeenCalledExactlyOnceWith("JBSWY3DP");
  answers["GET /auth/me"] = person({ mfa_enabled: true });
  fill("Code of your authenticator app", "123456");
  press("Turn it on");
  await screen.findByText(/AAAA-BBBB/);
  expect(bodies("POST /auth/mfa/enable")).toEqual([{ code: "123456" }]);
  const file = screen.getByRole<HTMLAnchorElement>("link", { name: "Download" });
  expect(file.download).toBe("learnflow-recovery-codes.txt");
  expect(decodeURIComponent(file.href)).toContain("AAAA-BBBB\nCCCC-DDDD\n");
  press("I have kept them");
  expect(screen.queryByText(/AAAA-BBBB/)).toBeNull();
  expect(await screen.findByRole("button", { name: "Turn it off" })).toBeDefined();
});

test("the second factor is turned off with password and code, and its codes can be made anew", async () => {
  const { answers, bodies } = await opened({
    "GET /auth/me": person({ mfa_enabled: true }),
    "POST /auth/mfa/recovery-codes": refusal(401, "MFA_CODE_INVALID", "This code is wrong or was used."),
    "POST /auth/mfa/disable": message,
  });
  press("New recovery codes");
  fill("Code of your authenticator app", "000000");
  press("Make new codes");
  expect(await alert()).toContain("This code is wrong or was used.");
  answers["POST /auth/mfa/recovery-codes"] = { recovery_codes: CODES };
  fill("Code of your authenticator app", "123456");
  press("Make new codes");
  await screen.findByText(/AAAA-BBBB/);
  press("I have kept them");
  press("Turn it off");
  answers["GET /auth/me"] = person();
  fill("Password", "secret");
  fill("Code of your authenticator app", "654321");
  screen.getAllByRole("button", { name: "Turn it off" }).at(-1)?.click();
  await screen.findByText("The second factor is off.");
  expect(bodies("POST /auth/mfa/disable")).toEqual([{ password: "secret", code: "654321" }]);
});

test("a change that needs a proof asks for the password, then goes on by itself", async () => {
  let proved = false;
  const { answers, bodies } = await opened({
    "POST /auth/mfa/setup": () => (proved ? { secret: "JBSWY3DP", otpauth_uri: "", qr_svg: "<svg/>" } : stale),
    "POST /auth/reauthenticate": refusal(401, "WRONG_PASSWORD", "The password is wrong."),
  });
  press("Set it up");
  const dialog = within(await screen.findByRole("dialog", { name: "Is it you?" }));
  fill("Password", "wrong");
  dialog.getByRole("button", { name: "Go on" }).click();
  expect((await dialog.findByRole("alert")).textContent).toContain("The password is wrong.");
  answers["POST /auth/reauthenticate"] = () => {
    proved = true;
    return message;
  };
  fill("Password", "right");
  dialog.getByRole("button", { name: "Go on" }).click();
  await screen.findByText("JBSWY3DP");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(bodies("POST /auth/reauthenticate")).toEqual([{ password: "wrong" }, { password: "right" }]);
});

test("with a second factor the proof is a code; without one the change does not happen", async () => {
  const { bodies } = await opened({
    "GET /auth/me": person({ mfa_enabled: true }),
    "POST /auth/mfa/recovery-codes": stale,
  });
  press("New recovery codes");
  fill("Code of your authenticator app", "123456");
  press("Make new codes");
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByLabelText("Code of your authenticator app")).toBeDefined();
  dialog.getByRole("button", { name: "Cancel" }).click();
  expect(await alert()).toContain("Nothing was changed, since you have not shown that it is you.");
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(bodies("POST /auth/mfa/recovery-codes")).toHaveLength(1);
});

test("logins of providers can be linked and unlinked", async () => {
  const google = { provider: "google", email: "ada@gmail.com", linked_at: "2026-11-01T10:00:00Z", last_used_at: "2026-11-01T10:00:00Z" };
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const { answers, sent } = await opened({
    "GET /auth/social/providers": { results: [{ id: "google", name: "Google" }, { id: "apple", name: "Apple" }] },
    "GET /auth/social": { results: [google] },
    "DELETE /auth/social/google": refusal(409, "LAST_WAY_IN", "x"),
    "GET /auth/social/apple/start": { authorization_url: "https://id.example/authorize" },
  });
  press("Unlink Google");
  expect(await alert()).toContain("This is your only way to log in.");
  answers["DELETE /auth/social/google"] = { status: 204 };
  answers["GET /auth/social"] = { results: [] };
  press("Unlink Google");
  await screen.findByRole("button", { name: "Link Google" });
  press("Link Apple");
  await waitFor(() => expect(assign).toHaveBeenCalledWith("https://id.example/authorize"));
  // As the caller, so that the login is linked and not logged in.
  expect(sent("GET /auth/social/apple/start")[0]?.authorization).toBe("Bearer access");
});
