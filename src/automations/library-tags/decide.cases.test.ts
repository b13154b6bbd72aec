import { afterAll, describe, expect, it } from 'vitest';
import { createTestRepository, type TestRepository } from '../../git-protocol/testing/git-repository.ts';
import { decide } from './decide.ts';
import { bumpVersion, formatVersion, parseVersion } from './semver.ts';
import type { Decision, Policy } from './snapshot.ts';
import { playScenario } from './testing/scenario.ts';
import { readSharedCases } from './testing/shared-cases.ts';
import { snapshotByGit } from './testing/snapshot-by-git.ts';

const shared = readSharedCases();
const repositories: TestRepository[] = [];

function repository(): TestRepository {
  const created = createTestRepository();
  repositories.push(created);
  return created;
}

afterAll(() => {
  for (const created of repositories) created.remove();
});

/** The expectation's words: `v1.2.4`, `v1.2.4 or …`, `= v1.2.3 (no new tag)`, `no tag (contained in v1.2.4)`, `no tag`. */
function expectDecision(decision: Decision, expected: string): void {
  const exists = /^= (v\S+)/.exec(expected);
  const contained = /^no tag \(contained in (v[0-9.]+)\)/.exec(expected);
  if (exists) expect(decision).toMatchObject({ action: 'exists', tag: exists[1] });
  else if (contained) expect(decision).toMatchObject({ action: 'contained', tag: null, containedIn: contained[1] });
  else if (expected === 'no tag') expect(decision).toMatchObject({ action: 'skip', tag: null });
  // T37, "no tag / patch": by our rule every update has a version, so it is the patch.
  else if (expected === 'no tag / patch') expect(decision).toMatchObject({ action: 'create', bump: 'patch' });
  else expect(decision).toMatchObject({ action: 'create', tag: expected.split(' ')[0] });
}

describe.runIf(shared)(`shared tagging cases${shared ? '' : ' (NOT RUN: ../shared is missing)'}`, () => {
  describe.each(shared?.scenarios.cases ?? [])('$id $title', ({ ops, ciback, expect_patch, expect_conventional }) => {
    const built = repository();
    const commit = playScenario(built, ops, ciback);
    const snapshot = snapshotByGit(built, commit);

    it(`by patch: ${expect_patch}`, () => {
      expectDecision(decide(snapshot, { bump: 'patch' }), expect_patch);
    });

    it(`by conventional: ${expect_conventional}`, () => {
      expectDecision(decide(snapshot, { bump: 'conventional' }), expect_conventional);
    });
  });

  describe.each(shared?.autotag.cases ?? [])('autotag: $name', example => {
    it(`gives ${example.expected}`, () => {
      const built = repository();
      const tags = [example.initialTag, ...(example.extraTags ?? [])].filter(Boolean);
      const messages = example.commits ?? [example.nextCommit ?? ''];
      const commit = playScenario(built, [
        ['c', 'initial'],
        ...tags.map(tag => ['t', tag] as ['t', string]),
        ...messages.map(message => ['c', message] as ['c', string]),
      ]);
      const time = example.clock === undefined ? null : new Date(example.clock);
      const stamp =
        example.preReleaseTimestampLayout === 'datetime'
          ? time?.toISOString().replace(/\D/g, '').slice(0, 14)
          : time && String(time.getTime() / 1000);
      const layout = example.preReleaseTimestampLayout ? stamp : undefined;
      const policy: Policy = {
        bump: example.scheme === 'autotag' ? 'keywords' : 'conventional',
        bare: example.prefix === '',
        preRelease: [example.preReleaseName, layout].filter(Boolean).join('.'),
        build: example.buildMetadata ?? '',
      };
      expect(decide(snapshotByGit(built, commit), policy)).toMatchObject({ action: 'create', tag: example.expected });
    });
  });

  it.each(shared?.autotag.patch_bump ?? [])('autotag patch bump of $from', ({ from, to }) => {
    expectBump(from, 'patch', to);
  });

  it.each(shared?.autotag.minor_bump ?? [])('autotag minor bump of $from', ({ from, to }) => {
    expectBump(from, 'minor', to);
  });
});

/** autotag also reads `1`, `1.0` and `1.0.0.0`; go does not, so neither do we. */
function expectBump(from: string, bump: 'patch' | 'minor', to: string): void {
  const version = parseVersion(`v${from}`);
  if (/^[0-9]+\.[0-9]+\.[0-9]+(?:$|[-+])/.test(from)) expect(formatVersion(bumpVersion(version!, bump))).toBe(`v${to}`);
  else expect(version).toBeNull();
}
