import { EventQueue, type SendEvents } from "./events";
import { PlaybackSession, type SessionApi } from "./session";
import { ProgressReporter, type SendReport } from "./watched";

/** All calls of a play. */
export interface PlaybackApi extends SessionApi {
  events: SendEvents;
  /** Absent where nothing is kept: a preview, or the owner's own look. */
  progress: SendReport | null;
}

/** One video on the page: its session, its audit events and its progress, begun and ended together. */
export class Playback {
  readonly session: PlaybackSession;
  readonly events: EventQueue;
  readonly progress: ProgressReporter | null;

  constructor(api: PlaybackApi, position: () => number) {
    this.session = new PlaybackSession(api);
    this.events = new EventQueue(() => this.session.token, api.events);
    this.progress = api.progress && new ProgressReporter(position, api.progress);
  }

  /** Asks to play. */
  begin(): void {
    this.events.open();
    this.progress?.open();
    void this.session.start();
  }

  /** Says the last words and ends the session. `keepalive` when the page itself goes away. */
  leave(keepalive: boolean): void {
    const lastWords = Promise.allSettled([this.progress?.report(keepalive), this.events.flush(keepalive)]);
    this.events.close();
    this.progress?.close();
    this.session.end(keepalive, lastWords);
  }

  /** The page is hidden: it may never be seen again, so that everything is sent now. The session goes on: sound may, too. */
  hidden(): void {
    this.events.push("visibility_change", { state: "hidden" });
    void this.events.flush(true);
    void this.progress?.report(true);
  }

  /** The page is shown again. */
  shown(): void {
    this.events.push("visibility_change", { state: "visible" });
    this.session.wake();
  }
}
