import { beforeEach, describe, expect, test, vi } from "vitest";

import { deferred } from "../testing/deferred";
import { TokenStore } from "./tokens";

const REFRESH_KEY = "learnflow.refresh_token";

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const refused = () => json(401, { error: { code: "NOT_AUTHENTICATED" } });
const get = () => new Request("http://localhost/api/v1/enrollments");

/** A platform that takes one access token and one refresh token at a time, and rotates them. */
function platform() {
  const state = {
    access: "access-1",
    refresh: "refresh-1",
    generation: 1,
    refreshes: 0,
    outage: false,
    paths: [] as string[],
  };
  const fetch = vi.fn(async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    state.paths.push(pathname);
    if (pathname === "/api/v1/auth/refresh") {
      state.refreshes++;
      const { refresh } = (await request.json()) as { refresh: string };
      await Promise.resolve();
      if (state.outage) return json(503, { error: { code: "BUSY", message: "busy" } });
      if (refresh !== state.refresh) return json(401, { error: { code: "REFRESH_TOKEN_REUSED" } });
      state.generation++;
      state.access = `access-${state.generation}`;
      state.refresh = `refresh-${state.generation}`;
      return json(200, { access_token: state.access, refresh_token: state.refresh });
    }
    const authorization = request.headers.get("authorization");
    if (authorization !== null && authorization !== `Bearer ${state.access}`) return refused();
    return json(200, { as: authorization, body: request.method === "POST" ? await request.text() : null });
  });
  return { state, fetch };
}

const storage = () => window.localStorage;
const atOnce = <T>(work: () => Promise<T>) => work();

describe("TokenStore", () => {
  beforeEach(() => storage().clear());

  test("after a reload it refreshes once, however many requests begin", async () => {
    const { state, fetch } = platform();
    storage().setItem(REFRESH_KEY, "refresh-1");
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    const answers = await Promise.all(Array.from({ length: 8 }, () => store.fetch(get())));
    expect(answers.map((answer) => answer.status)).toEqual(Array(8).fill(200));
    expect(state.refreshes).toBe(1);
    expect(storage().getItem(REFRESH_KEY)).toBe("refresh-2");
  });

  test("requests that meet the end of an access token share one refresh and are sent again", async () => {
    const { state, fetch } = platform();
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    store.accept({ access_token: "outdated", refresh_token: "refresh-1" });
    const post = () => new Request("http://localhost/api/v1/courses", { method: "POST", body: '{"title":"x"}' });
    const answers = await Promise.all([store.fetch(get()), store.fetch(post()), store.fetch(get())]);
    expect(await answers[1].json()).toEqual({ as: "Bearer access-2", body: '{"title":"x"}' });
    expect(state.refreshes).toBe(1);
  });

  test("a request whose 401 comes after another one's refresh takes the new token without a second refresh", async () => {
    const { state, fetch } = platform();
    const late = deferred<Response>();
    const held = vi.fn((request: Request) =>
      request.url.endsWith("/late") && request.headers.get("authorization") === "Bearer outdated"
        ? late.promise
        : fetch(request),
    );
    const store = new TokenStore({ fetch: held, storage: storage(), exclusively: atOnce });
    store.accept({ access_token: "outdated", refresh_token: "refresh-1" });
    const slow = store.fetch(new Request("http://localhost/api/v1/late"));
    await store.fetch(get());
    late.resolve(refused());
    expect((await slow).status).toBe(200);
    expect(state.refreshes).toBe(1);
  });

  test("two tabs never use one refresh token twice", async () => {
    const { state, fetch } = platform();
    storage().setItem(REFRESH_KEY, "refresh-1");
    // The lock of the browser: one after the other.
    let queue: Promise<unknown> = Promise.resolve();
    const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
      const turn = queue.then(work);
      queue = turn.catch(() => undefined);
      return turn;
    };
    const tabs = [1, 2].map(() => new TokenStore({ fetch, storage: storage(), exclusively }));
    await Promise.all(tabs.map((tab) => tab.fetch(get())));
    // Each read the token that was valid in its turn: none was told that it had been used.
    expect(state.refreshes).toBe(2);
    expect(tabs.every((tab) => tab.signedIn)).toBe(true);
  });

  test("a refused refresh ends the session and the page goes on as a visitor", async () => {
    const { fetch } = platform();
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    const listener = vi.fn();
    store.accept({ access_token: "outdated", refresh_token: "stolen-and-used" });
    store.subscribe(listener);
    const answer = await store.fetch(get());
    expect(await answer.json()).toEqual({ as: null, body: null });
    expect(store.signedIn).toBe(false);
    expect(listener).toHaveBeenCalledOnce();
  });

  test("an outage of the refresh keeps the session", async () => {
    const { state, fetch } = platform();
    state.outage = true;
    storage().setItem(REFRESH_KEY, "refresh-1");
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    await expect(store.fetch(get())).rejects.toMatchObject({ code: "BUSY", status: 503 });
    expect(store.signedIn).toBe(true);
    state.outage = false;
    expect((await store.fetch(get())).status).toBe(200);
  });

  test("a 401 about something else than the access token is left alone", async () => {
    const fetch = vi.fn(() =>
      Promise.resolve(json(401, { error: { code: "token_expired" }, detail: "token_expired" })),
    );
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    store.accept({ access_token: "a", refresh_token: "r" });
    const answer = await store.fetch(get());
    expect(await answer.json()).toMatchObject({ detail: "token_expired" });
    expect(fetch).toHaveBeenCalledOnce();
  });

  test("a log-out during a refresh stays a log-out", async () => {
    const { fetch } = platform();
    storage().setItem(REFRESH_KEY, "refresh-1");
    const store = new TokenStore({ fetch, storage: storage(), exclusively: atOnce });
    const asked = store.fetch(get());
    store.clear();
    await asked;
    expect(store.signedIn).toBe(false);
  });
});
