import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Service, startService } from '../../src/service/compose.ts';
import { freePort } from '../support/free-port.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const has = (program: string, ...args: string[]) => spawnSync(program, args).error === undefined;

describe('examples/signalbox.service', () => {
  const unit = read('examples/signalbox.service');

  it('is taken by systemd, and is shut off as well as it can be', () => {
    if (!has('systemd-analyze', '--version')) {
      console.warn('NOT RUN: systemd is not installed; its own check of the unit did not run.');
      return;
    }
    const file = join(ROOT, 'examples/signalbox.service');
    const verified = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    // The program is not installed where tests run; everything else has to be right.
    const faults = verified.stderr.split('\n').filter(line => line !== '' && !line.includes('is not executable'));
    expect(faults).toEqual([]);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', file], {
      encoding: 'utf8',
    });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(judged.stdout)?.[1]);
    expect(exposure).toBeLessThan(2.5);
  });

  it('hands over every credential that examples/signalbox.yaml names, and no other', () => {
    const loaded = [...unit.matchAll(/^LoadCredential=([\w-]+):/gm)].map(match => match[1]);
    const named = [...read('examples/signalbox.yaml').matchAll(/\{ credential: ([\w-]+) \}/g)].map(match => match[1]);
    expect(new Set(loaded)).toEqual(new Set(named));
    const { service } = parse(read('examples/signalbox.yaml')) as { service: { data_dir: string } };
    expect(service.data_dir).toBe(`/var/lib/${/^StateDirectory=(\S+)$/m.exec(unit)?.[1]}`);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('copies what there is, and runs as nobody in particular', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script = ''] of dockerfile.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty(script);
    for (const [, sources = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
      for (const source of sources.split(' ')) expect(existsSync(join(ROOT, source)), source).toBe(true);
    expect(dockerfile.lastIndexOf('\nUSER signalbox')).toBeGreaterThan(dockerfile.lastIndexOf('\nRUN'));
    // The database and its secrets must not get into an image by accident.
    expect(read('.dockerignore')).toContain('.signalbox');
  });

  it('brings a Node that the program runs on', () => {
    const major = Number(/^FROM node:(\d+)/m.exec(dockerfile)?.[1]);
    const needed = Number(/version\[0\] < (\d+)/.exec(read('bin/signalbox.js'))?.[1]);
    expect(major).toBeGreaterThanOrEqual(needed);
  });
});

const nginx = ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find(file => existsSync(file));
if (!nginx) console.warn('NOT RUN: nginx is not installed; examples/nginx.conf was not tried.');

describe.skipIf(!nginx)('examples/nginx.conf', () => {
  const SECRET = 'the-secret-of-the-build-server-0123456789';
  let directory: string;
  let service: Service;
  let proxy: ChildProcess;
  let url: string;
  let port: number;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-nginx-'));
    const [backend, plain, tls] = [await freePort(), await freePort(), await freePort()];
    port = tls;
    url = `https://127.0.0.1:${tls}`;
    const script = join(directory, 'release.sh');
    await writeFile(script, `#!/bin/sh\necho begun\nwhile [ ! -e ${directory}/go ]; do sleep 0.05; done\n`, {
      mode: 0o755,
    });
    for (const [name, text] of Object.entries({ dash: 'a-token-for-people', ci: SECRET, hook: 'hook', token: 't' }))
      await writeFile(join(directory, name), text);
    const config = `service: { listen: "127.0.0.1:${backend}", public_url: "${url}", data_dir: data, trusted_proxies: [127.0.0.1], dashboard: { token: { file: dash } } }
gitlab: { url: "http://127.0.0.1:9", token: { file: token }, webhook: { secret_tokens: [ { file: hook } ] } }
lines: [ { name: "5.5", branch: main } ]
board: { projects: { acme/appliance: { columns: [To Do, In Review, To Test], opened: In Review, merged: To Test } } }
releases: { products: { appliance: { script: ${script}, credentials: [ { name: ci, secret: { file: ci } } ], environments: [production], metadata: {} } } }
`;
    await writeFile(join(directory, 'signalbox.yaml'), config);
    const { settings } = await loadConfig(join(directory, 'signalbox.yaml'), { environment: {} });
    service = await startService({ settings, environment: {}, writeLog: () => undefined });

    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(directory, 'privkey.pem')];
    const certificate = ['-x509', '-days', '2', '-subj', '/CN=127.0.0.1', '-out', join(directory, 'fullchain.pem')];
    execFileSync('openssl', ['req', ...key, ...certificate], { stdio: 'ignore' });
    const example = read('examples/nginx.conf')
      .replaceAll(/^\s*listen \[::\].*$/gm, '')
      .replace('listen 80;', `listen 127.0.0.1:${plain};`)
      .replace('listen 443 ssl', `listen 127.0.0.1:${tls} ssl`)
      .replace('server 127.0.0.1:8080;', `server 127.0.0.1:${backend};`)
      .replaceAll('/etc/ssl/signalbox/', `${directory}/`);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    await mkdir(join(directory, 'temp'));
    await writeFile(
      join(directory, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root;' : ''} pid ${directory}/nginx.pid; error_log ${directory}/error.log; daemon off; events {}
http { access_log off; ${temporary.map(each => `${each}_temp_path ${directory}/temp/${each};`).join(' ')}
${example}
}`,
    );
    const arguments_ = ['-p', directory, '-c', join(directory, 'nginx.conf')];
    const tried = spawnSync(nginx!, ['-t', ...arguments_], { encoding: 'utf8' });
    expect(tried.stderr).toContain('test is successful');
    expect(tried.stderr).not.toContain('[warn]');
    proxy = spawn(nginx!, arguments_, { stdio: 'ignore' });
    for (const end = Date.now() + 20_000; ; ) {
      const answer = await ask('GET', '/healthz').catch(() => null);
      if (answer?.status === 200) break;
      if (Date.now() > end) throw new Error('nginx did not begin to answer');
      await pause(50);
    }
  });
  afterAll(async () => {
    proxy?.kill('SIGTERM');
    await service?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  interface Answer {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: string;
  }

  function open(method: string, path: string, headers: Record<string, string> = {}) {
    // From an address that is no proxy of anybody's.
    const from = { localAddress: '127.0.0.2', rejectUnauthorized: false };
    return httpsRequest({ host: '127.0.0.1', port, method, path, headers, ...from });
  }

  function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = open(method, path, headers);
      request.on('error', reject);
      request.on('response', response => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
        response.on('error', reject);
      });
      request.end(body);
    });
  }

  it('lets people sign in over https, and forms of other sites not', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from('token=a-token-for-people&next=/board');
    const done = await ask('POST', '/sign-in', { ...form, origin: url }, body);
    expect([done.status, done.headers['location']]).toEqual([303, '/board']);
    expect(done.headers['set-cookie']?.[0]).toMatch(/^__Host-signalbox-session=.*; Secure$/);
    expect(done.headers['strict-transport-security']).toContain('max-age=');
    expect((await ask('POST', '/sign-in', { ...form, origin: 'https://evil.example' }, body)).status).toBe(403);
  });

  it('tells addresses apart that fail', async () => {
    const guess = () => ask('GET', '/v1/work', { authorization: 'Bearer guess' });
    for (let n = 0; n < 20; n++) expect((await guess()).status).toBe(401);
    expect((await guess()).status).toBe(429);
    // Straight from this machine, past the proxy, in the name of another address.
    const headers = { authorization: 'Bearer guess', 'x-forwarded-for': '192.0.2.1' };
    expect((await fetch(`${service.url}/v1/work`, { headers })).status).toBe(401);
    // What a client itself puts there counts for nothing.
    const spoofed = await ask('GET', '/v1/work', { authorization: 'Bearer guess', 'x-forwarded-for': '192.0.2.77' });
    expect(spoofed.status).toBe(429);
  });

  it('takes webhooks of 25 MB, and stops what is too large for anything else', async () => {
    const hook = Buffer.from(JSON.stringify({ object_kind: 'note', padding: 'x'.repeat(24 * 1024 * 1024) }));
    const headers = { 'x-gitlab-token': 'hook', 'content-length': String(hook.length) };
    expect((await ask('POST', '/hooks/gitlab', headers, hook)).status).toBe(200);
    expect((await ask('POST', '/v1/board/undo', {}, Buffer.alloc(3 * 1024 * 1024))).status).toBe(413);
  });

  it('hands an artifact on as it comes, and a running log line by line', { timeout: 60_000 }, async () => {
    const artifact = gzipSync(Buffer.alloc(4 * 1024 * 1024, 'artifact'), { level: 0 });
    const bearer = { authorization: `Bearer ${SECRET}` };
    const upload = open('PUT', '/v1/releases/appliance/5.5.1', {
      ...bearer,
      'x-release-line': '5.5',
      'x-release-environment': 'production',
      'x-checksum-sha256': createHash('sha256').update(artifact).digest('hex'),
      'content-type': 'application/octet-stream',
      'content-length': String(artifact.length),
    });
    const answered = new Promise<number>((resolve, reject) => {
      upload.on('response', response => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      upload.on('error', reject);
    });
    upload.write(artifact.subarray(0, 3_000_000));
    const state = async () =>
      (JSON.parse((await ask('GET', '/v1/releases/appliance/5.5.1', bearer)).body) as { state?: string }).state;
    // The service knows of it while most of it has not been sent: it does not wait on the proxy's disk.
    await expect.poll(state, { timeout: 20_000 }).toBe('receiving');
    expect(await readdir(join(directory, 'temp/client_body')).catch(() => [])).toEqual([]);
    upload.end(artifact.subarray(3_000_000));
    expect(await answered).toBe(202);
    await expect.poll(state, { timeout: 20_000 }).toBe('running');

    const events = open('GET', '/v1/releases/appliance/5.5.1/log', { ...bearer, accept: 'text/event-stream' });
    let text = '';
    const over = new Promise<void>((resolve, reject) => {
      events.on('response', response => {
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', resolve);
      });
      events.on('error', reject);
    });
    events.end();
    await expect.poll(() => text, { timeout: 20_000 }).toContain('begun');
    expect(text).not.toContain('event: end');
    await writeFile(join(directory, 'go'), '');
    await over;
    expect(text).toContain('event: end');
  });
});
