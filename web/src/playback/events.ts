import { ApiError } from "../api/errors";

/** Events are sent when so many wait (seed 002, usePlaybackEvents). */
export const BATCH = 10;
/** Time after which waiting events are sent (seed 002). */
export const FLUSH_MS = 5_000;
/** Most events that the API takes at once. */
export const BATCH_MAX = 100;

/** What the player reports: the names of seed 002's client, and those of its server that the client has no own name for. */
export type EventType =
  | "play_start"
  | "pause"
  | "ended"
  | "seek_attempt"
  | "speed_change_attempt"
  | "visibility_change"
  | "FULLSCREEN_ENTER"
  | "FULLSCREEN_EXIT"
  | "PLAYER_ERROR";

/** One event. */
export interface PlaybackEvent {
  type: EventType;
  /** Epoch seconds. */
  occurred_at: number;
  payload?: Record<string, unknown>;
}

/** Events that are sent together; under one id they are stored once, however often they are sent. */
export interface Batch {
  id: string;
  events: PlaybackEvent[];
}

/** Sends a batch under a token; with `keepalive` it outlives the page. */
export type SendEvents = (token: string, batch: Batch, keepalive: boolean) => Promise<void>;

/** Gathers events and sends them in batches. They are for the audit only: what the platform refuses is dropped, as seed 002 says. */
export class EventQueue {
  readonly #send: SendEvents;
  readonly #token: () => string | null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #waiting: PlaybackEvent[] = [];
  /** A batch that did not arrive, for all that is known. */
  #unsent: Batch | null = null;
  #sending = false;

  constructor(token: () => string | null, send: SendEvents) {
    this.#token = token;
    this.#send = send;
  }

  /** Begins to send what waits, every [FLUSH_MS]. */
  open(): void {
    this.#timer ??= setInterval(() => void this.flush(), FLUSH_MS);
  }

  /** Notes an event of this moment. */
  push(type: EventType, payload?: Record<string, unknown>): void {
    this.#waiting.push({ type, occurred_at: Math.floor(Date.now() / 1000), ...(payload && { payload }) });
    // Without a token or a connection for long, the newest are worth the most.
    this.#waiting = this.#waiting.slice(-BATCH_MAX);
    if (this.#waiting.length >= BATCH) void this.flush();
  }

  /** Sends what waits. On the way out (`keepalive`) it does not wait for a batch that is still being sent. */
  async flush(keepalive = false): Promise<void> {
    const token = this.#token();
    if (token === null || (this.#sending && !keepalive)) return;
    const batches = [this.#unsent, this.#cut()].filter((batch) => batch !== null);
    this.#unsent = null;
    if (batches.length === 0) return;
    this.#sending = true;
    await Promise.all(batches.map((batch) => this.#try(token, batch, keepalive)));
    this.#sending = false;
  }

  /** Stops the timer; what waits is sent first by [flush]. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #cut(): Batch | null {
    if (this.#waiting.length === 0) return null;
    const events = this.#waiting;
    this.#waiting = [];
    return { id: crypto.randomUUID(), events };
  }

  async #try(token: string, batch: Batch, keepalive: boolean): Promise<void> {
    try {
      await this.#send(token, batch, keepalive);
    } catch (thrown) {
      // One batch is kept for another attempt; with two lost, the connection is too bad to keep an audit.
      if (ApiError.from(thrown).isTransient) this.#unsent = batch;
    }
  }
}
