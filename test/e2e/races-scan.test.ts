import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goReport } from '../../src/automations/races/testing/reports.ts';
import { answer, type Fault, loseAnswer, type RaceReceiver, receiveRaces } from '../support/race-receiver.ts';
import { type Ended, ended, startScan } from '../support/run-scan.ts';

let folder = '';
let service: RaceReceiver;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'races-cli-'));
  mkdirSync(at('logs'));
  writeFileSync(at('token'), 'box-token\n', { mode: 0o600 });
  service = await receiveRaces();
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

const scan = (...args: string[]): Promise<Ended> => ended(startScan(folder, args));
const asBox = ['--source', 'box-1', '--host', 'soak-1'];
const toService = (...more: string[]): string[] => [
  '--service',
  service.url,
  '--token-file',
  at('token'),
  ...asBox,
  ...more,
];
const send = (...args: string[]): Promise<Ended> => scan(at('logs'), ...toService('--settle', '0s', ...args));

/** The nth report; its functions say which it is. */
const report = (n: number): string =>
  goReport(`acme.example/pump.(*V${n}).Open`, `acme.example/pump.(*G${n}).Read`, { address: `0x00c000${100000 + n}` });
const numbers = (): number[] =>
  [...service.stored.values()].map(({ text }) => Number(/\(\*V(\d+)\)/.exec(text)?.[1])).sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
function writeLogs(files: number, each: number): void {
  for (let file = 0; file < files; file++) {
    let text = '';
    for (let n = 0; n < each; n++) text += `2026-11-20T03:14:15Z line ${n}\n${report(file * each + n)}`;
    writeFileSync(at(`logs/app-${String.fromCharCode(97 + file)}.log`), text);
  }
}

describe('a scan for people', () => {
  it('prints each race with its title, and leaves nothing behind', async () => {
    writeLogs(2, 1);
    const { code, out } = await scan(at('logs'));
    expect(code).toBe(0);
    expect(out).toContain('     1 x  Data race: (*G0).Read ↔ (*V0).Open (pump)');
    expect(out).toContain('2 races, 2 reports in 2 files');
    expect((await scan(at('logs'))).out).toBe(out);
    expect(existsSync(at('.local'))).toBe(false);
  });

  it('prints the object of the interface with --json', async () => {
    writeFileSync(at('logs/a.log'), report(1) + report(2) + report(1));
    const { out } = await scan(at('logs/*.log'), '--json');
    const { races, files, bytes, unparsed } = JSON.parse(out) as Record<string, never> & { races: object[] };
    expect({ files, bytes, unparsed }).toEqual({ files: 1, bytes: readFileSync(at('logs/a.log')).length, unparsed: 0 });
    expect(races).toMatchObject([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        title: 'Data race: (*G1).Read ↔ (*V1).Open (pump)',
        detector: 'go',
        sites: ['acme.example/pump.(*G1).Read', 'acme.example/pump.(*V1).Open'],
        confidence: 'complete',
        count: 2,
        first_seen: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        last_seen: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        files: [at('logs/a.log')],
      },
      { count: 1 },
    ]);
  });

  it('reads standard input', async () => {
    const { out, code } = await ended(startScan(folder, ['-', '--json'], { input: report(7) }));
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ races: [{ count: 1, files: ['-'] }] });
  });

  it('goes on when its reader has seen enough', async () => {
    writeLogs(8, 100);
    const child = startScan(folder, [at('logs'), '--state', at('state.json')]);
    child.stdout?.once('readable', () => child.stdout?.destroy());
    child.stdout?.pause();
    expect(await ended(child)).toMatchObject({ code: 0, err: '' });
    expect((await scan(at('logs'), '--state', at('state.json'))).out).toContain('0 races');
  });

  it('lets no escape sequence of a log through to the terminal', async () => {
    writeFileSync(at('logs/a.log'), goReport('a.b/c.\u009b31mF', 'a.b/c.\u202eG'));
    const { out } = await scan(at('logs'));
    expect(out).toContain('1 race');
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it.each([
    [['{logs}'], 0],
    [['{logs}', '--fail-on-race'], 1],
    [['{empty}', '--fail-on-race'], 0],
    [['{none}'], 1],
    [['{logs}', '{none}'], 1],
    [[], 2],
    [['{logs}', '--no-such-option'], 2],
    [['{logs}', '--since', 'yesterday'], 2],
    [['{logs}', '--settle', 'long'], 2],
    [['{logs}', '--heartbeat'], 2],
    [['{logs}', '--baseline'], 2],
    [['{logs}', '--build', 'a', '--build-from', '.'], 2],
    [['{logs}', '--build-pattern', 'version=\\S+'], 2],
    [['{logs}', '--build-pattern', '('], 2],
    [['{logs}', '--service', 'signalbox'], 2],
    [['{logs}', '--service', 'http://127.0.0.1:9', '--token-file', '{none}'], 2],
  ])('%j exits with %i', async (args, code) => {
    writeLogs(1, 1);
    mkdirSync(at('empty'));
    const filled = args.map(arg => arg.replace(/^\{(\w+)\}$/, (_, name: string) => at(name)));
    const { code: found, err } = await scan(...filled);
    expect(found, err).toBe(code);
    if (code === 2) expect(err).not.toContain('SBX_INTERNAL');
  });
});

describe('a scan that sends', () => {
  it('tells the service each report once, with its id, its place and its build', async () => {
    writeLogs(2, 3);
    const first = await send('--build', '5.4.0-rc1');
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain('6 reports sent and acknowledged');
    expect(numbers()).toEqual(upTo(6));
    expect([...service.tokens]).toEqual(['Bearer box-token']);
    expect(service.bodies[0]).toMatchObject({ source: 'box-1', host: 'soak-1' });
    expect(service.bodies[0]?.reports[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      count: 1,
      log: at('logs/app-a.log'),
      confidence: 'complete',
      build: '5.4.0-rc1',
    });
    const requests = service.bodies.length;
    expect((await send()).out).toContain('0 races, 0 reports');
    expect(service.bodies).toHaveLength(requests);
    appendFileSync(at('logs/app-a.log'), report(6));
    expect((await send('--json')).out).toContain('"count":1');
    expect(numbers()).toEqual(upTo(7));
  });

  it('gives two receivers, or two boxes, the same log', async () => {
    writeLogs(1, 2);
    await send();
    await send('--source', 'box-2', '--host', 'soak-2');
    expect([...service.stored.keys()].map(key => key.split(' ')[0])).toEqual(['box-1', 'box-1', 'box-2', 'box-2']);
  });

  it('counts equal logs of two pipelines twice, and those of a repeated job once', async () => {
    writeLogs(1, 1);
    for (const [run, job] of Object.entries({ '41': 1, '42': 2 })) {
      for (let n = 0; n < job; n++) await send('--run', run, '--state', at(`state-${run}-${n}`));
    }
    expect(service.stored.size).toBe(2);
    expect(service.bodies).toHaveLength(3);
  });

  it('waits as long as it is told, tries again after trouble, and counts nothing twice', async () => {
    writeLogs(1, 3);
    service.faults.push(answer(429, { 'retry-after': '1' }), answer(503), loseAnswer);
    const started = performance.now();
    const { code, err } = await send();
    expect(code, err).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(1000);
    expect(service.bodies).toHaveLength(4);
    expect(numbers()).toEqual(upTo(3));
  });

  it('remembers nothing that was not acknowledged', async () => {
    writeLogs(1, 3);
    service.faults.push(...Array.from({ length: 9 }, () => answer(502, {}, '<h1>Bad Gateway</h1>')));
    const failed = await send('--retry-for', '1s');
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/SBX_RACES_NOT_SENT[\s\S]*answered 502: Bad Gateway/);
    service.faults.length = 0;
    expect((await send()).code).toBe(0);
    expect(numbers()).toEqual(upTo(3));
  });

  it('says at once what the service said, and shows no token', async () => {
    writeLogs(1, 1);
    const problem = JSON.stringify({ code: 'SBX_NOT_SIGNED_IN', title: 'A token is needed', detail: 'unknown' });
    service.faults.push(answer(401, { 'content-type': 'application/problem+json' }, problem));
    const { code, err, out } = await send();
    expect(code).toBe(1);
    expect(err).toContain('answered 401: SBX_NOT_SIGNED_IN: A token is needed: unknown');
    expect(err + out).not.toContain('box-token');
    expect(service.bodies).toHaveLength(1);
  });

  it('does not wait for TLS where there is none', async () => {
    writeLogs(1, 1);
    const started = performance.now();
    const { code, err } = await send('--service', service.url.replace('http:', 'https:'), '--retry-for', '10m');
    expect(code).toBe(1);
    expect(err).toMatch(/SBX_RACES_NOT_SENT/);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  it('halves what is too large for a proxy on the way', async () => {
    writeLogs(1, 10);
    service.faults.push(answer(413), answer(413));
    expect((await send()).code).toBe(0);
    expect(service.bodies.map(({ reports }) => reports.length)).toEqual([10, 5, 3, 2, 5]);
    expect(numbers()).toEqual(upTo(10));
  });

  it('sends a flood in batches', async () => {
    writeLogs(3, 250);
    const { code, out } = await send();
    expect(code).toBe(0);
    expect(out).toContain('750 reports sent');
    expect(Math.max(...service.bodies.map(({ reports }) => reports.length))).toBeLessThanOrEqual(200);
    expect(numbers()).toEqual(upTo(750));
  });

  it('shows what it would send, and sends and remembers nothing', async () => {
    writeLogs(1, 2);
    const { out, code } = await send('--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('dry run: 2 reports would be sent, 2 races filed or refreshed');
    expect(service.bodies).toHaveLength(0);
    expect(existsSync(at('.local'))).toBe(false);
    await send();
    expect(numbers()).toEqual(upTo(2));
  });

  it('takes what is there as known with --baseline', async () => {
    writeLogs(1, 2);
    expect((await send('--baseline')).out).toContain('2 races, 2 reports');
    expect(service.bodies).toHaveLength(0);
    appendFileSync(at('logs/app-a.log'), report(2));
    await send();
    expect(numbers()).toEqual([2]);
  });

  it('leaves out what was logged before --since', async () => {
    const line = (time: string, n: number): string =>
      JSON.stringify({ time, stream: 'stderr', log: '' }).replace('""', JSON.stringify('\n')).concat('\n') +
      report(n)
        .split('\n')
        .slice(0, -1)
        .map(text => `${JSON.stringify({ log: `${text}\n`, stream: 'stderr', time })}\n`)
        .join('');
    writeFileSync(at('logs/a.log'), line('2026-11-01T10:00:00Z', 0) + line('2026-11-20T10:00:00Z', 1));
    await send('--since', '2026-11-10');
    expect(numbers()).toEqual([1]);
    await send();
    expect(numbers()).toEqual([1]);
  });

  it('finds the build of each report in its log', async () => {
    writeFileSync(
      at('logs/a.log'),
      `starting version=5.3.1\n${report(0)}starting version=5.4.0\n${'x'.repeat(3_000_000)}\n${report(1)}${report(2)}`,
    );
    await send('--build-pattern', 'version=(\\S+)');
    const builds = [...service.stored.values()].map(({ build }) => build);
    expect(builds).toEqual(['5.3.1', '5.4.0', '5.4.0']);
  });

  it('tells that the box is alive, and since when the build has been running', async () => {
    const before = Date.now();
    expect((await send('--heartbeat', '--build', '5.4.0', '--running-since', String(process.pid))).code).toBe(0);
    const { heartbeat, reports } = service.bodies[0] ?? {};
    expect(reports).toEqual([]);
    expect(heartbeat?.build).toBe('5.4.0');
    const age = before - Date.parse(heartbeat?.started_at ?? '');
    expect(Math.abs(age - process.uptime() * 1000)).toBeLessThan(5000);
  });

  it('sends no sign of life when it could not read the logs', async () => {
    const { code } = await scan(at('none'), ...toService('--heartbeat'));
    expect(code).toBe(1);
    expect(service.bodies).toHaveLength(0);
  });

  it('ends with the code of the damage when its state is damaged, and keeps it', async () => {
    writeLogs(1, 1);
    writeFileSync(at('state.json'), '{"version":1,"lo');
    const { code, err } = await send('--state', at('state.json'));
    expect(code).toBe(1);
    expect(err).toContain('SBX_SCAN_STATE_UNUSABLE');
    expect(readFileSync(at('state.json'), 'utf8')).toBe('{"version":1,"lo');
  });
});

describe('a scan that is killed', () => {
  /** Kills when the nth request comes: before it is stored, before it is answered, or right after. */
  function killAt(child: ChildProcess, nth: number, when: 'before' | 'stored' | 'answered'): void {
    const pass: Fault = () => false;
    service.faults.push(...Array.from({ length: nth - 1 }, () => pass), (request, response, _body, store) => {
      if (when !== 'before') store();
      if (when === 'answered') response.writeHead(202).end('{}', () => child.kill('SIGKILL'));
      else {
        child.kill('SIGKILL');
        request.socket.destroy();
      }
      return true;
    });
  }

  it('has told each report once after the next one, wherever that was', async () => {
    const files = 8;
    const each = 110;
    writeLogs(files, each);
    await send('--state', at('whole.json'), '--source', 'whole');
    const told = (box: string): Set<string | undefined> =>
      new Set([...service.stored.keys()].filter(key => key.startsWith(box)).map(key => key.split(' ')[1]));
    const expected = told('whole ');
    expect(expected.size).toBe(files * each);
    const moments = ['before', 'stored', 'answered'] as const;
    for (const [nth, when] of [1, 2, 4].flatMap(n => moments.map(moment => [n, moment] as const))) {
      const child = startScan(folder, [at('logs'), ...toService('--settle', '0s', '--state', at('killed.json'))]);
      killAt(child, nth, when);
      expect((await ended(child)).code, `${when} ${nth}`).toBe(null);
      service.faults.length = 0;
    }
    // And at points that nothing of ours chooses.
    for (const time of [60, 140, 220, 300, 380]) {
      const child = startScan(folder, [at('logs'), ...toService('--settle', '0s', '--state', at('killed.json'))]);
      const timer = setTimeout(() => child.kill('SIGKILL'), time);
      await ended(child);
      clearTimeout(timer);
    }
    expect((await send('--state', at('killed.json'))).code).toBe(0);
    expect(told('box-1 ')).toEqual(expected);
    const requests = service.bodies.length;
    await send('--state', at('killed.json'));
    expect(service.bodies).toHaveLength(requests);
  }, 120_000);
});
