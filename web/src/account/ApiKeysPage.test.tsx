import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const key = {
  id: "key-1",
  name: "Nightly upload",
  scopes: ["videos:write"],
  created_at: "2026-11-01T10:00:00Z",
  expires_at: "2027-01-30T10:00:00Z",
  expired: false,
  last_used_on: null,
};

async function opened(answers: Parameters<typeof platform>[0] = {}) {
  const fake = platform({ "GET /auth/me": person(), "GET /users/api-keys": { results: [] }, ...answers });
  open("/account/api-keys", { signedIn: true });
  await screen.findByText(/You have no key|Nightly/);
  return fake;
}

test("a key is made, its secret shown once", async () => {
  const { answers, bodies } = await opened({
    "POST /users/api-keys": { status: 201, body: { ...key, secret: "lfk_secret" } },
  });
  answers["GET /users/api-keys"] = { results: [key] };
  fill("What it is for", "Nightly upload");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Make a key" }).disabled).toBe(true);
  press("Upload and change videos", "checkbox");
  press("Read courses", "checkbox");
  press("Read courses", "checkbox");
  press("Make a key");
  await screen.findByText("lfk_secret");
  expect(bodies("POST /users/api-keys")).toEqual([
    { name: "Nightly upload", scopes: ["videos:write"], expires_in_days: 90 },
  ]);
  press("I have kept it");
  expect(screen.queryByText("lfk_secret")).toBeNull();
  expect(screen.getByText(/never used/)).toBeDefined();
});

test("too many keys", async () => {
  await opened({ "POST /users/api-keys": refusal(409, "TOO_MANY_API_KEYS", "You have 10 keys already.") });
  fill("What it is for", "One more");
  press("Read courses", "checkbox");
  press("Make a key");
  expect(await alert()).toContain("You have 10 keys already.");
});

test("a key is revoked, after a question", async () => {
  const sure = vi.fn().mockReturnValueOnce(false).mockReturnValueOnce(true);
  window.confirm = sure;
  const { answers, bodies } = await opened({
    "GET /users/api-keys": { results: [key] },
    "DELETE /users/api-keys/key-1": { status: 204 },
  });
  press("Revoke the key Nightly upload");
  expect(bodies("DELETE /users/api-keys/key-1")).toEqual([]);
  answers["GET /users/api-keys"] = { results: [] };
  press("Revoke the key Nightly upload");
  await screen.findByText("You have no key.");
  await waitFor(() => expect(sure).toHaveBeenCalledTimes(2));
});
