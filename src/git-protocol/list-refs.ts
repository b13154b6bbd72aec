import { runCommand } from './command.ts';
import { malformed, type TakeRun } from './pkt-line.ts';
import type { Remote } from './remote.ts';

export interface RemoteRef {
  /** In full: `refs/tags/v1.2.3`. */
  name: string;
  oid: string;
  /** What it points at after following every tag object; the same as `oid` for anything but an annotated tag. */
  peeled: string;
  /** For HEAD: the branch it stands for. */
  symref: string | null;
}

export interface RefQuery {
  /** Names begin with one of these; a whole name is a prefix too. The server sends nothing else. */
  prefixes: readonly string[];
  signal?: AbortSignal;
}

/**
 * One reference as it stands in the server's answer: positions in `bytes`. The record is used again for the next line; `bytes`
 * may be kept, which keeps a piece of the answer of up to 64 KiB. Making strings of 50,000 lines costs more than all the rest of a run, and nearly all of them are looked at once.
 */
export interface RefLine {
  bytes: Buffer;
  nameStart: number;
  nameEnd: number;
  oidStart: number;
  peeledStart: number;
  /** Digits of an object id. */
  oidLength: number;
  /** -1 when there is none. */
  symrefStart: number;
  end: number;
}

/**
 * The references of the remote, in the server's order. One request, however many there are.
 *
 * @throws SignalboxError SBX_REMOTE_…; an answer that was cut off is an error, never a shorter list
 */
export async function listRefs(remote: Remote, query: RefQuery): Promise<RemoteRef[]> {
  const refs: RemoteRef[] = [];
  await scanRefs(remote, query, line => {
    const { bytes, oidStart, peeledStart, symrefStart } = line;
    refs.push({
      name: bytes.toString('utf8', line.nameStart, line.nameEnd),
      oid: bytes.toString('latin1', oidStart, oidStart + line.oidLength),
      peeled: bytes.toString('latin1', peeledStart, peeledStart + line.oidLength),
      symref: symrefStart < 0 ? null : bytes.toString('utf8', symrefStart, line.end).split(' ', 1)[0]!,
    });
  });
  return refs;
}

/**
 * The same without a list: for who keeps only a few of very many references. `takeRun` may take whole lines beforehand, which must
 * be such as were asked for.
 */
export async function scanRefs(
  remote: Remote,
  query: RefQuery,
  take: (line: RefLine) => void,
  takeRun?: TakeRun,
): Promise<void> {
  const prefixes = query.prefixes.map(prefix => Buffer.from(prefix));
  const line: RefLine = {
    bytes: Buffer.alloc(0),
    nameStart: 0,
    nameEnd: 0,
    oidStart: 0,
    peeledStart: 0,
    oidLength: remote.objectFormat === 'sha1' ? 40 : 64,
    symrefStart: -1,
    end: 0,
  };
  // Lists are sorted: the prefix of one line is nearly always that of the next.
  let usual = prefixes[0];
  let ended = false;
  await runCommand(
    remote,
    {
      name: 'ls-refs',
      args: ['peel', 'symrefs', ...query.prefixes.map(prefix => `ref-prefix ${prefix}`)],
      maxBytes: remote.limits.refBytes,
      ...(query.signal ? { signal: query.signal } : {}),
    },
    (kind, bytes, start, end) => {
      if (kind === 'flush') ended = true;
      if (kind !== 'data') return;
      readLine(line, bytes, start, bytes[end - 1] === NEWLINE ? end - 1 : end);
      // Servers may send more than was asked for: ref-prefix is a hint by the protocol's text.
      if (usual === undefined || !hasPrefix(line, usual)) {
        usual = prefixes.find(prefix => hasPrefix(line, prefix));
        if (usual === undefined) return;
      }
      take(line);
    },
    takeRun,
  );
  if (!ended) throw malformed('the list of references was cut off');
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const PEELED = 'peeled:';
const SYMREF = 'symref-target:';

function readLine(line: RefLine, bytes: Buffer, start: number, end: number): void {
  const oidEnd = start + line.oidLength;
  if (oidEnd >= end || bytes[oidEnd] !== SPACE) throw malformed('a line of the list of references cannot be read');
  line.bytes = bytes;
  line.end = end;
  line.oidStart = start;
  line.peeledStart = start;
  line.symrefStart = -1;
  line.nameStart = oidEnd + 1;
  line.nameEnd = nextSpace(bytes, oidEnd + 1, end);
  let at = line.nameEnd + 1;
  while (at < end) {
    if (startsWith(bytes, at, PEELED)) {
      line.peeledStart = at + PEELED.length;
      // Not looked through for its end: half of a long list is the digits of peeled ids.
      at = line.peeledStart + line.oidLength + 1;
      continue;
    }
    if (startsWith(bytes, at, SYMREF)) line.symrefStart = at + SYMREF.length;
    at = nextSpace(bytes, at, end) + 1;
  }
  if (line.peeledStart + line.oidLength > end) throw malformed('a line of the list of references cannot be read');
}

function nextSpace(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SPACE) at++;
  return at;
}

function startsWith(bytes: Buffer, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function hasPrefix({ bytes, nameStart }: RefLine, prefix: Buffer): boolean {
  const { length } = prefix;
  let same = 0;
  while (same < length && bytes[nameStart + same] === prefix[same]) same++;
  return same === length;
}
