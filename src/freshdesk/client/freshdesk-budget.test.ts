import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createFreshdesk } from './create-freshdesk.ts';
import { FreshdeskBudget } from './freshdesk-budget.ts';

const NOW = 1_700_000_000_000;

function scene(share: number) {
  const clock = { now: NOW };
  const budget = new FreshdeskBudget(share, () => clock.now);
  const answer = (total: number, remaining: number, used = 1) =>
    budget.note({
      'x-ratelimit-total': `${total}.0`,
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-used-currentrequest': String(used),
    });
  /** How many calls pass before one would have to wait. */
  const passes = async () => {
    for (let count = 0; ; count++) {
      try {
        await budget.pass(0, 'Freshdesk');
      } catch (error) {
        return { count, retryAt: (error as { retryAt: number }).retryAt };
      }
    }
  };
  return { budget, clock, answer, passes };
}

it('takes its share of what the account has in a minute, and then waits for the minute to pass', async () => {
  const { answer, passes, clock } = scene(0.5);
  answer(200, 150);
  expect(await passes()).toEqual({ count: 100, retryAt: NOW + 60_000 });
  clock.now += 60_000;
  expect((await passes()).count).toBe(100);
});

it('is careful before it has heard what there is', async () => {
  expect((await scene(0.5).passes()).count).toBe(25);
});

it('counts what a call with includes costs', async () => {
  const { answer, passes } = scene(0.5);
  answer(200, 150, 3);
  expect((await passes()).count).toBe(98);
});

it('does not count a call that never left', async () => {
  const { answer, budget, passes } = scene(0.5);
  answer(200, 150);
  await budget.pass(0, 'Freshdesk');
  budget.unsent();
  expect((await passes()).count).toBe(100);
});

it('stays unreachable, and is not called used up, however often it cannot be connected', async () => {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  const now = () => NOW;
  const freshdesk = createFreshdesk({ url: `http://127.0.0.1:${port}`, apiKey: 'key', share: 0.02, now });
  // Our share of a new account is one call: the second would have had to wait.
  for (let call = 0; call < 3; call++) {
    await expect(freshdesk.tickets.createNote(1, 'x')).rejects.toMatchObject({ code: 'SBX_REMOTE_UNREACHABLE' });
  }
  await freshdesk.close();
});

it('stands back when others have nearly used it up', async () => {
  const { answer, passes } = scene(0.5);
  answer(200, 19);
  expect(await passes()).toEqual({ count: 0, retryAt: NOW + 10_000 });
});

it('waits as long as a 429 says, and not for days', async () => {
  const { budget, passes } = scene(0.5);
  expect(budget.throttled({ 'retry-after': '34' }, NOW)).toBe(NOW + 34_000);
  expect(await passes()).toMatchObject({ count: 0, retryAt: NOW + 34_000 });
  expect(budget.throttled({ 'retry-after': '999999' }, NOW)).toBe(NOW + 15 * 60_000);
});

it('counts by the hour where an account has thousands of calls', async () => {
  const { answer, passes, clock } = scene(0.01);
  answer(5000, 4000);
  expect((await passes()).count).toBe(50);
  clock.now += 60_000;
  expect((await passes()).count).toBe(0);
});

it('waits no longer for a clock that was set back', async () => {
  const { answer, passes, clock, budget } = scene(0.5);
  answer(200, 150);
  await passes();
  clock.now -= 3_600_000;
  expect((await passes()).retryAt - clock.now).toBeLessThanOrEqual(60_000);
  budget.throttled({ 'retry-after': '60' }, clock.now);
  clock.now -= 3_600_000;
  expect((await passes()).retryAt - clock.now).toBeLessThanOrEqual(15 * 60_000);
});
