import type { Readable } from 'node:stream';
import { FLUSH_PKT, pktLine, readUntilFlush, sideBand } from './pkt-line.ts';
import type { RefUpdate } from './types.ts';

/** What a push asks for, read off the front of its request. */
export interface PushCommands {
  updates: RefUpdate[];
  capabilities: Set<string>;
  options: string[];
  /** Everything read so far, to be handed on to git unchanged before the rest of the stream. */
  head: Buffer;
}

/** A client that sends commands without end is no client of ours; 50,000 refs take about 5 MB. */
const MAX_COMMAND_BYTES = 64 * 1024 * 1024;

function parse(packets: Buffer[]): { updates: RefUpdate[]; capabilities: Set<string> } {
  const updates: RefUpdate[] = [];
  let capabilities = new Set<string>();
  for (const packet of packets) {
    const zero = packet.indexOf(0);
    if (zero >= 0)
      capabilities = new Set(
        packet
          .toString('utf8', zero + 1)
          .trim()
          .split(' '),
      );
    const line = packet.toString('utf8', 0, zero < 0 ? packet.length : zero).replace(/\n$/, '');
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/s.exec(line);
    if (match !== null) updates.push({ before: match[1]!, after: match[2]!, ref: match[3]! });
  }
  return { updates, capabilities };
}

/** Reads the commands and push options of a receive-pack request, leaving the pack in the stream. */
export async function readPushCommands(body: Readable): Promise<PushCommands> {
  let head = Buffer.alloc(0);
  let commands: ReturnType<typeof parse> | null = null;
  let optionsStart = 0;
  for (;;) {
    if (commands === null) {
      const read = readUntilFlush(head);
      if (read !== null) {
        commands = parse(read.packets);
        optionsStart = read.end;
      }
    }
    if (commands !== null) {
      if (!commands.capabilities.has('push-options')) return { ...commands, options: [], head };
      const read = readUntilFlush(head.subarray(optionsStart));
      if (read !== null) {
        const options = read.packets.map(packet => packet.toString('utf8').replace(/\n$/, ''));
        return { ...commands, options, head };
      }
    }
    const chunk = await nextChunk(body);
    if (chunk === null) return { ...(commands ?? parse([])), options: [], head };
    head = Buffer.concat([head, chunk]);
    if (head.length > MAX_COMMAND_BYTES) throw new RangeError('protocol error: too many commands');
  }
}

function nextChunk(body: Readable): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      body.off('readable', look).off('end', end).off('error', fail).off('close', close);
      act();
    };
    const look = () => {
      const chunk = body.read() as Buffer | null;
      if (chunk !== null) settle(() => resolve(chunk));
      else if (body.readableEnded) end();
    };
    const end = () => settle(() => resolve(null));
    const fail = (error: Error) => settle(() => reject(error));
    const close = () => settle(() => (body.readableEnded ? resolve(null) : reject(new Error('the client went away'))));
    body.on('readable', look).on('end', end).on('error', fail).on('close', close);
    look();
  });
}

/** The answer to a push that a pre-receive check refused, as git itself words it; the text appears as `remote: …`. */
export function refusal(commands: PushCommands, text: string): Buffer {
  const message = Buffer.from(`${text.trimEnd()}\n`);
  const lines = commands.updates.map(update => pktLine(`ng ${update.ref} pre-receive hook declined\n`));
  const report = Buffer.concat([pktLine('unpack ok\n'), ...lines, FLUSH_PKT]);
  const isBanded = commands.capabilities.has('side-band-64k') || commands.capabilities.has('side-band');
  return isBanded ? Buffer.concat([sideBand(2, message), sideBand(1, report), FLUSH_PKT]) : report;
}

/** Puts a message for the pusher's terminal in front of receive-pack's own report, where a hook's output would be. */
export function withMessage(answer: Buffer, commands: PushCommands, text: string): Buffer {
  if (!commands.capabilities.has('side-band-64k')) return answer;
  return Buffer.concat([sideBand(2, Buffer.from(`${text.trimEnd()}\n`)), answer]);
}
