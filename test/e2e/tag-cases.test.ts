import { afterAll, describe, expect, it } from 'vitest';
import { playScenario } from '../../src/automations/library-tags/testing/scenario.ts';
import { readSharedCases } from '../../src/automations/library-tags/testing/shared-cases.ts';
import { jobOf, runTag, tagsOf, withRepository } from './tag-stage.ts';

const shared = readSharedCases();
let passed = 0;

afterAll(() => {
  console.log(
    `shared tagging cases through \`signalbox tag\`: ${passed} of ${(shared?.scenarios.cases.length ?? 0) * 2}`,
  );
});

/** The expectation's words: `v1.2.4`, `v1.2.4 or …`, `= v1.2.3 (no new tag)`, `no tag (contained in v1.2.4)`, `no tag`. */
function wanted(expected: string): Record<string, unknown> {
  const exists = /^= (v\S+)/.exec(expected);
  const contained = /^no tag \(contained in (v[0-9.]+)\)/.exec(expected);
  if (exists) return { action: 'exists', tag: exists[1], created: false };
  if (contained) return { action: 'contained', tag: null, contained_in: contained[1], created: false };
  if (expected === 'no tag') return { action: 'skip', tag: null, created: false };
  // T37, "no tag / patch": by our rule every update has a version, so it is the patch.
  if (expected === 'no tag / patch') return { action: 'create', bump: 'patch', created: true };
  return { action: 'create', tag: expected.split(' ')[0], created: true };
}

describe.runIf(shared)(`\`signalbox tag\` in a job${shared ? '' : ' (NOT RUN: ../shared is missing)'}`, () => {
  const cases = (shared?.scenarios.cases ?? []).flatMap(one => [
    { ...one, bump: 'patch', expected: one.expect_patch },
    { ...one, bump: 'conventional', expected: one.expect_conventional },
  ]);

  it.each(cases)('$id by $bump: $title: $expected', async ({ ops, ciback, bump, expected }) => {
    await withRepository(async ({ repository, url }) => {
      const commit = playScenario(repository, ops, ciback);
      const message = repository.git(['log', '-1', '--format=%B', commit]).trimEnd();
      const before = repository.git(['for-each-ref']);
      const outcome = await runTag({
        args: ['--json', '--bump', bump, '--wait', '0'],
        environment: jobOf(url, commit, { CI_JOB_TOKEN: 'glcbt-1' }),
      });
      expect(outcome).toMatchObject({ code: 0, json: { ...wanted(expected), commit } });
      const { tag, created } = outcome.json as { tag: string; created: boolean };
      if (created) {
        expect(repository.git(['cat-file', '-t', `refs/tags/${tag}`])).toBe('tag');
        expect(tagsOf(repository).get(tag)).toBe(commit);
        expect(repository.git(['for-each-ref', '--format=%(contents)', `refs/tags/${tag}`]).trimEnd()).toBe(message);
        repository.git(['tag', '-d', tag]);
      }
      expect(repository.git(['for-each-ref'])).toBe(before);
      passed += 1;
    });
  });
});
