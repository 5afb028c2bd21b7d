import { ApiError } from "../api/errors";
import { Speedometer } from "./speed";
import { initialState, reduce, type UploadAction, type UploadState } from "./state";
import type { NewUpload, Target, Transport } from "./transport";

/** Parts on their way at once: enough to fill a line whose answers take their time, few enough to lose little. */
const PARALLEL = 3;
/** Attempts at one part, or at the whole file, before the upload stops. */
const ATTEMPTS = 6;
/** Part URLs that are asked for at once; they work for an hour, so not more than are soon needed. */
const URLS_AHEAD = 20;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
/** From this size on a file goes in parts, so that it can be paused: a part and a bit. */
const IN_PARTS_FROM = 12 * 1024 * 1024;

/** What is kept of an upload over a reload. */
export interface UploadRecord {
  /** Made by this client; also the idempotency key of the upload's begin. */
  key: string;
  request: NewUpload;
  /** What recognises the file; see `fingerprint`. */
  fingerprint: string;
  /** `null` until the platform has answered. */
  uploadId: string | null;
  videoId: string | null;
  /** The page to return to. */
  returnTo: string;
}

/** Waits; tests give one that does not. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

interface Deps {
  transport: Transport;
  sleep: Sleep;
  /** Called when there is something new to keep. */
  save: (record: UploadRecord) => void;
}

/** What is sent, when the platform was asked. */
interface Plan {
  uploadId: string;
  partSize: number;
  parts: number[];
  urls: Map<number, string>;
  single: { url: string; headers: Record<string, string> } | null;
}

/** The request for a file. */
export function newUpload(file: File, title: string, target: Target): NewUpload {
  return {
    filename: file.name,
    size: file.size,
    // Browsers don't know the type of every container; the platform looks at the bytes anyway.
    content_type: file.type.startsWith("video/") ? file.type : "application/octet-stream",
    title,
    target,
    ...(file.size >= IN_PARTS_FROM && { mode: "multipart" as const }),
  };
}

/** One upload: sends a file, survives pauses, lost connections and reloads. */
export class UploadTask {
  record: UploadRecord;
  readonly #deps: Deps;
  readonly #listeners = new Set<() => void>();
  #state: UploadState;
  #stop = new AbortController();
  /** Bytes of the parts that are on their way, by number. */
  readonly #flying = new Map<number, number>();
  /** Bytes that have arrived. */
  #arrived = 0;
  #meter = new Speedometer();

  constructor(record: UploadRecord, deps: Deps) {
    this.record = record;
    this.#deps = deps;
    this.#state = initialState(record.request.size);
  }

  /** The state now; a new object after each change. */
  get state(): UploadState {
    return this.#state;
  }

  /** Calls `listener` after each change of [state]. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Sends what the platform does not have yet. For the first time, after a pause, a failure or a reload. */
  async start(file: Blob): Promise<void> {
    if (!this.#dispatch({ type: "start" })) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#meter = new Speedometer();
    try {
      const plan = await this.#prepare();
      if (signal.aborted) {
        // Given up while the begin was on its way.
        if (this.#state.phase === "aborted" && plan !== null) await this.#deps.transport.abort(plan.uploadId);
        return;
      }
      if (plan === null) {
        this.#dispatch({ type: "complete" });
        return;
      }
      this.#dispatch({ type: "ready" });
      this.#report();
      await (plan.single === null ? this.#sendParts(file, plan, signal) : this.#sendWhole(file, plan, signal));
      this.#dispatch({ type: "sent" });
      await this.#attempt(signal, () => this.#deps.transport.complete(plan.uploadId));
      this.#dispatch({ type: "complete" });
    } catch (thrown) {
      if (!signal.aborted) this.#dispatch({ type: "fail", error: ApiError.from(thrown) });
      // The other parts of a failed upload stop, too.
      this.#stop.abort();
    }
  }

  /** Stops sending. The parts that have arrived stay. */
  pause(): void {
    // What is on its way is lost: it should not be shown as sent.
    this.#flying.clear();
    this.#report();
    if (this.#dispatch({ type: "pause" })) this.#stop.abort();
  }

  /** Gives the upload up: the platform throws away what it has. */
  async abort(): Promise<void> {
    if (!this.#dispatch({ type: "abort" })) return;
    this.#stop.abort();
    if (this.record.uploadId !== null) await this.#deps.transport.abort(this.record.uploadId);
  }

  /** Begins the upload, or looks what is there of it; `null` when the whole file is. */
  async #prepare(): Promise<Plan | null> {
    const { transport } = this.#deps;
    this.#flying.clear();
    this.#arrived = 0;
    if (this.record.uploadId === null) {
      const ticket = await transport.begin(this.record.request, this.record.key);
      this.record = { ...this.record, uploadId: ticket.upload_id, videoId: ticket.video_id };
      this.#deps.save(this.record);
      return {
        uploadId: ticket.upload_id,
        partSize: ticket.part_size,
        parts: numbers(ticket.part_count),
        urls: new Map(ticket.parts.map((part) => [part.number, part.url])),
        single: whole(ticket),
      };
    }
    const view = await transport.look(this.record.uploadId);
    if (view.status === "COMPLETED") return null;
    if (view.status === "ABORTED") throw new ApiError({ code: "UPLOAD_ABORTED", status: 409, message: "" });
    const held = new Set(view.parts.map((part) => part.number));
    this.#arrived = view.uploaded;
    return {
      uploadId: view.upload_id,
      partSize: view.part_size,
      parts: numbers(view.part_count).filter((number) => !held.has(number)),
      urls: new Map(),
      single: whole(view),
    };
  }

  async #sendWhole(file: Blob, plan: Plan, signal: AbortSignal): Promise<void> {
    let target = plan.single;
    await this.#attempt(signal, async (again) => {
      // The URL may have ended while the last attempt ran.
      if (again) target = whole(await this.#deps.transport.look(plan.uploadId));
      if (target !== null) await this.#put(0, target.url, target.headers, file, signal);
    });
  }

  async #sendParts(file: Blob, plan: Plan, signal: AbortSignal): Promise<void> {
    const waiting = [...plan.parts];
    const worker = async () => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        const part = number;
        const begin = (part - 1) * plan.partSize;
        const body = file.slice(begin, Math.min(begin + plan.partSize, file.size));
        await this.#attempt(signal, async (again) => {
          if (again) plan.urls.delete(part);
          const url = plan.urls.get(part) ?? (await this.#askUrl(plan, part, waiting));
          await this.#put(part, url, {}, body, signal);
        });
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  }

  /** The URL of a part, and those of the next ones on the way. */
  async #askUrl(plan: Plan, part: number, waiting: number[]): Promise<string> {
    const wanted = [part, ...waiting.filter((number) => !plan.urls.has(number)).slice(0, URLS_AHEAD - 1)];
    for (const { number, url } of await this.#deps.transport.urls(plan.uploadId, wanted)) plan.urls.set(number, url);
    const url = plan.urls.get(part);
    if (url === undefined)
      throw ApiError.refusal("UPLOAD_URL_MISSING", `No URL for part ${part}.`);
    return url;
  }

  async #put(
    part: number,
    url: string,
    headers: Record<string, string>,
    body: Blob,
    signal: AbortSignal,
  ): Promise<void> {
    const flies = (bytes: number) => {
      this.#flying.set(part, bytes);
      this.#report();
    };
    try {
      await this.#deps.transport.put({ url, headers, body, signal, onProgress: flies });
      this.#arrived += body.size;
    } finally {
      this.#flying.delete(part);
      if (!signal.aborted) this.#report();
    }
  }

  /** Does `work` until it succeeds, with growing pauses; what can't succeed stops at once. */
  async #attempt(signal: AbortSignal, work: (again: boolean) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work(attempt > 1);
        return;
      } catch (thrown) {
        const error = ApiError.from(thrown);
        // 403 of the storage is a URL that has ended: the next attempt asks for a new one.
        const worthwhile = error.isTransient || error.code === "STORAGE_403";
        if (signal.aborted || !worthwhile || attempt >= ATTEMPTS) throw thrown;
        await this.#deps.sleep(backoff(attempt), signal);
      }
    }
  }

  #report(): void {
    const flying = [...this.#flying.values()].reduce((sum, bytes) => sum + bytes, 0);
    const sent = this.#arrived + flying;
    this.#dispatch({ type: "progress", sent, speed: this.#meter.at(performance.now(), sent) });
  }

  /** Whether the action meant anything. */
  #dispatch(action: UploadAction): boolean {
    const next = reduce(this.#state, action);
    if (next === this.#state) return false;
    this.#state = next;
    for (const listener of this.#listeners) listener();
    return true;
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function whole(from: { upload_url?: string | null; headers: Record<string, string> }): Plan["single"] {
  return typeof from.upload_url === "string" ? { url: from.upload_url, headers: from.headers } : null;
}

/** Doubles each time, and differs from tab to tab, so that they don't all come back at once. */
function backoff(attempt: number): number {
  return Math.min(BACKOFF_MS * 2 ** (attempt - 1), BACKOFF_MAX_MS) * (0.5 + Math.random() / 2);
}

/** A sleep that ends at once when the upload stops. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
