import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, needsAllTags } from './decide.ts';
import { compareVersions, parseVersion } from './semver.ts';
import type { CommitFact, Decision, Relation, Snapshot, TagFact } from './snapshot.ts';
import { TagDigest } from './tag-digest.ts';

/** A growing repository in memory, with tags that appear and vanish. */
interface World {
  commits: (CommitFact & { contains: Set<string> })[];
  tags: TagFact[];
  ledger: string[];
}

const oidOf = (index: number): string => index.toString(16).padStart(40, '0');

function grow(world: World, back: readonly number[], message: string): void {
  const index = world.commits.length;
  const parents = [...new Set(back.map(distance => index - distance))].filter(parent => parent >= 0);
  const known = parents.map(parent => world.commits[parent]!);
  const contains = new Set([oidOf(index), ...known.flatMap(parent => [...parent.contains])]);
  world.commits.push({ oid: oidOf(index), parents: known.map(({ oid }) => oid), message, contains });
}

function look(world: World, index: number): Snapshot {
  const at = world.commits[index]!;
  const relations: Record<string, Relation> = {};
  for (const { peeled } of world.tags) {
    const target = world.commits.find(({ oid }) => oid === peeled);
    if (!target) relations[peeled] = 'not-a-commit';
    else if (target === at) relations[peeled] = 'same';
    else if (at.contains.has(peeled)) relations[peeled] = 'ancestor';
    else relations[peeled] = target.contains.has(at.oid) ? 'descendant' : 'unrelated';
  }
  return {
    commit: at.oid,
    commitMessage: at.message,
    branch: 'main',
    defaultBranch: 'main',
    tags: world.tags,
    relations,
    module: { dir: '', path: 'gitlab.example.com/libs/x' },
    commits: world.commits.filter(({ oid }) => at.contains.has(oid)),
    ledger: world.ledger,
  };
}

const number = fc.oneof(fc.nat(12).map(String), fc.constantFrom('67108863', '67108864', '9007199254740993'));
const tagNames = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.nat(1), number, number).map(numbers => `v${numbers.join('.')}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('v1.2', 'zzz', 'v1.2.3+x', 'V1.2.4', 'v1.2.4-rc.1', 'sub/v9.9.9', 'v1.0.1/x', '1.0.2'),
  },
);
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('commit' as const),
        back: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
        message: fc.constantFrom('fix: a', 'feat: b', 'c'),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('decide' as const), at: fc.nat(), conventional: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('tag' as const), at: fc.nat(), name: tagNames }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), at: fc.nat() }) },
  ),
  { minLength: 5, maxLength: 40 },
);

/** Plays the steps; everything that was ever a tag goes to the ledger. */
function play(
  plan: typeof steps extends fc.Arbitrary<infer T> ? T : never,
  each: (snapshot: Snapshot, decision: Decision) => void,
): World {
  const world: World = { commits: [], tags: [], ledger: [] };
  grow(world, [], 'first');
  const put = (tag: TagFact): void => {
    if (world.tags.some(({ name }) => name === tag.name)) return;
    world.tags.push(tag);
    world.ledger.push(tag.name);
  };
  for (const step of plan) {
    if (step.do === 'commit') grow(world, step.back.length > 0 ? step.back : [1], step.message);
    else if (step.do === 'tag') put({ name: step.name, peeled: oidOf(step.at % world.commits.length) });
    else if (step.do === 'delete') world.tags.splice(step.at % (world.tags.length + 1), 1);
    else {
      const snapshot = look(world, step.at % world.commits.length);
      const decision = decide(snapshot, { bump: step.conventional ? 'conventional' : 'patch' });
      each(snapshot, decision);
      if (decision.action === 'create') put({ name: decision.tag!, peeled: snapshot.commit });
    }
  }
  return world;
}

describe('decide, for any history', () => {
  it('never gives a number twice, and its order follows ancestry', () => {
    let created = 0;
    fc.assert(
      fc.property(steps, plan => {
        play(plan, (snapshot, decision) => {
          if (decision.action !== 'create') return;
          created += 1;
          const version = parseVersion(decision.tag!)!;
          expect(version.pre + version.build).toBe('');
          expect(snapshot.ledger).not.toContain(decision.tag);
          const base = decision.base === null ? null : parseVersion(decision.base);
          for (const { name, peeled } of snapshot.tags) {
            const other = parseVersion(name);
            if (other?.pre !== '' || other.build !== '') continue;
            if (snapshot.relations[peeled] === 'ancestor') expect(compareVersions(version, other)).toBeGreaterThan(0);
            // Who put a lower number on a later commit by hand has broken the order already, and nothing can mend it.
            const later = base === null || compareVersions(other, base) > 0;
            if (snapshot.relations[peeled] === 'descendant' && later)
              expect.fail(`${name} already contains ${decision.tag}`);
          }
        });
      }),
      { numRuns: 300 },
    );
    expect(created).toBeGreaterThan(300);
  });

  it('gives the same answer again once its tag is there, and for tags in any order', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (plan, seed) => {
        play(plan, (snapshot, decision) => {
          const shuffled = snapshot.tags.toSorted((a, b) => hash(a.name, seed) - hash(b.name, seed));
          expect(decide({ ...snapshot, tags: shuffled }, { bump: 'patch' })).toEqual(
            decide(snapshot, { bump: 'patch' }),
          );
          if (decision.action !== 'create') return;
          const tags = [...snapshot.tags, { name: decision.tag!, peeled: snapshot.commit }];
          const again = decide({ ...snapshot, tags }, { bump: 'patch' });
          expect(again).toMatchObject({ action: 'exists', tag: decision.tag });
        });
      }),
      { numRuns: 100 },
    );
  });

  it('decides the same from a digest of the tags, or says that it needs all of them', () => {
    let digested = 0;
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 3 }), (plan, keep) => {
        play(plan, snapshot => {
          const digest = new TagDigest(snapshot.commit, keep);
          for (const { name, peeled } of snapshot.tags) digest.add(lineOf(name, peeled));
          const { tags, cutBelow } = digest.result();
          const small = { ...snapshot, tags, cutBelow };
          if (needsAllTags(small, { bump: 'patch' })) return;
          if (tags.length < snapshot.tags.length) digested += 1;
          const { warnings: _, ...expected } = decide(snapshot, { bump: 'patch' });
          expect(decide({ ...small, ledger: [...snapshot.ledger] }, { bump: 'patch' })).toMatchObject(expected);
        });
      }),
      { numRuns: 300 },
    );
    expect(digested).toBeGreaterThan(20);
  });
});

function hash(text: string, seed: number): number {
  let value = seed;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193);
  return value;
}

function lineOf(name: string, peeled: string): Parameters<TagDigest['add']>[0] {
  const ref = `refs/tags/${name}`;
  const bytes = Buffer.from(`${peeled} ${ref} peeled:${peeled}`);
  return { bytes, nameStart: 41, nameEnd: 41 + ref.length, peeledStart: 49 + ref.length, oidLength: 40 };
}
