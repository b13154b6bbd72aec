import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReleaseStage, setReleaseStage, tgz, until } from './release-upload-stage.ts';

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage();
});
afterAll(() => stage.close());

describe('what is hardly HTTP', () => {
  const PUT = 'PUT /v1/releases/appliance/5.4.1 HTTP/1.1\r\nHost: x\r\n';
  it.each([
    ['two framings', `${PUT}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `${PUT}Content-Length: -5\r\n\r\n`],
    ['two lengths', `${PUT}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ['a NUL in a header', `${PUT}X-Release-Notes: a\0b\r\n\r\n`],
    ['headers without end', `${PUT}X-Release-Notes: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['an address without end', `GET /v1/releases/${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['no host', 'GET /v1/releases HTTP/1.1\r\n\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['another HTTP', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s is answered with a problem', async (_what, request) => {
    const socket = connect(stage.port, '127.0.0.1');
    let text = '';
    socket.on('data', chunk => {
      text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.write(request);
    await until('an answer', async () => text.includes('\r\n\r\n{') && text.endsWith('}'));
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i);
    expect(text).toMatch(/\r\nx-request-id: [0-9a-f-]{36}\r\n/i);
  });

  it('says of an unknown address nothing that could be a secret', async () => {
    const answer = await stage.ask('PUT', '/v1/relases/appliance/5.4.1?secret=tell-nobody');
    expect([answer.status, answer.body['detail']]).toEqual([404, 'PUT /v1/relases/appliance/5.4.1']);
    expect(answer.text).not.toContain('tell-nobody');
  });

  it('ignores expectations that nobody knows', async () => {
    expect((await stage.put('5.4.20', tgz(), { expect: '200-ok' })).status).toBe(202);
  });
});
