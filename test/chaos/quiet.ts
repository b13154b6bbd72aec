import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { control, type World } from './world.ts';

interface Work {
  key: string;
  due_at: string | null;
  running: boolean;
  laid_aside: boolean;
  attempts: number;
  error: unknown;
}

/** Rounds that come by themselves every ten minutes, or at night: what lost webhooks should have said is found by them. */
const ROUNDS = /^(?:resync|webhooks|libraries|escalation-night):/;
/** A round that comes twice a minute. */
const STANDING = /^escalation-releases:/;
/** Keys that look by themselves are always due some time; nothing that is under way waits longer than this without an error. */
const SOON = 60_000;
/** What is due sooner than this is waited for. */
const LONG = 1000;

/**
 * Resolves when the service has nothing to do, after a round over everything; fails with what is left after `patience` ms. What a round
 * spreads over minutes, and what is told once an hour at most, is asked for.
 */
export async function untilQuiet(world: World, patience: number): Promise<void> {
  await untilNothingIsDue(world, patience);
  const rounds = (await workOf(world, 0)).map(({ key }) => key).filter(key => ROUNDS.test(key));
  if (rounds.length === 0) throw new Error('there are no rounds to ask for');
  for (const key of rounds) await replay(world, key);
  const asked = new Set<string>();
  for (;;) {
    await untilNothingIsDue(world, patience);
    const open = (await workOf(world, 0)).map(({ key }) => key).filter(key => !ROUNDS.test(key) && !STANDING.test(key));
    const fresh = open.filter(key => !asked.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) {
      asked.add(key);
      await replay(world, key);
    }
  }
}

export async function untilNothingIsDue(world: World, patience: number): Promise<void> {
  for (const end = Date.now() + patience; ; ) {
    await control(world.gitlabUrl, 'POST', 'settle');
    await control(world.freshdeskUrl, 'POST', 'settle');
    const [bytes, work] = await Promise.all([unread(world), workOf(world, 0)]);
    const left = work.filter(isLeft);
    if (bytes.length === 0 && left.length === 0) return;
    if (Date.now() > end) throw new Error(`still to do: ${JSON.stringify([...bytes, ...left], null, 1)}`);
    await hasten(world, left);
    await sleep(100);
  }
}

/** What only waits for its turn, as keys do that were looked at just before, is asked for: a person may do so at any time. */
async function hasten(world: World, left: readonly Work[]): Promise<void> {
  const waiting = left.filter(({ running, due_at }) => !running && Date.parse(due_at ?? '') > Date.now() + LONG);
  for (const { key } of waiting) await replay(world, key);
}

function replay(world: World, key: string): Promise<unknown> {
  return askProcess(world, 0, `/v1/work/${encodeURIComponent(key)}/replay`, 'POST');
}

function isLeft({ key, running, due_at, error }: Work): boolean {
  if (running) return true;
  if (STANDING.test(key) && error === null) return false;
  return due_at !== null && (error !== null || Date.parse(due_at) < Date.now() + SOON);
}

/** What was laid aside for a person: nothing may be, for every fault goes away. */
export async function laidAside(world: World): Promise<string[]> {
  return (await workOf(world, 0)).filter(work => work.laid_aside).map(work => work.key);
}

/** Whether the record is whole: every row is chained to the one before it, whoever wrote either. */
export async function isJournalWhole(world: World): Promise<boolean> {
  const { ok } = (await askProcess(world, 0, '/v1/journal/proof')) as { ok: boolean };
  return ok;
}

async function workOf(world: World, which: number): Promise<Work[]> {
  const states = ['running', 'due', 'laid_aside'].map(state => askProcess(world, which, `/v1/work?state=${state}`));
  return ((await Promise.all(states)) as { work: Work[] }[]).flatMap(({ work }) => work);
}

/** Deliveries that were acknowledged and not read yet, each process's own. */
async function unread(world: World): Promise<string[]> {
  const left: string[] = [];
  for (const which of world.installations.keys()) {
    const bytes = /^signalbox_intake_unread_bytes\S* (\d+)/m.exec(
      String(await askProcess(world, which, '/metrics')),
    )?.[1];
    if (bytes !== '0') left.push(`${bytes} bytes of deliveries at process ${which}`);
  }
  return left;
}

/** Asks one of the processes, with the token that each puts into its data directory. */
export async function askProcess(
  { installations }: World,
  which: number,
  path: string,
  method = 'GET',
): Promise<unknown> {
  const file = join(installations[which]!.directory, 'data', 'control.json');
  const { url, token } = JSON.parse(await readFile(file, 'utf8')) as { url: string; token: string };
  const answer = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}
