import type { ApiError } from "../api/errors";

/** Where an upload is. */
export type Phase =
  /** Known from an earlier visit; the file must be chosen again. */
  | "detached"
  /** Asks the platform where to send, or what is there already. */
  | "preparing"
  | "uploading"
  | "paused"
  /** Everything is sent; the platform checks and joins it. */
  | "completing"
  | "done"
  | "failed"
  | "aborted";

/** What the page shows of an upload. */
export interface UploadState {
  phase: Phase;
  /** Bytes that have arrived or are on their way. */
  sent: number;
  size: number;
  /** Smoothed bytes a second; `null` while there is nothing to tell. */
  speed: number | null;
  error: ApiError | null;
}

/** What happens to an upload. */
export type UploadAction =
  | { type: "start" }
  | { type: "ready" }
  | { type: "progress"; sent: number; speed: number | null }
  | { type: "pause" }
  | { type: "sent" }
  | { type: "complete" }
  | { type: "fail"; error: ApiError }
  | { type: "abort" };

/** The phases in which each action has a meaning. In any other it comes too late and changes nothing. */
const FROM: Record<UploadAction["type"], readonly Phase[]> = {
  start: ["detached", "paused", "failed"],
  ready: ["preparing"],
  progress: ["uploading"],
  pause: ["preparing", "uploading"],
  sent: ["uploading"],
  // The answer to an earlier `complete` may be found while preparing.
  complete: ["completing", "preparing"],
  fail: ["preparing", "uploading", "completing"],
  abort: ["detached", "preparing", "uploading", "paused", "failed"],
};

/** The state of an upload that is known and does nothing yet. */
export function initialState(size: number): UploadState {
  return { phase: "detached", sent: 0, size, speed: null, error: null };
}

/** The state after an action. */
export function reduce(state: UploadState, action: UploadAction): UploadState {
  if (!FROM[action.type].includes(state.phase)) return state;
  switch (action.type) {
    case "start":
      return { ...state, phase: "preparing", speed: null, error: null };
    case "ready":
      return { ...state, phase: "uploading" };
    case "progress":
      return { ...state, sent: Math.min(action.sent, state.size), speed: action.speed };
    case "pause":
      return { ...state, phase: "paused", speed: null };
    case "sent":
      return { ...state, phase: "completing", sent: state.size, speed: null };
    case "complete":
      return { ...state, phase: "done", sent: state.size, speed: null };
    case "fail":
      return { ...state, phase: "failed", speed: null, error: action.error };
    case "abort":
      return { ...state, phase: "aborted", speed: null };
  }
}

/** Whether it works right now, so that leaving the page would interrupt it. */
export function isRunning({ phase }: UploadState): boolean {
  return phase === "preparing" || phase === "uploading" || phase === "completing";
}
