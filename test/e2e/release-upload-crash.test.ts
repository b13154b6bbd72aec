import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type ServeProcess, serve } from '../support/service-process.ts';
import { smallDisk } from '../support/small-disk.ts';
import {
  type Answer,
  askService,
  type ReleaseStage,
  SECRET,
  setReleaseStage,
  sha256,
  tgz,
  until,
  uploadHeaders,
  VIEWER,
  writeReleaseConfig,
} from './release-upload-stage.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

describe('a process that is killed', () => {
  let directory: string;
  let port: number;
  let config: string;
  let running: ServeProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-release-crash-'));
    port = await freePort();
    config = await writeReleaseConfig(directory, {}, `127.0.0.1:${port}`);
  });
  afterEach(async () => {
    await running?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (environment: Record<string, string> = {}) => {
    running = await serve(config, `http://127.0.0.1:${port}`, environment);
    return running;
  };
  const put = (body: Buffer): Promise<Answer | null> =>
    askService(port, 'PUT', '/v1/releases/appliance/5.4.1', { body, headers: uploadHeaders(body) }).catch(() => null);
  const show = () =>
    askService(port, 'GET', '/v1/releases/appliance/5.4.1', { headers: { authorization: `Bearer ${VIEWER}` } });
  const artifacts = () => join(directory, 'data/releases');

  it.each([
    ['release:received', false],
    ['release:staged', false],
    ['release:renamed', true],
    ['release:published', true],
    ['release:committed', true],
  ])('at %s leaves a whole release or none', async (point, visible) => {
    const body = tgz(1_500_000);
    const doomed = await start({ SIGNALBOX_CRASH_AT: point });
    expect(await put(body)).toBeNull();
    expect(await doomed.ended).toBe('SIGKILL');

    await start();
    const found = await show();
    expect(found.status).toBe(visible ? 200 : 404);
    const left = execFileSync('find', [join(artifacts(), '.staging'), '-type', 'f']).toString();
    expect(left).toBe('');
    if (visible) await expectWhole(body);

    const again = await put(body);
    expect(again?.status).toBe(visible ? 200 : 202);
    await until('it is released', async () => (await show()).body['state'] === 'released');
    await expectWhole(body);
    const runs = (await readFile(join(directory, 'ran'), 'utf8')).trim().split('\n');
    expect(runs).toEqual(['5.4.1 1']);
  });

  it('at the end of a resumable upload comes to the release all the same', async () => {
    const doomed = await start({ SIGNALBOX_CRASH_AT: 'release:committed' });
    const body = tgz(1_100_000);
    const about = {
      product: 'appliance',
      version: '5.4.1',
      line: '5.4',
      environment: 'development',
      commit: 'deadbeef',
    };
    const metadata = Object.entries({ ...about, sha256: sha256(body) }).map(
      ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
    );
    const tus = { 'tus-resumable': '1.0.0', authorization: uploadHeaders(body)['authorization']! };
    const created = await askService(port, 'POST', '/v1/uploads', {
      headers: { ...tus, 'upload-length': String(body.length), 'upload-metadata': metadata.join(',') },
    });
    const path = String(created.headers['location']);
    const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
    const sent = askService(port, 'PATCH', path, {
      body,
      headers: { ...tus, ...type, 'content-length': `${body.length}` },
    });
    expect(await sent.catch(() => null)).toBeNull();
    expect(await doomed.ended).toBe('SIGKILL');

    await start();
    const found = await askService(port, 'HEAD', path, { headers: tus });
    expect([found.status, found.headers['upload-offset']]).toEqual([200, String(body.length)]);
    await until('it is released', async () => (await show()).body['state'] === 'released');
    await expectWhole(body);
    const left = execFileSync('find', [join(artifacts(), '.uploads'), '-name', 'bytes']).toString();
    expect(left).toBe('');
  });

  it('keeps what it has acknowledged, whenever it is killed', async () => {
    const acknowledged = new Map<string, string>();
    for (const round of [0, 1, 2]) {
      const service = await start();
      const uploads = Array.from({ length: 8 }, async (_, at) => {
        const body = tgz(at % 2 === 0 ? 3000 : 1_200_000);
        const version = `5.4.${100 + round * 10 + at}`;
        const path = `/v1/releases/appliance/${version}`;
        const answer = await askService(port, 'PUT', path, { body, headers: uploadHeaders(body) }).catch(() => null);
        if (answer?.status === 202) acknowledged.set(version, sha256(body));
      });
      await Promise.race([...uploads, uploads[round * 2]]);
      service.child.kill('SIGKILL');
      await Promise.all(uploads);
      await service.ended;
    }
    await start();
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const [version, digest] of acknowledged) {
      const path = `/v1/releases/appliance/${version}`;
      const answer = await askService(port, 'GET', path, { headers: { authorization: `Bearer ${VIEWER}` } });
      expect([answer.status, answer.body['sha256']]).toEqual([200, digest]);
    }
    const all = await askService(port, 'GET', '/v1/releases?product=appliance', {
      headers: { authorization: `Bearer ${VIEWER}` },
    });
    for (const release of all.body['releases'] as { version: string }[]) {
      execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], {
        cwd: join(artifacts(), 'appliance', release.version),
      });
    }
  });

  it('leaves its directory to nobody else while it runs', async () => {
    await start();
    const other = await writeReleaseConfig(directory, {}, `127.0.0.1:${await freePort()}`);
    const second = await serve(other, 'http://127.0.0.1:9', {});
    expect(await second.ended).not.toBe(0);
    expect(second.output()).toContain('SBX_DATA_DIRECTORY_IN_USE');
  });

  async function expectWhole(body: Buffer): Promise<void> {
    const at = join(artifacts(), 'appliance/5.4.1');
    expect(sha256(await readFile(join(at, 'appliance-5.4.1.tgz')))).toBe(sha256(body));
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: at });
    expect(JSON.parse(await readFile(join(at, 'release.json'), 'utf8'))).toMatchObject({ sha256: sha256(body) });
  }
});

describe('a start', () => {
  it('sets aside what is damaged, rejects what has lost its artifact, and takes it back when it is there again', async () => {
    const first = await setReleaseStage();
    const dataDirectory = join(first.directory, 'data');
    for (const version of ['5.4.1', '5.4.2', '5.4.3']) await first.put(version, tgz());
    await until('all are released', async () => (await first.ran()).length === 3);
    await until('the last has ended', async () => (await first.show('5.4.3')).body['state'] === 'released');
    await first.stop();
    const at = (version: string) => join(first.artifacts, 'appliance', version);
    await rename(at('5.4.1'), join(first.directory, 'away'));
    await mkdir(at('5.4.9'));
    await writeFile(join(at('5.4.9'), 'release.json'), '{"version":"5.4.9"}');
    await mkdir(join(first.artifacts, '.staging', randomUUID()), { recursive: true });

    const second = await setReleaseStage({ dataDirectory });
    expect((await second.show('5.4.1')).body).toMatchObject({ state: 'rejected' });
    expect((await second.show('5.4.2')).body).toMatchObject({ state: 'released' });
    expect((await second.show('5.4.9')).status).toBe(404);
    expect((await second.files()).filter(name => name.startsWith('.'))).toEqual([
      expect.stringMatching(/^\.damaged\/appliance-5\.4\.9-\d+\/release\.json$/),
    ]);
    await second.stop();
    await rename(join(first.directory, 'away'), at('5.4.1'));
    const third = await setReleaseStage({ dataDirectory });
    expect((await third.show('5.4.1')).body).toMatchObject({ state: 'released' });
    await third.close();
    await second.close();
    await first.close();
  });
});

describe('many at once', () => {
  let stage: ReleaseStage;
  beforeEach(async () => {
    stage = await setReleaseStage();
  });
  afterEach(() => stage.close());

  it('50 identical uploads are one release and one run', async () => {
    const body = tgz(20_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => stage.put('5.4.1', body)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(49).fill(200),
      202,
    ]);
    await until('it is released', async () => (await stage.show('5.4.1')).body['state'] === 'released');
    expect(await stage.ran()).toEqual(['5.4.1 1']);
    expect((await stage.files()).filter(name => name.startsWith('.'))).toEqual([]);
  });

  it('of two files for one version one wins, and nothing is mixed', async () => {
    for (const round of [1, 2, 3, 4, 5]) {
      const bodies = [tgz(1_200_000), tgz(1_100_000), tgz(3000)];
      const version = `5.4.${round}`;
      const answers = await Promise.all(bodies.map(body => stage.put(version, body)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409]);
      const winner = bodies[answers.findIndex(({ status }) => status === 202)]!;
      const stored = await readFile(join(stage.artifacts, 'appliance', version, `appliance-${version}.tgz`));
      expect(sha256(stored)).toBe(sha256(winner));
      expect((await stage.show(version)).body['sha256']).toBe(sha256(winner));
    }
  });
});

describe('a disk that is full', () => {
  const FIELDS = { version: '5.4.2', line: '5.4', environment: 'development', commit: 'deadbeef' };
  const part = (name: string) => {
    const value = { ...FIELDS, secret: SECRET, md5: 'f'.repeat(32) }[name];
    return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  };
  const mount = `${tmpdir()}/signalbox-small-${process.pid}`;

  it('is 507 before the body by what is known, and in the middle otherwise, and leaves nothing', async context => {
    const disk = smallDisk(mount, 12);
    if (!disk) context.skip();
    const stage = await setReleaseStage({ dataDirectory: mount });
    try {
      const before = await stage.files();
      const large = tgz(40_000_000, 'abc');
      const refused = await stage.put('5.4.1', large);
      expect([refused.status, refused.body.code]).toEqual([507, 'SBX_RELEASE_NO_SPACE']);
      // Without a length nobody knows in advance.
      const { 'content-length': _length, ...headers } = uploadHeaders(large);
      const chunked = { ...headers, 'transfer-encoding': 'chunked', trailer: 'Repr-Digest' };
      const body = large.subarray(0, 20_000_000);
      const middle = await stage.ask('PUT', '/v1/releases/appliance/5.4.2', { body, headers: chunked });
      expect([middle.status, middle.body.code]).toEqual([507, 'SBX_RELEASE_NO_SPACE']);
      const form = ['secret', 'version', 'line', 'environment', 'commit', 'md5'].map(name => `--b\r\n${part(name)}`);
      const rest = Buffer.from(`${form.join('')}--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n`);
      for (const framing of [
        { 'content-length': `${rest.length + body.length}` },
        { 'transfer-encoding': 'chunked' },
      ] as Record<string, string>[]) {
        const type = { 'content-type': 'multipart/form-data; boundary=b' };
        const whole = Buffer.concat([rest, body]);
        const sent = await stage.ask('POST', '/v1/releases/appliance', {
          body: whole,
          headers: { ...type, ...framing },
        });
        expect([sent.status, sent.body.code]).toEqual([507, 'SBX_RELEASE_NO_SPACE']);
      }
      const encoded = Object.entries({ ...FIELDS, product: 'appliance', sha256: sha256(body) }).map(
        ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
      );
      const created = await stage.ask('POST', '/v1/uploads', {
        headers: {
          'tus-resumable': '1.0.0',
          authorization: `Bearer ${SECRET}`,
          'upload-length': `${body.length}`,
          'upload-metadata': encoded.join(','),
        },
      });
      expect([created.status, created.body.code]).toEqual([507, 'SBX_RELEASE_NO_SPACE']);
      expect(await stage.files()).toEqual(before);
      const small = await stage.put('5.4.3', tgz());
      expect(small.status, small.text).toBe(202);
      await until('it is released', async () => (await stage.show('5.4.3')).body['state'] === 'released');
    } finally {
      await stage.close();
      disk!.remove();
      await rm(mount, { recursive: true, force: true });
    }
  });
});
