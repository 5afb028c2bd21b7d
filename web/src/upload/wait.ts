/** How long to wait before a state is looked at again: soon at first, then less and less often. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
/** How often it is looked at: for a quarter of an hour. */
const LOOKS = 95;
const WAITS = Array.from({ length: LOOKS }, (_, look) => Math.min(FIRST_MS * 1.5 ** look, LONGEST_MS));

/** Looks again after each of these waits, in milliseconds, until there is something; `null` where there never is. */
export async function lookUntil<Found>(look: () => Promise<Found | null>, waits: number[]): Promise<Found | null> {
  for (const wait of waits) {
    await new Promise((done) => setTimeout(done, wait));
    const found = await look();
    if (found !== null) return found;
  }
  return null;
}

/** Looks at a state again and again until it has ended; `null` where it takes too long. */
export async function untilEnded<State extends { status: string }>(
  look: () => Promise<State>,
  first: State,
): Promise<State | null> {
  const ended = (state: State) => (state.status === "queued" || state.status === "running" ? null : state);
  return ended(first) ?? lookUntil(async () => ended(await look()), WAITS);
}
