import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCapabilities } from './capabilities.ts';
import { fetchObjects } from './fetch-objects.ts';
import { isAncestor, type Relation, readHistory, readSince } from './history.ts';
import { type CommitPlan, importHistory } from './testing/import-history.ts';
import { withServed } from './testing/with-served.ts';

/** For each commit of a plan, the positions of everything it contains, itself included. */
function containedIn(commits: readonly CommitPlan[]): Set<number>[] {
  const all: Set<number>[] = [];
  for (const [index, { parents }] of commits.entries()) {
    all.push(new Set([index, ...parents.flatMap(parent => [...all[parent]!])]));
  }
  return all;
}

const histories = fc
  .array(
    fc.record({
      back: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
      skew: fc.constantFrom(0, 0, 0, 5e5, -5e5),
    }),
    {
      minLength: 3,
      maxLength: 25,
    },
  )
  .map(steps =>
    steps.map(({ back, skew }, index): CommitPlan => {
      const parents = [...new Set(back.map(distance => index - distance).filter(parent => parent >= 0))];
      return { parents, date: 1_600_000_000 + index * 60 + skew };
    }),
  );

describe('readSince', () => {
  it('gives what came since an ancestor, and up where that is most of a long history', async () => {
    await withServed(async ({ repository, remote }) => {
      const plan = Array.from({ length: 40 }, (_none, at): CommitPlan => {
        return { parents: at === 0 ? [] : [at - 1], date: 1_600_000_000 + at };
      });
      const oids = importHistory(repository, plan);
      const small = { ...remote, limits: { ...remote.limits, keptBytes: 8_000 } };
      const query = { commit: oids[39]!, filter: true };
      expect(await readSince(small, query, oids[30]!)).toHaveLength(9);
      expect(await readSince(small, query, oids[0]!)).toBeNull();
      expect(await readSince(remote, query, oids[0]!)).toHaveLength(39);
    });
  });
});

describe('readHistory', () => {
  it('knows what the graph says, for any history, wrong dates included', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.nat(),
        fc.array(fc.nat(), { minLength: 1, maxLength: 14 }),
        async (commits, at, picks) => {
          await withServed(async ({ repository, remote }) => {
            const oids = importHistory(repository, commits);
            const contained = containedIn(commits);
            const head = at % commits.length;
            const order = [...new Set(picks.map(pick => pick % commits.length))].filter(pick => pick !== head);
            const history = await readHistory(remote, {
              commit: oids[head]!,
              candidates: order.map(pick => oids[pick]!),
              filter: true,
            });
            const expectedBase = order.find(pick => contained[head]!.has(pick));
            expect(history.base).toBe(expectedBase === undefined ? null : oids[expectedBase]);
            const upToBase = expectedBase === undefined ? order : order.slice(0, order.indexOf(expectedBase) + 1);
            for (const pick of upToBase) {
              let relation: Relation = 'unrelated';
              if (contained[head]!.has(pick)) relation = 'ancestor';
              else if (contained[pick]!.has(head)) relation = 'descendant';
              expect(history.relations[oids[pick]!]).toBe(relation);
            }
            const since =
              expectedBase === undefined
                ? [head]
                : [...contained[head]!].filter(index => !contained[expectedBase]!.has(index));
            expect(history.commits.map(commit => commit.oid).sort()).toEqual(since.map(index => oids[index]!).sort());
            const first = order[0];
            if (first === undefined) return;
            const usual = await readSince(remote, { commit: oids[head]!, filter: true }, oids[first]!);
            expect(usual?.map(commit => commit.oid)).toEqual(
              contained[head]!.has(first) ? history.commits.map(commit => commit.oid) : undefined,
            );
          });
        },
      ),
      { numRuns: 12 },
    );
  });

  it('asks twice in the usual case, however many tags there are, and is sent nothing for them', async () => {
    await withServed(async ({ repository, remote, served }) => {
      const commits = Array.from({ length: 60 }, (_, index) => ({ parents: index === 0 ? [] : [index - 1] }));
      const oids = importHistory(repository, commits);
      const candidates = oids.slice(0, 57).toReversed();
      const history = await readHistory(remote, { commit: oids[59]!, candidates, filter: true });
      expect(history.base).toBe(oids[56]);
      expect(history.commits.map(commit => commit.message).sort()).toEqual([
        'commit 57\n',
        'commit 58\n',
        'commit 59\n',
      ]);
      expect(served.requests).toHaveLength(2);
    });
  });

  it('finds a base behind a hundred unmerged releases', async () => {
    await withServed(async ({ repository, remote }) => {
      const branch = Array.from({ length: 100 }, (_, index) => ({ parents: [index === 0 ? 0 : index] }));
      const oids = importHistory(repository, [{ parents: [] }, ...branch, { parents: [0] }]);
      const candidates = oids.slice(0, 101).toReversed();
      const history = await readHistory(remote, { commit: oids[101]!, candidates, filter: true });
      expect(history.base).toBe(oids[0]);
      expect(Object.values(history.relations).filter(relation => relation === 'unrelated')).toHaveLength(100);
    });
  });

  it('notices an ancestor that the server takes for unmerged because its date lies in the future', async () => {
    await withServed(async ({ repository, remote }) => {
      // git walks by date and stops some commits after it has seen only what is not wanted: here, before the merge.
      const imported = { parents: [], date: 1_900_000_000 };
      const later = Array.from({ length: 40 }, (_, index) => ({ parents: [index + 2] }));
      const oids = importHistory(repository, [{ parents: [] }, imported, { parents: [0, 1] }, ...later]);
      const sent = await fetchObjects(remote, {
        wants: [oids[1]!],
        haves: [oids[42]!],
        filter: 'tree:0',
        keep: ['commit'],
      });
      expect([...sent.keys()]).toEqual([oids[1]]);
      const history = await readHistory(remote, { commit: oids[42]!, candidates: [oids[1]!, oids[0]!], filter: true });
      expect(history.base).toBe(oids[1]);
      expect(history.relations[oids[1]!]).toBe('ancestor');
      expect(await isAncestor(remote, oids[1]!, oids[42]!, { filter: true })).toBe(true);
      expect(await isAncestor(remote, oids[42]!, oids[1]!, { filter: true })).toBe(false);
    });
  });

  it('tells files and directories from commits', async () => {
    await withServed(async ({ repository, remote }) => {
      const oids = importHistory(repository, [{ parents: [], files: { 'dir/a': 'a' } }, { parents: [0] }]);
      const blob = repository.git(['rev-parse', 'main:dir/a']);
      const tree = repository.git(['rev-parse', 'main:dir']);
      const history = await readHistory(remote, { commit: oids[1]!, candidates: [blob, tree, oids[0]!], filter: true });
      expect(history.relations).toEqual({ [blob]: 'not-a-commit', [tree]: 'not-a-commit', [oids[0]!]: 'ancestor' });
    });
  });

  it('works with a server that cannot leave anything out', async () => {
    await withServed(async ({ repository, remote }) => {
      repository.git(['config', 'uploadpack.allowFilter', 'false']);
      const big = 'x'.repeat(100_000);
      const oids = importHistory(repository, [
        { parents: [], files: { big } },
        { parents: [0], files: { big: `${big}y` } },
      ]);
      const { filter } = await readCapabilities(remote);
      expect(filter).toBe(false);
      const history = await readHistory(remote, { commit: oids[1]!, candidates: [oids[0]!], filter });
      expect(history).toMatchObject({ base: oids[0], commits: [{ oid: oids[1], message: 'commit 1\n' }] });
    });
  });

  it('works in a SHA-256 repository', async () => {
    await withServed(
      async ({ repository, remote }) => {
        const oids = importHistory(repository, [{ parents: [] }, { parents: [0] }]);
        expect((await readCapabilities(remote)).objectFormat).toBe('sha256');
        const history = await readHistory(remote, { commit: oids[1]!, candidates: [oids[0]!], filter: true });
        expect(history).toMatchObject({ base: oids[0], commits: [{ oid: oids[1] }] });
      },
      { format: 'sha256' },
    );
  });

  it('says so when the commit is not there', async () => {
    await withServed(async ({ repository, remote }) => {
      importHistory(repository, [{ parents: [] }]);
      const query = { commit: '1'.repeat(40), candidates: [], filter: true };
      await expect(readHistory(remote, query)).rejects.toMatchObject({ code: 'SBX_REMOTE_REFUSED' });
      await expect(readHistory(remote, query)).rejects.toThrow('not our ref');
    });
  });
});

describe('isAncestor', () => {
  it('answers for both directions', async () => {
    await withServed(async ({ repository, remote }) => {
      const oids = importHistory(repository, [{ parents: [] }, { parents: [0] }, { parents: [0] }]);
      expect(await isAncestor(remote, oids[0]!, oids[1]!, { filter: true })).toBe(true);
      expect(await isAncestor(remote, oids[1]!, oids[0]!, { filter: true })).toBe(false);
      expect(await isAncestor(remote, oids[1]!, oids[2]!, { filter: true })).toBe(false);
      expect(await isAncestor(remote, oids[1]!, oids[1]!, { filter: true })).toBe(true);
    });
  });
});
