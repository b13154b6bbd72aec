import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate } from './gate.ts';
import { limitTries } from './limit-tries.ts';
import { senderAddress } from './sender-address.ts';
import { WrongTries } from './wrong-tries.ts';

const from = (remoteAddress: string, forwarded?: string | string[]) =>
  ({
    socket: { remoteAddress } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as Parameters<ReturnType<typeof senderAddress>>[0];

describe('the address of a sender', () => {
  it.each<[string, ReturnType<typeof from>, string]>([
    ['is that of its connection', from('192.0.2.7'), '192.0.2.7'],
    ['is the same for a socket of both kinds', from('::ffff:192.0.2.7'), '192.0.2.7'],
    ['is not what a stranger writes', from('192.0.2.7', '198.51.100.1'), '192.0.2.7'],
    ['is what the proxy on this machine writes last', from('127.0.0.1', '203.0.113.9, 198.51.100.1'), '198.51.100.1'],
    ['is so over IPv6 as well', from('::1', '198.51.100.1'), '198.51.100.1'],
    ['is so with several headers', from('::ffff:127.0.0.1', ['203.0.113.9', '198.51.100.1']), '198.51.100.1'],
    ['is what a configured proxy writes', from('10.1.2.3', '198.51.100.1'), '198.51.100.1'],
    ['is what a configured proxy writes, IPv6', from('fd00::7', '2001:db8::1'), '2001:db8:0:0::/64'],
    ['is that of the proxy when it writes nothing sensible', from('127.0.0.1', 'unknown'), '127.0.0.1'],
    ['is that of the proxy when it writes nothing', from('127.0.0.1'), '127.0.0.1'],
    ['is the network of IPv6', from('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64'],
    ['is the network of IPv6 with a gap', from('2001:db8::6'), '2001:db8:0:0::/64'],
    ['is the network of IPv6 with a zone', from('fe80::1%eth0'), 'fe80:0:0:0::/64'],
    ['may be unknown, when the connection has ended', { socket: {} as Socket, headers: {} }, ''],
  ])('%s', (_what, request, address) => {
    expect(senderAddress(['10.1.2.3', 'fd00::7'])(request)).toBe(address);
  });
});

describe('wrong tries', () => {
  it('are ten at once, and then one every six seconds', () => {
    const tries = new WrongTries();
    for (let at = 0; at < 10; at++) {
      expect(tries.wait('a', 0)).toBe(0);
      tries.count('a', 0);
    }
    expect([0, 2000, 5999, 6000].map(now => tries.wait('a', now))).toEqual([6000, 4000, 1, 0]);
    tries.count('a', 6000);
    expect([6000, 12_000, 60_000].map(now => tries.wait('a', now))).toEqual([6000, 0, 0]);
    expect(tries.wait('b', 0)).toBe(0);
  });

  it('are never more than that, and never fewer, whenever they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), gaps => {
        const tries = new WrongTries();
        let now = 0;
        const counted: number[] = [];
        for (const gap of gaps) {
          now += gap;
          if (tries.wait('a', now) > 0) continue;
          tries.count('a', now);
          counted.push(now);
        }
        // In no span of time more than ten and one for every six seconds of it.
        counted.forEach((begin, first) => {
          for (let last = first; last < counted.length; last++)
            expect(last - first + 1).toBeLessThanOrEqual(10 + (counted[last]! - begin) / 6000);
        });
        // Whoever waits as long as he is told is looked at.
        expect(tries.wait('a', now + tries.wait('a', now))).toBe(0);
      }),
    );
  });

  it('are remembered of ten thousand at most, of those who tried last, and while it matters', () => {
    const tries = new WrongTries();
    for (let who = 0; who < 10_050; who++) for (let at = 0; at < 10; at++) tries.count(`${who}`, 0);
    expect(tries.size).toBe(10_000);
    expect([tries.wait('0', 0), tries.wait('10049', 0)]).toEqual([0, 6000]);
    tries.count('a', 60_000);
    expect(tries.size).toBe(1);
  });
});

describe('a gate that lets nobody guess', () => {
  let now = 0;
  const warned: unknown[] = [];
  const gate = limitTries(
    createGate({
      secrets: ['appliance', 'other'].map(product => ({ product, name: product, secret: `secret of ${product}` })),
      identities: [],
      verify: async () => {
        throw new Error('there are none');
      },
    }),
    {
      address: senderAddress([]),
      products: new Set(['appliance', 'other']),
      now: () => now,
      log: { info: () => undefined, warn: (_message, fields) => warned.push(fields), error: () => undefined },
    },
  );
  const ask = (product: string, credential: string | undefined, address: string) =>
    gate(product, credential, from(address)).then(
      caller => caller.name,
      error => `${error.code} ${error.extensions['retry_after'] ?? ''}`.trim(),
    );

  it('closes for one address and one product, right or wrong, and opens again', async () => {
    for (let at = 0; at < 30; at++) expect(await ask('appliance', undefined, '192.0.2.1')).toMatch(/NOT_AUTHENTIC$/);
    for (let at = 0; at < 10; at++) expect(await ask('appliance', 'wrong', '192.0.2.1')).toMatch(/NOT_AUTHENTIC$/);
    expect(await ask('appliance', 'wrong', '192.0.2.1')).toBe('SBX_RELEASE_TOO_MANY_TRIES 6');
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('SBX_RELEASE_TOO_MANY_TRIES 6');
    expect(await ask('appliance', 'secret of appliance', '192.0.2.2')).toBe('appliance');
    expect(await ask('other', 'secret of other', '192.0.2.1')).toBe('other');
    expect(warned).toEqual([{ address: '192.0.2.1', product: 'appliance' }]);
    now += 5001;
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('SBX_RELEASE_TOO_MANY_TRIES 1');
    now += 999;
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('appliance');
  });

  it('counts invented products as one, and a secret of another product not at all', async () => {
    for (let at = 0; at < 20; at++) expect(await ask('appliance', 'secret of other', '192.0.2.3')).toMatch(/ALLOWED$/);
    for (let at = 0; at < 10; at++) expect(await ask(`invented-${at}`, 'wrong', '192.0.2.3')).toMatch(/NOT_AUTHENTIC$/);
    expect(await ask('invented-10', 'wrong', '192.0.2.3')).toMatch(/TOO_MANY_TRIES/);
    expect(await ask('appliance', 'secret of appliance', '192.0.2.3')).toBe('appliance');
  });
});
