import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, fireEvent, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect, vi } from "vitest";

import { tokens } from "../auth/tokens";
import { routes } from "../router";
import { UploadsProvider } from "../upload/UploadsProvider";
import { basket } from "./commerce";

// Something that is waited for is awaited, not timed: on a busy machine a page takes longer than the second that is usual.
configure({ asyncUtilTimeout: 10_000 });

/** What the platform was sent. */
export interface Sent {
  path: string;
  body: unknown;
  authorization: string | null;
  ifMatch: string | null;
  idempotencyKey: string | null;
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | object;
type Route = Answer | ((sent: Sent) => Answer);

const hasStatus = (answer: Answer): answer is { status: number; body?: unknown; headers?: Record<string, string> } =>
  "status" in answer && typeof answer.status === "number";

/** An error as the API gives it. */
export function refusal(status: number, code: string, message: string, more: { details?: object; retryAfter?: number } = {}) {
  return {
    status,
    body: { error: { code, message, status, details: more.details ?? {} } },
    headers: more.retryAfter === undefined ? {} : { "retry-after": String(more.retryAfter) },
  };
}

/** Somebody, as the API shows him to himself. */
export function person(changes: object = {}) {
  return {
    id: "0190-user",
    email: "ada@example.com",
    username: "ada",
    first_name: "Ada",
    last_name: "Lovelace",
    role: "student",
    is_instructor: false,
    email_verified: true,
    mfa_enabled: false,
    ...changes,
  };
}

/** What a login answers. */
export const session = (user: object = person()) => ({
  access_token: "access",
  refresh_token: "refresh",
  device_token: "device",
  user,
});

let unanswered: string[] = [];

/** The end of each test: the page is closed, nobody is logged in, and nothing was asked that the test did not expect. */
export function close(): void {
  cleanup();
  tokens.clear();
  window.sessionStorage.clear();
  const asked = unanswered;
  unanswered = [];
  expect(asked, "requests without an answer in the test").toEqual([]);
}

/** Writes into a field. */
export function fill(label: string | RegExp, value: string): void {
  const field = screen.getByLabelText(label, { selector: "input, select, textarea" });
  fireEvent.change(field, { target: { value } });
}

/** Presses a button, or ticks a box. */
export function press(name: string | RegExp, role: "button" | "checkbox" = "button"): void {
  fireEvent.click(screen.getByRole(role, { name }));
}

/** The text of the notice that says what went wrong. */
export async function alert(): Promise<string> {
  return (await screen.findByRole("alert")).textContent;
}

/**
 * A platform that answers by `METHOD /path` below `/api/v1`, with an object (200) or a status. Gives what it was sent, by the
 * same names.
 */
export function platform(answers: Record<string, Route>) {
  const known: Record<string, Route> = {
    "GET /auth/social/providers": { results: [] },
    "GET /enrollments": { results: [], next: null },
    "GET /cart": basket(),
    "GET /notifications": { unread_count: 0, results: [], next: null },
    "POST /auth/refresh": { access_token: "access", refresh_token: "refresh" },
    ...answers,
  };
  const log: [string, Sent][] = [];
  vi.spyOn(window, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname.replace("/api/v1", "")}`;
    const text = await request.text();
    const sent: Sent = {
      path: url.pathname + url.search,
      body: text === "" ? null : JSON.parse(text),
      authorization: request.headers.get("authorization"),
      ifMatch: request.headers.get("if-match"),
      idempotencyKey: request.headers.get("idempotency-key"),
    };
    log.push([name, sent]);
    const route = known[name];
    if (route === undefined) {
      unanswered.push(name);
      return new Response(null, { status: 501 });
    }
    const answer = typeof route === "function" ? (route as (sent: Sent) => Answer)(sent) : route;
    const { status, body, headers } = hasStatus(answer) ? answer : { status: 200, body: answer, headers: {} };
    return new Response(body === undefined ? null : JSON.stringify(body), { status, ...(headers && { headers }) });
  });
  return {
    answers: known,
    /** The bodies that were sent to `METHOD /path`. */
    bodies: (name: string) => log.filter(([to]) => to === name).map(([, { body }]) => body),
    sent: (name: string) => log.filter(([to]) => to === name).map(([, sent]) => sent),
  };
}

/** Opens a page of the client, as somebody who is logged in or as a visitor. */
export function open(path: string, { signedIn = false } = {}) {
  if (signedIn) tokens.accept({ access_token: "access", refresh_token: "refresh" });
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <QueryClientProvider client={queries}>
      <UploadsProvider>
        <RouterProvider router={router} />
      </UploadsProvider>
    </QueryClientProvider>,
  );
  return { ...view, path: () => router.state.location.pathname + router.state.location.search };
}
