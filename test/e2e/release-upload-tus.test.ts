import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { md5, type ReleaseStage, SECRET, setReleaseStage, sha256, tgz, until, VIEWER } from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage();
});
afterAll(() => stage.close());

const about = (version: string, more: Record<string, string> = {}) => ({
  product: 'appliance',
  version,
  line: '5.4',
  environment: 'development',
  commit: 'deadbeef',
  filename: 'whatever.tgz',
  ...more,
});
const tus = { 'tus-resumable': '1.0.0', authorization: `Bearer ${SECRET}` };
const encode = (metadata: Record<string, string>) =>
  Object.entries(metadata)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');

async function create(version: string, body: Buffer, more: Record<string, string> = { sha256: sha256(body) }) {
  const headers = { ...tus, 'upload-length': String(body.length), 'upload-metadata': encode(about(version, more)) };
  return stage.ask('POST', '/v1/uploads', { headers });
}
const begin = async (version: string, body: Buffer, more?: Record<string, string>) => {
  const answer = await create(version, body, more);
  expect(answer.status, answer.text).toBe(201);
  return String(answer.headers['location']);
};
const patch = (path: string, offset: number, body: Buffer, more: Record<string, string> = {}) =>
  stage.ask('PATCH', path, {
    headers: {
      ...tus,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      'content-length': String(body.length),
      ...more,
    },
    body,
  });
const head = (path: string) => stage.ask('HEAD', path, { headers: tus });

/** Uploads with the client that everybody uses. */
function upload(body: Buffer, metadata: Record<string, string>, chunkSize: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new Upload(body, {
      endpoint: `${stage.url}/v1/uploads`,
      headers: { Authorization: `Bearer ${SECRET}` },
      metadata,
      chunkSize,
      retryDelays: [],
      onError: reject,
      onSuccess: () => resolve(client.url ?? ''),
    });
    client.start();
  });
}

describe('tus-js-client', () => {
  it.each([
    ['5.4.1', Number.POSITIVE_INFINITY],
    ['5.4.2', 700_000],
    ['5.4.3', 1_048_576],
  ])('uploads %s in parts of %d', async (version, chunkSize) => {
    const body = tgz(2_500_000);
    await upload(body, about(version, { sha256: sha256(body), md5: md5(body) }), chunkSize);
    await until('it is released', async () => (await stage.show(version)).body['state'] === 'released');
    const stored = await readFile(join(stage.artifacts, 'appliance', version, `appliance-${version}.tgz`));
    expect(body.equals(stored)).toBe(true);
  });

  it('is told when the whole file is not what its digest says', async () => {
    const body = tgz(900_000);
    await expect(upload(body, about('5.4.4', { sha256: sha256(tgz()) }), 400_000)).rejects.toThrow(
      /digest-mismatched-values/,
    );
    expect((await stage.show('5.4.4')).status).toBe(404);
    expect((await stage.files()).filter(name => name.includes('5.4.4'))).toEqual([]);
  });
});

describe('a resumable upload', () => {
  it('goes on where it was broken off, with what had come until then', async () => {
    const body = tgz(2_000_000);
    const path = await begin('5.4.10', body);
    const socket = connect(stage.port, '127.0.0.1');
    const lines = [...Object.entries(tus), ['Content-Type', 'application/offset+octet-stream'], ['Upload-Offset', '0']];
    const request = [`PATCH ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`];
    socket.write(`${[...request, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`);
    await new Promise<void>(resolve => socket.write(body.subarray(0, 1_234_567), () => resolve()));
    await until('most of it has come', async () => Number((await stage.show('5.4.10')).body['received']) > 1_000_000);
    // The old connection is half dead: the service does not know, and the client asks where it stands.
    const found = await head(path);
    const offset = Number(found.headers['upload-offset']);
    expect(offset).toBeGreaterThan(1_000_000);
    expect(offset).toBeLessThanOrEqual(1_234_567);
    const answer = await patch(path, offset, body.subarray(offset));
    expect([answer.status, answer.headers['upload-offset']]).toEqual([204, String(body.length)]);
    expect(answer.headers['link']).toBe('</v1/releases/appliance/5.4.10>; rel="status"');
    socket.destroy();
    expect((await stage.show('5.4.10')).body['sha256']).toBe(sha256(body));
    expect((await head(path)).headers['upload-offset']).toBe(String(body.length));
    expect((await patch(path, body.length, Buffer.alloc(0))).status).toBe(204);
  });

  it('refuses a part at the wrong place and one that is too long', async () => {
    const body = tgz(5000);
    const path = await begin('5.4.11', body);
    const wrong = await patch(path, 7, body.subarray(7));
    expect([wrong.status, wrong.body]).toMatchObject([409, { 'expected-offset': 0, 'provided-offset': 7 }]);
    expect((await patch(path, 0, Buffer.concat([body, body]))).body.code).toBe('SBX_UPLOAD_LENGTH');
    expect((await stage.ask('DELETE', path, { headers: tus })).status).toBe(204);
    expect((await head(path)).status).toBe(404);
  });

  it('keeps no part whose checksum is wrong', async () => {
    const body = tgz(1_500_000);
    const path = await begin('5.4.12', body);
    const sum = (part: Buffer) => ({ 'upload-checksum': `sha1 ${createHash('sha1').update(part).digest('base64')}` });
    const [first, second] = [body.subarray(0, 600_000), body.subarray(600_000)];
    expect((await patch(path, 0, first, sum(first))).status).toBe(204);
    expect((await patch(path, 600_000, second, sum(first))).status).toBe(460);
    expect((await head(path)).headers['upload-offset']).toBe('600000');
    expect((await patch(path, 600_000, second, sum(second))).status).toBe(204);
    expect((await stage.show('5.4.12')).body['sha256']).toBe(sha256(body));
  });

  it('asks who it is at every request, and for a digest and bytes at the first', async () => {
    const body = tgz(5000);
    expect((await create('5.4.13', body, {})).body.code).toBe('SBX_RELEASE_DIGEST_MISSING');
    expect((await create('5.3.13', body)).body.code).toBe('SBX_RELEASE_METADATA_INVALID');
    // Clients send nothing more for it, so here is the only place to refuse it.
    const empty = await create('5.4.13', Buffer.alloc(0));
    expect([empty.status, empty.body.code]).toEqual([422, 'SBX_RELEASE_NOT_A_TGZ']);
    const path = await begin('5.4.13', body);
    for (const method of ['HEAD', 'PATCH', 'DELETE']) {
      const { authorization: _left, ...headers } = tus;
      expect((await stage.ask(method, path, { headers })).status).toBe(401);
      expect((await stage.ask(method, '/v1/uploads/nothing', { headers })).status).toBe(401);
    }
    expect((await stage.ask('HEAD', path, { headers: { authorization: `Bearer ${SECRET}` } })).status).toBe(412);
    for (const id of ['..%2f..%2fsecret', '%2e%2e']) expect((await head(`/v1/uploads/${id}`)).status).toBe(404);
    expect((await head('/v1/uploads/a%00')).status).toBe(400);
  });

  it('outlives the service, and is a release only when its release is on disk', async () => {
    const dataDirectory = join(stage.directory, 'second');
    const first = await setReleaseStage({ dataDirectory });
    const body = tgz(1_700_000);
    const headers = { ...tus, 'upload-length': String(body.length) };
    const metadata = encode(about('5.4.20', { sha256: sha256(body) }));
    const created = await first.ask('POST', '/v1/uploads', { headers: { ...headers, 'upload-metadata': metadata } });
    const path = String(created.headers['location']);
    const part = (on: ReleaseStage, offset: number, bytes: Buffer) =>
      on.ask('PATCH', path, {
        headers: {
          ...tus,
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(offset),
          'content-length': String(bytes.length),
        },
        body: bytes,
      });
    expect((await part(first, 0, body.subarray(0, 1_300_000))).headers['upload-offset']).toBe('1300000');
    await first.close();
    const second = await setReleaseStage({ dataDirectory });
    const found = await second.ask('HEAD', path, { headers: tus });
    expect(found.headers['upload-offset']).toBe('1300000');
    expect((await part(second, 1_300_000, body.subarray(1_300_000))).status).toBe(204);
    const release = await second.ask('GET', '/v1/releases/appliance/5.4.20', {
      headers: { authorization: `Bearer ${VIEWER}` },
    });
    expect(release.body['sha256']).toBe(sha256(body));
    await second.close();
  });

  it('says what it can', async () => {
    const { status, headers } = await stage.ask('OPTIONS', '/v1/uploads');
    expect([status, headers['tus-version'], headers['tus-extension']]).toEqual([
      204,
      '1.0.0',
      'creation,termination,expiration,checksum',
    ]);
  });
});

it('removes what nobody continues', async () => {
  const short = await setReleaseStage({ product: 'upload_expires: 300ms' });
  const headers = {
    ...tus,
    'upload-length': '5000',
    'upload-metadata': encode(about('5.4.1', { md5: '0'.repeat(32) })),
  };
  const { headers: answer } = await short.ask('POST', '/v1/uploads', { headers });
  const path = String(answer['location']);
  expect(Date.parse(String(answer['upload-expires']))).toBeGreaterThan(Date.now() - 60_000);
  await until('it has expired', async () => (await short.ask('HEAD', path, { headers: tus })).status === 410);
  await short.stop();
  const next = await setReleaseStage({
    dataDirectory: join(short.directory, 'data'),
    product: 'upload_expires: 300ms',
  });
  await until('it is gone', async () => (await next.files()).every(name => !name.startsWith('.uploads')));
  await next.close();
  await short.close();
});
