import { listRefs, type RefLine, scanRefs } from '../../../git-protocol/list-refs.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import { type DigestedTags, TagDigest } from '../tag-digest.ts';

/** What one list of references says about a library. */
export interface LibraryRefs extends DigestedTags {
  /** The commit that the asked branch is at now; null when the branch is gone or none was asked for. */
  head: string | null;
  /** The remote's default branch; null when it says none. */
  defaultBranch: string | null;
  /** Branches that may be release branches, for warnings only. */
  branches: string[];
}

export interface RefsQuery {
  commit: string;
  branch: string | null;
  /** Every tag instead of those that matter for the newest commit; needed where `needsAllTags` says so. */
  all?: boolean;
  signal?: AbortSignal;
}

const TAGS = 'refs/tags/';
const HEADS = 'refs/heads/';
/** How names of release branches begin, see release-line.ts: topic branches, of which there may be thousands, are not asked for. */
const LINE_PREFIXES = ['release', 'stable', 'maintenance', 'v', ...Array(10).keys()].map(
  start => HEADS + String(start),
);

/** All tags, the branch and the remote's HEAD in one request. */
export async function readRefs(remote: Remote, query: RefsQuery): Promise<LibraryRefs> {
  const digest = new TagDigest(query.commit);
  const tags: DigestedTags['tags'] = [];
  const found: { head: string | null; defaultBranch: string | null } = { head: null, defaultBranch: null };
  const branches: string[] = [];
  const own = query.branch === null ? null : HEADS + query.branch;
  const text = (line: RefLine, start: number, end: number): string => line.bytes.toString('utf8', start, end);
  await scanRefs(
    remote,
    {
      prefixes: ['HEAD', TAGS, ...LINE_PREFIXES, ...(own === null ? [] : [own])],
      ...(query.signal ? { signal: query.signal } : {}),
    },
    line => {
      // `refs/t…` and `refs/h…` differ in their sixth letter; 50,000 names are not made to strings for that.
      if (line.bytes[line.nameStart + 5] === LETTER_T) {
        if (query.all) tags.push(toFact(line));
        else digest.add(line);
        return;
      }
      const name = text(line, line.nameStart, line.nameEnd);
      const oid = text(line, line.oidStart, line.oidStart + line.oidLength);
      if (name === 'HEAD' && line.symrefStart >= 0) {
        const target = text(line, line.symrefStart, line.end).split(' ', 1)[0]!;
        if (target.startsWith(HEADS)) found.defaultBranch = target.slice(HEADS.length);
      } else if (name.startsWith(HEADS)) {
        if (name === own) found.head = oid;
        branches.push(name.slice(HEADS.length));
      }
    },
    query.all ? undefined : (bytes, at) => digest.addRun(bytes, at),
  );
  return { ...(query.all ? { tags, cutBelow: [] } : digest.result()), ...found, branches };
}

const LETTER_T = 't'.charCodeAt(0);

function toFact(line: RefLine): { name: string; peeled: string } {
  return {
    name: line.bytes.toString('utf8', line.nameStart + TAGS.length, line.nameEnd),
    peeled: line.bytes.toString('latin1', line.peeledStart, line.peeledStart + line.oidLength),
  };
}

/** One tag of the remote as it is at this moment, in a request whose answer is one line; null when there is none. */
export async function findTag(
  remote: Remote,
  name: string,
  signal?: AbortSignal,
): Promise<{ oid: string; peeled: string } | null> {
  const refs = await listRefs(remote, { prefixes: [TAGS + name], ...(signal ? { signal } : {}) });
  const tag = refs.find(ref => ref.name === TAGS + name);
  return tag ? { oid: tag.oid, peeled: tag.peeled } : null;
}
