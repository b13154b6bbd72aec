import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import type { Agent } from 'undici';
import { SignalboxError } from '../../errors.ts';
import { type AddressRules, type FileKind, isPrivateAddress, isTrusted, judgeAddress } from './judge-address.ts';

/** A file that has begun to arrive; whoever gets it reads it to its end or destroys the stream. */
export interface OpenFile {
  /** As the host declares it; null where it does not. */
  size: number | null;
  type: string | null;
  stream: Readable;
}

/** `expired` may be mended by reading the ticket again; the others are for good. */
export type FileRefusal = { refused: 'address' | 'expired' | 'gone'; reason: string };

export type FileDoor = ReturnType<typeof createFileDoor>;

const REDIRECTS = 3;
const TIMEOUT = 30_000;

/**
 * Fetches attachments and inline images from where Freshdesk keeps them: never with our key, never from another host, never from a
 * private address whatever a name resolves to, and the same for each redirect.
 */
export function createFileDoor(rules: AddressRules) {
  const trustedNames = new Set(rules.hosts.map(host => host.replace(/:\d+$/, '')));
  let agent: Promise<Agent> | undefined;

  async function openAgent(): Promise<Agent> {
    const undici = await import('undici');
    return new undici.Agent({
      connections: 16,
      headersTimeout: TIMEOUT,
      bodyTimeout: TIMEOUT,
      // The address that is checked is the one that is connected to.
      connect: { timeout: 10_000, lookup: publicLookup(trustedNames) },
    });
  }

  async function open(address: string, kind: FileKind, signal?: AbortSignal): Promise<OpenFile | FileRefusal> {
    let at = address;
    let as = kind;
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      const fault = judgeAddress(at, as, rules);
      if (fault !== null) return { refused: 'address', reason: fault };
      const url = new URL(at);
      const answer = await ask(url, signal);
      if (!('redirect' in answer)) return answer;
      if (!URL.canParse(answer.redirect, url.href)) return { refused: 'gone', reason: 'it is redirected to nowhere' };
      at = new URL(answer.redirect, url.href).href;
      // The image host hands out S3 addresses; where it points to is then its word and no longer the mail's.
      as = 'attachment';
    }
    return { refused: 'gone', reason: 'it is redirected without an end' };
  }

  async function ask(url: URL, signal?: AbortSignal): Promise<OpenFile | FileRefusal | { redirect: string }> {
    agent ??= openAgent();
    const answer = await (await agent)
      .request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: { 'user-agent': 'signalbox', accept: '*/*' },
        ...(signal && { signal }),
      })
      .catch((cause: unknown) => {
        const code = (cause as { code?: string }).code;
        if (code === PRIVATE_ADDRESS) return null;
        throw new SignalboxError(
          'SBX_REMOTE_UNREACHABLE',
          `Freshdesk's files: ${url.host}: ${code ?? 'connection lost'}`,
          {
            cause,
          },
        );
      });
    if (answer === null) return { refused: 'address', reason: `${url.hostname} is a private address` };
    const { statusCode: status, headers, body } = answer;
    if (status === 200) {
      const length = Number(headers['content-length'] ?? Number.NaN);
      return {
        size: Number.isNaN(length) ? null : length,
        type: String(headers['content-type'] ?? '') || null,
        stream: body,
      };
    }
    await body.dump().catch(() => undefined);
    const { location } = headers;
    if (status >= 300 && status < 400 && location !== undefined) return { redirect: String(location) };
    if (status === 403 || status === 401) return { refused: 'expired', reason: `Freshdesk's files answer ${status}` };
    if (status < 500 && status !== 429) return { refused: 'gone', reason: `Freshdesk's files answer ${status}` };
    throw new SignalboxError('SBX_REMOTE_UNAVAILABLE', `Freshdesk's files: ${url.host}: ${status}`, {
      remoteStatus: status,
    });
  }

  return {
    open,
    rules,
    isTrusted: (url: URL) => isTrusted(url, rules.hosts),
    close: async () => (await agent)?.destroy(),
  };
}

const PRIVATE_ADDRESS = 'PRIVATE_ADDRESS';

function publicLookup(trusted: ReadonlySet<string>): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || (!trusted.has(hostname) && addresses.some(each => isPrivateAddress(each.address)))) {
        return callback(Object.assign(new Error('a private address'), { code: PRIVATE_ADDRESS }), '', 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
