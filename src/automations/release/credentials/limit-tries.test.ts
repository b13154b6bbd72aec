import { describe, expect, it } from 'vitest';
import { createGate } from './gate.ts';
import { limitTries } from './limit-tries.ts';

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
      products: new Set(['appliance', 'other']),
      now: () => now,
      log: { info: () => undefined, warn: (_message, fields) => warned.push(fields), error: () => undefined },
    },
  );
  const ask = (product: string, credential: string | undefined, address: string) =>
    gate(product, credential, { ip: address }).then(
      caller => caller.name,
      error => `${error.code} ${error.retryAt === undefined ? '' : Math.ceil((error.retryAt - now) / 1000)}`.trim(),
    );

  it('closes for one address and one product, right or wrong, and opens again', async () => {
    for (let at = 0; at < 30; at++) expect(await ask('appliance', undefined, '192.0.2.1')).toMatch(/NOT_AUTHENTIC$/);
    for (let at = 0; at < 10; at++) expect(await ask('appliance', 'wrong', '192.0.2.1')).toMatch(/NOT_AUTHENTIC$/);
    expect(await ask('appliance', 'wrong', '192.0.2.1')).toBe('SBX_TOO_MANY_FAILURES 6');
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('SBX_TOO_MANY_FAILURES 6');
    expect(await ask('appliance', 'secret of appliance', '192.0.2.2')).toBe('appliance');
    expect(await ask('other', 'secret of other', '192.0.2.1')).toBe('other');
    expect(warned).toEqual([{ address: '192.0.2.1', product: 'appliance' }]);
    now += 5001;
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('SBX_TOO_MANY_FAILURES 1');
    now += 999;
    expect(await ask('appliance', 'secret of appliance', '192.0.2.1')).toBe('appliance');
  });

  it('counts invented products as one, and a secret of another product not at all', async () => {
    for (let at = 0; at < 20; at++) expect(await ask('appliance', 'secret of other', '192.0.2.3')).toMatch(/ALLOWED$/);
    for (let at = 0; at < 10; at++) expect(await ask(`invented-${at}`, 'wrong', '192.0.2.3')).toMatch(/NOT_AUTHENTIC$/);
    expect(await ask('invented-10', 'wrong', '192.0.2.3')).toMatch(/TOO_MANY_FAILURES/);
    expect(await ask('appliance', 'secret of appliance', '192.0.2.3')).toBe('appliance');
  });
});
