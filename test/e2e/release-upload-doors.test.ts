import { readFile, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Answer,
  md5,
  OTHER_SECRET,
  type ReleaseStage,
  SECRET,
  setReleaseStage,
  sha256,
  tgz,
  until,
  VIEWER,
} from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What holds of one door holds of all: the form and the resumable upload refuse what PUT refuses. */
let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage();
});
afterAll(() => stage.close());

type Field = [name: string, value: string | Buffer];
const BOUNDARY = 'a-boundary-of-the-tests';

function encodeForm(fields: readonly Field[]): Buffer {
  const parts = fields.map(([name, value]) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts.flat(), Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

function formOf(version: string, body: Buffer, changes: Record<string, string | Buffer | null> = {}): Field[] {
  const fields: Record<string, string | Buffer | null> = {
    secret: SECRET,
    version,
    line: '5.4',
    environment: 'development',
    commit: 'deadbeef',
    md5: md5(body),
    ...changes,
    file: changes['file'] ?? body,
  };
  return Object.entries(fields).filter((field): field is Field => field[1] !== null);
}

function post(fields: readonly Field[], product = 'appliance', headers: Record<string, string> = {}): Promise<Answer> {
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  return stage.ask('POST', `/v1/releases/${product}`, {
    headers: { 'content-type': type, ...headers },
    body: encodeForm(fields),
  });
}

const metadataOf = (fields: readonly Field[]) =>
  fields.map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`).join(',');

/** All of a resumable upload, as far as it is taken. */
async function resumable(fields: readonly Field[], body: Buffer, secret = SECRET): Promise<Answer> {
  const tus = { 'tus-resumable': '1.0.0', authorization: `Bearer ${secret}` };
  const created = await stage.ask('POST', '/v1/uploads', {
    headers: { ...tus, 'upload-length': `${body.length}`, 'upload-metadata': metadataOf(fields) },
  });
  if (created.status !== 201) return created;
  return stage.ask('PATCH', String(created.headers['location']), {
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body,
  });
}

function sessionOf(version: string, body: Buffer, changes: Record<string, string | null> = {}): Field[] {
  const fields: Record<string, string | null> = {
    product: 'appliance',
    version,
    line: '5.4',
    environment: 'development',
    commit: 'deadbeef',
    sha256: sha256(body),
    ...changes,
  };
  return Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
}

function expectRefused(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code)]);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.body).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    instance: expect.stringMatching(/^urn:request:/),
  });
  expect(answer.text).not.toContain(stage.directory);
  expect(answer.text).not.toContain(SECRET);
}

const BODY = tgz();
const flipped = Buffer.from(BODY);
flipped[700]! ^= 1;

describe.each<[string, (changes: Record<string, string | null>, fields?: Field[]) => Promise<Answer>]>([
  ['a form', (changes, fields = []) => post([...fields, ...formOf('5.4.1', BODY, changes)])],
  ['a resumable upload', (changes, fields = []) => resumable([...fields, ...sessionOf('5.4.1', BODY, changes)], BODY)],
])('%s', (_door, send) => {
  it.each(['version', 'line', 'environment', 'commit'])('without %s', async field => {
    const answer = await send({ [field]: null });
    expectRefused(answer, 422, 'SBX_RELEASE_METADATA_INVALID');
    expect(answer.body.errors).toEqual([{ at: `/${field}`, message: 'is missing' }]);
  });

  it.each(['../5.4.1', '..', '/etc/passwd', '5.4.1/../../x', '5.4\0', 'con', 'nul', 'com1', '5.4.1 ', '-5.4', ';x'])(
    'of version %j',
    async version => expectRefused(await send({ version }), 422, '/version'),
  );

  it.each(['__proto__', 'constructor', 'toString', 'bogus'])('with a field %s', async name => {
    expectRefused(await send({}, [[name, 'x']]), 422, `/${name}`);
  });

  it('with a field twice', async () => expectRefused(await send({}, [['commit', 'deadbeef']]), 422, '/commit'));

  it.each(['a\0b', 'a\nb', 'a\rb', 'a\u001b[31mb', 'a\tb', 'a\u202eb', 'x'.repeat(5000)])(
    'with notes that no env file should hold: %#',
    async notes => expectRefused(await send({ notes }), 422, '/notes'),
  );

  it.each([
    ['md5', 'f'.repeat(31)],
    ['md5', 'f'.repeat(64)],
    ['sha256', 'f'.repeat(32)],
    ['sha256', `${'f'.repeat(63)}g`],
  ])('with a digest of the wrong form: %s %s', async (algorithm, digest) =>
    expectRefused(await send({ [algorithm]: digest }), 400, 'SBX_RELEASE_DIGEST_INVALID'),
  );

  it('without a digest', async () =>
    expectRefused(await send({ md5: null, sha256: null }), 428, 'SBX_RELEASE_DIGEST_MISSING'));

  it('with a digest of other bytes', async () => {
    const answer = await send({ sha256: sha256(flipped) });
    expectRefused(answer, 400, 'digest-mismatched-values');
    expect(answer.text).not.toContain(sha256(BODY));
  });
});

describe('a form', () => {
  it.each<[string, Record<string, string | null>, string, number]>([
    ['no secret', { secret: null }, 'appliance', 401],
    ['a wrong one', { secret: 'wrong' }, 'appliance', 401],
    ['that of another product', { secret: OTHER_SECRET }, 'appliance', 403],
    ['a right one, for an unknown product', {}, 'nothing', 403],
    ['a wrong one, for an unknown product', { secret: 'wrong' }, 'nothing', 401],
  ])('with %s', async (_what, changes, product, status) => {
    expectRefused(await post(formOf('5.4.1', BODY, changes), product), status, 'SBX_RELEASE_NOT');
  });

  it('of one flipped bit', async () =>
    expectRefused(await post(formOf('5.4.1', BODY, { file: flipped })), 400, 'digest-mismatched-values'));

  it('with 10 MB in a field, or very many fields, or without an end', async () => {
    expectRefused(await post([['notes', 'x'.repeat(10_000_000)], ...formOf('5.4.1', BODY)]), 422, '/notes');
    const many = Array.from({ length: 1000 }, (_, at): Field => [`f${at}`, 'x']);
    expectRefused(await post([...many, ...formOf('5.4.1', BODY)]), 400, 'SBX_RELEASE_FORM_INVALID');
  });

  it.each([0.01, 0.5, 0.9999])('whose sender dies at %d of it leaves nothing', async share => {
    const body = encodeForm(formOf('5.4.2', tgz(2_000_000)));
    const before = await stage.files();
    const socket = connect(stage.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const type = `Content-Type: multipart/form-data; boundary=${BOUNDARY}`;
    socket.write(
      `POST /v1/releases/appliance HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, Math.floor(body.length * share)));
    await until('it has begun', async () => (await stage.show('5.4.2')).body['state'] === 'receiving');
    socket.resetAndDestroy();
    await until('it is over', async () => (await stage.show('5.4.2')).status === 404);
    expect(await stage.files()).toEqual(before);
  });

  it('may come in chunks, without a length', async () => {
    const body = tgz(3_000_000);
    const headers = { 'transfer-encoding': 'chunked', prefer: 'respond-async' };
    expect((await post(formOf('5.4.3', body), 'appliance', headers)).status).toBe(202);
    expect(body.equals(await readFile(join(stage.artifacts, 'appliance/5.4.3/appliance-5.4.3.tgz')))).toBe(true);
  });
});

describe('the same bytes', () => {
  it('by all doors at once are one release and one run', async () => {
    const body = tgz(30_000);
    const doors = [
      () => stage.put('5.4.10', body),
      () => post(formOf('5.4.10', body)),
      () => resumable(sessionOf('5.4.10', body), body),
    ];
    const answers = await Promise.all(Array.from({ length: 48 }, (_, at) => doors[at % 3]!()));
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
    await until('it is released', async () => (await stage.show('5.4.10')).body['state'] === 'released');
    expect((await stage.ran()).filter(line => line.startsWith('5.4.10 '))).toEqual(['5.4.10 1']);
  });

  it('for another environment or line release nothing, and are not taken for a release', async () => {
    const body = tgz();
    expect((await stage.put('5.4.11', body, { prefer: 'wait=20' })).status).toBe(201);
    const elsewhere = { environment: 'production' };
    for (const answer of [
      await stage.put('5.4.11', body, { 'x-release-environment': 'production' }),
      await post(formOf('5.4.11', body, elsewhere)),
      await resumable(sessionOf('5.4.11', body, elsewhere), body),
      await preflight('5.4.11', body, elsewhere),
    ]) {
      expectRefused(answer, 409, 'SBX_RELEASE_OTHER_CHANNEL');
      expect(answer.body['remedy']).toContain('promote');
    }
    expect((await stage.ran()).filter(line => line.startsWith('5.4.11 '))).toEqual(['5.4.11 1']);
  });

  it('at once for two environments are one of both', async () => {
    const body = tgz(1_200_000);
    const answers = await Promise.all(
      ['development', 'production'].map(environment =>
        stage.put('5.4.12', body, { 'x-release-environment': environment }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
  });

  it('are taken again when the release has lost them', async () => {
    const own = await setReleaseStage();
    const body = tgz();
    expect((await own.put('5.4.13', body, { prefer: 'wait=20' })).status).toBe(201);
    await own.stop();
    await truncate(join(own.artifacts, 'appliance/5.4.13/appliance-5.4.13.tgz'), 100);
    const next = await setReleaseStage({ dataDirectory: join(own.directory, 'data') });
    expect((await next.show('5.4.13')).body).toMatchObject({ state: 'rejected' });
    expect((await next.put('5.4.13', body, { prefer: 'wait=20' })).status).toBe(201);
    expect((await next.show('5.4.13')).body).toMatchObject({ state: 'released', sha256: sha256(body) });
    await next.close();
    await own.close();
  });

  function preflight(version: string, body: Buffer, changes: Record<string, string>): Promise<Answer> {
    const { secret: _secret, file: _file, ...fields } = Object.fromEntries(formOf(version, body, changes));
    return stage.ask('POST', '/v1/releases/appliance/preflight', {
      headers: { authorization: `Bearer ${SECRET}` },
      body: JSON.stringify(fields),
    });
  }
});

it('shows nothing to whoever may not look', async () => {
  const look = (path: string, token: string) =>
    stage.ask('GET', path, { headers: token === '' ? {} : { authorization: `Bearer ${token}` } });
  expect((await look('/v1/releases', '')).status).toBe(401);
  expect((await look('/v1/releases', SECRET)).status).toBe(401);
  expect((await look('/v1/releases?product=other', SECRET)).status).toBe(403);
  expect((await look('/v1/releases/other/5.4.1/log', SECRET)).status).toBe(403);
  expect((await look('/v1/releases?product=appliance', SECRET)).status).toBe(200);
  expect((await look('/v1/releases', VIEWER)).status).toBe(200);
  const act = (token: string) =>
    stage.ask('POST', '/v1/releases/appliance/5.4.10/promote', {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"environment":"production"}',
    });
  expect([(await act(SECRET)).status, (await act(VIEWER)).status]).toEqual([401, 403]);
  expect(stage.log()).not.toContain(SECRET);
});
