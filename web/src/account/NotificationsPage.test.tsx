import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { NotificationPreferences } from "../api/notifications";
import { alert, close, fill, open, person, platform, press, refusal } from "../testing/platform";

afterEach(close);

const READ = "POST /notifications/read";
const PREFERENCES = "/notifications/preferences";

const told = (id: string, title: string, changes: object = {}) => ({
  id,
  kind: "enrolled",
  category: "learning",
  title,
  text: `All about ${title}.`,
  link: "/account/watching",
  created_at: `2026-11-0${id}T10:00:00Z`,
  read_at: null,
  ...changes,
});

function wants(changes: Partial<NotificationPreferences> = {}): NotificationPreferences {
  return {
    email_notifications_enabled: true,
    email_notifications: { security: true, learning: true, marketing: false },
    in_app_notifications: { security: true, learning: true, marketing: false },
    digest: "off",
    ...changes,
  };
}

function opened(answers: Parameters<typeof platform>[0] = {}, path = "/account/notifications") {
  const fake = platform({ "GET /auth/me": person(), [`GET ${PREFERENCES}`]: wants(), ...answers });
  return { ...fake, ...open(path, { signedIn: true }) };
}

const list = (unread_count: number, ...results: object[]) => ({ unread_count, results, next: null });
const header = () => within(screen.getByRole("navigation", { name: "Main" }));

test("what was told comes page by page, with the number of what is unread in the header", async () => {
  opened({
    "GET /notifications": ({ path }) =>
      path.includes("cursor=c2")
        ? list(2, told("1", "Welcome to Rust", { read_at: "2026-11-01T11:00:00Z" }))
        : { ...list(2, told("3", "Order paid"), told("2", "Video ready")), next: "http://x/api/v1/notifications?cursor=c2" },
  });
  await screen.findByText("All about Order paid.");
  await waitFor(() => expect(header().getByRole("link", { name: "Notifications, 2 unread" }).textContent).toBe("2"));
  expect(screen.getAllByText("New")).toHaveLength(2);
  press("Show more");
  await screen.findByRole("link", { name: "Welcome to Rust" });
  expect(screen.queryByRole("button", { name: "Mark “Welcome to Rust” as read" })).toBeNull();
});

test("one is marked as read", async () => {
  const { answers, bodies } = opened({ "GET /notifications": list(1, told("1", "Order paid")), [READ]: { unread_count: 0, more: false } });
  const mark = await screen.findByRole("button", { name: "Mark “Order paid” as read" });
  answers["GET /notifications"] = list(0, told("1", "Order paid", { read_at: "2026-11-02T10:00:00Z" }));
  fireEvent.click(mark);
  await screen.findByText("All read");
  await waitFor(() => expect(screen.queryByText("New")).toBeNull());
  header().getByRole("link", { name: "Notifications" });
  expect(bodies(READ)).toEqual([{ ids: ["1"] }]);
});

test("who follows one has read it", async () => {
  const { bodies, path } = opened({
    "GET /notifications": list(1, told("1", "Order paid")),
    "GET /media/sessions": { results: [] },
    [READ]: { unread_count: 0, more: false },
  });
  fireEvent.click(await screen.findByRole("link", { name: "Order paid" }));
  await waitFor(() => expect(path()).toBe("/account/watching"));
  await waitFor(() => expect(bodies(READ)).toEqual([{ ids: ["1"] }]));
});

test("all are marked as read, however many requests that takes", async () => {
  let left = 2;
  const { answers, bodies } = opened({
    "GET /notifications": list(3, told("3", "Order paid"), told("2", "Video ready")),
    [READ]: () => ({ unread_count: left, more: --left > 0 }),
  });
  await screen.findByText("3 unread");
  answers["GET /notifications"] = list(0);
  press("Mark all as read");
  await screen.findByText("All read");
  const until = { until: "2026-11-03T10:00:00Z" };
  expect(bodies(READ)).toEqual([until, until]);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Mark all as read" })).toBeNull());
});

test("only what is unread, and nothing of it", async () => {
  const { sent } = opened({ "GET /notifications": list(0) }, "/account/notifications?unread");
  await screen.findByText("You have read everything.");
  expect(sent("GET /notifications").every(({ path }) => path.includes("unread=true"))).toBe(true);
  fireEvent.click(screen.getByRole("link", { name: "All" }));
  await screen.findByText(/^Nothing yet/);
});

test("what could not be marked is said", async () => {
  opened({
    "GET /notifications": list(1, told("1", "Order paid")),
    [READ]: refusal(503, "UNAVAILABLE", "Try again in a minute."),
  });
  fireEvent.click(await screen.findByRole("button", { name: "Mark “Order paid” as read" }));
  expect(await alert()).toContain("Try again in a minute.");
});

const box = (name: string) => screen.getByRole<HTMLInputElement>("checkbox", { name });

test("each kind is chosen for each way; only what was changed is sent", async () => {
  const { bodies } = opened({ [`PUT ${PREFERENCES}`]: wants() });
  await screen.findByRole("checkbox", { name: "Learning: by mail" });
  expect([box("Learning: by mail").checked, box("Offers: by mail").checked, box("Offers: here").checked]).toEqual([true, false, false]);
  for (const way of ["by mail", "here"]) expect(box(`Safety: ${way}`)).toMatchObject({ checked: true, disabled: true });
  press("Offers: by mail", "checkbox");
  press("Learning: here", "checkbox");
  fill(/^A mail with what/, "weekly");
  press("Save");
  await screen.findByText("Saved.");
  expect(bodies(`PUT ${PREFERENCES}`)).toEqual([
    {
      email_notifications_enabled: true,
      digest: "weekly",
      email_notifications: { marketing: true },
      in_app_notifications: { learning: false },
    },
  ]);
});

test("with all mails off the kinds keep what was decided of them", async () => {
  const off = wants({ email_notifications_enabled: false, email_notifications: { security: true, learning: false } });
  const { answers, bodies } = opened({ [`GET ${PREFERENCES}`]: off });
  await screen.findByRole("checkbox", { name: "Learning: by mail" });
  expect(box("Learning: here")).toMatchObject({ checked: true, disabled: false });
  press("Send me mails", "checkbox");
  expect(screen.getByText("Save this, then choose what they may be about.")).toBeDefined();
  answers[`PUT ${PREFERENCES}`] = answers[`GET ${PREFERENCES}`] = wants();
  press("Save");
  await waitFor(() => expect(box("Learning: by mail").checked).toBe(true));
  expect(bodies(`PUT ${PREFERENCES}`)).toEqual([
    { email_notifications_enabled: true, digest: "off", email_notifications: {}, in_app_notifications: {} },
  ]);
});
