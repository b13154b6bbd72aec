import { SignalboxError } from '../errors.ts';
import { type Commit, parseCommit } from './commit-object.ts';
import { fetchObjects, type ObjectQuery } from './fetch-objects.ts';
import type { PackObject } from './pack-reader.ts';
import type { Remote } from './remote.ts';

/** How an object stands to a commit: `ancestor` is contained in it, `descendant` contains it. */
export type Relation = 'same' | 'ancestor' | 'descendant' | 'unrelated' | 'not-a-commit';

export interface History {
  /** By object id, for every candidate down to the first ancestor, and perhaps for some below it. */
  relations: Record<string, Relation>;
  /** The first candidate that is the commit's ancestor; null when none is. */
  base: string | null;
  /** The commit, and all that it contains and the base does not; without a base, the commit alone. */
  commits: Commit[];
}

export interface HistoryQuery {
  commit: string;
  /** Object ids (peeled tags), most wanted base first; may be lazy, only what is needed is taken. */
  candidates: Iterable<string>;
  /** Whether the server can leave out trees and files, `Capabilities.filter`. */
  filter: boolean;
  signal?: AbortSignal;
}

const FIRST_BATCH = 8;
/** About a thousand commits, with messages as people write them. */
const FEW_BYTES = 512 * 1024;

/**
 * How tags stand to a commit, without a clone. What a server sends for "I want these tags and have that commit" is what the
 * tags have more than the commit: a tag that is not sent is an ancestor. Nearly always nothing is sent, in one request
 * for many tags. At the same time "I want the commit and have the first tag" gives the commits since then; where the
 * first tag is not the base after all, that is stopped, for it could be the whole history.
 *
 * A server walks by date, so commits dated in the future can make it send more than it must, and an ancestor looks
 * unrelated. Where such a tag lies between base and commit it is noticed here. What is not noticed is one with a higher
 * version that the base itself contains; that takes wrong dates and versions out of order at the same place.
 */
export async function readHistory(remote: Remote, query: HistoryQuery): Promise<History> {
  const candidates = new Set<string>();
  const source = query.candidates[Symbol.iterator]();
  const relations: Record<string, Relation> = {};
  const [first] = take(source, candidates, 1, query.commit);
  if (first === undefined) return { relations, base: null, commits: await commitAlone(remote, query) };

  const guess = new AbortController();
  const since = commitsSince(
    remote,
    query,
    first,
    AbortSignal.any([guess.signal, ...(query.signal ? [query.signal] : [])]),
  );
  since.catch(() => undefined);
  try {
    let batch = [first, ...take(source, candidates, FIRST_BATCH - 1, query.commit)];
    while (batch.length > 0) {
      const base = await relate(remote, query, batch, relations);
      if (base !== null) {
        if (base !== first) guess.abort();
        const commits = await (base === first ? since : commitsSince(remote, query, base, query.signal));
        return correct(remote, query, { relations, base, commits }, [...candidates]);
      }
      batch = take(source, candidates, batch.length * 4, query.commit);
    }
    return { relations, base: null, commits: await commitAlone(remote, query) };
  } finally {
    guess.abort();
  }
}

/**
 * What a commit contains and `ancestor` does not, in one request; null where that is no ancestor of it, or too much to be asked
 * for on a guess. Exact, because a server never sends too little: of what it sends, something has the ancestor as a parent.
 */
export async function readSince(
  remote: Remote,
  query: Omit<HistoryQuery, 'candidates'>,
  ancestor: string,
): Promise<Commit[] | null> {
  const limits = { ...remote.limits, keptBytes: Math.min(remote.limits.keptBytes, FEW_BYTES) };
  try {
    const commits = await commitsSince({ ...remote, limits }, query, ancestor, query.signal);
    return commits.some(({ parents }) => parents.includes(ancestor)) ? commits : null;
  } catch (error) {
    if (error instanceof SignalboxError && error.code === 'SBX_GIT_ANSWER_TOO_LARGE') return null;
    throw error;
  }
}

function take(source: Iterator<string>, seen: Set<string>, count: number, commit: string): string[] {
  const taken: string[] = [];
  while (taken.length < count) {
    const next = source.next();
    if (next.done) break;
    if (seen.has(next.value) || next.value === commit) continue;
    seen.add(next.value);
    taken.push(next.value);
  }
  return taken;
}

/** Fills in the relations of a batch; returns the first ancestor in it. */
async function relate(
  remote: Remote,
  query: HistoryQuery,
  batch: readonly string[],
  relations: Record<string, Relation>,
): Promise<string | null> {
  const objects = await fetchObjects(remote, commitsOnly(query, batch, [query.commit], query.signal));
  const containing = containers(objects, query.commit);
  let base: string | null = null;
  for (const oid of batch) {
    const object = objects.get(oid);
    if (object === undefined) {
      relations[oid] = 'ancestor';
      base ??= oid;
    } else if (object.type !== 'commit') relations[oid] = 'not-a-commit';
    else relations[oid] = containing.has(oid) ? 'descendant' : 'unrelated';
  }
  return base;
}

/** The fetched commits from which parents lead to `commit`, which itself was not sent. */
function containers(objects: ReadonlyMap<string, PackObject>, commit: string): Set<string> {
  const children = new Map<string, string[]>();
  for (const { oid, parents } of commitsOf(objects)) {
    for (const parent of parents) {
      const known = children.get(parent);
      if (known) known.push(oid);
      else children.set(parent, [oid]);
    }
  }
  const found = new Set<string>();
  const open = [commit];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    for (const child of children.get(oid) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      open.push(child);
    }
  }
  return found;
}

/** A candidate that turns up among the commits since the base is an ancestor, whatever was sent before. */
async function correct(
  remote: Remote,
  query: HistoryQuery,
  history: History,
  candidates: readonly string[],
): Promise<History> {
  const contained = new Set(history.commits.map(commit => commit.oid));
  for (const oid of candidates) if (contained.has(oid)) history.relations[oid] = 'ancestor';
  const better = candidates.find(oid => history.relations[oid] === 'ancestor');
  if (better === undefined || better === history.base) return history;
  return { ...history, base: better, commits: await commitsSince(remote, query, better, query.signal) };
}

async function commitsSince(
  remote: Remote,
  query: Pick<HistoryQuery, 'commit' | 'filter'>,
  base: string,
  signal: AbortSignal | undefined,
): Promise<Commit[]> {
  return commitsOf(await fetchObjects(remote, commitsOnly(query, [query.commit], [base], signal)));
}

async function commitAlone(remote: Remote, query: HistoryQuery): Promise<Commit[]> {
  const all = { ...commitsOnly(query, [query.commit], [], query.signal), depth: 1 };
  return commitsOf(await fetchObjects(remote, all));
}

function commitsOnly(
  query: Pick<HistoryQuery, 'filter'>,
  wants: readonly string[],
  haves: readonly string[],
  signal: AbortSignal | undefined,
): ObjectQuery {
  return {
    wants,
    haves,
    keep: ['commit'],
    ...(query.filter ? { filter: 'tree:0' } : {}),
    ...(signal ? { signal } : {}),
  };
}

function commitsOf(objects: ReadonlyMap<string, PackObject>): Commit[] {
  return [...objects].flatMap(([oid, { type, bytes }]) =>
    type === 'commit' && bytes ? [parseCommit(oid, bytes)] : [],
  );
}

/**
 * Whether `descendant` contains `ancestor`; both are commits of the remote. Exact with wrong dates too: a server may send too
 * much and never too little, so what is not sent is contained, and otherwise the way back is walked.
 */
export async function isAncestor(
  remote: Remote,
  ancestor: string,
  descendant: string,
  options: { filter: boolean; signal?: AbortSignal },
): Promise<boolean> {
  if (ancestor === descendant) return true;
  const query = { ...options, commit: descendant };
  const more = await fetchObjects(remote, commitsOnly(query, [ancestor], [descendant], options.signal));
  if (!more.has(ancestor)) return true;
  const between = await commitsSince(remote, query, ancestor, options.signal);
  return between.some(commit => commit.parents.includes(ancestor));
}
