import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VersionCheckFacts } from '../../src/automations/version-check/facts.ts';
import { versionCheck } from '../../src/automations/version-check/reconcile.ts';
import { versionCheckSettings } from '../../src/automations/version-check/settings.ts';
import { createGitLab } from '../../src/gitlab/client/create-gitlab.ts';
import { clientOf } from '../../src/sandbox/gitlab/test-client.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';

const LINES = [
  { name: '5.5', branch: 'main' },
  { name: '5.4', branch: 'release/5.4' },
  { name: '5.3', branch: 'release/5.3' },
];
const PROJECT = 'acme/lines';

/**
 * What facts/gitlab.md section 6 lists, in its order, as a history made by real git: the versions of source, merge base and
 * target, the lines dragged in (`5.4<5.3`: what the head shares with 5.4 comes from 5.3), and the verdict.
 */
const TOPOLOGIES: [source: string, target: string, versions: string, drags: string, verdict: string][] = [
  ['fix53', 'release/5.3', '5.3/5.3/5.3', '', 'ok: 5.3 into 5.3 (same-line)'],
  ['topic54', 'release/5.3', '5.4/5.3/5.3', '5.5<5.4 5.4', 'blocked: 5.4 into 5.3 (backward-merge)'],
  ['topic54-edited', 'release/5.3', '5.3/5.3/5.3', '5.5<5.4 5.4', 'blocked: 5.4 into 5.3 (backward-merge)'],
  ['feature54', 'main', '5.4/5.4/5.5', '', 'ok: 5.4 into 5.5 (stale-base)'],
  ['fix53', 'release/5.4', '5.3/5.3/5.4', '5.5<5.3 5.3', 'blocked: 5.3 into 5.4 (unwanted-forward-merge)'],
  ['main', 'release/5.3', '5.5/5.3/5.3', '5.5:all 5.4', 'blocked: 5.5 into 5.3 (backward-merge)'],
  ['fix-upward', 'release/5.3', '5.3/5.3/5.3', '5.5:all', 'ok: 5.3 into 5.3 (merged-upward)'],
  ['bump', 'release/5.3', '5.3/5.3/5.3', '', 'ok: 5.3 into 5.3 (same-line)'],
  ['fix53', 'main', '5.3/5.3/5.5', '', 'ok: 5.3 into 5.5 (stale-base)'],
  ['release/5.3', 'main', '5.3/5.3/5.5', '', 'ok: 5.3 into 5.5 (stale-base)'],
];

/** One commit a line: the branch it is made on, or how two are joined. */
const HISTORY = `
start main; version 5.3.0
branch release/5.3; branch fix-upward
on fix-upward; file fix-upward
on main; version 5.4.0; file work
branch release/5.4
branch feature54; on feature54; file feature54
on release/5.4; version 5.4.1
branch topic54; on topic54; file topic54
branch topic54-edited; on topic54-edited; version 5.3.1
on main; version 5.5.0
merge fix-upward
on release/5.3; version 5.3.1; file clock
on main; merge release/5.3
on release/5.3
branch fix53; on fix53; file fix53
on release/5.3
branch bump; on bump; version 5.3.2
`;

let sandbox: Sandbox;
let directory: string;
const results = new Map<string, { facts: VersionCheckFacts; verdict: string }>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-topologies-'));
  sandbox = await startSandbox();
  const call = clientOf(sandbox);
  const { body: group } = await call('admin', 'GET', '/groups/acme');
  const created = await call('owner', 'POST', '/projects', { name: 'Lines', path: 'lines', namespace_id: group.id });
  if (created.status !== 201) throw new Error(`no project: ${JSON.stringify(created.body)}`);
  await makeHistory(`http://oauth2:glpat-sandbox-owner@${new URL(sandbox.gitlab.url).host}/${PROJECT}.git`);

  const gitlab = createGitLab({ url: sandbox.gitlab.url, token: 'glpat-sandbox-bot' });
  const settings = versionCheckSettings.parse({ projects: { [PROJECT]: { version: [{ file: 'VERSION' }] } } });
  const automation = versionCheck(gitlab, { settings, lines: LINES });
  for (const [source, target] of TOPOLOGIES) {
    const { status, body } = await call('owner', 'POST', '/projects/acme%2Flines/merge_requests', {
      source_branch: source,
      target_branch: target,
      title: `${source} into ${target}`,
    });
    if (status !== 201) throw new Error(`no merge request ${source} into ${target}: ${JSON.stringify(body)}`);
    await sandbox.settled();
    const subject = `${PROJECT}!${body.iid}`;
    const key = `merge-request:${subject}`;
    const signal = new AbortController().signal;
    const facts = await automation.gather({
      key,
      subject,
      reasons: [],
      memory: null,
      chain: null,
      signal,
      now: Date.now,
    });
    results.set(`${source} ${target}`, { facts, verdict: automation.decide(facts, null, Date.now()).verdict });
  }
  await gitlab.close();
});

afterAll(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

describe('the ten topologies, on real git repositories', () => {
  it.each(TOPOLOGIES)('%s into %s', (source, target, versions, drags, verdict) => {
    const result = results.get(`${source} ${target}`);
    expect(shownVersions(result?.facts)).toBe(versions);
    expect(result?.facts.drags.map(shownDrag).join(' ')).toBe(drags);
    expect(result?.verdict).toBe(verdict);
  });

  it('are two in which the versions at two points would have misled', () => {
    const misled = TOPOLOGIES.filter(([source, target]) => {
      const result = results.get(`${source} ${target}`);
      const [from, , into] = shownVersions(result?.facts).split('/');
      const alarm = from !== into;
      // Merging forward is a matter of direction, on which two points have no opinion; these two are mistakes about one.
      const forward = target === 'main' && source !== 'feature54';
      return !forward && alarm !== result?.verdict.startsWith('blocked');
    });
    expect(misled.map(([source, target]) => `${source} into ${target}`)).toEqual([
      'topic54-edited into release/5.3',
      'feature54 into main',
    ]);
  });
});

function shownVersions(facts: VersionCheckFacts | undefined): string {
  if (!facts) return 'no facts';
  const { source, base, target } = facts.versions;
  return [source, base, target].map(reading => (reading.ok ? reading.line : reading.reason)).join('/');
}

function shownDrag(drag: VersionCheckFacts['drags'][number]): string {
  return `${drag.line}${drag.all ? ':all' : drag.lowest === drag.line ? '' : `<${drag.lowest}`}`;
}

async function makeHistory(remote: string): Promise<void> {
  const identity = { name: 'Developer', email: 'developer@example.com' };
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', directory, ...args], { env });
  const commit = async (path: string, content: string) => {
    await writeFile(join(directory, path), content);
    await git('add', '.');
    await git('commit', '--quiet', '--message', `Change ${path}`);
  };
  for (const step of HISTORY.trim().split(/[;\n]\s*/)) {
    const [what, name = ''] = step.split(' ');
    if (what === 'start') await git('init', '--quiet', '--initial-branch', name);
    else if (what === 'version') await commit('VERSION', `${name}\n`);
    else if (what === 'file') await commit(`${name}.txt`, `${name}\n`);
    else if (what === 'branch') await git('branch', name);
    else if (what === 'on') await git('checkout', '--quiet', name);
    // A forward merge keeps the version of where it goes.
    else if (what === 'merge') await git('merge', '--quiet', '--no-edit', '--no-ff', '--strategy-option', 'ours', name);
    else throw new Error(`not a step: ${step}`);
  }
  await git('push', '--quiet', '--all', remote);
}
