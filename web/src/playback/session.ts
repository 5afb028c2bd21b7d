import { ApiError } from "../api/errors";
import type { Policy } from "./policy";

/** Time between heartbeats (seed 002, StudentVideoPlayer). */
export const HEARTBEAT_MS = 30_000;
/** How long before its end a token is renewed (seed 002). */
export const REFRESH_AHEAD_SECONDS = 60;
/** Shortest wait before a refresh (seed 002), so that a wrong clock does not make a storm of them. */
export const REFRESH_MIN_MS = 5_000;
/** How long a new play waits for the end of the one before it. */
const END_PATIENCE_MS = 3_000;

/** What `play` and `refresh` answer. */
export interface Play {
  token: string;
  session_id: string;
  /** Epoch seconds by the server's clock. */
  expires_at: number;
  policy: Policy;
  play_url: string;
}

/** A play and the server's time when it was answered, in epoch seconds; `null` when the answer does not tell. */
export interface Answered<T> {
  data: T;
  serverTime: number | null;
}

/** The calls that a session makes; `keepalive` ones outlive the page. */
export interface SessionApi {
  play: () => Promise<Answered<Play>>;
  refresh: (token: string) => Promise<Answered<Play>>;
  heartbeat: (token: string) => Promise<void>;
  end: (token: string, keepalive: boolean) => Promise<void>;
}

/** Where a session is. */
export type SessionState =
  | { phase: "starting" }
  | { phase: "live"; play: Play }
  /** `error` says why: it was refused, or ended by somebody else. */
  | { phase: "over"; error: ApiError }
  | { phase: "ended" };

/** The end of the session before: with a limit of one, the next play must come after it. */
let previousEnd: Promise<unknown> = Promise.resolve();

/** One play of a video: begins it, keeps it alive, renews its token and cookies, and ends it. */
export class PlaybackSession {
  readonly #api: SessionApi;
  readonly #listeners = new Set<() => void>();
  #state: SessionState = { phase: "starting" };
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #renewing: Promise<boolean> | null = null;
  /** When the token ends, by this machine's monotonic clock in milliseconds. */
  #expiresAt = 0;
  /** Grows with each start and end: an answer that belongs to an earlier run is told by it. */
  #run = 0;

  constructor(api: SessionApi) {
    this.#api = api;
  }

  /** The state now; a new object after each change. */
  get state(): SessionState {
    return this.#state;
  }

  /** The playback token, while the session lives. */
  get token(): string | null {
    return this.#state.phase === "live" ? this.#state.play.token : null;
  }

  /** Calls `listener` after each change of [state]. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Asks to play. A refusal becomes the state `over`; then, or after the end, it may be called again. */
  async start(): Promise<void> {
    const run = ++this.#run;
    // Whoever starts over while the session lives, as after a broken stream, must not need a second seat.
    const token = this.token;
    this.#stop({ phase: "starting" });
    if (token !== null) this.#sendEnd(token, false, Promise.resolve());
    await within(previousEnd, END_PATIENCE_MS);
    if (run === this.#run) await this.#begin(run);
  }

  /** Ends the session; safe to call at any time and more than once. The last messages under its token may be waited for. */
  end(keepalive = false, lastWords: Promise<unknown> = Promise.resolve()): void {
    this.#run++;
    const token = this.token;
    this.#stop({ phase: "ended" });
    if (token !== null) this.#sendEnd(token, keepalive, lastWords);
  }

  /** The page is shown again: timers may have slept past the token's end. */
  wake(): void {
    if (this.#state.phase === "live" && this.#secondsLeft() <= REFRESH_AHEAD_SECONDS) void this.renew();
  }

  /** Renews token and cookies now; whether the session lives on. Calls at the same time share one request. */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #begin(run: number): Promise<void> {
    try {
      const answered = await this.#api.play();
      if (run !== this.#run) {
        // Left while the answer was on its way: the seat must be given back.
        this.#sendEnd(answered.data.token, false, Promise.resolve());
        return;
      }
      this.#live(answered);
      this.#heartbeat ??= setInterval(() => void this.#beat(), HEARTBEAT_MS);
    } catch (thrown) {
      if (run === this.#run) this.#stop({ phase: "over", error: ApiError.from(thrown) });
    }
  }

  #live({ data, serverTime }: Answered<Play>): void {
    const seconds = data.expires_at - (serverTime ?? Date.now() / 1000);
    this.#expiresAt = performance.now() + seconds * 1000;
    this.#schedule((seconds - REFRESH_AHEAD_SECONDS) * 1000);
    this.#set({ phase: "live", play: data });
  }

  #schedule(delay: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => void this.renew(), Math.max(delay, REFRESH_MIN_MS));
  }

  #secondsLeft(): number {
    return (this.#expiresAt - performance.now()) / 1000;
  }

  async #beat(): Promise<void> {
    const run = this.#run;
    const token = this.token;
    if (token === null) return;
    try {
      await this.#api.heartbeat(token);
    } catch (thrown) {
      await this.#judge(run, ApiError.from(thrown));
    }
  }

  async #renew(): Promise<boolean> {
    const run = this.#run;
    const token = this.token;
    if (token === null) return false;
    try {
      const answered = await this.#api.refresh(token);
      if (run !== this.#run) return false;
      this.#live(answered);
      return true;
    } catch (thrown) {
      return this.#judge(run, ApiError.from(thrown));
    }
  }

  /** What a failed heartbeat or refresh means; whether the session lives on. */
  async #judge(run: number, error: ApiError): Promise<boolean> {
    if (run !== this.#run || this.#state.phase !== "live") return false;
    if (error.isTransient) {
      // The session lives as long as its token does; a dropped heartbeat is made good by the next.
      if (this.#secondsLeft() <= REFRESH_AHEAD_SECONDS) this.#schedule(REFRESH_MIN_MS);
      return true;
    }
    if (error.code === "token_expired") {
      // The machine slept. Whoever may still watch gets a new session without noticing.
      await this.#begin(run);
      return this.token !== null;
    }
    this.#stop({ phase: "over", error });
    return false;
  }

  #sendEnd(token: string, keepalive: boolean, lastWords: Promise<unknown>): void {
    // A page that closes can't wait. What can't be sent is ended by the platform when the heartbeats stop.
    const sent = keepalive ? this.#api.end(token, true) : lastWords.then(() => this.#api.end(token, false));
    previousEnd = sent.catch(() => undefined);
  }

  #stop(state: SessionState): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#renewal);
    this.#heartbeat = undefined;
    this.#set(state);
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Waits for a promise, but not longer than this. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, patience]);
  clearTimeout(timer);
}
