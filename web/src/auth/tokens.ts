import { ApiError } from "../api/errors";

/** What a login, a registration or a refresh brings. */
export interface TokenPair {
  access_token: string;
  refresh_token: string;
}

/** What the store works with; tests give their own. */
export interface TokenDeps {
  fetch: (request: Request) => Promise<Response>;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Runs `work` while no other tab runs any. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

const REFRESH_KEY = "learnflow.refresh_token";
const REFRESH_PATH = "/api/v1/auth/refresh";

/**
 * The session's two tokens, and `fetch` with them.
 *
 * The access token (15 minutes) lives in memory only. The refresh token is in localStorage, so that a reload does not log
 * out. The trade-off: a script injected into this page could read it, which an HttpOnly cookie would prevent. In return the
 * API has no cookie of its own and therefore no CSRF; the page's Content-Security-Policy allows scripts of its own origin only; and
 * the API rotates the token at each use and ends the session when an old one comes back, so that a stolen one betrays itself.
 */
export class TokenStore {
  readonly #deps: TokenDeps;
  readonly #listeners = new Set<() => void>();
  #access: string | null = null;
  #refreshing: Promise<string | null> | null = null;

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  /** Whether there is a session, as far as this browser knows. */
  get signedIn(): boolean {
    return this.#deps.storage.getItem(REFRESH_KEY) !== null;
  }

  /** Calls `listener` when a session begins or ends. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins or continues a session. */
  accept(tokens: TokenPair): void {
    this.#access = tokens.access_token;
    this.#deps.storage.setItem(REFRESH_KEY, tokens.refresh_token);
    this.#notify();
  }

  /** Forgets the session. */
  clear(): void {
    this.#access = null;
    this.#deps.storage.removeItem(REFRESH_KEY);
    this.#notify();
  }

  /** Another tab began or ended a session. */
  changedElsewhere(key: string | null): void {
    if (key !== REFRESH_KEY && key !== null) return;
    if (!this.signedIn) this.#access = null;
    this.#notify();
  }

  /** Sends a request with the access token; where the API does not take it any more, once more with a new one. */
  fetch = async (request: Request): Promise<Response> => {
    // A body can be read once only.
    const again = request.clone();
    const token = this.#access ?? (await this.#refresh(null));
    const response = await this.#deps.fetch(authorized(request, token));
    if (token === null || !(await refusesToken(response))) return response;
    const fresh = await this.#refresh(token);
    // Without a session the page asks as a visitor, which public routes answer.
    return this.#deps.fetch(authorized(again, fresh));
  };

  /** One refresh at a time, whoever asks: the token works once, and a second use would end the session. */
  #refresh(stale: string | null): Promise<string | null> {
    if (this.#access !== null && this.#access !== stale) return Promise.resolve(this.#access);
    if (!this.signedIn) return Promise.resolve(null);
    this.#refreshing ??= this.#deps
      .exclusively(() => this.#rotate())
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  async #rotate(): Promise<string | null> {
    // Read here and not before: another tab may have rotated while this one waited for its turn.
    const refresh = this.#deps.storage.getItem(REFRESH_KEY);
    if (refresh === null) return null;
    const request = new Request(new URL(REFRESH_PATH, window.location.origin), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh }),
    });
    const response = await this.#deps.fetch(request);
    if (response.ok) {
      const tokens = (await response.json()) as TokenPair;
      // Logged out while the answer was on its way.
      if (this.#deps.storage.getItem(REFRESH_KEY) !== refresh) return null;
      this.accept(tokens);
      return tokens.access_token;
    }
    if (response.status === 401) {
      this.clear();
      return null;
    }
    // The platform is busy or unreachable: the session may well live.
    throw ApiError.of(response, await response.json().catch(() => null));
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function authorized(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set("authorization", `Bearer ${token}`);
  return request;
}

/** Whether the access token was refused, and not the password, the playback token or the like. */
async function refusesToken(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body = (await response
    .clone()
    .json()
    .catch(() => null)) as { error?: { code?: string } } | null;
  return body?.error?.code === "NOT_AUTHENTICATED";
}

/** The lock that tabs of one origin share, where the browser has one. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : await locks.request("learnflow.refresh", work);
}

/** The page's own session. */
export const tokens = new TokenStore({
  fetch: (request) => window.fetch(request),
  storage: window.localStorage,
  exclusively,
});

window.addEventListener("storage", (event) => tokens.changedElsewhere(event.key));
