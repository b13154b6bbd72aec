import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { playScenario } from '../../src/automations/library-tags/testing/scenario.ts';
import { readSharedCases } from '../../src/automations/library-tags/testing/shared-cases.ts';
import { createTestRepository } from '../../src/git-protocol/testing/git-repository.ts';
import { type LibraryStage, setLibraryStage } from './library-stage.ts';

// Real repositories, pushes and processes: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const run = promisify(execFile);
const shared = readSharedCases();
// A job may run for an older commit; the service looks at where the branch is, so these are the job's alone.
const cases = (shared?.scenarios.cases ?? [])
  .filter(({ ciback }) => ciback === undefined)
  .flatMap(one => [
    { ...one, bump: 'patch', expected: one.expect_patch },
    { ...one, bump: 'conventional', expected: one.expect_conventional },
  ]);
let passed = 0;
let stage: LibraryStage;

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

describe.runIf(shared)(`the service on shared cases${shared ? '' : ' (NOT RUN: ../shared is missing)'}`, () => {
  beforeAll(async () => {
    const rules = '  overrides: { "acme/lib-*-conventional": { bump: conventional } }\n';
    stage = await setLibraryStage({ deaf: true, rules });
  });
  afterAll(async () => {
    console.log(`shared tagging cases through the service: ${passed} of ${cases.length}`);
    await stage.close();
  });

  it.each(cases)('$id by $bump: $title: $expected', async ({ id, ops, bump, expected }) => {
    const path = `lib-${id.toLowerCase()}-${bump}`;
    const group = await stage.must('admin', 'GET', '/groups/acme');
    const body = { name: path, path, namespace_id: group.id, default_branch: 'main' };
    await stage.must('admin', 'POST', '/projects', body);
    const repository = createTestRepository();
    try {
      const commit = playScenario(repository, ops);
      const { host } = new URL(stage.gitlabUrl);
      const url = `http://oauth2:glpat-sandbox-admin@${host}/acme/${path}.git`;
      const heads = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
      await run('git', ['-C', repository.directory, 'push', '--quiet', url, ...heads]);
      await run('git', ['-C', repository.directory, 'push', '--quiet', '--force', url, 'HEAD:refs/heads/main']);
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
});
