type Send = (request: Request) => Promise<Response>;

/**
 * Some changes need a proof of who somebody is that is younger than ten minutes. A request that is refused for want of it
 * waits here while a dialog asks for the proof, and is then sent once more. Requests that meet this at the same time share one dialog.
 */
export class StepUp {
  readonly #listeners = new Set<() => void>();
  #asked: Promise<boolean> | null = null;
  #answer: (proved: boolean) => void = () => undefined;

  /** Whether a request waits for a proof. */
  get asked(): boolean {
    return this.#asked !== null;
  }

  /** Calls `listener` when a proof is asked for, and when that is over. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The proof was given, or will not be. */
  settle(proved: boolean): void {
    this.#asked = null;
    this.#answer(proved);
    this.#notify();
  }

  /** `send`, with the proof where one is asked for. Without it the answer is the refusal. */
  guard(send: Send): Send {
    return async (request) => {
      // A body can be read once only.
      const again = request.clone();
      const response = await send(request);
      if (!(await needsProof(response)) || !(await this.#ask())) return response;
      return send(again);
    };
  }

  #ask(): Promise<boolean> {
    // Nobody is there to show a dialog.
    if (this.#listeners.size === 0) return Promise.resolve(false);
    if (this.#asked === null) {
      this.#asked = new Promise((answer) => {
        this.#answer = answer;
      });
      this.#notify();
    }
    return this.#asked;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

async function needsProof(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  return (body as { error?: { code?: string } } | null)?.error?.code === "REAUTHENTICATION_REQUIRED";
}

/** The page's own. */
export const stepUp = new StepUp();
