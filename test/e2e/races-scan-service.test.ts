import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { type Ended, ended, startScan } from '../support/run-scan.ts';
import { PROJECT, type RacesStage, setRacesStage, tokenOf } from './races-service-stage.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'races-boxes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const report = (n: number): string =>
  goReport(`acme.example/pump.(*V${n}).Open`, `acme.example/pump.(*G${n}).Read`, { address: `0x00c000${100000 + n}` });
const titleOf = (n: number): string => `Data race: (*G${n}).Read ↔ (*V${n}).Open (pump)`;
function writeLog(box: string, numbers: readonly number[]): void {
  mkdirSync(at(box), { recursive: true });
  appendFileSync(at(`${box}/app.log`), numbers.map(n => `level=info msg="before ${n}"\n${report(n)}`).join(''));
}

describe('boxes with a real service', { timeout: 180_000 }, () => {
  let stage: RacesStage;
  beforeEach(async () => {
    stage = await setRacesStage({ settings: '  new_issues_per_day: 100\n' });
    for (const box of ['box-1', 'box-2']) writeFileSync(at(`${box}.token`), tokenOf(box), { mode: 0o600 });
  });
  afterEach(() => stage.close());

  const box = (name: string, ...more: string[]) => {
    const service = ['--service', stage.service().url, '--token-file', at(`${name}.token`), '--source', name];
    return startScan(folder, [at(name), ...service, '--host', name, '--settle', '0s', ...more]);
  };
  const scan = (name: string, ...more: string[]): Promise<Ended> => ended(box(name, ...more));

  it('come to one issue for each race, and to a comment with the count when it is seen again', async () => {
    writeLog('box-1', [1, 2, 1]);
    writeLog('box-2', [2, 3]);
    const both = await Promise.all(['box-1', 'box-2'].map(name => scan(name, '--build', '5.4.1', '--heartbeat')));
    for (const { code, err } of both) expect(code, err).toBe(0);
    await stage.quiet();
    const issues = await stage.issues();
    expect(issues.map(issue => issue.title).sort()).toEqual([1, 2, 3].map(titleOf));
    // Both see race 2. Whichever was looked at first made the issue; the other's report is in it too, or in the day's comment.
    const before = (await Promise.all(issues.map(({ iid }) => stage.notes(iid)))).flat();
    expect(before.length).toBeLessThanOrEqual(1);
    const commented = before[0]?.body.includes('| `box-1` | `5.4.1` | 1 |') ? 1 : 0;

    writeLog('box-1', [2, 2]);
    const again = await scan('box-1', '--build', '5.4.1', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ sent: { reports: 2, accepted: 2, known: 0, refused: 0 } });
    await stage.quiet();
    expect(await stage.issues()).toHaveLength(3);
    const shared = issues.find(issue => issue.title === titleOf(2));
    const notes = await stage.notes(shared?.iid ?? 0);
    expect(notes).toHaveLength(1);
    expect(notes[0]?.body).toContain(`| \`box-1\` | \`5.4.1\` | ${commented + 2} |`);
    const now = (await stage.issues()).find(issue => issue.title === titleOf(2));
    expect(now?.description).toContain('**Seen 4 times** on 2 boxes');
    // Nothing new: nothing is sent, and nothing changes.
    const writes = (await stage.writes()).length;
    expect((await scan('box-1')).out).toContain('0 races, 0 reports');
    await stage.quiet();
    expect(await stage.writes()).toHaveLength(writes);
  });

  it('that are killed while they scan have told everything once after the next scan', async () => {
    writeLog(
      'box-1',
      Array.from({ length: 300 }, (_, n) => n % 6),
    );
    const started = performance.now();
    await scan('box-1', '--dry-run');
    const whole = performance.now() - started;
    let kills = 0;
    // The first comes before any process has ended, however the load of the machine changes; the others all the way through.
    for (const share of [0, 0.5, 0.7, 0.85, 1, 1.15]) {
      const child = box('box-1');
      const timer = setTimeout(() => child.kill('SIGKILL'), Math.max(100, whole * share));
      if ((await ended(child)).code === null) kills++;
      clearTimeout(timer);
    }
    expect(kills).toBeGreaterThan(0);
    const last = await scan('box-1');
    expect(last.code, last.err).toBe(0);
    await stage.quiet();
    const issues = await stage.issues();
    expect(issues.map(issue => issue.title).sort()).toEqual([0, 1, 2, 3, 4, 5].map(titleOf));
    for (const issue of issues) expect(issue.description).toContain('**Seen 50 times** on 1 box');
  });
});

describe('filing without a service', { timeout: 180_000 }, () => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  beforeEach(async () => {
    sandbox = await startSandbox();
    writeFileSync(at('gitlab-token'), 'glpat-sandbox-bot', { mode: 0o600 });
  });
  afterEach(() => sandbox.close());

  const file = (...more: string[]): Promise<Ended> => {
    const where = ['--gitlab', '--gitlab-url', sandbox.gitlab.url, '--project', 'acme/appliance'];
    const as = ['--token-file', at('gitlab-token'), '--host', 'box-1', '--settle', '0s'];
    return ended(startScan(folder, [at('box-1'), ...where, ...as, ...more]));
  };
  async function get<T>(path: string): Promise<T[]> {
    return (await clientOf(sandbox)('admin', 'GET', `${PROJECT}${path}`)).body as T[];
  }
  const issues = () => get<{ iid: number; title: string }>('/issues?labels=race%20condition');

  it('shows what it would file, and then files the same, once', async () => {
    writeLog('box-1', [1, 2, 1]);
    const dry = await file('--dry-run');
    expect(dry.code, dry.err).toBe(0);
    expect(dry.out).toMatch(/would: open an issue/i);
    expect(await issues()).toEqual([]);

    const wet = await file('--json', '--build', '5.4.1');
    expect(wet.code, wet.err).toBe(0);
    const { races, filed } = JSON.parse(wet.out) as Record<'races' | 'filed', { fingerprint: string; title: string }[]>;
    expect(races.map(race => race.fingerprint).sort()).toEqual(filed.map(race => race.fingerprint).sort());
    expect((await issues()).map(issue => issue.title).sort()).toEqual([1, 2].map(titleOf));

    // The same engine, with what it remembers: known races get a comment, and nothing twice.
    writeLog('box-1', [1]);
    expect((await file()).code).toBe(0);
    expect((await file()).out).toContain('0 races, 0 reports');
    const known = await issues();
    expect(known).toHaveLength(2);
    const { iid = 0 } = known.find(issue => issue.title === titleOf(1)) ?? {};
    const notes = await get<{ system: boolean }>(`/issues/${iid}/notes`);
    expect(notes.filter(note => !note.system)).toHaveLength(1);
  });

  it('says what GitLab said when it refuses, and files with the next scan', async () => {
    writeLog('box-1', [1]);
    writeFileSync(at('gitlab-token'), 'glpat-no-such-token', { mode: 0o600 });
    const refused = await file('--retry-for', '2s');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/401|Unauthorized/i);
    expect(refused.err).not.toContain('glpat-no-such-token');
    writeFileSync(at('gitlab-token'), 'glpat-sandbox-bot', { mode: 0o600 });
    const filed = await file();
    expect(filed.code, filed.err).toBe(0);
    expect(await issues()).toHaveLength(1);
  });

  it.each([
    [['--gitlab'], 2],
    [['--gitlab', '--project', 'acme/appliance'], 2],
    [['--gitlab', '--service', 'http://127.0.0.1:9'], 2],
    [['--gitlab-url', 'http://127.0.0.1:9'], 2],
    [['--gitlab', '--config', 'none.yaml'], 2],
  ])('%j exits with %i', async (args, code) => {
    writeLog('box-1', [1]);
    const { code: found, err } = await ended(startScan(folder, [at('box-1'), ...args]));
    expect(found, err).toBe(code);
    expect(err).not.toContain('SBX_INTERNAL');
  });
});
