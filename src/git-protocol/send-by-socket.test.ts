import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eachChunk } from './each-chunk.ts';
import type { HttpAnswer } from './remote.ts';
import { sendBySocket } from './send-by-socket.ts';

const HANG = 20_000;

async function withServer(listener: RequestListener, run: (url: string, connections: () => number) => Promise<void>) {
  const server = createServer(listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => connections);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** A server that does with each connection what a test says. */
async function withRawServer(serve: (socket: Socket) => void, run: (url: string) => Promise<void>) {
  const sockets = new Set<Socket>();
  const server = createNetServer(socket => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function send(url: string, body: string | null = null, signal: AbortSignal = AbortSignal.timeout(HANG)) {
  return sendBySocket({
    method: body === null ? 'GET' : 'POST',
    url,
    headers: {},
    body: body === null ? null : Buffer.from(body),
    signal,
  });
}

async function textOf({ body }: HttpAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('sendBySocket', () => {
  it('sends what it is told, and uses a connection again', async () => {
    await withServer(
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, headers } = request;
          response.writeHead(201, { 'x-method': method });
          response.end(JSON.stringify([url, headers['x-a'], headers['host'], Buffer.concat(chunks).toString()]));
        });
      },
      async (url, connections) => {
        for (const body of ['one', 'twö']) {
          const exchange = {
            method: 'POST',
            url: `${url}/a?b=c`,
            headers: { 'x-a': 'd' },
            signal: AbortSignal.timeout(HANG),
          } as const;
          const answer = await sendBySocket({ ...exchange, body: Buffer.from(body) });
          expect(answer).toMatchObject({ status: 201, headers: { 'x-method': 'POST' } });
          expect(JSON.parse(await textOf(answer))).toEqual(['/a?b=c', 'd', url.slice('http://'.length), body]);
        }
        expect(connections()).toBe(1);
        const both = await Promise.all([send(url), send(url)]);
        await Promise.all(both.map(textOf));
        expect(connections()).toBe(2);
      },
    );
  });

  it('gives the same body piece by piece and at once, however slowly it is taken', async () => {
    const whole = Buffer.alloc(8 * 1024 * 1024, 'Signalbox ');
    await withServer(
      (_request, response) => response.end(whole),
      async url => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of (await send(url)).body) {
          chunks.push(chunk);
          // Gives way, so that more is ready than may wait.
          await new Promise(resolve => setImmediate(resolve));
        }
        expect(Buffer.concat(chunks).equals(whole)).toBe(true);
        const pieces: Uint8Array[] = [];
        await eachChunk((await send(url)).body, piece => pieces.push(piece));
        expect(Buffer.concat(pieces).equals(whole)).toBe(true);
      },
    );
  });

  it('does not read on what nobody takes', async () => {
    let written = 0;
    await withRawServer(
      socket => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = (): void => {
          while (written < 200 * 1024 * 1024) {
            written += 65_536;
            if (!socket.write(Buffer.alloc(65_536))) return;
          }
        };
        socket.on('drain', more);
        more();
      },
      async url => {
        const stop = new AbortController();
        const answer = await send(url, null, stop.signal);
        // As long as anything is written, the kernel still has room.
        for (let before = -1; before !== written; ) {
          before = written;
          await new Promise(resolve => setTimeout(resolve, 100));
        }
        expect(written).toBeLessThan(64 * 1024 * 1024);
        stop.abort(new Error('enough'));
        await expect(textOf(answer)).rejects.toThrow('enough');
      },
    );
  });

  it('takes a body that was cut off for no body', async () => {
    await withRawServer(
      socket => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'));
      },
      async url => {
        const lost = expect.objectContaining({ code: 'ECONNRESET' });
        await expect(textOf(await send(url))).rejects.toEqual(lost);
        await expect(eachChunk((await send(url)).body, () => undefined)).rejects.toEqual(lost);
      },
    );
  });

  it('takes a closed connection for no answer', async () => {
    await withRawServer(
      socket => socket.once('data', () => socket.end()),
      async url => {
        await expect(send(url)).rejects.toEqual(expect.objectContaining({ code: 'ECONNRESET' }));
      },
    );
  });

  it('does not use a connection again that said more than its answer', async () => {
    let connections = 0;
    await withRawServer(
      socket => {
        connections += 1;
        socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok, and more'));
      },
      async url => {
        expect(await textOf(await send(url))).toBe('ok');
        expect(await textOf(await send(url))).toBe('ok');
        expect(connections).toBe(2);
      },
    );
  });

  it('hands on an error of who takes the body, and hangs up', async () => {
    let closed: Promise<unknown> | null = null;
    await withRawServer(
      socket => {
        closed = once(socket, 'close');
        socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'));
      },
      async url => {
        const { body } = await send(url);
        await expect(
          eachChunk(body, () => {
            throw new Error('unreadable');
          }),
        ).rejects.toThrow('unreadable');
        await closed;
      },
    );
  });

  it('can be stopped before, while and after it is answered', async () => {
    await withRawServer(
      socket => socket.once('data', data => data.includes('/x?talk') && socket.write('HTTP/1.1 200 OK\r\n\r\nhello')),
      async url => {
        const reason = new Error('enough');
        await expect(send(url, null, AbortSignal.abort(reason))).rejects.toBe(reason);
        const stop = new AbortController();
        const waiting = send(url, null, stop.signal);
        const answer = await send(`${url}?talk`, null, stop.signal);
        stop.abort(reason);
        await expect(waiting).rejects.toBe(reason);
        await expect(textOf(answer)).rejects.toBe(reason);
      },
    );
  });

  it('sends no header with a line break in it', async () => {
    const headers = { authorization: 'Basic x\r\nx: y' };
    const exchange = {
      method: 'GET',
      url: 'http://127.0.0.1:1/',
      body: null,
      signal: AbortSignal.timeout(HANG),
    } as const;
    await expect(sendBySocket({ ...exchange, headers })).rejects.toThrow(TypeError);
  });
});
