/** Weight of the newest measurement; about five seconds are remembered. */
const WEIGHT = 0.2;
/** Shortest time that is measured: progress events come in bursts. */
const WINDOW_MS = 1_000;

/** Bytes a second, smoothed. */
export class Speedometer {
  #since: { at: number; bytes: number } | null = null;
  #speed: number | null = null;

  /** `bytes` have been sent in all at the time `now`, in milliseconds. */
  at(now: number, bytes: number): number | null {
    // A part that failed takes its bytes back.
    if (this.#since === null || bytes < this.#since.bytes) {
      this.#since = { at: now, bytes };
      return this.#speed;
    }
    const elapsed = now - this.#since.at;
    if (elapsed < WINDOW_MS) return this.#speed;
    const measured = ((bytes - this.#since.bytes) / elapsed) * 1000;
    this.#speed = this.#speed === null ? measured : this.#speed + WEIGHT * (measured - this.#speed);
    this.#since = { at: now, bytes };
    return this.#speed;
  }
}
