import { expect, it } from 'vitest';
import { compare, runChaos } from './chaos.ts';
import { drawHistory } from './history.ts';

/** A history that nobody has seen, each time; a run that fails names its seed. */
const SEED = Number(process.env['SIGNALBOX_SEED'] ?? Math.floor(Math.random() * 1e9));

it.each([
  { database: 'sqlite', processes: 1, events: 40 },
  { database: 'postgres', processes: 3, events: 24 },
] as const)(
  'loses nothing and does nothing twice: $events events on $database, $processes process(es)',
  {
    timeout: 400_000,
  },
  async options => {
    const said: string[] = [];
    const figures = await runChaos({ seed: SEED, ...options }, line => said.push(line));
    const { faults, kills, databaseKills, lost, duplicated } = figures;
    const again = `npm run test:chaos -- --seed ${SEED} --events ${options.events} --database ${options.database}`;
    expect({ lost, duplicated }, [again, ...said].join('\n')).toEqual({ lost: [], duplicated: [] });
    expect(Object.values(faults).some(count => count > 0)).toBe(true);
    expect(kills).toBeGreaterThan(0);
    if (options.database === 'postgres') expect(databaseKills).toBeGreaterThan(0);
  },
);

it('draws the same history for the same seed, with all six automations in it', () => {
  const history = drawHistory(SEED, 300);
  expect(drawHistory(SEED, 300)).toEqual(history);
  const kinds = new Set(history.events.map(event => event.do));
  for (const kind of ['open', 'retarget', 'merge', 'test', 'upload', 'promote', 'press', 'mail', 'report', 'push'])
    expect(kinds).toContain(kind);
});

it.each([
  ['lost', { a: 1 }, {}, 'a: 0 instead of 1'],
  ['lost', { a: 'In Review' }, { a: 'To Do' }, 'a: To Do instead of In Review'],
  ['lost', { a: 'v1=0 v2=1' }, { a: 'v1=0' }, 'a: v1=0 instead of v1=0 v2=1'],
  ['duplicated', { a: 1 }, { a: 2 }, 'a: 2 instead of 1'],
  ['duplicated', {}, { a: 1 }, 'a: 1 instead of 0'],
  ['duplicated', { a: '1,2,3' }, { a: '1,2,2,3' }, 'a: 1,2,2,3 instead of 1,2,3'],
])('calls a difference %s: %o, %o', (kind, expected, found, line) => {
  expect(compare(expected, found)).toEqual({ lost: [], duplicated: [], [kind]: [line] });
});
