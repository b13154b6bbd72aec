import { afterEach, beforeEach, expect, it } from 'vitest';
import { Engine } from '../../engine/engine.ts';
import { explainKey } from '../../engine/explain.ts';
import type { Delivery } from '../../engine/intake/delivery.ts';
import { QUICK_PACE, temporaryDatabase } from '../../engine/testing.ts';
import { createGitLab } from '../../gitlab/client/create-gitlab.ts';
import { clientOf, startReceiver } from '../../sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start-sandbox.ts';
import { webhookCare } from './reconcile.ts';

const KEY = 'webhooks:acme/appliance';
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
let sandbox: Sandbox;
let call: ReturnType<typeof clientOf>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let place: Awaited<ReturnType<typeof temporaryDatabase>>;
let gitlab: ReturnType<typeof createGitLab>;
let status: number;
let engine: Engine;
let read: Delivery[];

async function begin(version: string): Promise<number> {
  sandbox = await startSandbox({ version, seed: { auto_disable_hooks: true } });
  call = clientOf(sandbox);
  gitlab = createGitLab({ url: sandbox.gitlab.url, token: 'glpat-sandbox-maintainer' });
  const care = webhookCare({ gitlab, hookUrl: receiver.url, accept: delivery => engine.accept(delivery) });
  engine = new Engine({
    database: place.database,
    intake: place.intake,
    automations: [care],
    nameKeys: delivery => {
      read.push(delivery);
      return [];
    },
    standing: [{ key: KEY, reason: 'the service has started' }],
    pace: QUICK_PACE,
    dryRun: false,
    concurrency: 2,
    now: Date.now,
    log: quiet,
  });
  const hook = { url: receiver.url, token: 'secret', issues_events: true, push_events: true };
  return (await call('maintainer', 'POST', '/projects/1/hooks', hook)).body.id as number;
}

beforeEach(async () => {
  status = 503;
  read = [];
  receiver = await startReceiver(() => status);
  place = await temporaryDatabase();
});
afterEach(async () => {
  await engine.stop(1000);
  await gitlab.close();
  await sandbox.close();
  await receiver.close();
  await place.remove();
});

async function touch(title: string): Promise<void> {
  expect((await call('developer', 'PUT', '/projects/1/issues/1', { title })).status).toBe(200);
  await sandbox.settled();
}
const alertOf = async (hook: number) =>
  (await call('maintainer', 'GET', `/projects/1/hooks/${hook}`)).body.alert_status as string;
const titles = () =>
  read.map(({ payload }) => (payload as { object_attributes: { title: string } }).object_attributes.title);
const lookDone = async () => {
  const explanation = await explainKey(place.database.query, KEY);
  return explanation?.next?.running === false && explanation.next.due_at !== null && explanation.decision !== null;
};

it('takes over what GitLab could not deliver, once, oldest first, and switches the hook on again', async () => {
  const hook = await begin('18.9');
  for (const title of ['one', 'two', 'three', 'four']) await touch(title);
  expect(await alertOf(hook)).toBe('temporarily_disabled');
  const before = receiver.received.map(({ headers }) => headers['idempotency-key']);
  expect(before).toHaveLength(4);

  status = 200;
  await engine.start();
  await expect.poll(titles, { timeout: 10_000 }).toEqual(['one', 'two', 'three', 'four']);
  await expect.poll(() => alertOf(hook), { timeout: 10_000 }).toBe('executable');
  const rows = await place.database.query.selectFrom('deliveries').selectAll().orderBy('id').execute();
  expect(rows.map(row => [row.dedupe_key, row.origin])).toEqual(before.map(key => [key, 'backfilled']));

  await expect.poll(lookDone, { timeout: 10_000 }).toBe(true);
  await touch('five');
  expect(receiver.received.at(-1)?.headers['x-gitlab-event']).toBe('Issue Hook');
  const [first] = (await explainKey(place.database.query, KEY))!.journal;
  await engine.replay(KEY, 'a test');
  const verdict = async () => (await explainKey(place.database.query, KEY))?.decision?.verdict;
  await expect.poll(verdict, { timeout: 10_000 }).toBe('the webhook works');
  expect((await explainKey(place.database.query, KEY))!.journal[0]!.seq).toBeGreaterThan(first!.seq);
  expect(titles()).toEqual(['one', 'two', 'three', 'four']);
});

it('does without the log on a GitLab that keeps none', async () => {
  await begin('16.11');
  await touch('one');
  await engine.start();
  await expect.poll(lookDone, { timeout: 10_000 }).toBe(true);
  const explanation = await explainKey(place.database.query, KEY);
  expect(explanation?.facts).toMatchObject({ hooks: [{ missed: null }] });
  expect(explanation?.next).toMatchObject({ error: null, laid_aside: false });
  expect(read).toEqual([]);
});
