import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/errors.ts';
import {
  type Answer,
  curl,
  md5,
  OTHER_SECRET,
  type ReleaseStage,
  SECRET,
  setReleaseStage,
  sha256,
  tgz,
  until,
  uploadHeaders,
  VIEWER,
} from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage({ product: 'max_size: 3MiB\n      idle: 2s\n      min_rate: 20KiB' });
});
afterAll(() => stage.close());

/** A refusal is a problem document of the table, and gives nothing away. */
function expectProblem(answer: Answer, code: ErrorCode): void {
  expect(answer.text, answer.text).toContain(code);
  expect(answer.status).toBe(ERRORS[code].status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const { type, title, instance } = answer.body;
  expect(type).toMatch(/^(?:urn:signalbox:|https:\/\/iana\.org\/assignments\/http-problem-types#)/);
  expect([title, instance]).toEqual([ERRORS[code].title, expect.stringMatching(/^urn:request:/)]);
  expect(answer.text).not.toContain(stage.directory);
  expect(answer.text).not.toMatch(/\bat .*\.ts:\d+/);
  expect(answer.text).not.toContain(SECRET);
}

const base64 = (algorithm: string, body: Buffer) => createHash(algorithm).update(body).digest('base64');
const put = (version: string, headers: Record<string, string>, body = tgz()) => stage.put(version, body, headers);
const without = (name: string, body = tgz()) => {
  const { [name]: _left, ...rest } = uploadHeaders(body);
  return { body, headers: rest };
};

describe('who may', () => {
  it.each([
    ['no credential', 'appliance', '', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['a wrong one', 'appliance', 'Bearer wrong', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['an unknown product', 'nothing', 'Bearer wrong', 'SBX_RELEASE_NOT_AUTHENTIC'],
    ['a product of somebody else', 'appliance', `Bearer ${OTHER_SECRET}`, 'SBX_RELEASE_NOT_ALLOWED'],
    ['an unknown product with a known secret', 'nothing', `Bearer ${SECRET}`, 'SBX_RELEASE_NOT_ALLOWED'],
    [
      'a token that pretends to be of GitLab',
      'appliance',
      'Bearer eyJhbGciOiJub25lIn0.e30.',
      'SBX_RELEASE_NOT_AUTHENTIC',
    ],
  ] as const)('%s', async (_what, product, authorization, code) => {
    const body = tgz();
    const headers: Record<string, string> = { ...uploadHeaders(body), authorization };
    const answer = await stage.ask('PUT', `/v1/releases/${product}/5.4.1`, { body, headers });
    expectProblem(answer, code);
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('looks at no more credentials of an address that guesses, and at those of all others', async () => {
    const body = tgz();
    const guess = (authorization: string, address: string) => {
      const headers = { ...uploadHeaders(body), authorization, 'x-forwarded-for': `10.0.0.1, ${address}` };
      return stage.ask('PUT', '/v1/releases/appliance/5.4.110', { body, headers });
    };
    for (let at = 0; at < 10; at++)
      expectProblem(await guess('Bearer wrong', '192.0.2.1'), 'SBX_RELEASE_NOT_AUTHENTIC');
    for (const authorization of ['Bearer wrong', `Bearer ${SECRET}`]) {
      const refused = await guess(authorization, '192.0.2.1');
      expectProblem(refused, 'SBX_TOO_MANY_FAILURES');
      expect(refused.headers['retry-after']).toMatch(/^[1-6]$/);
    }
    const form = ['-H', 'X-Forwarded-For: 192.0.2.1', '-F', `secret=${SECRET}`, '-F', 'file=@/dev/null'];
    expect((await curl(...form, `${stage.url}/v1/releases/appliance`)).stdout).toContain('SBX_TOO_MANY_FAILURES');
    expect((await guess(`Bearer ${SECRET}`, '192.0.2.2')).status).toBe(202);
    expect(stage.log()).toContain('wrong credentials are no longer looked at');
  });

  it('takes X-Release-Secret and Basic as well', async () => {
    const { body, headers } = without('authorization');
    const ways = [
      { 'x-release-secret': SECRET },
      { authorization: `Basic ${Buffer.from(`ci:${SECRET}`).toString('base64')}` },
    ];
    for (const [at, way] of ways.entries()) {
      const answer = await stage.ask('PUT', `/v1/releases/appliance/5.4.${100 + at}`, {
        body,
        headers: { ...headers, ...way },
      });
      expect(answer.status).toBe(202);
    }
  });

  it('refuses a secret in the address, whether right or wrong, and logs it nowhere', async () => {
    for (const name of ['secret', 'token', 'access_token', 'X-Release-Secret']) {
      const body = tgz();
      const path = `/v1/releases/appliance/5.4.2?${name}=${SECRET}`;
      expectProblem(
        await stage.ask('PUT', path, { body, headers: uploadHeaders(body) }),
        'SBX_RELEASE_SECRET_IN_ADDRESS',
      );
    }
    expect(stage.log()).not.toContain(SECRET);
  });

  it('says 403 before 404 and 409', async () => {
    const body = tgz();
    const headers = { ...uploadHeaders(body), authorization: `Bearer ${OTHER_SECRET}` };
    expectProblem(
      await stage.ask('PUT', '/v1/releases/appliance/not-a-version', { body, headers }),
      'SBX_RELEASE_NOT_ALLOWED',
    );
  });
});

describe('metadata', () => {
  it.each(['x-release-line', 'x-release-environment', 'x-release-commit'])('names a missing field: %s', async name => {
    const { body, headers } = without(name);
    const answer = await stage.ask('PUT', '/v1/releases/appliance/5.4.3', { body, headers });
    expectProblem(answer, 'SBX_RELEASE_METADATA_INVALID');
    expect(answer.body.errors).toEqual([{ at: `/${name.slice('x-release-'.length)}`, message: 'is missing' }]);
  });

  it('names all faults at once', async () => {
    const answer = await put('5.4', {
      'x-release-line': '5.3',
      'x-release-environment': 'moon',
      'x-release-commit': 'not hexadecimal',
      'x-release-bogus': '1',
    });
    expectProblem(answer, 'SBX_RELEASE_METADATA_INVALID');
    expect(answer.body.errors?.map(each => each.at).toSorted()).toEqual(['/bogus', '/commit', '/environment', '/line']);
  });

  it.each([
    '../5.4',
    '..',
    '%2e%2e',
    '%2e%2e%2f5.4',
    '5.4%00',
    '5.4%2f..%2f..%2fetc',
    'con',
    'nul',
    '5.4%0a',
    'v5.4',
    '5.4.',
    '.5.4',
    '5.4%5c',
    '５.4',
  ])('refuses %s as a version', async version => {
    const body = tgz();
    const answer = await rawPut(`/v1/releases/appliance/${version}`, uploadHeaders(body), body);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:400|404|422) /);
    expect(answer).toContain('application/problem+json');
  });

  it.each(['../appliance', '%2e%2e', 'con', 'appliance%00', 'APPLIANCE', '__proto__', 'constructor'])(
    'refuses %s as a product',
    async product => {
      const body = tgz();
      const answer = await rawPut(`/v1/releases/${product}/5.4.4`, uploadHeaders(body), body);
      expect(answer).toMatch(/^HTTP\/1\.1 (?:400|401|403|404) /);
    },
  );

  it('reads JSON strictly: no twins, no prototypes, no numbers, no nesting', async () => {
    const { body, headers } = without('x-release-commit');
    const json = '{"commit":"deadbeef","commit":"cafebabe","__proto__":"x","notes":5,"constructor":{"a":"b"}}';
    const answer = await stage.ask('PUT', '/v1/releases/appliance/5.4.5', {
      body,
      headers: { ...headers, 'x-release-metadata': json },
    });
    expectProblem(answer, 'SBX_RELEASE_METADATA_INVALID');
    expect(answer.body.errors?.map(each => each.at).toSorted()).toEqual([
      '/__proto__',
      '/commit',
      '/constructor',
      '/notes',
    ]);
  });

  it('refuses values that no env file can hold, of a form too, and keeps little of a huge one', async () => {
    const body = tgz();
    const file = join(stage.directory, 'f.tgz');
    await writeFile(file, body);
    await writeFile(join(stage.directory, 'huge'), 'x'.repeat(3_500_000));
    const before = process.memoryUsage().rss;
    const { stdout } = await curl(
      '-F',
      `secret=${SECRET}`,
      '-F',
      'version=5.4.6',
      '-F',
      'line=5.4',
      '-F',
      'environment=development',
      '-F',
      'commit=deadbeef',
      '-F',
      `md5=${md5(body)}`,
      '-F',
      `notes=<${join(stage.directory, 'huge')}`,
      '-F',
      `file=@${file}`,
      `${stage.url}/v1/releases/appliance`,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      status: 422,
      errors: [{ at: '/notes', message: expect.stringContaining('4096') }],
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(60e6);
    for (const value of ['a\u0001b', 'a\u007fb', 'a\u2028b', 'a\u202eb', '\ufeffa']) {
      const answer = await put('5.4.6', { 'x-release-notes': Buffer.from(value).toString('latin1') }).catch(() => null);
      if (answer) expect([answer.status, answer.body.errors?.[0]?.at]).toEqual([422, '/notes']);
    }
  });

  it('carries hostile values byte for byte into the env file, as bash and dash read it', async () => {
    const notes = `'; touch pwned; $(touch pwned) \`touch pwned\` "\\ \${HOME} ~ * ä😀 \\`;
    const answer = await put('5.4.7', { 'x-release-notes': Buffer.from(notes).toString('latin1') });
    expect(answer.status, answer.text).toBe(202);
    const directory = join(stage.artifacts, 'appliance/5.4.7');
    for (const shell of ['bash', 'dash']) {
      const script = '. ./appliance.env; printf %s "$RELEASE_META_NOTES"';
      expect(execFileSync(shell, ['-c', script], { cwd: directory, env: {} }).toString()).toBe(notes);
    }
    expect(readdirSync(directory).filter(name => name.includes('pwned'))).toEqual([]);
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: directory });
  });
});

describe('digests', () => {
  const flipped = (body: Buffer) => {
    const other = Buffer.from(body);
    other[other.length - 9]! ^= 1;
    return other;
  };

  it('refuses one flipped bit, without the digest it has computed', async () => {
    const body = tgz();
    const answer = await stage.ask('PUT', '/v1/releases/appliance/5.4.30', {
      body: flipped(body),
      headers: uploadHeaders(body),
    });
    expectProblem(answer, 'SBX_RELEASE_DIGEST_MISMATCHED');
    expect(answer.body['type']).toBe('https://iana.org/assignments/http-problem-types#digest-mismatched-values');
    for (const digest of [sha256(flipped(body)), md5(flipped(body)), base64('sha256', flipped(body))])
      expect(answer.text).not.toContain(digest);
    expect((await stage.show('5.4.30')).status).toBe(404);
  });

  it('refuses a flipped bit in a version that is there, too', async () => {
    const body = tgz();
    expect((await stage.put('5.4.31', body)).status).toBe(202);
    const answer = await stage.ask('PUT', '/v1/releases/appliance/5.4.31', {
      body: flipped(body),
      headers: uploadHeaders(body),
    });
    expectProblem(answer, 'SBX_RELEASE_DIGEST_MISMATCHED');
  });

  it.each([
    [{ 'repr-digest': 'sha-256=:AAAA:' }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'repr-digest': 'garbage' }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'repr-digest': 'sha-512=:AAAA:' }, 'SBX_RELEASE_DIGEST_UNSUPPORTED'],
    [{ 'repr-digest': '', 'x-checksum-md5': 'abc' }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'x-checksum-sha256': 'f'.repeat(63) }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'x-checksum-sha256': 'g'.repeat(64) }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'content-md5': 'AAAA' }, 'SBX_RELEASE_DIGEST_INVALID'],
    [{ 'x-checksum-sha256': 'f'.repeat(64) }, 'SBX_RELEASE_DIGEST_INVALID'],
  ] as const)('%o is %s', async (headers, code) => {
    expectProblem(await put('5.4.32', headers as Record<string, string>), code);
  });

  it('demands one', async () => {
    const { body, headers } = without('repr-digest');
    const answer = await stage.ask('PUT', '/v1/releases/appliance/5.4.33', { body, headers });
    expectProblem(answer, 'SBX_RELEASE_DIGEST_MISSING');
    expect(answer.headers['want-repr-digest']).toContain('sha-256');
  });

  it.each([
    ['content-md5', (body: Buffer) => base64('md5', body)],
    ['x-checksum-md5', md5],
    ['x-checksum-sha256', (body: Buffer) => sha256(body).toUpperCase()],
    ['content-digest', (body: Buffer) => `sha-512=:${base64('sha512', body)}:, md5=:${base64('md5', body)}:`],
  ] as const)('takes %s', async (name, digest) => {
    const { body, headers } = without('repr-digest');
    const version = `5.4.${40 + ['content-md5', 'x-checksum-md5', 'x-checksum-sha256', 'content-digest'].indexOf(name)}`;
    const answer = await stage.ask('PUT', `/v1/releases/appliance/${version}`, {
      body,
      headers: { ...headers, [name]: digest(body) },
    });
    expect(answer.status, answer.text).toBe(202);
  });

  it('takes the digest behind a chunked body, and refuses a wrong one there', async () => {
    const { body, headers } = without('repr-digest');
    const { 'content-length': _length, ...rest } = headers;
    const chunked = { ...rest, 'transfer-encoding': 'chunked', trailer: 'Repr-Digest' };
    const send = (version: string, digest: string) =>
      rawPut(`/v1/releases/appliance/${version}`, chunked, [
        `${body.length.toString(16)}\r\n`,
        body,
        `\r\n0\r\nRepr-Digest: sha-256=:${digest}:\r\n\r\n`,
      ]);
    expect(await send('5.4.50', base64('sha256', tgz()))).toContain('digest-mismatched-values');
    expect(await send('5.4.50', base64('sha256', body))).toMatch(/^HTTP\/1\.1 202 /);
    const { trailer: _trailer, ...unannounced } = chunked;
    const answer = await rawPut('/v1/releases/appliance/5.4.51', { ...unannounced, 'x-checksum-md5': md5(body) }, [
      '0\r\n\r\n',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 411 /);
  });
});

describe('the body', () => {
  it.each([
    ['text', Buffer.from('this is no archive at all, but long enough'), 'SBX_RELEASE_NOT_A_TGZ'],
    ['nothing', Buffer.alloc(0), 'SBX_RELEASE_NOT_A_TGZ'],
    ['one byte', Buffer.from([0x1f]), 'SBX_RELEASE_NOT_A_TGZ'],
    ['too much', tgz(3_200_000), 'SBX_RELEASE_TOO_LARGE'],
  ] as const)('of %s', async (_what, body, code) => {
    const answer = await stage.put('5.4.60', body);
    expectProblem(answer, code);
    if (code === 'SBX_RELEASE_TOO_LARGE') expect(answer.headers['upload-limit']).toBe(`max-size=${3 * 1024 * 1024}`);
  });

  it('too much, in a form', async () => {
    const file = join(stage.directory, 'large.tgz');
    await writeFile(file, tgz(3_500_000));
    const { stdout } = await curl(
      '-F',
      `secret=${SECRET}`,
      '-F',
      'version=5.4.61',
      '-F',
      'line=5.4',
      '-F',
      'environment=development',
      '-F',
      'commit=deadbeef',
      '-F',
      `md5=${'0'.repeat(32)}`,
      '-F',
      `file=@${file}`,
      `${stage.url}/v1/releases/appliance`,
    );
    expect(JSON.parse(stdout)).toMatchObject({ status: 413 });
  });

  it.each([
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-encoding': 'gzip' },
  ])('of a type that is not taken: %o', async headers => {
    expectProblem(await put('5.4.62', headers as unknown as Record<string, string>), 'SBX_RELEASE_WRONG_TYPE');
  });

  it.each([0, 0.5, 1])('that breaks off at %d of it leaves nothing', async share => {
    const body = tgz(2_000_000);
    const sent = Math.min(body.length - 1, Math.floor(body.length * share));
    const before = await stage.files();
    const socket = connect(stage.port, '127.0.0.1');
    const head = headOf('/v1/releases/appliance/5.4.63', uploadHeaders(body));
    await new Promise<void>(resolve =>
      socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, sent)]), () => resolve()),
    );
    await until('it has begun', async () => (await stage.show('5.4.63')).body['state'] === 'receiving');
    socket.resetAndDestroy();
    await until('it is over', async () => (await stage.show('5.4.63')).status === 404);
    expect(await stage.files()).toEqual(before);
  });

  it('that crawls is ended, while a good one passes', async () => {
    const body = tgz(200_000);
    const slow = ['5.4.64', '5.4.65'].map(version => crawl(version, body));
    const good = await stage.put('5.4.66', tgz(1_500_000));
    expect(good.status).toBe(202);
    for (const answer of await Promise.all(slow)) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('SBX_RELEASE_TOO_SLOW');
    }
    expect((await stage.files()).filter(name => name.startsWith('.staging'))).toEqual([]);
  });
});

describe('Expect: 100-continue', () => {
  const headers = (body: Buffer) => ({ ...uploadHeaders(body), expect: '100-continue' });

  it('is answered before a byte of the body is there', async () => {
    const body = tgz(1_200_000);
    const socket = connect(stage.port, '127.0.0.1');
    const read = collect(socket);
    socket.write(headOf('/v1/releases/appliance/5.4.70', headers(body)));
    await until('100', async () => read().startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
    socket.write(body);
    await until('202', async () => read().includes('HTTP/1.1 202 '));
    socket.destroy();
  });

  it.each([
    ['a wrong secret', '5.4.71', { authorization: 'Bearer wrong' }, 401],
    ['other bytes', '5.4.70', {}, 409],
    ['no digest', '5.4.71', { 'repr-digest': '' }, 400],
    ['bad metadata', '5.4.71', { 'x-release-line': '9.9' }, 422],
    ['too much', '5.4.71', { 'content-length': '99999999' }, 413],
  ])('is refused with the final status: %s', async (_what, version, more, status) => {
    const socket = connect(stage.port, '127.0.0.1');
    const read = collect(socket);
    socket.write(headOf(`/v1/releases/appliance/${version}`, { ...headers(tgz()), ...more }));
    await until('an answer', async () => read().includes('\r\n\r\n'));
    expect(read()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(read()).not.toContain('100 Continue');
    socket.destroy();
  });

  it('says 200 at once for a release that is there, by its SHA-256', async () => {
    const body = tgz(1_200_000);
    expect((await stage.put('5.4.72', body)).status).toBe(202);
    const socket = connect(stage.port, '127.0.0.1');
    const read = collect(socket);
    socket.write(headOf('/v1/releases/appliance/5.4.72', headers(body)));
    await until('an answer', async () => read().includes('\r\n\r\n'));
    expect(read()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('works with curl, which sends it by itself, and for other routes', async () => {
    const body = tgz(2_000_000);
    const file = join(stage.directory, 'c.tgz');
    await writeFile(file, body);
    const { 'content-length': _length, ...rest } = uploadHeaders(body);
    const headerArgs = Object.entries({ ...rest, expect: '100-continue' }).flatMap(([name, value]) => [
      '-H',
      `${name}: ${value}`,
    ]);
    const { stdout } = await curl(
      '-w',
      '%{http_code}',
      '-o',
      '/dev/null',
      '-T',
      file,
      ...headerArgs,
      `${stage.url}/v1/releases/appliance/5.4.73`,
    );
    expect(stdout).toBe('202');
    expect(body.equals(await readFile(join(stage.artifacts, 'appliance/5.4.73/appliance-5.4.73.tgz')))).toBe(true);
  });
});

describe('Idempotency-Key', () => {
  const key = (value: string) => ({ 'idempotency-key': value });

  it('gives the same answer again, and refuses another payload', async () => {
    const body = tgz();
    expect((await stage.put('5.4.80', body, key('"p/1"'))).status).toBe(202);
    const again = await stage.put('5.4.80', body, key('"p/1"'));
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expectProblem(await stage.put('5.4.81', body, key('"p/1"')), 'SBX_RELEASE_KEY_REUSED');
    expectProblem(
      await stage.put('5.4.80', body, { ...key('p/1'), 'x-release-notes': 'other' }),
      'SBX_RELEASE_KEY_REUSED',
    );
    expectProblem(await stage.put('5.4.82', body, key('a b')), 'SBX_RELEASE_KEY_INVALID');
  });

  it('is held while its request is under way', async () => {
    const body = tgz(2_000_000);
    const socket = connect(stage.port, '127.0.0.1');
    const read = collect(socket);
    socket.write(headOf('/v1/releases/appliance/5.4.83', { ...uploadHeaders(body), ...key('k') }));
    await until('it has begun', async () => (await stage.show('5.4.83')).body['state'] === 'receiving');
    const second = await stage.put('5.4.83', body, key('k'));
    expectProblem(second, 'SBX_RELEASE_KEY_IN_USE');
    expect(second.headers['location']).toBe('/v1/releases/appliance/5.4.83');
    socket.write(body);
    await until('the first is answered', async () => read().includes('HTTP/1.1 202 '));
    socket.destroy();
  });
});

describe('preflight', () => {
  const ask = (metadata: object, headers: Record<string, string> = {}) =>
    stage.ask('POST', '/v1/releases/appliance/preflight', {
      body: JSON.stringify(metadata),
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...headers },
    });
  const good = { version: '5.4.90', line: '5.4', environment: 'production', commit: 'deadbeef' };

  it('accepts what would be taken, and says what it would be', async () => {
    const answer = await ask(good);
    expect([answer.status, answer.body]).toMatchObject([200, { verdict: 'accepted', file: 'appliance-5.4.90.tgz' }]);
    expect((await stage.show('5.4.90')).status).toBe(404);
  });

  it('is for people too, and does not count their tokens as wrong secrets of the build server', async () => {
    for (let n = 0; n < 12; n++) {
      expect((await ask(good, { authorization: `Bearer ${VIEWER}` })).status).toBe(200);
    }
    expect((await ask(good)).status).toBe(200);
    expect((await stage.put('5.4.92', tgz())).status).toBe(202);
  });

  it('refuses what would be refused', async () => {
    expectProblem(await ask({ ...good, line: '5.3', bogus: 'x' }), 'SBX_RELEASE_METADATA_INVALID');
    expectProblem(await ask({ ...good, size: '99999999' }), 'SBX_RELEASE_TOO_LARGE');
    expectProblem(await ask({ ...good, size: '0' }), 'SBX_RELEASE_NOT_A_TGZ');
    expectProblem(await ask(good, { authorization: 'Bearer wrong' }), 'SBX_RELEASE_NOT_AUTHENTIC');
    const body = tgz();
    expect((await stage.put('5.4.91', body)).status).toBe(202);
    expectProblem(await ask({ ...good, version: '5.4.91', md5: md5(tgz()) }), 'SBX_RELEASE_VERSION_EXISTS');
    const again = { ...good, environment: 'development', version: '5.4.91', md5: md5(body) };
    expect((await ask(again)).status).toBe(200);
  });
});

function headOf(path: string, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`PUT ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');
}

function collect(socket: ReturnType<typeof connect>): () => string {
  let text = '';
  socket.on('data', chunk => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  return () => text;
}

/** A request as it is, past every client that would tidy up its address; the whole answer as text. */
async function rawPut(
  path: string,
  headers: Record<string, string>,
  body: Buffer | (Buffer | string)[],
): Promise<string> {
  const socket = connect(stage.port, '127.0.0.1');
  const read = collect(socket);
  socket.write(Buffer.from(headOf(path, { ...headers, connection: 'close' })));
  for (const piece of Array.isArray(body) ? body : [body]) socket.write(piece);
  await until('an answer', async () => /\r\n\r\n[\s\S]*\}$/.test(read()) || socket.destroyed);
  socket.destroy();
  return read();
}

/** Sends a byte now and then until it is answered. */
async function crawl(version: string, body: Buffer): Promise<string> {
  const socket = connect(stage.port, '127.0.0.1');
  const read = collect(socket);
  socket.write(headOf(`/v1/releases/appliance/${version}`, uploadHeaders(body)));
  let at = 0;
  const timer = setInterval(() => socket.write(body.subarray(at, ++at)), 100);
  try {
    await until('an answer', async () => read().endsWith('}'));
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
  return read();
}
