import { scanRefs } from '../../git-protocol/list-refs.ts';
import type { Remote } from '../../git-protocol/remote.ts';
import type { Ledger } from './ledger.ts';
import { isReleasing } from './signals.ts';
import type { TagFact } from './snapshot.ts';

/** How a library's references stand, beside what was ever seen of them. */
export interface WatchedRefs {
  /** Null in an empty repository. */
  defaultBranch: string | null;
  /** The branches that versions come from, by name. */
  heads: Map<string, string>;
  tagCount: number;
  /** Tags that were never seen before. */
  unseen: TagFact[];
  /** Names seen before that are gone, where they were first seen. */
  removed: TagFact[];
  /** Names that are somewhere else than where they were first seen. */
  moved: { name: string; from: string; to: string }[];
  /** Where each of these names is; asked for by `names`. */
  found: Map<string, string>;
}

const TAGS = 'refs/tags/';
const HEADS = 'refs/heads/';

/** All branches and tags in one request, held against the ledger while they arrive. */
export async function watchRefs(
  remote: Remote,
  ledger: Ledger,
  options: { names: readonly string[]; signal?: AbortSignal },
): Promise<WatchedRefs> {
  const known = new Map(ledger.tags);
  const wanted = new Set(options.names);
  const heads: [string, string][] = [];
  const refs: WatchedRefs = {
    defaultBranch: null,
    heads: new Map(),
    tagCount: 0,
    unseen: [],
    removed: [],
    moved: [],
    found: new Map(),
  };
  const signal = options.signal ? { signal: options.signal } : {};
  await scanRefs(remote, { prefixes: ['HEAD', HEADS, TAGS], ...signal }, line => {
    const name = line.bytes.toString('utf8', line.nameStart, line.nameEnd);
    const peeled = line.bytes.toString('latin1', line.peeledStart, line.peeledStart + line.oidLength);
    if (name === 'HEAD') {
      const target = line.symrefStart < 0 ? '' : line.bytes.toString('utf8', line.symrefStart, line.end);
      if (target.startsWith(HEADS)) refs.defaultBranch = target.slice(HEADS.length).split(' ', 1)[0]!;
    } else if (name.startsWith(HEADS)) heads.push([name.slice(HEADS.length), peeled]);
    else if (name.startsWith(TAGS)) {
      const tag = name.slice(TAGS.length);
      refs.tagCount += 1;
      const first = known.get(tag);
      if (first === undefined) refs.unseen.push({ name: tag, peeled });
      else if (first !== peeled) refs.moved.push({ name: tag, from: first, to: peeled });
      known.delete(tag);
      if (wanted.has(tag)) refs.found.set(tag, peeled);
    }
  });
  refs.removed = [...known].map(([name, peeled]) => ({ name, peeled }));
  for (const [branch, oid] of heads) if (isReleasing(branch, refs.defaultBranch ?? '')) refs.heads.set(branch, oid);
  return refs;
}
