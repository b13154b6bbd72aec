import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE = 30_000;
const POLL = 100;

/** Asks until the answer is there; null when it does not come within half a minute. */
export async function until<T>(ask: () => Promise<T | null>): Promise<T | null> {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(POLL);
  }
  return null;
}
