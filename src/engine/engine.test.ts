import { afterEach, beforeEach, expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import type { Automation } from './automation.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { explainKey } from './explain.ts';
import { readJournal, verifyJournal } from './journal/journal.ts';
import { QUICK_PACE, temporaryDatabase } from './testing.ts';

const KEY = 'thing:1';
let place: Awaited<ReturnType<typeof temporaryDatabase>>;
const engines: Engine[] = [];
beforeEach(async () => {
  place = await temporaryDatabase();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop(500);
  await place.remove();
});

function engineWith(gather: Automation['gather'], more: Partial<EngineOptions> = {}, standing = false) {
  const done: string[] = [];
  const automation: Automation = {
    name: 'things',
    kind: 'thing',
    standing,
    gather,
    decide: () => ({ verdict: 'do it', because: ['it is due'], actions: [{ type: 'act', summary: 'do the thing' }] }),
    effect: (_action, _facts, look) => ({
      name: 'act',
      summary: 'do the thing',
      do: async () => {
        done.push(look.key);
        return null;
      },
    }),
  };
  const engine = new Engine({
    database: place.database,
    intake: place.intake,
    automations: [automation],
    nameKeys: ({ payload }) => [{ key: `thing:${(payload as { id: number }).id}`, reason: 'a delivery' }],
    standing: [],
    pace: QUICK_PACE,
    dryRun: false,
    concurrency: 4,
    now: Date.now,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...more,
  });
  engines.push(engine);
  return { engine, done };
}

const accept = (engine: Engine, body: string, dedupeKey = body) =>
  engine.accept({
    source: 'test',
    dedupeKey,
    event: 'e',
    chain: null,
    origin: 'pushed',
    receivedAt: Date.now(),
    body: Buffer.from(body),
  });
const next = async () => (await explainKey(place.database.query, KEY))?.next;
const states = async () =>
  (await place.database.query.selectFrom('deliveries').select('state').orderBy('id').execute()).map(row => row.state);

it('turns a delivery into a look, and keeps one that it cannot read', async () => {
  const { engine, done } = engineWith(async () => ({}));
  await engine.start();
  await accept(engine, '{"id":');
  await accept(engine, '{"id":1}');
  await expect.poll(() => done).toEqual([KEY]);
  expect(await states()).toEqual(['unreadable', 'sorted']);
  const kinds = async () => (await readJournal(place.database.query, { key: KEY })).map(row => row.kind);
  await expect.poll(kinds).toEqual(['effect', 'decision', 'signal']);
  expect(await verifyJournal(place.database.query)).toMatchObject({ ok: true });
});

it('sends nothing in a dry run, and writes down what it would do', async () => {
  const { engine, done } = engineWith(async () => ({}), { dryRun: true });
  await engine.start();
  await accept(engine, '{"id":1}');
  const decision = async () => (await explainKey(place.database.query, KEY))?.decision;
  await expect.poll(decision).toMatchObject({ verdict: 'do it', plan: ['do the thing'] });
  await engine.stop(500);
  expect(done).toEqual([]);
  expect(await place.database.query.selectFrom('effects').select('key').execute()).toEqual([]);
});

it('lays a key aside after its last try, with the reason, and revives it with a signal', async () => {
  let broken = true;
  const { engine, done } = engineWith(async () => {
    if (broken) throw new Error('the file is odd');
    return {};
  });
  await engine.start();
  await accept(engine, '{"id":1}');
  await expect.poll(next).toMatchObject({ laid_aside: true, attempts: 3, error: { detail: 'the file is odd' } });
  const failures = await readJournal(place.database.query, { kind: 'failure' });
  expect(failures.map(row => (row.data as { attempts: number }).attempts)).toEqual([3, 2, 1]);
  broken = false;
  await accept(engine, '{"id":1}', 'another');
  await expect.poll(next).toMatchObject({ laid_aside: false, attempts: 0, error: null });
  expect(done).toEqual([KEY]);
});

it('never lays a key aside that looks again by itself for ever', async () => {
  let tries = 0;
  const { engine, done } = engineWith(
    async () => {
      if (++tries <= 6) throw new Error('refused');
      return {};
    },
    {},
    true,
  );
  await engine.start();
  await accept(engine, '{"id":1}');
  await expect.poll(() => done).toEqual([KEY]);
  expect(tries).toBe(7);
});

it('never lays a key aside for an outage of the other side', async () => {
  let tries = 0;
  const { engine, done } = engineWith(async () => {
    if (++tries <= 6) throw new SignalboxError('SBX_REMOTE_UNREACHABLE', 'down');
    return {};
  });
  await engine.start();
  await accept(engine, '{"id":1}');
  await expect.poll(() => done, { timeout: 5_000 }).toEqual([KEY]);
  expect(tries).toBe(7);
});

it('takes up at start what an earlier process left behind, unread and half looked at', async () => {
  const { engine: first } = engineWith(() => new Promise(() => undefined));
  await first.intake.accept({
    source: 'test',
    dedupeKey: 'left',
    event: 'e',
    chain: null,
    origin: 'pushed',
    receivedAt: 1,
    body: Buffer.from('{"id":1}'),
  });
  const held = {
    kind: 'thing',
    owner: `${place.intake.id} a process that is gone`,
    lease_until: Date.now() + 3_600_000,
  };
  await place.database.query
    .insertInto('work')
    .values({ key: 'thing:2', reasons: '["before"]', burst: 1, attempts: 0, ...held })
    .execute();
  const { engine, done } = engineWith(async () => ({}));
  await engine.start();
  await expect.poll(() => done.toSorted()).toEqual(['thing:1', 'thing:2']);
});

it('looks again at the keys of a delivery, and says so where there is none', async () => {
  const { engine, done } = engineWith(async () => ({}));
  await engine.start();
  await accept(engine, '{"id":1}');
  await expect.poll(() => done).toEqual([KEY]);
  expect(await engine.replay('delivery:1', 'ada')).toEqual([KEY]);
  await expect.poll(() => done).toEqual([KEY, KEY]);
  await expect(engine.replay('delivery:99', 'ada')).rejects.toMatchObject({ code: 'SBX_DELIVERY_NOT_FOUND' });
  await expect(engine.replay('other:1', 'ada')).rejects.toMatchObject({ code: 'SBX_KEY_WITHOUT_AUTOMATION' });
});

it('does not go round in a dry run with what would look again at once', async () => {
  let looks = 0;
  const eager: Automation = {
    name: 'things',
    kind: 'thing',
    gather: async () => ({ looks: ++looks }),
    decide: (_facts, _memory, now) => ({
      verdict: 'go on',
      because: [],
      actions: [{ type: 'act', summary: 'do the next thing' }],
      lookAgainAt: now,
    }),
    effect: () => {
      throw new Error('nothing is done');
    },
  };
  const { engine } = engineWith(async () => ({}), { dryRun: true, automations: [eager] });
  await engine.start();
  for (const turn of [1, 2, 3]) {
    await accept(engine, '{"id":1}', `turn ${turn}`);
    await expect.poll(() => looks).toBe(turn);
    await expect.poll(async () => (await next())?.running).toBe(false);
  }
  // Within the hour nobody looks by himself, and the same decision is written down once.
  expect(Date.parse(String((await next())?.due_at)) - Date.now()).toBeGreaterThan(50 * 60_000);
  expect(await readJournal(place.database.query, { key: KEY, kind: 'decision' })).toHaveLength(1);
});

it('leaves a key alone whose project or product is not configured, and looks again when it is signalled', async () => {
  let configured = false;
  const { engine, done } = engineWith(async () => {
    if (!configured) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', 'things.projects has no 1');
    return {};
  });
  await engine.start();
  await accept(engine, '{"id":1}');
  await expect.poll(next).toMatchObject({ due_at: null, laid_aside: false, running: false, error: null });
  const [row] = await readJournal(place.database.query, { key: KEY, kind: 'failure' });
  expect(row?.data).toMatchObject({ code: 'SBX_PROJECT_NOT_CONFIGURED', detail: 'things.projects has no 1' });
  configured = true;
  await accept(engine, '{"id":1}', 'another');
  await expect.poll(() => done).toEqual([KEY]);
});

it('lets the keys of an automation that is switched off wait, and looks at them when it is back', async () => {
  const other = { name: 'others', kind: 'other' } as Automation;
  const { engine: off } = engineWith(async () => ({}), { automations: [other] });
  await off.start();
  await accept(off, '{"id":1}');
  await expect.poll(states).toEqual(['sorted']);
  await expect.poll(next).toMatchObject({ laid_aside: false, error: null });
  await off.stop(500);
  expect(await readJournal(place.database.query, { kind: 'failure' })).toEqual([]);
  const { engine, done } = engineWith(async () => ({}));
  await engine.start();
  await expect.poll(() => done).toEqual([KEY]);
});

it('takes no other spelling of a key for one more', async () => {
  const { engine } = engineWith(async () => ({}));
  for (const key of ['thing:1 ', ' thing:1', 'thing:acme/x!01', 'thing:\u0000', 'thing:acme/x#007'])
    await expect(engine.replay(key, 'ada'), key).rejects.toMatchObject({ code: 'SBX_REQUEST_INVALID' });
});

it('reads on after a delivery that names a key which no database can store', async () => {
  const errors: string[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: (text: string) => void errors.push(text) };
  const { engine, done } = engineWith(async () => ({}), { log });
  await engine.start();
  await accept(engine, '{"id":"\\u0000"}');
  await accept(engine, '{"id":1}');
  await expect.poll(() => done).toEqual([KEY]);
  expect(errors).toEqual(['the keys of a delivery could not be named']);
});
