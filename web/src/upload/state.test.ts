import { describe, expect, test } from "vitest";

import { ApiError } from "../api/errors";
import { initialState, type Phase, reduce, type UploadAction, type UploadState } from "./state";

const error = new ApiError({ code: "NETWORK", status: 0, message: "" });
const ACTIONS: UploadAction[] = [
  { type: "start" },
  { type: "ready" },
  { type: "progress", sent: 40, speed: 8 },
  { type: "pause" },
  { type: "sent" },
  { type: "complete" },
  { type: "fail", error },
  { type: "abort" },
];

const after = (...types: UploadAction["type"][]) =>
  types.reduce<UploadState>((state, type) => {
    const action = ACTIONS.find((one) => one.type === type);
    return action === undefined ? state : reduce(state, action);
  }, initialState(100));

/** Every state that can be reached, by breadth-first search over the phases. */
function reachable(): Map<Phase, UploadState> {
  const first = initialState(100);
  const found = new Map<Phase, UploadState>([[first.phase, first]]);
  const queue = [first];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const action of ACTIONS) {
      const next = reduce(state, action);
      if (!found.has(next.phase)) {
        found.set(next.phase, next);
        queue.push(next);
      }
    }
  }
  return found;
}

describe("the states of an upload", () => {
  test("the straight way", () => {
    expect(after("start", "ready", "progress")).toMatchObject({ phase: "uploading", sent: 40, speed: 8 });
    expect(after("start", "ready", "progress", "sent")).toMatchObject({ phase: "completing", sent: 100 });
    expect(after("start", "ready", "progress", "sent", "complete").phase).toBe("done");
  });

  test("all phases can be reached, and what is done or aborted stays so", () => {
    const states = reachable();
    expect([...states.keys()].sort()).toEqual([
      "aborted",
      "completing",
      "detached",
      "done",
      "failed",
      "paused",
      "preparing",
      "uploading",
    ]);
    for (const phase of ["done", "aborted"] as const) {
      const state = states.get(phase);
      for (const action of ACTIONS) expect(state && reduce(state, action)).toBe(state);
    }
  });

  test("what comes too late changes nothing", () => {
    const paused = after("start", "ready", "progress", "pause");
    for (const late of ["progress", "ready", "sent", "complete", "fail"] as const) {
      const action = ACTIONS.find((one) => one.type === late);
      expect(action && reduce(paused, action)).toBe(paused);
    }
  });

  test("a new start forgets the error and keeps what was sent", () => {
    const failed = after("start", "ready", "progress", "fail");
    expect(failed).toMatchObject({ phase: "failed", error });
    expect(reduce(failed, { type: "start" })).toMatchObject({ phase: "preparing", error: null, sent: 40 });
  });

  test("more than the file is never shown as sent", () => {
    expect(reduce(after("start", "ready"), { type: "progress", sent: 140, speed: null }).sent).toBe(100);
  });
});
