import type { DatedCommit } from '../../gitlab/client/commits.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { BuildFact } from './facts.ts';
import type { BoxDocument, Cell } from './store.ts';

/** Looks up what boxes call their builds. */
export interface Builds {
  /** The commit a build was made of; null when its name says none that GitLab knows. */
  commitOf(build: string): Promise<DatedCommit | null>;
  /** What is known about a build, seen from the fix of an issue. */
  describe(build: string, fixes: readonly string[], heardAt: number | null): Promise<BuildFact>;
}

/** A name that is no commit today may be a tag tomorrow. */
const ASK_AGAIN = 10 * 60_000;
const MOST_NAMES = 5000;

export function createBuilds(gitlab: GitLab, project: string, now: () => number): Builds {
  const known = new Map<string, { at: number; commit: Promise<DatedCommit | null> }>();

  async function lookUp(build: string): Promise<DatedCommit | null> {
    for (const name of commitNames(build)) {
      const commit = await gitlab.commits.find(project, name);
      if (commit) return commit;
    }
    return null;
  }

  async function commitOf(build: string): Promise<DatedCommit | null> {
    const before = known.get(build);
    if (before && ((await before.commit) !== null || now() - before.at < ASK_AGAIN)) return before.commit;
    if (known.size >= MOST_NAMES) known.clear();
    const commit = lookUp(build);
    known.set(build, { at: now(), commit });
    commit.catch(() => known.delete(build));
    return commit;
  }

  return {
    commitOf,
    describe: async (build, fixes, heardAt) => {
      const commit = await commitOf(build);
      if (!commit) return { name: build, builtAt: heardAt, containsFix: null };
      const builtAt = Date.parse(commit.committed_date);
      if (fixes.length === 0) return { name: build, builtAt, containsFix: null };
      const contained = await Promise.all(
        fixes.map(async fix => (await gitlab.repository.mergeBase(project, fix, commit.id)) === fix),
      );
      return { name: build, builtAt, containsFix: contained.includes(true) };
    },
  };
}

/**
 * What in a build's name may name a commit, most telling first: the end of `git describe` and of Go's pseudo-versions
 * (`v5.4.1-12-gabc1234`, `v0.0.0-20260101000000-abcdef123456`), a commit in brackets or alone, and the name as a tag.
 */
export function commitNames(build: string): string[] {
  const name = build.trim().replace(/[-+.](?:dirty|modified)$/, '');
  const described = /-g([0-9a-f]{7,40})$/.exec(name)?.[1] ?? /-\d{14}-([0-9a-f]{12})$/.exec(name)?.[1];
  if (described !== undefined) return [described];
  const hash = /(?<![0-9a-z])([0-9a-f]{7,64})(?![0-9a-z])/g;
  const hashes = [...name.matchAll(hash)].map(match => match[1] ?? '');
  // A word such as "feedface" or a date is no commit, though it could be the beginning of one.
  const commits = hashes.filter(each => (/\d/.test(each) && /[a-f]/.test(each)) || each.length >= 40);
  const isVersion = /^v?\d+(?:\.\d+)+(?:[-+][\w.-]+)?$/.test(name);
  const tags = isVersion ? [name, name.startsWith('v') ? name.slice(1) : `v${name}`] : [];
  return [...new Set([...commits, ...tags])];
}

/** When each build was first heard of, whether from sightings or from heartbeats. */
export function firstHeard(cells: readonly Cell[], boxes: readonly BoxDocument[]): Map<string, number> {
  const first = new Map<string, number>();
  const hear = (build: string | null, at: number): void => {
    if (build !== null) first.set(build, Math.min(first.get(build) ?? at, at));
  };
  for (const cell of cells) hear(cell.build, cell.firstAt);
  for (const { sessions } of boxes) for (const session of sessions) hear(session.build, session.startedAt);
  return first;
}
