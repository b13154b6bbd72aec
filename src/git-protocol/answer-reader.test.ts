import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

interface Seen {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  /** null while the answer has not ended. */
  reusable: boolean | null;
}

/** Reads an answer that comes in these pieces. */
function readPieces(pieces: readonly Buffer[], closes = false): Seen {
  const seen: Seen = { status: 0, headers: {}, body: '', reusable: null };
  const reader = new AnswerReader({
    head: (status, headers) => Object.assign(seen, { status, headers: { ...headers } }),
    body: bytes => {
      seen.body += bytes.toString('latin1');
    },
    end: reusable => {
      expect(seen.reusable).toBeNull();
      seen.reusable = reusable;
    },
  });
  for (const piece of pieces) reader.push(piece);
  if (closes) expect(reader.close()).toBe(seen.reusable !== null);
  return seen;
}

const read = (text: string, closes = false): Seen => readPieces([Buffer.from(text, 'latin1')], closes);
const HEAD = 'HTTP/1.1 200 OK\r\n';

describe('AnswerReader', () => {
  it.each([
    ['a length', `${HEAD}Content-Length: 5\r\n\r\nhello`, 'hello', true],
    ['no body', `${HEAD}content-length: 0\r\n\r\n`, '', true],
    ['chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n02\r\nlo\r\n0\r\n\r\n`, 'hello', true],
    [
      'trailers',
      `${HEAD}transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nx: y\r\nz: 1\r\n\r\n`,
      '0123456789',
      true,
    ],
    ['a closing connection', `${HEAD}Connection: Close\r\ncontent-length: 2\r\n\r\nok`, 'ok', false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', 'ok', false],
    ['no reason', 'HTTP/1.1 204\r\n\r\n', '', true],
    [
      'first words',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nlink: y\r\n\r\n${HEAD}content-length: 1\r\n\r\n1`,
      '1',
      true,
    ],
    ['bare newlines', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', 'ok', true],
  ])('reads an answer with %s, wherever it is cut', (_name, text, body, reusable) => {
    const bytes = Buffer.from(text, 'latin1');
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 12 }), cuts => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(readPieces(pieces)).toMatchObject({ body, reusable });
      }),
    );
    const single = [...bytes].map(byte => Buffer.of(byte));
    expect(readPieces(single)).toMatchObject({ body, reusable });
  });

  it('takes what comes until the end of the connection for the body, when nothing tells its length', () => {
    expect(read(`${HEAD}x: y\r\n\r\nhello`)).toMatchObject({ body: 'hello', reusable: null });
    expect(read(`${HEAD}x: y\r\n\r\nhello`, true)).toMatchObject({ body: 'hello', reusable: false });
  });

  it.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['half a body', `${HEAD}content-length: 5\r\n\r\nhell`],
    ['half a chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhell`],
    ['no last chunk', `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    ['no end of the trailers', `${HEAD}transfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n`],
  ])('does not take %s for an answer', (_name, text) => {
    expect(read(text, true).reusable).toBeNull();
  });

  it('gives names in small letters, and what is said twice together', () => {
    const { headers, status } = read('HTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-a:2 \r\nContent-Length: 0\r\n\r\n');
    expect(status).toBe(404);
    expect(headers).toEqual({ 'x-a': '1, 2', 'content-length': '0' });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['another version', 'HTTP/2 200\r\n\r\n'],
    ['a change of the protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['a line without a name', `${HEAD}: x\r\n\r\n`],
    ['a folded line', `${HEAD}x: y\r\n z\r\n\r\n`],
    ['a space before the colon', `${HEAD}content-length : 5\r\n\r\n`],
    ['two lengths', `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n`],
    ['a length and chunks', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['an unknown encoding', `${HEAD}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['a negative length', `${HEAD}content-length: -1\r\n\r\n`],
    ['a chunk of no size', `${HEAD}transfer-encoding: chunked\r\n\r\n\r\n`],
    ['a chunk of a wrong size', `${HEAD}transfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n`],
    ['a chunk that goes on', `${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhello\r\n`],
    ['a second answer', `${HEAD}content-length: 1\r\n\r\n1${HEAD}content-length: 1\r\n\r\n2`],
    ['a head without an end', `${HEAD}x: ${'y'.repeat(20_000)}`],
    ['a chunk line without an end', `${HEAD}transfer-encoding: chunked\r\n\r\n5;${'y'.repeat(20_000)}`],
  ])('refuses %s', (_name, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'EPROTO' }));
  });
});
