/** How long to wait before a state is looked at again: soon at first, then less and less often. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
/** How often it is looked at: for a quarter of an hour. */
const LOOKS = 95;

/** Looks at a state again and again until it has ended; `null` where it takes too long. */
export async function untilEnded<State extends { status: string }>(
  look: () => Promise<State>,
  first?: State,
): Promise<State | null> {
  let wait = FIRST_MS;
  let state = first;
  for (let looks = 0; looks < LOOKS; looks++) {
    if (state !== undefined && state.status !== "queued" && state.status !== "running") return state;
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 1.5, LONGEST_MS);
    state = await look();
  }
  return null;
}
