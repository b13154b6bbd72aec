import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { DAY, PROJECT, type RacesStage, setRacesStage } from './races-service-stage.ts';

// Against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: RacesStage;
beforeEach(async () => {
  stage = await setRacesStage();
});
afterEach(() => stage.close());

const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
let next = 0;

async function seen(build: string | null, box = 'box-1') {
  await stage.report(box, { reports: [{ id: `${next++}`, text: VALVE, build }] });
  await stage.quiet();
}

async function filed(build: string | null): Promise<number> {
  await seen(build);
  return (await stage.issues())[0]!.iid;
}

async function close(iid: number) {
  await stage.must('maintainer', 'PUT', `${PROJECT}/issues/${iid}`, { state_event: 'close' });
  await stage.quiet();
}

const head = async (branch: string): Promise<string> =>
  (await stage.must('admin', 'GET', `${PROJECT}/repository/branches/${encodeURIComponent(branch)}`)).commit.id;
const states = async () => (await stage.issues()).map(issue => issue.state);

describe('a closed race', () => {
  test('seen by a build that ran before it was closed is recorded, and nothing more', async () => {
    const iid = await filed('5.4.1');
    await close(iid);
    const before = await stage.writes();
    stage.forward(DAY);
    await seen('5.4.1', 'box-2');
    expect(await states()).toEqual(['closed']);
    expect(await stage.writes()).toEqual(before);
  });

  test('fixed by a merge request: builds without it are recorded, one with it reopens the issue', async () => {
    const old = await head('main');
    const iid = await filed(`5.5.0-3-g${old.slice(0, 10)}`);
    const { iid: fix } = await stage.must('developer', 'POST', `${PROJECT}/merge_requests`, {
      source_branch: 'feature/licence',
      target_branch: 'main',
      title: 'Lock the valve',
      description: `Closes #${iid}`,
    });
    await stage.quiet();
    await stage.must('maintainer', 'PUT', `${PROJECT}/merge_requests/${fix}/merge`);
    await stage.quiet();
    expect(await states()).toEqual(['closed']);

    // Built after the issue was closed, but from before the fix: only the commit tells.
    await seen(`5.5.0-4-g${old.slice(0, 9)}`);
    expect(await states()).toEqual(['closed']);
    expect(await stage.notes(iid)).toEqual([]);

    const fixed = await head('main');
    expect(fixed).not.toBe(old);
    stage.forward(2 * DAY);
    const heartbeat = { build: `5.5.0-5-g${fixed.slice(0, 12)}`, running_seconds: 40 * 3600 };
    const { body } = await stage.report('box-2', { heartbeat, reports: [{ id: 'same', text: VALVE, build: old }] });
    await stage.quiet();
    const explanation = await stage.explain(`race:${body.races[0]?.fingerprint}`);
    expect(explanation?.decision?.because).toContain(
      `Boxes ran 40 hours on builds with the fix since #${iid} was closed.`,
    );

    await seen(`5.5.0-5-g${fixed.slice(0, 12)}`);
    expect(await states()).toEqual(['opened']);
    const [note] = await stage.notes(iid);
    expect(note?.body).toMatch(
      /^\*\*Regression: it is back in a build with the fix\.\*\* Seen 2 times on 2 boxes today\./,
    );

    await seen(`5.5.0-5-g${fixed.slice(0, 12)}`, 'box-2');
    expect(await stage.notes(iid)).toHaveLength(1);
  });

  test('back after more than 90 days, in a build that is new, gets a new issue that follows the old one', async () => {
    const iid = await filed('5.4.1');
    await seen('5.4.1', 'box-2');
    await close(iid);
    stage.forward(91 * DAY);
    await seen('5.4.9');
    const issues = await stage.issues();
    expect(issues.map(issue => issue.state)).toEqual(['closed', 'opened']);
    expect(issues[1]?.description).toContain(`It is back: it follows #${iid}.`);
    await seen('5.4.9', 'box-2');
    expect(await stage.issues()).toHaveLength(2);
    expect(await stage.notes(issues[1]!.iid)).toHaveLength(1);
  });

  test('does not take a build for fixed of which nobody can say what is in it', async () => {
    const iid = await filed('5.4.1');
    await close(iid);
    stage.forward(2 * DAY);
    const heartbeat = { build: `main-g${(await head('main')).slice(0, 10)}`, running_seconds: 40 * 3600 };
    expect((await stage.report('box-1', { heartbeat })).status).toBe(200);
    // A build that GitLab does not know, and that came after: nobody can say whether it has the fix.
    await stage.report('box-2', { heartbeat: { build: 'unknown', running_seconds: 40 * 3600 } });
    const { body } = await stage.report('box-1', { reports: [{ id: 'x', text: VALVE, build: '5.4.1' }] });
    await stage.quiet();
    const explanation = await stage.explain(`race:${body.races[0]?.fingerprint}`);
    expect(explanation?.decision?.because).toContain(
      `Boxes ran 0 hours on builds with the fix since #${iid} was closed.`,
    );
  });
});

test('a silent box is told in explain and in the journal, and so is one without the race detector', async () => {
  await stage.report('box-1', { heartbeat: { build: '5.4.1', running_seconds: 60 } });
  await stage.quiet();
  await stage.report('box-2', { heartbeat: { build: '5.4.1', race: false } });
  const look = async () => {
    await stage.service().engine.replay('race-boxes:acme/appliance', 'the test');
    await stage.quiet();
    return (await stage.explain('race-boxes:acme/appliance'))!;
  };
  expect((await look()).decision?.verdict).toBe('1 of 2 boxes say nothing');
  stage.forward(2 * DAY);
  const { decision, journal, next: later } = await look();
  expect(decision?.verdict).toBe('2 of 2 boxes say nothing');
  expect(decision?.because[0]).toMatch(/^box-1 is silent since 20/);
  expect(journal[0]?.data).toMatchObject({ verdict: '2 of 2 boxes say nothing' });
  expect(later?.due_at).not.toBeNull();
});
