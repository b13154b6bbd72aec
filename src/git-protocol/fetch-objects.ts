import { SignalboxError } from '../errors.ts';
import { runCommand } from './command.ts';
import { hideSecrets } from './hide-secrets.ts';
import type { ObjectType } from './pack-entry.ts';
import { type PackObject, PackReader } from './pack-reader.ts';
import { malformed } from './pkt-line.ts';
import type { Remote } from './remote.ts';

export interface ObjectQuery {
  /** Names of objects to be sent with everything they lead to; any object of the repository, not only tips of branches. */
  wants: readonly string[];
  /** What these lead to is left out; names that the server does not know are ignored by it. */
  haves?: readonly string[];
  /** `tree:0`: commits only; `blob:none`: no files. What is wanted by name comes nevertheless. */
  filter?: string;
  /** Only this many generations of commits. */
  depth?: number;
  keep: readonly ObjectType[];
  signal?: AbortSignal;
}

/**
 * Fetches objects into memory: one request, no negotiation, because the caller knows what it has.
 *
 * @throws SignalboxError SBX_REMOTE_REFUSED ("not our ref") for a wanted object that the server does not have
 */
export async function fetchObjects(remote: Remote, query: ObjectQuery): Promise<Map<string, PackObject>> {
  const reader = new PackReader({ format: remote.objectFormat, keep: query.keep, limits: remote.limits });
  let inPack = false;
  let ended = false;
  let progress = '';
  await runCommand(
    remote,
    {
      name: 'fetch',
      args: [
        'ofs-delta',
        'no-progress',
        ...query.wants.map(oid => `want ${oid}`),
        ...(query.haves ?? []).map(oid => `have ${oid}`),
        ...(query.depth === undefined ? [] : [`deepen ${query.depth}`]),
        ...(query.filter === undefined ? [] : [`filter ${query.filter}`]),
        'done',
      ],
      maxBytes: Number.POSITIVE_INFINITY,
      ...(query.signal ? { signal: query.signal } : {}),
    },
    (kind, bytes, start, end) => {
      if (kind === 'flush') ended = true;
      if (kind !== 'data') return;
      if (!inPack) {
        inPack = bytes.toString('latin1', start, end).trimEnd() === 'packfile';
        return;
      }
      const band = bytes[start];
      if (band === 1) reader.push(bytes.subarray(start + 1, end));
      else if (band === 2) progress = (progress + bytes.toString('utf8', start + 1, end)).slice(-300);
      else if (band === 3) {
        const words = bytes.toString('utf8', start + 1, end).trim();
        throw new SignalboxError('SBX_REMOTE_REFUSED', hideSecrets(remote, `git: ${words}`));
      } else throw malformed('pack data comes on an unknown band');
    },
  );
  // A server that dies in the middle still ends its answer; what it said last is the only trace.
  if (!ended || !inPack) throw malformed(hideSecrets(remote, `the answer was cut off ${progress}`).trim());
  return reader.end();
}
