import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { playScenario } from '../../src/automations/library-tags/testing/scenario.ts';
import { readSharedCases } from '../../src/automations/library-tags/testing/shared-cases.ts';
import { createTestRepository, type TestRepository } from '../../src/git-protocol/testing/git-repository.ts';
import { type Issuer, startIssuer } from '../support/id-tokens.ts';
import { type LibraryStage, setLibraryStage } from './library-stage.ts';

// Real repositories, pushes and processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const run = promisify(execFile);
const shared = readSharedCases();
const all = (shared?.scenarios.cases ?? []).flatMap(one => [
  { ...one, bump: 'patch', expected: one.expect_patch },
  { ...one, bump: 'conventional', expected: one.expect_conventional },
]);
// A job may run for an older commit; the service by itself looks at where the branch is.
const cases = all.filter(({ ciback }) => ciback === undefined);
const jobCases = all.filter(({ ciback }) => ciback !== undefined);
let passed = 0;
let asked = 0;
let stage: LibraryStage;
let issuer: Issuer;

/** The expectation's words, as the service's verdict says them. */
function verdictOf(expected: string): RegExp {
  const exists = /^= (v\S+)/.exec(expected);
  const contained = /^no tag \(contained in (v[0-9.]+)\)/.exec(expected);
  if (exists) return new RegExp(`^main: is ${exists[1]}$`);
  if (contained) return new RegExp(`^main: contained in ${contained[1]}$`);
  if (expected === 'no tag') return /^main: no version, /;
  // T37, "no tag / patch": by our rule every update has a version, so it is the patch.
  if (expected === 'no tag / patch') return /^main: to be v\d+\.\d+\.[1-9]\d*$/;
  return new RegExp(`^main: to be ${expected.split(' ')[0]}$`);
}

/** The expectation's words, as a job that shows its id_token is answered. */
function answerOf(expected: string): object {
  const exists = /^= (v\S+)/.exec(expected);
  const contained = /^no tag \(contained in (v[0-9.]+)\)/.exec(expected);
  if (exists) return { action: 'exists', tag: exists[1] };
  if (contained) return { action: 'contained', tag: null, contained_in: contained[1] };
  if (expected === 'no tag') return { action: 'skip', tag: null };
  if (expected === 'no tag / patch') return { action: 'create', bump: 'patch' };
  return { action: 'create', tag: expected.split(' ')[0] };
}

async function ask(path: string, commit: string, body: object): Promise<unknown> {
  const token = issuer.sign({ project_path: `acme/${path}`, sha: commit });
  const answer = await fetch(`${stage.service.url}/v1/tags`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** A project with the history of a case; gives its address for git. */
async function makeProject(path: string, repository: TestRepository): Promise<string> {
  const group = await stage.must('admin', 'GET', '/groups/acme');
  const body = { name: path, path, namespace_id: group.id, default_branch: 'main' };
  await stage.must('admin', 'POST', '/projects', body);
  const { host } = new URL(stage.gitlabUrl);
  const url = `http://oauth2:glpat-sandbox-admin@${host}/acme/${path}.git`;
  const heads = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
  await run('git', ['-C', repository.directory, 'push', '--quiet', url, ...heads]);
  await run('git', ['-C', repository.directory, 'push', '--quiet', '--force', url, 'HEAD:refs/heads/main']);
  return url;
}

describe.runIf(shared)(`the service on shared cases${shared ? '' : ' (NOT RUN: ../shared is missing)'}`, () => {
  beforeAll(async () => {
    issuer = await startIssuer();
    const rules = `  overrides: { "acme/lib-*-conventional": { bump: conventional } }
  keyless: { issuer: "${issuer.url}", audience: signalbox }\n`;
    stage = await setLibraryStage({ deaf: true, rules });
  });
  afterAll(async () => {
    console.log(
      `shared tagging cases through the service: ${passed} of ${cases.length}, keyless ${asked} of ${all.length}`,
    );
    await stage.close();
    issuer.close();
  });

  it.each(cases)('$id by $bump: $title: $expected', async ({ id, ops, bump, expected }) => {
    const path = `lib-${id.toLowerCase()}-${bump}`;
    const repository = createTestRepository();
    try {
      const commit = playScenario(repository, ops);
      const url = await makeProject(path, repository);
      expect(await ask(path, commit, { dry_run: true })).toMatchObject({ ...answerOf(expected), created: false });
      asked += 1;
      const key = `library:acme/${path}`;
      await stage.service.engine.signal([{ key, reason: 'resync' }]);
      const decision = await stage.until('the decision', async () => {
        const explained = await stage.explain(key);
        return explained?.next?.running === false && explained.next.due_at === null && explained.decision;
      });
      expect(decision.verdict, decision.because.join('\n')).toMatch(verdictOf(expected));
      const created = /^main: to be (\S+)$/.exec(decision.verdict)?.[1];
      const { stdout } = await run('git', ['ls-remote', '--tags', url]);
      const known = repository.git(['for-each-ref', '--format=%(refname)', 'refs/tags']).split('\n').filter(Boolean);
      const now = stdout.split('\n').flatMap(line => /^(\S+)\t(refs\/tags\/.+?)\^\{\}$/.exec(line)?.slice(1) ?? []);
      if (created) expect(now[now.indexOf(`refs/tags/${created}`) - 1]).toBe(commit);
      const names = new Set(
        stdout.split('\n').flatMap(line => /\t(refs\/tags\/.+?)(?:\^\{\})?$/.exec(line)?.[1] ?? []),
      );
      expect(names.size).toBe(known.length + (created ? 1 : 0));
      passed += 1;
    } finally {
      repository.remove();
    }
  });

  it.each(jobCases)('$id by $bump for a job: $title: $expected', async ({ id, ops, ciback, bump, expected }) => {
    const path = `lib-${id.toLowerCase()}-${bump}`;
    const repository = createTestRepository();
    try {
      const commit = playScenario(repository, ops, ciback);
      const url = await makeProject(path, repository);
      const answer = (await ask(path, commit, {})) as { tag: string; created: boolean };
      expect(answer).toMatchObject({ ...answerOf(expected), commit });
      if (answer.created) {
        const { stdout } = await run('git', ['ls-remote', '--tags', url, `refs/tags/${answer.tag}^{}`]);
        expect(stdout.slice(0, commit.length)).toBe(commit);
      }
      asked += 1;
    } finally {
      repository.remove();
    }
  });
});
