import { exchange } from './exchange.ts';
import { hideSecrets } from './hide-secrets.ts';
import { FLUSH, malformed, packet, readPackets } from './pkt-line.ts';
import type { Remote } from './remote.ts';
import { encodeTag, type TagContent, tagId } from './tag-object.ts';
import { packOneTag } from './write-pack.ts';

/**
 * What became of the push. `conflict`: the name exists, or another push was faster; read again and decide anew. `denied`:
 * a hook or a protected-tag rule said no, in `words`. `failed`: anything else that the server reports.
 */
export type CreateTagResult =
  | { outcome: 'created'; oid: string }
  | { outcome: 'conflict' | 'denied' | 'failed'; reason: string; words: string };

const MAX_REPORT = 1024 * 1024;
const CONFLICT =
  /already exists|failed to update ref|cannot lock ref|atomic transaction failed|fetch first|stale info/i;
const DENIED = /hook declined|not allowed|protected|denied|forbidden|read-only|prohibited/i;

/**
 * Creates one annotated tag on the remote, and can do nothing else: the old value is always "does not exist", which the
 * server compares when it writes (git-receive-pack's compare-and-swap). There is no way to move or delete a tag here.
 *
 * @throws SignalboxError SBX_REMOTE_UNCERTAIN when the answer did not come to its end: look which commit has the tag now.
 *   SBX_REMOTE_REFUSED with `remoteStatus` 401, 403 or 404 (GitLab's answer to a job token) without the right to push.
 */
export async function createTag(
  remote: Remote,
  tag: TagContent,
  options: { signal?: AbortSignal } = {},
): Promise<CreateTagResult> {
  const bytes = encodeTag(tag);
  const oid = tagId(remote.objectFormat, bytes);
  const ref = `refs/tags/${tag.name}`;
  const nothing = '0'.repeat(oid.length);
  const capabilities = `report-status side-band-64k object-format=${remote.objectFormat} agent=git/signalbox`;
  const command = packet(`${nothing} ${oid} ${ref}\0 ${capabilities}`) + FLUSH;
  return exchange(
    remote,
    {
      method: 'POST',
      path: '/git-receive-pack',
      contentType: 'application/x-git-receive-pack-request',
      accept: 'application/x-git-receive-pack-result',
      body: Buffer.concat([Buffer.from(command), packOneTag(remote.objectFormat, bytes)]),
      changes: true,
      ...(options.signal ? { signal: options.signal } : {}),
    },
    async body => {
      const report = reportReader();
      await readPackets(body, MAX_REPORT, (_kind, chunk, start, end) => report.take(chunk.subarray(start, end)));
      return judge(remote, await report.lines(), report.words(), ref, oid);
    },
  );
}

function judge(remote: Remote, lines: readonly string[], said: string, ref: string, oid: string): CreateTagResult {
  const words = hideSecrets(remote, said);
  const unpack = lines.find(line => line.startsWith('unpack '));
  if (unpack === undefined) {
    if (words !== '') return { outcome: DENIED.test(words) ? 'denied' : 'failed', reason: 'no report', words };
    throw malformed('the server did not report what it did with the tag');
  }
  if (lines.includes(`ok ${ref}`)) return { outcome: 'created', oid };
  const refused = lines.find(line => line.startsWith(`ng ${ref} `))?.slice(ref.length + 4) ?? unpack;
  const reason = hideSecrets(remote, refused);
  if (CONFLICT.test(reason)) return { outcome: 'conflict', reason, words };
  return { outcome: DENIED.test(`${reason} ${words}`) ? 'denied' : 'failed', reason, words };
}

/** Takes the outer packets apart: band 1 holds packets of the report, band 2 what people are told, band 3 the last words. */
function reportReader(): { take: (packet: Buffer) => void; lines: () => Promise<string[]>; words: () => string } {
  const inner: Buffer[] = [];
  let words = '';
  return {
    take(bytes) {
      const band = bytes[0];
      if (band === 1) inner.push(Buffer.from(bytes.subarray(1)));
      else if (band === 2 || band === 3) words = (words + bytes.toString('utf8', 1)).slice(-2_000);
      else if (bytes.length > 0) words = (words + bytes.toString('utf8').replace(/^ERR /, '')).slice(-2_000);
    },
    async lines() {
      const lines: string[] = [];
      await readPackets(oneByOne(inner), MAX_REPORT, (kind, bytes, start, end) => {
        if (kind === 'data') lines.push(bytes.toString('utf8', start, end).trimEnd());
      });
      return lines;
    },
    words: () => words.replace(/\s+/g, ' ').trim(),
  };
}

async function* oneByOne(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
