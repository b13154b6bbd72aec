import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFileDoor } from '../../src/freshdesk/files/open-file.ts';

/** What the name server says: whoever owns a name below freshdesk.com, or takes one over, can say anything. */
const NAMES: Record<string, readonly string[]> = {
  'loopback.freshdesk.com': ['127.0.0.1'],
  'loopback6.freshdesk.com': ['::1'],
  'metadata.freshdesk.com': ['169.254.169.254'],
  'mapped.freshdesk.com': ['::ffff:10.0.0.1'],
  'translated.freshdesk.com': ['64:ff9b::7f00:1'],
  'tunnel.freshdesk.com': ['2002:7f00:1::'],
  'unique-local.freshdesk.com': ['fd00::1'],
  'nothing.freshdesk.com': ['0.0.0.0'],
  'carrier.freshdesk.com': ['100.64.0.1'],
  // The first is public, and the second is what a second question would get.
  'both.freshdesk.com': ['93.184.216.34', '127.0.0.1'],
};

vi.mock('node:dns', async original => {
  const dns = await original<typeof import('node:dns')>();
  const lookup = (name: string, options: object, done: (error: Error | null, found: unknown) => void) => {
    const found = NAMES[name];
    if (!found) return dns.lookup(name, options, done as never);
    return done(
      null,
      found.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { ...dns, default: { ...dns, lookup }, lookup };
});

let files: Server;
let inside: Server;
/** Where the files' host sends us on to. */
let redirect = '';
let asked: string[];
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const listen = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server;
};

let door: ReturnType<typeof createFileDoor>;
beforeAll(async () => {
  files = await listen((_request, response) => response.writeHead(302, { location: redirect }).end());
  inside = await listen((request, response) => {
    asked.push(String(request.url));
    response.end('secret');
  });
  door = createFileDoor({ hosts: [`127.0.0.1:${portOf(files)}`] });
});
afterAll(async () => {
  await door.close();
  for (const server of [files, inside]) server.closeAllConnections();
  files.close();
  inside.close();
});
beforeEach(() => {
  asked = [];
});

async function refused(address: string, kind: 'attachment' | 'inline' = 'attachment'): Promise<string> {
  const outcome = await door.open(address, kind);
  if ('stream' in outcome) outcome.stream.destroy();
  return 'refused' in outcome ? outcome.refused : 'opened';
}

/** Addresses of the machine next door, in every way in which an address can be written. */
const inward = () => {
  const port = portOf(inside);
  return [
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
    `http://localhost:${port}/`,
    `http://localhost.:${port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/',
    'https://metadata.google.internal/computeMetadata/v1/',
    `https://acme.freshdesk.com@127.0.0.1:${port}/`,
    `https://acme.freshdesk.com%2f@127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}\\@acme.freshdesk.com/`,
    `https://127.0.0.1:${port}#@acme.freshdesk.com/`,
    `https://acme.freshdesk.com.evil.example:${port}/`,
    'https://evil.example/?x=.freshdesk.com',
    'https://s3.amazonaws.com/evil/cdn.freshdesk.com/x',
    'https://s3.amazonaws.com/cdn.freshdesk.com/../evil/x',
    'https://s3.amazonaws.com/cdn.freshdesk.com/%2e%2e/evil/x',
    `https://acme.freshdesk.com:${port}/`,
    'http://acme.freshdesk.com/x',
    'file:///etc/passwd',
    'ftp://acme.freshdesk.com/x',
    'gopher://127.0.0.1:25/x',
    'data:text/plain,x',
    '//127.0.0.1/x',
    'x',
    '',
  ];
};

describe('the address of a file', () => {
  it('is refused where it is not one of Freshdesk, however it is written', async () => {
    for (const address of inward())
      for (const kind of ['attachment', 'inline'] as const)
        expect([address, await refused(address, kind)]).toEqual([address, 'address']);
    expect(asked).toEqual([]);
  });

  it.each(Object.keys(NAMES))('is refused where the name server leads %s inside', async name => {
    expect(await refused(`https://${name}/inline/attachment?token=x`)).toBe('address');
    expect(await refused(`https://${name}/inline/attachment?token=x`, 'inline')).toBe('address');
  });

  it('is refused where a host that is trusted sends us on to one that is not', async () => {
    const from = `http://127.0.0.1:${portOf(files)}/file`;
    for (const to of inward()) {
      redirect = to;
      const outcome = await refused(from);
      // What is no address at all leads back to the same host, in circles.
      expect([to, ['address', 'gone'].includes(outcome)]).toEqual([to, true]);
    }
    for (const name of Object.keys(NAMES)) {
      redirect = `https://${name}/x`;
      expect([name, await refused(from)]).toEqual([name, 'address']);
    }
    redirect = '/file';
    expect(await refused(from)).toBe('gone');
    expect(asked).toEqual([]);
  });
});
