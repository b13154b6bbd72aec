import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { eventually, person } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts';
import { linesOf } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

const PROJECT = '/projects/acme%2Fappliance';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Longer than any key waits that looks by itself. */
const ROUND = 20 * 60_000;

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let clock: FaultyDisk;
let installation: Installation;
let service: ServeProcess;
beforeEach(async () => {
  clock = faultyDisk();
  sandbox = await startSandbox();
  installation = await install(sandbox.gitlab.url);
  service = await installation.serve(clock.environment);
  const hook = { url: `${installation.url}/hooks/gitlab`, token: HOOK_SECRET, merge_requests_events: true };
  expect((await person(sandbox.gitlab.url, 'admin').post(`${PROJECT}/hooks`, hook)).status).toBe(201);
});
afterEach(async () => {
  await service.stop();
  await sandbox.close();
  await installation.remove();
  clock.remove();
});

const developer = () => person(sandbox.gitlab.url, 'developer');

async function openMismatch(): Promise<number> {
  const branch = `clock-${randomUUID()}`;
  await developer().post(`${PROJECT}/repository/branches`, { branch, ref: 'feature/backup-share' });
  const merge = { source_branch: branch, target_branch: 'release/5.3', title: branch };
  const created = await developer().post(`${PROJECT}/merge_requests`, merge);
  expect(created.status).toBe(201);
  return created.body.iid as number;
}

/** How many threads of ours a merge request has, and how many of them are open. */
async function threadsOf(iid: number): Promise<{ all: number; open: number }> {
  const { body } = await developer().get(`${PROJECT}/merge_requests/${iid}/discussions`);
  const notes = (body as { notes: { resolvable?: boolean; resolved?: boolean }[] }[]).map(each => each.notes[0]);
  const ours = notes.filter(note => note?.resolvable);
  return { all: ours.length, open: ours.filter(note => !note?.resolved).length };
}
const isHeldUp = async (iid: number) => (await threadsOf(iid)).open === 1;

interface Work {
  key: string;
  due_at: string | null;
}

async function ask(path: string): Promise<Response> {
  const file = join(installation.directory, 'data', 'control.json');
  const { token } = JSON.parse(await readFile(file, 'utf8')) as { token: string };
  const answer = await fetch(`${installation.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return answer;
}

/** Every key that looks by itself is due within a round of the time that the service goes by, none is due in an hour or a day. */
async function untilRoundsAreDue(ahead: number): Promise<void> {
  await eventually('every round is due within its time', async () => {
    const { work } = (await (await ask('/v1/work?state=due')).json()) as { work: Work[] };
    const now = Date.now() + ahead;
    const standing = work.filter(({ key }) => /^(resync|webhooks):/.test(key));
    return standing.length === 2 && standing.every(({ due_at }) => Date.parse(due_at ?? '') - now < ROUND);
  });
}

/** How many rounds over the project there were since the start. */
async function rounds(): Promise<number> {
  const text = await (await ask('/metrics')).text();
  const counts = text.matchAll(/^signalbox_look_seconds_count\{kind="resync",\S+ (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

it('looks at everything in time, once, when the clock is set forward a day, and back by a day and an hour', async () => {
  const first = await openMismatch();
  await eventually('the first is held up', () => isHeldUp(first));
  await untilRoundsAreDue(0);
  const before = await rounds();

  clock.jump(DAY);
  const second = await openMismatch();
  await eventually('the second is held up', () => isHeldUp(second));
  await untilRoundsAreDue(DAY);
  // The round that has become due by it has come once.
  await eventually('the round was looked at', async () => (await rounds()) > before);
  await untilRoundsAreDue(DAY);
  expect(await rounds()).toBe(before + 1);

  clock.jump(-DAY - HOUR);
  // What was last looked at in the future is looked at now, and so is what is new.
  for (const iid of [first, second]) {
    const target = { target_branch: 'main' };
    expect((await developer().put(`${PROJECT}/merge_requests/${iid}`, target)).status).toBe(200);
  }
  const third = await openMismatch();
  await eventually('the third is held up', () => isHeldUp(third));
  for (const iid of [first, second]) {
    await eventually('its thread is resolved', async () => (await threadsOf(iid)).open === 0);
  }
  await untilRoundsAreDue(-HOUR);
  for (const iid of [first, second, third]) expect((await threadsOf(iid)).all).toBe(1);
  const told = linesOf(service.output()).filter(({ msg }) => String(msg).startsWith('the clock was set back'));
  expect(told).toHaveLength(1);
  expect(Math.abs(Number(told[0]!['seconds']) - (DAY + HOUR) / 1000)).toBeLessThan(60);

  // The same when it was set while nothing ran.
  await service.stop();
  clock.jump(-HOUR);
  service = await installation.serve(clock.environment);
  await untilRoundsAreDue(-2 * HOUR);
  expect(service.output()).toContain('the clock was set back since the last start');
  const fourth = await openMismatch();
  await eventually('the fourth is held up', () => isHeldUp(fourth));
});
