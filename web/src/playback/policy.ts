import type { Schemas } from "../api/client";

/** What the platform lets this student do with this video. */
export type Policy = Schemas["Policy"];

/** The speeds that the player offers, as far as the policy lets it (seed 002's list, and the two that are usual besides). */
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** Browsers refuse lower speeds. */
const RATE_MIN = 0.25;

/** How far the position may differ from the expected one without being a seek: hls.js nudges over gaps by less. */
export const SEEK_TOLERANCE_SECONDS = 1.5;

/** The highest speed. A policy that names none, or nonsense, means normal speed. */
export function maxRate(policy: Policy): number {
  const { max, ui_control } = policy.playback_rate;
  if (!ui_control) return 1;
  return Number.isFinite(max) && max > 0 ? max : 1;
}

/** The speed that is played when `rate` is wished. */
export function clampRate(rate: number, policy: Policy): number {
  const max = maxRate(policy);
  if (!policy.playback_rate.ui_control) return max;
  if (!Number.isFinite(rate)) return Math.min(1, max);
  return Math.min(Math.max(rate, RATE_MIN), max);
}

/** The speeds to offer: none where the policy hides the control. */
export function offeredRates(policy: Policy): number[] {
  if (!policy.playback_rate.ui_control) return [];
  return RATES.filter((rate) => rate <= maxRate(policy));
}

/** What became of a change of position. */
export type SeekVerdict =
  { kind: "none" } | { kind: "allowed"; from: number; to: number } | { kind: "refused"; from: number; to: number };

/** Tells the user's seeks from the player's own and holds them against the policy. */
export class SeekGuard {
  #position = 0;
  #own = false;
  #atEnd = false;

  /** The last position that was reached by playing, or by a seek that was allowed. It outlives the video element. */
  get position(): number {
    return this.#position;
  }

  /** The next change of position is the player's own: the resume at the start, or the way back after a refused seek. */
  expect(position: number): void {
    this.#own = true;
    this.#position = position;
  }

  /** The video has played on to here. */
  played(position: number): void {
    if (!this.#own) this.#position = position;
  }

  /** The video has played to its end: going back to the start is to watch it again, and no seek. */
  ended(): void {
    this.#atEnd = true;
  }

  /** The video jumps to `to`. */
  seeking(to: number, policy: Pick<Policy, "allow_seek">): SeekVerdict {
    const from = this.#position;
    const again = this.#atEnd && to <= SEEK_TOLERANCE_SECONDS;
    this.#atEnd = false;
    if (this.#own || again || Math.abs(to - from) <= SEEK_TOLERANCE_SECONDS) return { kind: "none" };
    if (!policy.allow_seek) return { kind: "refused", from, to };
    this.#position = to;
    return { kind: "allowed", from, to };
  }

  /** The jump has ended. */
  seeked(position: number): void {
    this.#own = false;
    this.#position = position;
  }
}
