import { type History, readHistory, readSince } from '../../../git-protocol/history.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import type { CommitFact, Relation } from '../snapshot.ts';
import { candidatesOf, type StreamTags } from '../stream-tags.ts';

/** How tags stand to the commit, as far as it was asked. None of it ever changes, so a later look goes on from it. */
export interface KnownHistory {
  /** By peeled object id. */
  relations: Readonly<Record<string, Relation>>;
  /** The commit and what it contains back to the base, or more. */
  commits: readonly CommitFact[];
  /** The first candidate that is an ancestor; null when none is. */
  base: string | null;
}

export interface RelationsQuery {
  commit: string;
  tags: StreamTags;
  filter: boolean;
  /** What an earlier look found. */
  known: KnownHistory | undefined;
  signal?: AbortSignal;
}

/** As many as `readHistory` asks for at once, without the base. */
const FEW = 7;

/**
 * Asks what is not known yet. While fifty jobs compete for a number, each new look has a few new tags and nothing else, and
 * the shorter it takes the fewer of them collide.
 */
export async function readRelations(remote: Remote, query: RelationsQuery): Promise<KnownHistory> {
  const { commit, tags, filter, known } = query;
  const news = known ? newTargets(tags, commit, known) : null;
  if (known && news?.length === 0) return known;
  const candidates = known?.base && news ? [known.base, ...news] : targetsOf(tags);
  const signal = query.signal ? { signal: query.signal } : {};
  const usual = known ? null : await readUsual(remote, query);
  const history = usual ?? (await readHistory(remote, { commit, candidates, filter, ...signal }));
  const relations = { ...known?.relations, ...history.relations };
  for (const { peeled } of candidatesOf(tags)) {
    if (relations[peeled] === undefined && peeled !== commit) break;
    if (relations[peeled] === 'ancestor') return { relations, commits: history.commits, base: peeled };
  }
  return { relations, commits: history.commits, base: null };
}

/** Nearly always the first candidate is the base: then the commits since it say so themselves, and need no second request. */
async function readUsual(remote: Remote, query: RelationsQuery): Promise<History | null> {
  for (const first of targetsOf(query.tags)) {
    if (first === query.commit) continue;
    const commits = await readSince(remote, query, first);
    return commits && { relations: { [first]: 'ancestor' }, base: first, commits };
  }
  return null;
}

/** Lazy, because the first one nearly always is the base, and sorting the others would be for nothing. */
function* targetsOf(tags: StreamTags): Generator<string> {
  for (const tag of candidatesOf(tags)) yield tag.peeled;
}

/** What is new above the known base; null when that is too much to ask beside it. */
function newTargets(tags: StreamTags, commit: string, known: KnownHistory): string[] | null {
  if (known.base === null) return null;
  const news = new Set<string>();
  for (const { peeled } of candidatesOf(tags)) {
    if (peeled === known.base) return [...news];
    if (known.relations[peeled] === undefined && peeled !== commit) news.add(peeled);
    if (news.size > FEW) return null;
  }
  return null;
}
