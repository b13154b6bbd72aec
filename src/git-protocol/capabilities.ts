import { SignalboxError } from '../errors.ts';
import { exchange } from './exchange.ts';
import { malformed, readPackets } from './pkt-line.ts';
import type { Remote } from './remote.ts';

/** What a server of protocol version 2 says it can do. */
export interface Capabilities {
  objectFormat: 'sha1' | 'sha256';
  /** Whether `fetch` leaves out trees and blobs on request; GitLab does, a plain git http-backend must be told to. */
  filter: boolean;
  agent: string;
}

/**
 * Asks what the server can do, gitprotocol-v2(5).
 *
 * @throws SignalboxError SBX_REMOTE_UNEXPECTED when the server does not speak version 2 (git before 2.18)
 */
export async function readCapabilities(remote: Remote, signal?: AbortSignal): Promise<Capabilities> {
  const lines: string[] = [];
  await exchange(
    remote,
    {
      method: 'GET',
      path: '/info/refs?service=git-upload-pack',
      accept: 'application/x-git-upload-pack-advertisement',
      ...(signal ? { signal } : {}),
    },
    body =>
      readPackets(body, remote.limits.refBytes, (kind, bytes, start, end) => {
        if (kind === 'data' && lines.length < 100) lines.push(bytes.toString('utf8', start, end).trimEnd());
      }),
  );
  const version = lines.indexOf('version 2');
  if (version < 0) {
    const error = lines.find(line => line.startsWith('ERR '));
    if (error) throw new SignalboxError('SBX_REMOTE_REFUSED', `git: ${error.slice(4)}`);
    throw malformed('the server does not speak protocol version 2');
  }
  const values = new Map(lines.slice(version + 1).map(line => splitAt(line, line.indexOf('='))));
  const format = values.get('object-format') ?? 'sha1';
  if (format !== 'sha1' && format !== 'sha256') throw malformed(`unknown object format ${format}`);
  return {
    objectFormat: format,
    filter: (values.get('fetch') ?? '').split(' ').includes('filter'),
    agent: values.get('agent') ?? '',
  };
}

function splitAt(line: string, at: number): [string, string] {
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
