import { SignalboxError } from '../errors.ts';
import { exchange } from './exchange.ts';
import { hideSecrets } from './hide-secrets.ts';
import { DELIMITER, FLUSH, packet, readPackets, type TakePacket, type TakeRun } from './pkt-line.ts';
import type { Remote } from './remote.ts';

/** Sends one command of protocol version 2 to upload-pack and hands on the packets of its answer. */
export async function runCommand(
  remote: Remote,
  command: { name: 'ls-refs' | 'fetch'; args: readonly string[]; maxBytes: number; signal?: AbortSignal },
  take: TakePacket,
  takeRun?: TakeRun,
): Promise<void> {
  const body = [
    packet(`command=${command.name}\n`),
    packet('agent=git/signalbox\n'),
    packet(`object-format=${remote.objectFormat}\n`),
    DELIMITER,
    ...command.args.map(line => packet(`${line}\n`)),
    FLUSH,
  ].join('');
  await exchange(
    remote,
    {
      method: 'POST',
      path: '/git-upload-pack',
      contentType: 'application/x-git-upload-pack-request',
      accept: 'application/x-git-upload-pack-result',
      body: Buffer.from(body),
      ...(command.signal ? { signal: command.signal } : {}),
    },
    chunks =>
      readPackets(
        chunks,
        command.maxBytes,
        (kind, bytes, start, end) => {
          // `ERR ` may come instead of any packet; a packet of pack data cannot begin so, its first byte is a band.
          if (kind === 'data' && bytes[start] === 0x45 && bytes.toString('latin1', start, start + 4) === 'ERR ') {
            const words = bytes.toString('utf8', start + 4, end).trim();
            throw new SignalboxError('SBX_REMOTE_REFUSED', hideSecrets(remote, `git: ${words}`));
          }
          take(kind, bytes, start, end);
        },
        takeRun,
      ),
  );
}
