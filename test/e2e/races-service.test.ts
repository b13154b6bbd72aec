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
const report = (id: string, more: Record<string, unknown> = {}) => ({ id, text: VALVE, ...more });

/** The only issue about a race. */
async function theIssue() {
  const issues = await stage.issues();
  expect(issues).toHaveLength(1);
  return issues[0]!;
}

describe('a race that is new', () => {
  test('gets one issue: both accesses first, then how often and where, then the stacks', async () => {
    const { status, body } = await stage.report('box-1', { build: '5.4.1', reports: [report('a', { count: 3 })] });
    expect([status, body.accepted, body.races[0]?.new]).toEqual([202, 1, true]);
    await stage.quiet();
    const issue = await theIssue();
    expect(issue.title).toBe('Data race: (*Gauge).Read ↔ (*Valve).Open (pump)');
    expect(issue.labels).toEqual(['race condition']);
    expect(issue.description).toMatch(/^\| Access \| Function \| Line \|/);
    expect(issue.description).toContain(
      '| Write | `acme.example/pump.(*Valve).Open` | `/srv/build/pump/valve.go:41` |',
    );
    expect(issue.description).toContain('**Seen 3 times** on 1 box, in 1 build');
    expect(issue.description).toMatch(/\| `box-1` \| `5.4.1` \| 3 \|/);
    expect(issue.description).toContain('<details>\n<summary>Both stacks');
    expect(await stage.notes(issue.iid)).toEqual([]);
  });

  test('that two boxes report at the same moment gets one issue', async () => {
    await Promise.all(['box-1', 'box-2'].map(box => stage.report(box, { reports: [report('a')] })));
    await stage.quiet();
    await theIssue();
  });

  test('sent again in the same batch or another, is the same', async () => {
    await stage.report('box-1', { reports: [report('a'), report('a')] });
    const again = await stage.report('box-1', { reports: [report('a')] });
    expect([again.status, again.body.known]).toEqual([200, 1]);
    await stage.quiet();
    const issue = await theIssue();
    expect(issue.description).toContain('**Seen once**');
    expect(await stage.notes(issue.iid)).toEqual([]);
  });
});

describe('a race that is known', () => {
  test('seen again: one comment a day with the counts, the status edited in place', async () => {
    await stage.report('box-1', { build: '5.4.1', reports: [report('a')] });
    await stage.quiet();
    await stage.report('box-2', { build: '5.4.1', reports: [report('a', { count: 4 })] });
    await stage.quiet();
    const { iid } = await theIssue();
    const notes = await stage.notes(iid);
    expect(notes).toHaveLength(1);
    expect(notes[0]?.body).toMatch(/^\*\*Seen again 4 times\*\* on 1 box\./);
    expect(notes[0]?.body).toMatch(/\| `box-2` \| `5.4.1` \| 4 \|/);

    await stage.report('box-1', { build: '5.4.1', reports: [report('b', { count: 2 })] });
    await stage.quiet();
    const edited = await stage.notes(iid);
    expect(edited.map(note => note.id)).toEqual(notes.map(note => note.id));
    expect(edited[0]?.body).toMatch(/^\*\*Seen again 6 times\*\* on 2 boxes\./);
    expect((await theIssue()).description).toContain('**Seen 7 times** on 2 boxes, in 1 build');

    stage.forward(DAY);
    await stage.report('box-1', { build: '5.4.1', reports: [report('c')] });
    await stage.quiet();
    const nextDay = await stage.notes(iid);
    expect(nextDay).toHaveLength(2);
    expect(nextDay[1]?.body).toMatch(/^\*\*Seen again once\*\* on 1 box\./);
  });

  test('what people write into the issue stays', async () => {
    await stage.report('box-1', { reports: [report('a')] });
    await stage.quiet();
    const issue = await theIssue();
    const description = `I look into this. /Ada\n\n${issue.description}\n\nAnd below.`;
    await stage.must('developer', 'PUT', `${PROJECT}/issues/${issue.iid}`, { description, title: 'The valve race' });
    await stage.report('box-2', { reports: [report('a')] });
    await stage.quiet();
    const after = await theIssue();
    expect(after.description).toMatch(/^I look into this\. \/Ada\n\n\| Access/);
    expect(after.description).toMatch(/And below\.$/);
    expect(after.description).toContain('**Seen 2 times**');
    expect(after.title).toBe('The valve race');
  });

  test('with the database lost, is found again by its marker, and commented on no second time that day', async () => {
    await stage.report('box-1', { reports: [report('a', { count: 5 })] });
    await stage.quiet();
    await stage.report('box-2', { reports: [report('a', { count: 2 })] });
    await stage.quiet();
    await stage.loseDatabase();
    await stage.report('box-2', { reports: [report('b', { count: 3 })] });
    await stage.quiet();
    const issue = await theIssue();
    expect(await stage.notes(issue.iid)).toHaveLength(1);
    expect(issue.description).toContain('**Seen 10 times**');
  });
});
