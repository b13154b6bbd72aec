import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { SignalboxError } from '../../errors.ts';
import type { CaseResult } from './case.ts';
import { runCases } from './run-cases.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CONFIG = 'examples/signalbox.yaml';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-cases-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function signalbox(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; stdout: string; stderr: string }>();
  const command = ['bin/signalbox.js', 'config', 'check', '--config', CONFIG, ...args];
  execFile(process.execPath, command, { cwd: ROOT, timeout: 20_000 }, (error, stdout, stderr) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
  });
  return await promise;
}

async function write(text: string): Promise<string> {
  const file = join(directory, 'cases.yaml');
  await writeFile(file, text);
  return file;
}

/** Tries one case of a board with these rules. */
async function tryCase(rules: string, text: string): Promise<CaseResult> {
  const config = `gitlab: { url: "https://gitlab.example.com", token: { env: T } }
board: { projects: { acme/appliance: { columns: [To Do, In Review, To Test, Testing], ${rules} } } }`;
  const { settings } = await loadConfig('x', { environment: {}, readFile: async () => config });
  const [result] = await runCases(await write(`board: { acme/appliance: [ { name: it, ${text} } ] }`), settings);
  if (!result) throw new Error('no case was tried');
  return result;
}

it('the examples come out as they say', async () => {
  const { code, stdout, stderr } = await signalbox('--cases', 'examples/board-cases.yaml');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('ok      examples/board-cases.yaml:8:7  a merge request is opened\n');
  expect(stdout).toMatch(/\d+ cases, all as expected\.\n$/);
});

it('a case that comes out differently is named with its place, and the exit code is 1', async () => {
  const file = await write(`board:
  acme/appliance:
    - { name: right, merge_requests: [ {} ], expect: In Review }
    - name: wrong
      merge_requests: [ { state: merged } ]
      expect: In Review
`);
  const plain = await signalbox('--cases', file);
  expect(plain).toMatchObject({ code: 1, stderr: '' });
  expect(plain.stdout).toContain(`FAILED  ${file}:4:7  wrong
        expected: In Review
        got: moves to To Test (in To Test)
        acme/appliance!1 is merged.
`);
  expect(plain.stdout).toContain('2 cases, 1 not as expected.');

  const { code, stdout } = await signalbox('--cases', file, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    faults: [],
    cases: [
      { ok: true, automation: 'board', project: 'acme/appliance', name: 'right', at: `${file}:3:7` },
      { ok: false, name: 'wrong', expected: 'In Review', got: 'moves to To Test (in To Test)' },
    ],
  });
});

it('what is wrong with the file is named all at once, and the exit code is 2', async () => {
  const file = await write(`board:
  acme/appliance:
    - { name: a, expect: In Revue }
    - { name: b, moves: [ { by: ada, to: Testing, after: 1 } ], expect: Testing }
    - { name: c, moves: [ { by: ada, to: Testing }, { by: ada, to: To Do, after: 0 } ], merge_requests: [ {} ], expect: To Do }
  acme/aplliance: []
version_check:
  acme/appliance:
    - { name: d, target_branch: main, versions: { source: "5.5", target: "5.5", base: "5.5" }, carries: [ { line: "6.0" } ], expect: ok }
`);
  const { code, stderr } = await signalbox('--cases', file);
  expect(code).toBe(2);
  const told = stderr.split('\n').filter(line => line.startsWith(`  ${file}:`));
  expect(told).toEqual([
    expect.stringMatching(
      /:3:26 board\["acme\/appliance"\]\[0\]\.expect is no column of this project; its columns are To Do,/,
    ),
    expect.stringMatching(/:4:\d+ .* is too high: there are 0 merge requests/),
    expect.stringMatching(/:5:\d+ .*moves\[1\] is listed after a move that it came before/),
    expect.stringMatching(/:6:3 .* is no project of board in the configuration/),
    expect.stringMatching(/:9:\d+ .*carries\[0\]\.line is no line of this project; its lines are 5\.5, 5\.4, 5\.3/),
  ]);
});

it.each([
  ['boards: {}', 'boards is not known here; did you mean board?'],
  ['board: { acme/appliance: [ { name: a } ] }', 'expect'],
  ['board: [', 'the indentation does not fit'],
  ['board: { acme/appliance: [] }', 'holds no case'],
  [
    'version_check: { acme/appliance: [ { name: a, target_branch: m, versions: { source: 5.3, target: "5.3", base: "5.3" }, expect: ok } ] }',
    'put it in quotes',
  ],
])('%s is refused', async (text, message) => {
  const { settings } = await loadConfig(join(ROOT, CONFIG), { environment: {} });
  const error = await runCases(await write(text), settings).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SignalboxError);
  const { code, faults } = error as SignalboxError;
  expect(code).toBe('SBX_CASES_INVALID');
  expect(faults.map(fault => `${fault.at} ${fault.message}`).join('\n')).toContain(message);
});

it('a file that is not there, with --json', async () => {
  const { code, stdout } = await signalbox('--cases', 'nowhere.yaml', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    code: 'SBX_CASES_INVALID',
    detail: 'nowhere.yaml cannot be read',
  });
});

it.each([
  ['merged_when: any', 'merge_requests: [ { state: merged }, {} ], expect: To Test', true],
  ['merged_when: all', 'merge_requests: [ { state: merged }, {} ], expect: To Test', false],
  [
    'mentions: [closes]',
    'issue: { labels: [To Do] }, merge_requests: [ { title: "Part of #1" } ], expect: To Do',
    true,
  ],
  [
    'mentions: [closes]',
    'issue: { labels: [To Do] }, merge_requests: [ { title: "Closes #1" } ], expect: To Do',
    false,
  ],
  ['references: [branch]', 'merge_requests: [ { title: Fan, source_branch: 1-fix-the-fan } ], expect: In Review', true],
  ['references: [title]', 'merge_requests: [ { title: Fan, source_branch: 1-fix-the-fan } ], expect: In Review', false],
  ['references: [commits]', 'merge_requests: [ { title: Fan, commits: ["Part of #1"] } ], expect: In Review', true],
  ['closed: stay', 'issue: { labels: [In Review] }, merge_requests: [ { state: closed } ], expect: In Review', true],
  [
    'reopen: true',
    'issue: { state: closed, closed_by: merge }, merge_requests: [ { state: merged } ], expect: To Test',
    true,
  ],
  ['reopen: true', 'issue: { state: closed }, merge_requests: [ { state: merged } ], expect: { stays: closed } ', true],
  [
    'opened: In Review',
    'merge_requests: [ { title: "See https://gitlab.example.com/acme/appliance/-/issues/1" } ], expect: In Review',
    true,
  ],
  ['opened: In Review', 'merge_requests: [ {} ], expect: { stays: "" }', false],
])('with %s, %s: %s', async (rules, text, ok) => {
  expect((await tryCase(rules, text)).ok).toBe(ok);
});
