import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressError } from './address-error.ts';

const taken = createServer();
let port: number;
beforeAll(async () => {
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  ({ port } = taken.address() as { port: number });
});
afterAll(() => new Promise(resolve => taken.close(resolve)));

async function refusal(host: string, at: number): Promise<unknown> {
  const server = createServer();
  const error = await new Promise((resolve, reject) => {
    server.once('error', resolve);
    server.listen({ host, port: at }, () => server.close(() => reject(new Error('it listens'))));
  });
  return addressError(error, `${host}:${at}`);
}

it('says what the machine says of an address', async () => {
  expect(await refusal('127.0.0.1', port)).toMatchObject({
    code: 'SBX_ADDRESS_IN_USE',
    detail: `127.0.0.1:${port}`,
  });
  // For documentation: no machine has it.
  expect(await refusal('192.0.2.1', 0)).toMatchObject({
    code: 'SBX_ADDRESS_UNUSABLE',
    detail: '192.0.2.1:0: this machine does not have the address',
  });
  expect(await refusal('nowhere.invalid', 0)).toMatchObject({
    code: 'SBX_ADDRESS_UNUSABLE',
    detail: expect.stringMatching(/^nowhere\.invalid:0: (there is no such host|the name of the host cannot)/) as string,
  });
});

it('knows a port that only root may have', () => {
  const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' });
  expect(addressError(error, '127.0.0.1:80')).toMatchObject({
    code: 'SBX_ADDRESS_UNUSABLE',
    detail: '127.0.0.1:80: this user may not listen on this port',
  });
});

it('leaves what the disk says as it is', () => {
  const error = Object.assign(new Error('open EACCES'), { code: 'EACCES', syscall: 'open' });
  expect(addressError(error, '127.0.0.1:80')).toBe(error);
});
