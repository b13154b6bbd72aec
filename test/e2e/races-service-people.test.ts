import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { type RacesStage, setRacesStage } from './races-service-stage.ts';

// Against hanging, not against a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let stage: RacesStage;
beforeEach(async () => {
  stage = await setRacesStage();
});
afterEach(() => stage.close());

const VALVE = goReport('acme.example/pump.(*Valve).Open', 'acme.example/pump.(*Gauge).Read');
const MOTOR = goReport('acme.example/pump.(*Motor).Stop', 'acme.example/pump.(*Motor).Speed');
const from = (caller: string) => VALVE.replaceAll('acme.example/pump.Run()', `acme.example/pump.${caller}()`);
let next = 0;

/** Reports a race once more, and says which it is. */
async function seen(text: string, box = 'box-1'): Promise<string> {
  const { body } = await stage.report(box, { reports: [{ id: `${next++}`, text }] });
  await stage.quiet();
  return body.races[0]?.fingerprint ?? '';
}

async function twoIssues(): Promise<[number, number]> {
  await seen(VALVE);
  await seen(MOTOR);
  const [a, b] = (await stage.issues()).map(issue => issue.iid);
  return [a!, b!];
}

const text = async (iid: number) => (await stage.issues()).find(issue => issue.iid === iid)?.description ?? '';

test('merge: the race is told in the other issue from then on, until unmerge', async () => {
  const [valve, motor] = await twoIssues();
  await stage.say('developer', motor, `Same cause.\n/signalbox merge #${valve}`);
  expect(await text(motor)).toContain(`A member said that this is the race of #${valve}`);
  expect(await text(valve)).toContain('Also told here:');
  await seen(MOTOR, 'box-2');
  expect(await stage.notes(motor)).toHaveLength(0);
  const [note] = await stage.notes(valve);
  expect(note?.body).toContain('Seen again');
  expect(await text(valve)).toContain('**Seen 3 times** on 2 boxes');

  await stage.say('developer', motor, '/signalbox unmerge');
  await seen(MOTOR, 'box-2');
  expect(await text(motor)).toContain('**Seen 3 times**');
  expect(await text(motor)).not.toContain('A member said');
  expect(await stage.notes(motor)).toHaveLength(1);
});

test('merge: two races cannot be told in each other', async () => {
  const [valve, motor] = await twoIssues();
  await stage.say('developer', motor, `/signalbox merge #${valve}`);
  await stage.say('developer', valve, `/signalbox merge #${motor}`);
  await seen(VALVE, 'box-2');
  expect(await stage.notes(valve)).toHaveLength(1);
  expect(await text(valve)).toContain('**Seen 3 times**');
});

test('ignore: it is counted and told in the status, without a comment, until the day named', async () => {
  await seen(VALVE);
  const [{ iid } = { iid: 0 }] = await stage.issues();
  const year = new Date(stage.now()).getUTCFullYear() + 1;
  await stage.say('maintainer', iid, `/signalbox ignore until ${year}: only the log level, @all`);
  await seen(VALVE, 'box-2');
  expect(await stage.notes(iid)).toEqual([]);
  expect(await text(iid)).toMatch(new RegExp(`A member ignores this until ${year}-12-31: only the log level`));
  expect(await text(iid)).toContain('**Seen 2 times**');
  stage.forward(800 * 86_400_000);
  await seen(VALVE, 'box-2');
  expect(await stage.notes(iid)).toHaveLength(1);
});

test('split: what is reported from then on is told apart by its callers', async () => {
  const old = await seen(from('Start'));
  const [{ iid } = { iid: 0 }] = await stage.issues();
  await stage.say('developer', iid, '/signalbox split');
  const fingerprints = [await seen(from('Start')), await seen(from('Reload')), await seen(from('Start'))];
  expect(new Set([old, ...fingerprints]).size).toBe(3);
  expect(fingerprints[2]).toBe(fingerprints[0]);
  const issues = await stage.issues();
  expect(issues).toHaveLength(3);
  for (const issue of issues.slice(1)) expect(issue.description).toContain(`A member told it apart from #${iid}.`);
});

test('lookthrough: the same for one function', async () => {
  await seen(from('Start'));
  const [{ iid } = { iid: 0 }] = await stage.issues();
  await stage.say('developer', iid, '/signalbox lookthrough acme.example/pump.(*Valve).Open');
  await seen(from('Reload'));
  expect((await stage.issues())[1]?.title).toContain('(*Valve).Open < Reload');
});

test('who may not, and what is not understood, gets one answer and has no effect', async () => {
  const [valve, motor] = await twoIssues();
  await stage.say('developer', valve, '/signalbox merge 12');
  await stage.say('reporter', valve, `/signalbox merge #${motor}`);
  await stage.say('developer', valve, 'And another word.');
  expect((await stage.notes(valve)).map(note => note.body.split('\n')[0])).toEqual([
    'Not understood, `developer`: `/signalbox merge 12`.',
    'Not followed, `reporter`: this takes the role developer (or higher) in this project.',
  ]);
  expect(await stage.notes(motor)).toEqual([]);
});
