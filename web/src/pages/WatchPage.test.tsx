import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { alert, close, open, person, platform, refusal } from "../testing/platform";

afterEach(close);

const page = (changes: object = {}) => ({
  id: "v",
  title: "Borrowing",
  description: "Who owns what.",
  duration_seconds: 600,
  thumbnail_url: null,
  tags: ["rust"],
  channel: { id: "c", handle: "crab", name: "Crab School", avatar_url: "", verified: false, subscriber_count: 0 },
  status: "PUBLISHED",
  visibility: "PUBLIC",
  published_at: "2026-11-01T10:00:00Z",
  age_restricted: false,
  subtitle_languages: ["en", "ko"],
  source_type: "external",
  youtube_id: "",
  external_url: "https://films.example/borrowing",
  can_play: false,
  cannot_play_reason: "video_external",
  ...changes,
});

test("a visitor sees what is known of a video, and where another site shows it", async () => {
  platform({ "GET /videos/v": page() });
  open("/watch/v");
  await screen.findByRole("heading", { level: 1, name: "Borrowing" });
  for (const text of ["Crab School (@crab)", "Who owns what.", "#rust"]) screen.getByText(text);
  screen.getByText("Subtitles: en, ko", { exact: false });
  expect(screen.getByRole("link", { name: "Open it there" }).getAttribute("href")).toBe("https://films.example/borrowing");
});

test("the page begins to play where it can", async () => {
  const { bodies } = platform({
    "GET /videos/v": page({ can_play: true, cannot_play_reason: null, external_url: "", age_restricted: true }),
    "POST /media/videos/v/play": refusal(503, "BUSY", "Not now."),
  });
  open("/watch/v");
  await screen.findByText("18+");
  expect(await alert()).toContain("Not now.");
  expect(bodies("POST /media/videos/v/play")).toMatchObject([{ device_id: expect.any(String) as string }]);
});

test("who is refused reads why, and where he can do something about it", async () => {
  platform({ "GET /videos/v": refusal(401, "login_required", "Log in to watch it.") });
  const { unmount } = open("/watch/v");
  expect(await alert()).toContain("Log in to watch it.");
  const login = screen.getAllByRole("link", { name: "Log in" }).map((link) => link.getAttribute("href"));
  expect(login).toContain("/login?next=%2Fwatch%2Fv");
  unmount();

  platform({
    "GET /auth/me": person(),
    "GET /videos/v": refusal(403, "birthdate_required", "Add your date of birth."),
  });
  open("/watch/v", { signedIn: true });
  expect(await alert()).toContain("Add your date of birth.");
  expect(screen.getByRole("link", { name: "Go to your profile" }).getAttribute("href")).toBe("/account");
});

test("there is no such video", async () => {
  platform({ "GET /videos/v": refusal(404, "VIDEO_NOT_FOUND", "No.") });
  open("/watch/v");
  await screen.findByRole("heading", { name: "There is no such video" });
});
