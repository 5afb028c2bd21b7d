import { screen } from "@testing-library/react";
import { afterEach, test } from "vitest";

import { close, open, person, platform } from "../testing/platform";

afterEach(close);

const profile = { ...person(), instructor_requested_at: null };
const wish = { role: "student", is_instructor: false, requested_at: "2026-11-01T10:00:00Z", message: "noted" };

test("a student becomes an instructor at once", async () => {
  const { answers } = platform({
    "GET /auth/me": person(),
    "GET /users/profile": profile,
    "GET /channels/me": { status: 404, body: {} },
  });
  open("/teach", { signedIn: true });
  const button = await screen.findByRole("button", { name: "Become an instructor" });
  answers["POST /users/become-instructor"] = { ...wish, is_instructor: true, requested_at: null };
  answers["GET /auth/me"] = person({ is_instructor: true, role: "instructor" });
  button.click();
  await screen.findByRole("button", { name: "Create channel" });
});

test("or an admin decides", async () => {
  platform({
    "GET /auth/me": person(),
    "GET /users/profile": profile,
    "POST /users/become-instructor": { status: 202, body: wish },
  });
  open("/teach", { signedIn: true });
  (await screen.findByRole("button", { name: "Become an instructor" })).click();
  await screen.findByText(/An admin will decide/);
});
