import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Service, startService } from '../../src/service/compose.ts';

export const SECRET = 'the-release-secret-of-the-tests';
export const OTHER_SECRET = 'the-secret-of-another-product';
export const VIEWER = 'a-viewer-of-the-tests';

/** Prints what it sees, notes that it ran, and ends as the file `exit` beside it says. */
export const SCRIPT = `#!/bin/sh
set -eu
here=$(dirname "$0")
echo "$RELEASE_VERSION $RELEASE_ATTEMPT" >> "$here/ran"
while [ -e "$here/hold" ]; do sleep 0.02; done
[ ! -e "$here/exit" ] || exit "$(cat "$here/exit")"
`;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown> & { code?: string; errors?: { at: string; message: string }[] };
  text: string;
}

export interface ReleaseStageOptions {
  /** More settings of the product `appliance`, as lines of YAML flow. */
  product?: string;
  /** More credentials of it: `, { gitlab_oidc: … }`. */
  credentials?: string;
  /** The data directory; in the stage's own directory unless told. */
  dataDirectory?: string;
  /** One more line of `service`. */
  service?: string;
}

export interface ReleaseStage {
  url: string;
  port: number;
  directory: string;
  artifacts: string;
  configFile: string;
  log: () => string;
  service: Service;
  /** One request by Node's client; headers in the order given. */
  ask: (method: string, path: string, options?: AskOptions) => Promise<Answer>;
  put: (version: string, body: Buffer, headers?: Record<string, string>) => Promise<Answer>;
  /** A look at a release, by a viewer. */
  show: (version: string) => Promise<Answer>;
  /** How often the script ran, oldest first: `5.4.1 1`. */
  ran: () => Promise<string[]>;
  /** Everything in the artifacts' directory, relative; without empty directories that belong there. */
  files: () => Promise<string[]>;
  stop: () => Promise<void>;
  close: () => Promise<void>;
}

export interface AskOptions {
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
}

export async function writeReleaseConfig(
  directory: string,
  { product = '', credentials = '', dataDirectory = join(directory, 'data'), service = '' }: ReleaseStageOptions,
  listen = '127.0.0.1:0',
): Promise<string> {
  const secrets = { secret: SECRET, other: OTHER_SECRET, viewer: VIEWER };
  for (const [name, value] of Object.entries(secrets)) await writeFile(join(directory, name), value, { mode: 0o600 });
  await writeFile(join(directory, 'release.sh'), SCRIPT);
  await chmod(join(directory, 'release.sh'), 0o755);
  const configFile = join(directory, 'signalbox.yaml');
  await writeFile(
    configFile,
    `service:
  listen: ${listen}
  data_dir: ${dataDirectory}
  api_tokens: [ { name: viewer, role: viewer, token: { file: viewer } } ]
  ${service}
lines: [ { name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 } ]
releases:
  products:
    appliance:
      credentials: [ { name: ci, secret: { file: secret } }${credentials} ]
      metadata: { version: required, line: required, environment: required, commit: { pattern: '[0-9a-f]{8,40}' }, notes: optional }
      script: ${join(directory, 'release.sh')}
      ${product}
    other:
      credentials: [ { name: other-ci, secret: { file: other } } ]
      script: ${join(directory, 'release.sh')}
`,
  );
  return configFile;
}

/** The service with a product to release, on a free port, with real files and a real script. */
export async function setReleaseStage(options: ReleaseStageOptions = {}): Promise<ReleaseStage> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-release-'));
  const configFile = await writeReleaseConfig(directory, options);
  const { settings } = await loadConfig(configFile, { environment: {} });
  let log = '';
  const service = await startService({
    settings,
    environment: {},
    logLevel: 'info',
    pace: { settle: 1, spacing: 1, maxSpacing: 50, backOff: 20, maxBackOff: 200 },
    writeLog: line => {
      log += line;
    },
  });
  const artifacts = join(options.dataDirectory ?? join(directory, 'data'), 'releases');
  const port = Number(new URL(service.url).port);
  const ask: ReleaseStage['ask'] = (method, path, asked) => askService(port, method, path, asked);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  return {
    url: service.url,
    port,
    directory,
    artifacts,
    configFile,
    log: () => log,
    service,
    ask,
    put: (version, body, headers) =>
      ask('PUT', `/v1/releases/appliance/${version}`, { body, headers: { ...uploadHeaders(body), ...headers } }),
    show: version =>
      ask('GET', `/v1/releases/appliance/${version}`, { headers: { authorization: `Bearer ${VIEWER}` } }),
    ran: () => readLines(join(directory, 'ran')),
    files: () => filesBelow(artifacts),
    stop,
    close: async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Headers that make an upload a good one. */
export function uploadHeaders(body: Buffer): Record<string, string> {
  return {
    authorization: `Bearer ${SECRET}`,
    'content-type': 'application/gzip',
    'content-length': String(body.length),
    'x-release-line': '5.4',
    'x-release-environment': 'development',
    'x-release-commit': 'deadbeef',
    'repr-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
  };
}

/** A gzip file of about that size, different for every seed. */
export function tgz(size = 2000, seed: string | null = null): Buffer {
  const content = seed === null ? randomBytes(size) : Buffer.from(seed.repeat(Math.ceil(size / seed.length)));
  return gzipSync(content, { level: 0 });
}

export function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}

export function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

export function askService(port: number, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: options.headers ?? {}, agent: false });
    sent.on('response', response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = /json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: json && text !== '' ? JSON.parse(text) : {},
          text,
        });
        sent.destroy();
      });
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}

/** Runs curl; its exit code and output. */
export async function curl(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)('curl', ['-sS', '--max-time', '60', ...args], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, stdout: failed.stdout, stderr: failed.stderr };
  }
}

async function readLines(file: string): Promise<string[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter(line => line !== '');
}

async function filesBelow(directory: string): Promise<string[]> {
  const names: string[] = [];
  // What vanishes while we look was on its way out: staging directories of uploads that are over.
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) names.push(entry.name);
    else names.push(...(await filesBelow(join(directory, entry.name))).map(name => join(entry.name, name)));
  }
  return names.toSorted();
}

/** Asks until it holds; for what happens behind an answer. */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`this did not come about: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
