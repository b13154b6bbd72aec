import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  curl,
  md5,
  type ReleaseStage,
  SECRET,
  setReleaseStage,
  sha256,
  tgz,
  until,
  uploadHeaders,
} from './release-upload-stage.ts';

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await setReleaseStage();
});
afterAll(() => stage.close());

const released = (version: string) =>
  until(`${version} is released`, async () => ((await stage.show(version)).body['state'] === 'released' ? true : null));

describe('PUT', () => {
  it('takes a release: 202, then released, with everything in its directory', async () => {
    const body = tgz();
    const answer = await stage.put('5.4.1', body, { 'x-release-notes': 'it\'s $(touch pwned) `x` "quoted"' });
    expect(answer.status, answer.text).toBe(202);
    expect(answer.headers['location']).toBe('/v1/releases/appliance/5.4.1');
    expect(answer.body).toMatchObject({ state: 'queued', md5: md5(body), sha256: sha256(body), size: body.length });
    await released('5.4.1');
    expect(await stage.ran()).toContain('5.4.1 1');
    const directory = join(stage.artifacts, 'appliance/5.4.1');
    expect(body.equals(await readFile(join(directory, 'appliance-5.4.1.tgz')))).toBe(true);
    const record = JSON.parse(await readFile(join(directory, 'release.json'), 'utf8'));
    expect(record).toMatchObject({ sha256: sha256(body), metadata: { notes: 'it\'s $(touch pwned) `x` "quoted"' } });
  });

  it('takes the same again as a no-op, and refuses other bytes', async () => {
    const body = tgz();
    expect((await stage.put('5.4.2', body)).status).toBe(202);
    await released('5.4.2');
    const again = await stage.put('5.4.2', body);
    expect([again.status, again.headers['idempotency-replayed'], again.body['state']]).toEqual([
      200,
      'true',
      'released',
    ]);
    const other = await stage.put('5.4.2', tgz());
    expect([other.status, other.body.code]).toEqual([409, 'SBX_RELEASE_VERSION_EXISTS']);
    expect(body.equals(await readFile(join(stage.artifacts, 'appliance/5.4.2/appliance-5.4.2.tgz')))).toBe(true);
    expect((await stage.ran()).filter(line => line.startsWith('5.4.2 '))).toHaveLength(1);
  });

  it('waits for the script where it is asked to', async () => {
    const answer = await stage.put('5.4.3', tgz(), { prefer: 'wait=20' });
    expect([answer.status, answer.body['state']]).toEqual([201, 'released']);
  });

  it('takes large artifacts through the ring', async () => {
    const body = tgz(5_500_000);
    const answer = await stage.put('5.4.4', body);
    expect(answer.body).toMatchObject({ md5: md5(body), sha256: sha256(body), size: body.length });
    expect(body.equals(await readFile(join(stage.artifacts, 'appliance/5.4.4/appliance-5.4.4.tgz')))).toBe(true);
  });
});

describe('POST as curl -F sends it', () => {
  const fields = (version: string, body: Buffer) => [
    '-F',
    `secret=${SECRET}`,
    '-F',
    `version=${version}`,
    '-F',
    'line=5.4',
    '-F',
    'environment=development',
    '-F',
    'commit=deadbeef',
    '-F',
    `md5=${md5(body).toUpperCase()}`,
  ];
  const write = async (body: Buffer) => {
    const file = join(stage.directory, 'upload.tgz');
    await writeFile(file, body);
    return ['-F', `file=@${file}`];
  };
  const url = () => `${stage.url}/v1/releases/appliance`;

  it.each([2000, 3_000_000])('answers when the script has ended, with a file of %i bytes', async size => {
    const body = tgz(size);
    const version = `5.4.${10 + (size > 3000 ? 1 : 0)}`;
    const { code, stdout } = await curl('-f', ...fields(version, body), ...(await write(body)), url());
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { version, state: 'released', sha256: sha256(body) }]);
    const again = await curl(
      '-f',
      '-w',
      '%{http_code}',
      '-o',
      '/dev/null',
      ...fields(version, body),
      ...(await write(body)),
      url(),
    );
    expect([again.code, again.stdout]).toEqual([0, '200']);
  });

  it('makes curl -f fail when the script fails, and says the same again', async () => {
    await writeFile(join(stage.directory, 'exit'), '3');
    const body = tgz();
    const first = await curl('-f', '-w', '%{http_code}', ...fields('5.4.20', body), ...(await write(body)), url());
    expect([first.code, first.stdout]).toEqual([22, '502']);
    const second = await curl(...fields('5.4.20', body), ...(await write(body)), url());
    expect(JSON.parse(second.stdout)).toMatchObject({
      code: 'SBX_RELEASE_FAILED',
      status: 502,
      release: { state: 'failed' },
    });
    await rm(join(stage.directory, 'exit'));
  });

  it('refuses a file that stands before its fields, and says what to do', async () => {
    const body = tgz();
    const { stdout } = await curl(...(await write(body)), ...fields('5.4.21', body), url());
    expect(JSON.parse(stdout)).toMatchObject({
      status: 400,
      code: 'SBX_RELEASE_FORM_ORDER',
      remedy: expect.stringContaining('last'),
    });
    const behind = await curl(...fields('5.4.21', body), ...(await write(body)), '-F', 'notes=late', url());
    expect(JSON.parse(behind.stdout)).toMatchObject({ status: 400, code: 'SBX_RELEASE_FORM_ORDER' });
    expect((await stage.show('5.4.21')).status).toBe(404);
  });

  it('refuses a wrong digest', async () => {
    const body = tgz();
    const { stdout } = await curl(...fields('5.4.22', tgz()), ...(await write(body)), url());
    expect(JSON.parse(stdout)).toMatchObject({ status: 400, code: 'SBX_RELEASE_DIGEST_MISMATCHED' });
    expect(stdout).not.toContain(md5(body));
  });
});

it('leaves nothing in staging', async () => {
  expect((await stage.files()).filter(file => file.startsWith('.'))).toEqual([]);
  expect(uploadHeaders(tgz())['authorization']).toContain(SECRET);
  expect(stage.log()).not.toContain(SECRET);
});
