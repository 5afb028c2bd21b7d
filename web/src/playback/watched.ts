/** Time between reports of progress. */
export const REPORT_MS = 15_000;

/** A part of the video in seconds. */
export type Interval = [from: number, to: number];

/** Longest step between two looks at a playing video that still counts as playing on: browsers look four times a second,
 * a hidden tab once a second. */
const STEP_MAX_SECONDS = 3;

/** Whoever plays from before this has seen the beginning: the first frame of a stream may come a few after zero. */
const BEGINNING_SECONDS = 0.5;

/** Follows the playing position and keeps what was really watched, as intervals. */
export class WatchTracker {
  #intervals: Interval[] = [];
  #last: number | null = null;

  /** The video plays at `position`, at `rate` times its speed. */
  playing(position: number, rate = 1): void {
    const last = this.#last;
    this.#last = position;
    if (last === null) {
      if (position < BEGINNING_SECONDS) this.#last = 0;
      return;
    }
    const step = position - last;
    if (step > 0 && step <= STEP_MAX_SECONDS * Math.max(rate, 1)) this.#add([last, position]);
  }

  /** The video was paused at `position`, or has ended. */
  paused(position: number, rate = 1): void {
    this.playing(position, rate);
    this.#last = null;
  }

  /** The video has jumped: what lies between was not watched. */
  jumped(): void {
    this.#last = null;
  }

  /** Takes the intervals to report them. */
  take(): Interval[] {
    const taken = this.#intervals;
    this.#intervals = [];
    return taken;
  }

  /** Puts back what could not be reported. The server keeps the union, so that one too many does no harm. */
  giveBack(intervals: Interval[]): void {
    const newer = this.#intervals;
    this.#intervals = intervals;
    for (const interval of newer) this.#add(interval);
  }

  #add([from, to]: Interval): void {
    const last = this.#intervals.at(-1);
    if (last !== undefined && from >= last[0] && from <= last[1]) last[1] = Math.max(last[1], to);
    else this.#intervals.push([from, to]);
  }
}

/** What is reported. */
export interface Report {
  intervals: Interval[];
  position: number;
}

/** Sends a report; with `keepalive` it outlives the page. */
export type SendReport = (report: Report, keepalive: boolean) => Promise<void>;

/** Reports progress every [REPORT_MS] while there is any, and whenever it is told to. */
export class ProgressReporter {
  readonly tracker = new WatchTracker();
  readonly #send: SendReport;
  readonly #position: () => number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #reportedPosition: number | null = null;

  constructor(position: () => number, send: SendReport) {
    this.#position = position;
    this.#send = send;
  }

  /** Begins to report, every [REPORT_MS]. */
  open(): void {
    this.#timer ??= setInterval(() => void this.report(), REPORT_MS);
  }

  /** Reports what is new. */
  async report(keepalive = false): Promise<void> {
    const position = round(this.#position());
    const intervals = this.tracker.take();
    if (intervals.length === 0 && (this.#reportedPosition === null || position === this.#reportedPosition)) return;
    this.#reportedPosition = position;
    try {
      await this.#send({ intervals: intervals.map(([from, to]) => [round(from), round(to)]), position }, keepalive);
    } catch {
      this.tracker.giveBack(intervals);
    }
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** To milliseconds: a sum of frames has a long tail of digits. */
function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
