import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install } from '../support/service-process.ts';

// Several processes are started one after the other: a guard against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const SENDERS = 16;
/** Concerns no automation: what is tested here is the way from the sender to the database. */
const BODY = JSON.stringify({ object_kind: 'moon_landing', padding: 'x'.repeat(20_000) });

let installation: Installation;
beforeEach(async () => {
  installation = await install('http://127.0.0.1:9');
});
afterEach(() => installation.remove());

function post(agent: Agent, key: string): Promise<number> {
  const headers = { 'X-Gitlab-Token': HOOK_SECRET, 'Idempotency-Key': key, 'Content-Length': BODY.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${installation.url}/hooks/gitlab`, { agent, method: 'POST', headers });
    outgoing.on('error', reject);
    outgoing.on('response', answer => {
      answer.on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0)).resume();
    });
    outgoing.end(BODY);
  });
}

/** Sends until the service is gone; tells after each answer how many there were, and returns the acknowledged keys. */
async function sendUntilGone(prefix: string, told: (acknowledged: number) => void): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS });
  const acknowledged: string[] = [];
  let sent = 0;
  let gone = false;
  const sender = async () => {
    while (!gone) {
      const key = `${prefix}-${++sent}`;
      try {
        // Every fifth delivery comes twice, as from a sender that gave up waiting.
        const answers = await Promise.all(sent % 5 === 0 ? [post(agent, key), post(agent, key)] : [post(agent, key)]);
        if (!answers.every(status => status === 200)) throw new Error(`answered ${answers.join()}`);
        acknowledged.push(key);
        told(acknowledged.length);
      } catch {
        gone = true;
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  agent.destroy();
  return acknowledged;
}

function inDatabase<Row>(sql: string): Row[] {
  const database = new DatabaseSync(join(installation.directory, 'data', 'signalbox.db'), { readOnly: true });
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}
const storedKeys = () =>
  inDatabase<{ dedupe_key: string }>('select dedupe_key from deliveries').map(row => row.dedupe_key);

/** Sends to a service that ends itself at a crash point, or is killed from outside after `kill` answers. */
async function killedUnderLoad(prefix: string, end: { at?: string; kill?: number }): Promise<string[]> {
  const service = await installation.serve(end.at === undefined ? {} : { SIGNALBOX_CRASH_AT: end.at });
  const acknowledged = await sendUntilGone(prefix, count => {
    if (count === end.kill) service.child.kill('SIGKILL');
  });
  expect(await service.ended, service.output()).toBe('SIGKILL');
  return acknowledged;
}

it('has every acknowledged delivery after kill -9 under load, each once, also when it is killed again while it reads', async () => {
  const acknowledged = [
    // Between the write and the answer, then from outside at any moment, then between reading and answering.
    ...(await killedUnderLoad('first', { at: 'intake:stored@1' })),
    ...(await killedUnderLoad('second', { at: 'intake:stored@50' })),
    ...(await killedUnderLoad('third', { kill: 600 })),
    ...(await killedUnderLoad('fourth', { at: 'intake:sorted@1' })),
  ];
  expect(acknowledged.length).toBeGreaterThan(600);
  const last = await installation.serve();
  await eventually('everything is read', async () => {
    const stored = new Set(storedKeys());
    return acknowledged.every(key => stored.has(key));
  });
  await last.stop();
  expect(new Set(storedKeys()).size).toBe(storedKeys().length);
  const signals = inDatabase<{ id: number; times: number }>(
    `select data ->> 'delivery' as id, count(*) as times from journal where kind = 'signal' group by 1`,
  );
  expect(signals.filter(({ times }) => times !== 1)).toEqual([]);
  expect(signals).toHaveLength(storedKeys().length);
  expect(last.output()).not.toContain('damaged');
});

it('answers everything that is under way when it is asked to stop, and has it afterwards', async () => {
  const service = await installation.serve();
  const acknowledged = await sendUntilGone('stopped', count => {
    if (count === 200) service.child.kill('SIGTERM');
  });
  expect(await service.ended, service.output()).toBe(0);
  const next = await installation.serve();
  await eventually('everything is read', async () => {
    const stored = new Set(storedKeys());
    return acknowledged.every(key => stored.has(key));
  });
  await next.stop();
});
