import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { alert, close, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1";
const at = "2026-11-20T10:00:00Z";
const row = (id: string, device_info: string, more = {}) => ({
  id,
  device_info,
  ip_address: "203.0.113.7",
  created_at: at,
  last_used_at: at,
  expires_at: at,
  ...more,
});

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({
    "GET /auth/me": person(),
    "GET /auth/sessions": { results: [row("s1", FIREFOX, { current: true }), row("s2", SAFARI, { current: false })] },
    "GET /auth/devices": { results: [row("d1", "curl/8.5", { trusted_until: "2026-12-20T10:00:00Z" })] },
    ...answers,
  });
  const view = open("/account/sessions", { signedIn: true });
  await screen.findByText("Safari, iPhone");
  return { ...fake, ...view };
}

test("sessions are named, this one is marked, another one can be ended", async () => {
  const { answers } = await opened({ "DELETE /auth/sessions/s2": { status: 204 } });
  expect(screen.getByText("Firefox, Windows").parentElement?.textContent).toContain("This session");
  expect(screen.queryByRole("button", { name: /Firefox/ })).toBeNull();
  answers["GET /auth/sessions"] = { results: [row("s1", FIREFOX, { current: true })] };
  press("End the session on Safari, iPhone");
  await screen.findByText("The session has ended.");
  await waitFor(() => expect(screen.queryByText("Safari, iPhone")).toBeNull());
});

test("a session that has ended meanwhile is told and disappears", async () => {
  const { answers } = await opened({ "DELETE /auth/sessions/s2": refusal(404, "SESSION_NOT_FOUND", "x") });
  answers["GET /auth/sessions"] = { results: [row("s1", FIREFOX, { current: true })] };
  press("End the session on Safari, iPhone");
  expect(await alert()).toContain("This session has ended already.");
  await waitFor(() => expect(screen.queryByText("Safari, iPhone")).toBeNull());
});

test("a device is forgotten", async () => {
  const { answers } = await opened({ "DELETE /auth/devices/d1": { status: 204 } });
  expect(await screen.findByText(/no code until/)).toBeDefined();
  answers["GET /auth/devices"] = { results: [] };
  press("Forget curl/8.5");
  await screen.findByText("No device is known.");
});

test("logging out everywhere asks first, then leads to the login", async () => {
  const sure = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  window.confirm = sure;
  const { bodies, path } = await opened({ "POST /auth/logout-all": { message: "done" } });
  press("Log out everywhere");
  expect(bodies("POST /auth/logout-all")).toEqual([]);
  press("Log out everywhere");
  await screen.findByLabelText("Password");
  expect(path()).toContain("/login");
  expect(sure).toHaveBeenCalledTimes(2);
});

test("what happened to the account, page by page", async () => {
  const event = (id: string, kind: string, details = {}) => ({
    id,
    kind,
    at,
    ip_address: "203.0.113.7",
    device_info: FIREFOX,
    details,
  });
  platform({
    "GET /auth/me": person(),
    "GET /auth/events": ({ path }) =>
      path.includes("cursor=c2")
        ? { results: [event("e2", "registered")], next: null }
        : {
            results: [
              event("e1", "social_linked", { provider: "google" }),
              event("e3", "role_changed", { role_from: "student", role_to: "instructor" }),
              event("e4", "api_key_created", { key_id: "0193-key", name: "Nightly" }),
            ],
            next: "http://x/api/v1/auth/events?cursor=c2",
          },
  });
  open("/account/activity", { signedIn: true });
  expect((await screen.findByText("Login linked")).parentElement?.textContent).toContain("google, Firefox, Windows");
  expect(screen.getByText("Role changed").parentElement?.textContent).toContain("from student to instructor, Firefox");
  expect(screen.getByText("API key made").parentElement?.textContent).toBe("API key madeNightly, Firefox, Windows, 203.0.113.7");
  press("Show more");
  await screen.findByText("Account made");
});
