import { expect, it } from 'vitest';
import { SignalboxError } from '../../../errors.ts';
import { startPatience } from './patience.ts';

const lost = (detail: string) => new SignalboxError('SBX_REMOTE_UNREACHABLE', detail);

/** Fails so many times, then answers. */
function afterFailures(times: number, error: SignalboxError): () => Promise<string> {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return 'there';
  };
}

function patienceOf(faults?: number) {
  const seen = { slept: [] as number[], told: [] as string[] };
  const pace = { sleep: async (time: number) => void seen.slept.push(time), random: () => 0.5, now: () => 0 };
  const waits = ({ detail }: SignalboxError) => void seen.told.push(detail);
  return { seen, patience: startPatience(pace, { ...(faults === undefined ? {} : { faults }), waits }) };
}

it.each([
  { failures: 4, told: [] },
  { failures: 5, told: ['reset'] },
  { failures: 10, told: ['reset'] },
])('says what it waits for once it is long: after $failures failures $told', async ({ failures, told }) => {
  const { seen, patience } = patienceOf();
  expect(await patience.retry(afterFailures(failures, lost('reset')))).toBe('there');
  expect(seen.told).toEqual(told);
  expect(seen.slept).toHaveLength(failures);
});

it('says it once where several things wait for the same', async () => {
  const { seen, patience } = patienceOf();
  const both = ['list', 'commit'].map(what => patience.retry(afterFailures(6, lost(what))));
  expect(await Promise.all(both)).toEqual(['there', 'there']);
  expect(seen.told).toHaveLength(1);
});

it('gives up with what went wrong, at once with what does not pass', async () => {
  const { patience } = patienceOf(2);
  await expect(patience.retry(afterFailures(3, lost('reset')))).rejects.toMatchObject({ detail: 'reset' });
  const { seen, patience: other } = patienceOf();
  const refused = new SignalboxError('SBX_REMOTE_REFUSED', 'no', { remoteStatus: 403 });
  await expect(other.retry(afterFailures(1, refused))).rejects.toMatchObject({ remoteStatus: 403 });
  expect(seen.slept).toEqual([]);
});

it('gives up after tries that last, and not for pauses that the server asks for', async () => {
  let now = 0;
  let tries = 0;
  const told: string[] = [];
  const sleep = async (time: number) => {
    now += time;
  };
  const pace = { sleep, random: () => 0.5, now: () => now };
  const patience = startPatience(pace, { waits: ({ detail }) => void told.push(detail) });
  const hanging = patience.retry(async () => {
    tries++;
    now += 30_000;
    throw lost('no answer within 30000 ms');
  });
  await expect(hanging).rejects.toMatchObject({ detail: 'no answer within 30000 ms' });
  expect([tries, told]).toEqual([5, ['no answer within 30000 ms']]);
  let left = 4;
  const throttled = patience.retry(async () => {
    if (left-- > 0) throw new SignalboxError('SBX_REMOTE_THROTTLED', '429', { retryAt: now + 100_000 });
    return 'there';
  });
  expect(await throttled).toBe('there');
});
