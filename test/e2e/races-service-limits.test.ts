import { afterEach, expect, test, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { aliveInPlainText, readAsGitLab } from '../../src/gitlab/text/testing/oracle.ts';
import { DAY, PROJECT, type RacesStage, setRacesStage } from './races-service-stage.ts';

// Against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const stages: RacesStage[] = [];
async function setStage(options: Parameters<typeof setRacesStage>[0] = {}): Promise<RacesStage> {
  const stage = await setRacesStage(options);
  stages.push(stage);
  return stage;
}
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.close();
});

const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
const raceOf = (index: number) =>
  goReport(`acme.example/pump.(*Part${index}).Set`, `acme.example/pump.(*Part${index}).Get`);

test('6,000 sightings over ten days are at most ten comments, and all are counted', { timeout: 240_000 }, async () => {
  const stage = await setStage();
  for (let day = 0; day < 10; day++) {
    for (const [box, scans] of [['box-1', 2] as const, ['box-2', 2] as const]) {
      for (let scan = 0; scan < scans; scan++) {
        const reports = Array.from({ length: 150 }, (_, index) => ({ id: `${day}-${scan}-${index}`, text: VALVE }));
        expect((await stage.report(box, { build: `5.4.${day}`, reports })).status).toBe(202);
      }
      await stage.quiet();
    }
    stage.forward(DAY);
  }
  const issues = await stage.issues();
  expect(issues).toHaveLength(1);
  const notes = await stage.notes(issues[0]!.iid);
  expect(notes.length).toBeGreaterThanOrEqual(9);
  expect(notes.length).toBeLessThanOrEqual(10);
  await stage.report('box-1', { reports: [{ id: 'the last', text: VALVE }] });
  await stage.quiet();
  expect((await stage.issues())[0]?.description).toContain('**Seen 6001 times** on 2 boxes, in 10 builds');
});

test('500 new races in one scan: as many issues as a day may have, and one digest of all others', async () => {
  const stage = await setStage({ settings: '  new_issues_per_day: 4\n' });
  const reports = Array.from({ length: 500 }, (_, index) => ({ id: `${index}`, text: raceOf(index) }));
  for (const part of [0, 250]) await stage.report('box-1', { reports: reports.slice(part, part + 250) });
  await stage.quiet();
  const issues = await stage.issues();
  const digests = issues.filter(issue => issue.title.startsWith('Data races of '));
  expect([issues.length, digests.length]).toEqual([5, 1]);
  expect(digests[0]?.description).toContain('**496 races** of ');
  expect(digests[0]?.description).toContain('And 396 more');

  stage.forward(DAY);
  const told = /`race:([0-9a-f]{32})`/.exec(digests[0]?.description ?? '')?.[1] ?? '';
  await stage.service().engine.replay(`race:${told}`, 'the test');
  await stage.quiet();
  expect(await stage.issues()).toHaveLength(6);
}, 120_000);

test('a baseline makes only the most frequent races into issues', async () => {
  const stage = await setStage({ settings: '  baseline: { top: 2, for: 24h }\n' });
  const reports = [1, 9, 3, 7, 5].map((count, index) => ({ id: `${index}`, text: raceOf(index), count }));
  await stage.report('box-1', { reports });
  await stage.quiet();
  const titles = (await stage.issues()).map(issue => issue.title);
  expect(titles.filter(title => title.startsWith('Data race: ')).toSorted()).toEqual([
    'Data race: (*Part1).Get ↔ (*Part1).Set (pump)',
    'Data race: (*Part3).Get ↔ (*Part3).Set (pump)',
  ]);
  expect(titles.filter(title => title.startsWith('Data races of '))).toHaveLength(1);
});

test('a side that is in many open issues is not made into one more', async () => {
  const stage = await setStage({ settings: '  fan_out: 2\n' });
  for (let index = 0; index < 4; index++) {
    const text = goReport('acme.example/pump.(*Log).Write', `acme.example/pump.(*Part${index}).Run`);
    await stage.report('box-1', { reports: [{ id: `${index}`, text }] });
    await stage.quiet();
  }
  const issues = await stage.issues();
  expect(issues).toHaveLength(3);
  expect(issues[0]?.description).toContain('Also told here:');
  expect(issues[0]?.description).toContain('Part3');
});

test('nothing in a log comes to life in an issue', async () => {
  const stage = await setStage();
  const hostile = [
    '@all',
    '/close',
    '#1',
    '!2',
    '~bug',
    '</details>',
    '```',
    '<!--x-->',
    '[a](http://x.example)',
    '![a](http://x.example/y.png)',
    '{+x+}',
  ];
  const frames = hostile.map(
    (piece, index) => `  acme.example/pump.${piece}${index}()\n      /srv/build/${piece}/x.go:1 +0x1`,
  );
  const text = goReport('acme.example/pump.(*Valve).`@all`', 'acme.example/pump.</details>').replace(
    /(?<=Write[^\n]*\n[^\n]*\n[^\n]*\n)/,
    `${frames.join('\n')}\n`,
  );
  const [before, ...after] = text.split('\n');
  const log = [before, '/close', '@all see #1', '-----BEGIN PRIVATE KEY-----', 'password=hunter2', ...after].join('\n');
  for (const [index, name] of hostile.entries()) {
    const named = { build: name, heartbeat: { build: name }, reports: [{ id: `${index}`, text: log, log: name }] };
    expect((await stage.report('box-1', { ...named, host: `${name} box` })).status).toBe(202);
    await stage.quiet();
  }
  const [issue] = await stage.issues();
  expect(issue?.description).toContain('acme.example/pump.<!--x-->7()');
  expect(aliveInPlainText(issue?.title ?? '')).toEqual([]);
  const alive = (body: string) =>
    readAsGitLab(body).alive.filter(
      each =>
        !/^html: (<!-- signalbox:race[a-z-]* key=[^ ]+[^<>]* -->|<details>\n<summary>[^<]*<\/summary>|<\/details>)$/.test(
          each,
        ),
    );
  expect(alive(issue?.description ?? '')).toEqual([]);
  const notes = await stage.notes(issue!.iid);
  expect(notes.length).toBeGreaterThan(0);
  for (const note of notes) expect(alive(note.body)).toEqual([]);
  expect(issue?.state).toBe('opened');
  expect(issue?.description).not.toContain('hunter2');
});

test('a dry run decides, and sends nothing', async () => {
  const stage = await setStage({ dryRun: true });
  const { body } = await stage.report('box-1', { reports: [{ id: 'a', text: VALVE }] });
  await stage.quiet();
  expect(await stage.writes()).toEqual([]);
  const explanation = await stage.explain(`race:${body.races[0]?.fingerprint}`);
  expect(explanation?.decision).toMatchObject({ verdict: 'new: create', plan: ['open an issue in acme/appliance'] });
});

test('a label that does not exist is a finding, not a new label', async () => {
  const stage = await setStage({ settings: '  label: soak race\n' });
  const { body } = await stage.report('box-1', { reports: [{ id: 'a', text: VALVE }] });
  await stage.quiet();
  expect(await stage.writes()).toEqual([]);
  const key = `race:${body.races[0]?.fingerprint}`;
  const explanation = await stage.explain(key);
  expect(explanation?.decision?.verdict).toBe('label is missing: wait');
  expect(explanation?.decision?.because[0]).toContain('The label "soak race" does not exist in the project.');
  expect(explanation?.next?.due_at).not.toBeNull();

  await stage.must('maintainer', 'POST', `${PROJECT}/labels`, { name: 'soak race', color: '#dc143c' });
  stage.forward(60_000);
  await stage.service().engine.replay(key, 'the test');
  await stage.quiet();
  expect(await stage.must('admin', 'GET', `${PROJECT}/issues?labels=soak%20race`)).toHaveLength(1);
});
