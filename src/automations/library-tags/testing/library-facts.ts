import type { HeadFacts, LibraryFacts } from '../facts.ts';
import type { GoModule } from '../module-path.ts';
import type { LibraryRules } from '../rules.ts';
import type { Relation } from '../snapshot.ts';

export const MODULE: GoModule = { dir: '', path: 'gitlab.example.com/acme/lib-ssh' };

export const RULES: LibraryRules = {
  policy: { bump: 'patch' },
  onPush: true,
  release: false,
  note: false,
  consumers: { projects: [], wait: 0 },
};

/** A commit's id out of a word: readable in tables. */
export function oid(word: string): string {
  return Buffer.from(word).toString('hex').padEnd(40, '0').slice(0, 40);
}

/** A commit on top of others, the base v1.4.2 below them. */
export function head(word: string, parents: readonly string[] = ['base'], more: Partial<HeadFacts> = {}): HeadFacts {
  const commit = { oid: oid(word), parents: parents.map(oid), message: `Change ${word}\n` };
  const below = parents
    .filter(parent => parent !== 'base')
    .map(parent => ({ oid: oid(parent), parents: [oid('base')], message: `Change ${parent}\n` }));
  return {
    commit: commit.oid,
    message: commit.message,
    commits: [commit, ...below],
    mergeRequest: null,
    modules: [module({ base: 'ancestor' })],
    ...more,
  };
}

/** How one module stands, its relations by word. */
export function module(relations: Record<string, Relation>): HeadFacts['modules'][number] {
  const byOid = Object.fromEntries(Object.entries(relations).map(([word, relation]) => [oid(word), relation]));
  return { module: MODULE, relations: byOid, cutBelow: [], onBranch: true };
}

/** A library at v1.4.2 whose branch main went through these states. */
export function library(updates: HeadFacts[], more: Partial<LibraryFacts> = {}): LibraryFacts {
  return {
    project: 'acme/lib-ssh',
    projectId: 2,
    found: true,
    archived: false,
    defaultBranch: 'main',
    tags: [{ name: 'v1.4.2', peeled: oid('base') }],
    tagCount: 1,
    branches: [
      {
        branch: 'main',
        head: updates.at(-1)?.commit ?? oid('base'),
        reached: updates.at(-1)?.commit ?? oid('base'),
        updates,
        later: 0,
        whole: true,
      },
    ],
    releasing: ['main'],
    removed: [],
    unseen: 0,
    own: [],
    jobs: [],
    asked: false,
    ...more,
  };
}
