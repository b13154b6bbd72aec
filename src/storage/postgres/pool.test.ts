import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { createPool } from './pool.ts';

/** A message of PostgreSQL's protocol: a letter, the length with itself, the content. */
function message(letter: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(letter), length, content]);
}

it('survives a server that ends a connection with the very bytes that say it is ready', async () => {
  const welcome = Buffer.concat([
    message('R', Buffer.alloc(4)),
    message('Z', Buffer.from('I')),
    message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')),
  ]);
  const server = createServer(socket => socket.once('data', () => socket.end(welcome))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = createPool(`postgres://signalbox@127.0.0.1:${(server.address() as AddressInfo).port}/none`);
  try {
    const client = await pool.connect();
    await expect(client.query('select 1', [])).rejects.toMatchObject({ code: 'SBX_DATABASE_UNAVAILABLE' });
    client.release();
  } finally {
    await pool.end();
    server.close();
  }
});
