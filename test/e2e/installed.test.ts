import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { appendFile, cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLockFile } from '../../scripts/dependencies/lock-file.ts';
import { RULES, shippedBy } from '../../scripts/dependencies/rules.ts';
import { freePort } from '../support/free-port.ts';
import { makeSigningKey, minisignVersion } from '../support/signing-key.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const MINUTES = 60_000;
/** The Node that the tests run on comes first, as `npm run` has it. */
const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;

let directory: string;
/** A PATH of a machine without Node: only what the release script and the simulated GitLab need. */
let programs: string;
/** What `npm run release:build` has made, once for all of these. */
let release: string;
let publicKey: string;
/** The `node_modules` of an empty directory after `npm install` of the package. */
let installed: string;

const inRelease = (name: string) => join(release, name);
const EXECUTABLE = 'signalbox-0.1.0-linux-x64';
const PACKAGE = 'signalbox-0.1.0.tgz';
const SBOM = 'signalbox-0.1.0.cdx.json';

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-installed-'));
  programs = join(directory, 'programs');
  mkdirSync(programs);
  for (const name of ['git', 'sh', 'cat', 'sleep', 'mkdir', 'cp', 'tar', 'gzip']) {
    const { stdout } = await run('which', [name]);
    symlinkSync(stdout.trim(), join(programs, name));
  }
  release = join(directory, 'release');
  publicKey = join(directory, 'public');
  const key = makeSigningKey();
  writeFileSync(publicKey, key.open);
  writeFileSync(join(directory, 'secret'), key.secret, { mode: 0o600 });
  const args = [join(ROOT, 'scripts/build-release.ts'), '--secret-key', join(directory, 'secret'), '--out', release];
  const { stdout } = await run(process.execPath, args, { cwd: ROOT, env: { ...process.env, PATH } });
  expect(stdout).toContain('packages inside');
  const place = emptyDirectory();
  // Nothing is fetched: what it needs is in it.
  const install = ['install', '--offline', '--no-audit', '--no-fund', '--prefix', place, inRelease(PACKAGE)];
  await run('npm', install, { cwd: place, env: { ...process.env, PATH } });
  installed = join(place, 'node_modules');
}, 6 * MINUTES);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const emptyDirectory = () => mkdtempSync(join(directory, 'empty-'));

/** Plays the demo's story in an empty directory. */
async function playStory(command: string, path: string): Promise<string> {
  const cwd = emptyDirectory();
  const env = { PATH: path, HOME: cwd };
  const { stdout, stderr } = await run(command, ['demo', '--once'], { cwd, env, timeout: 3 * MINUTES });
  expect(stderr).not.toMatch(/warning|error/i);
  expect(readdirSync(cwd)).toEqual([]);
  return stdout;
}

describe('the single executable', () => {
  it('plays the whole story on a machine without Node', { timeout: 6 * MINUTES }, async () => {
    await expect(run('node', ['--version'], { env: { PATH: programs } })).rejects.toThrow('ENOENT');
    const version = await run(inRelease(EXECUTABLE), ['--version'], { env: { PATH: programs } });
    expect(version).toMatchObject({ stdout: '0.1.0\n', stderr: '' });
    expect(await playStory(inRelease(EXECUTABLE), programs)).toContain('the story came out as it should');
  });

  it('has the dashboard and the button inside', { timeout: 2 * MINUTES }, async () => {
    const cwd = emptyDirectory();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    for (const name of ['secret-1', 'secret-2', 'secret-3'])
      writeFileSync(join(cwd, name), name.repeat(8), { mode: 0o600 });
    writeFileSync(
      join(cwd, 'signalbox.yaml'),
      `service: { listen: "127.0.0.1:${port}", public_url: "${url}", api_tokens: [ { name: ada, role: viewer, token: { file: secret-3 } } ] }
gitlab: { url: "http://127.0.0.1:9", token: { file: secret-1 }, webhook: { secret_tokens: [ { file: secret-2 } ] } }
freshdesk: { url: "http://127.0.0.1:9", api_key: { file: secret-1 }, webhook_secret: { file: secret-2 } }
escalation: { project: acme/appliance, agents: [ { name: Ada, token: { file: secret-3 } } ] }
`,
    );
    const env = { PATH: programs, HOME: cwd };
    const service = spawn(inRelease(EXECUTABLE), ['serve'], { cwd, env, stdio: 'ignore' });
    try {
      const headers = { authorization: `Bearer ${'secret-3'.repeat(8)}` };
      const get = async (path: string) => {
        const answer = await fetch(`${url}${path}`, { headers });
        expect([path, answer.status]).toEqual([path, 200]);
        return answer.text();
      };
      const isReady = () =>
        fetch(`${url}/readyz`).then(
          answer => answer.ok,
          () => false,
        );
      await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
      const page = await get('/');
      const [, script = ''] = /<script[^>]* src="([^"]+\.js)"/.exec(page) ?? [];
      expect(script).toMatch(/^\/assets\//);
      expect(await get(script)).toBe(readFileSync(join(installed, 'signalbox/dist/web', script), 'utf8'));
      const button = await get('/userscript/signalbox.user.js');
      expect(button).toMatch(/^\/\/ ==UserScript==\n/);
      expect(button).toContain(url);
    } finally {
      service.kill('SIGKILL');
    }
  });
});

describe('the package', () => {
  it('brings everything that it runs, and nothing else', { timeout: 6 * MINUTES }, async () => {
    expect(readdirSync(installed).filter(name => !name.startsWith('.'))).toEqual(['signalbox']);
    const folders = readdirSync(join(installed, 'signalbox'));
    expect(folders.filter(name => ['src', 'test', 'scripts', 'bench', 'node_modules'].includes(name))).toEqual([]);
    const bin = join(installed, '.bin/signalbox');
    const env = { PATH: `${dirname(process.execPath)}${delimiter}${programs}` };
    expect((await run(bin, ['--version'], { env })).stdout).toBe('0.1.0\n');
    expect((await run(bin, ['tag', '--help'], { env })).stdout).toContain('Usage: signalbox tag');
    expect(await playStory(bin, env.PATH)).toContain('the story came out as it should');
  });

  it('says what to do on an older Node', async () => {
    const older = await olderNode();
    if (older === null) {
      console.warn('NOT RUN: there is no older Node on the PATH; what the package says on one did not run.');
      return;
    }
    const refused = run(older, [join(installed, 'signalbox/bin/signalbox.js'), '--version']);
    const remedy = expect.stringContaining('Where it is installed: npx -p node@24 -- signalbox --help');
    await expect(refused).rejects.toMatchObject({ code: 2, stderr: remedy });
  });
});

async function olderNode(): Promise<string | null> {
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(place, 'node');
    if (!existsSync(node)) continue;
    const { stdout } = await run(node, ['--version']);
    if (Number(/^v(\d+)/.exec(stdout)?.[1]) < 24) return node;
  }
  return null;
}

describe('the image', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

  it('runs no script of the project before its sources are there', () => {
    const [before = '', after] = dockerfile.split('COPY . .\n');
    expect(before.match(/npm (?:ci|install).*/g)).toEqual([expect.stringContaining('--ignore-scripts')]);
    expect(after).toContain('RUN npm run build');
  });

  it('needs no more than it takes from the build, and tells when it is ready', async () => {
    const place = emptyDirectory();
    const taken = [...dockerfile.matchAll(/^COPY --from=build \/build\/(\S+) \.\/(\S+)$/gm)];
    for (const [, from = '', to = ''] of taken)
      await cp(join(installed, 'signalbox', from), join(place, to), { recursive: true });
    const port = await freePort();
    const [, health = ''] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    const [command, ...args] = JSON.parse(health.replace('127.0.0.1:8080', `127.0.0.1:${port}`)) as string[];
    const isHealthy = () =>
      run(process.execPath, args).then(
        () => true,
        () => false,
      );
    expect([command, await isHealthy()]).toEqual(['node', false]);
    writeFileSync(join(place, 'signalbox.yaml'), 'lines: [ { name: "5.5", branch: main } ]\n');
    const env = { SIGNALBOX_LISTEN: `127.0.0.1:${port}`, SIGNALBOX_DATA_DIR: join(place, 'data') };
    const serve = [join(place, 'bin/signalbox.js'), 'serve', '--config', join(place, 'signalbox.yaml')];
    const service = spawn(process.execPath, serve, { cwd: place, env, stdio: 'ignore' });
    try {
      await expect.poll(isHealthy, { timeout: 60_000 }).toBe(true);
    } finally {
      service.kill('SIGKILL');
    }
  });
});

describe('the release', () => {
  const verify = (place: string) =>
    run(process.execPath, [join(ROOT, 'scripts/verify-release.ts'), '--public-key', publicKey, place]);

  it('is signed, file by file', async () => {
    const names = readdirSync(release);
    const files = [EXECUTABLE, PACKAGE, SBOM, 'SHA256SUMS', 'THIRD_PARTY_NOTICES.txt'];
    expect(names.toSorted()).toEqual(files.flatMap(name => [name, `${name}.minisig`]).toSorted());
    await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release });
    expect((await verify(release)).stdout.match(/^good/gm)).toHaveLength(files.length);
  });

  it.runIf(minisignVersion)(`is good for minisign (${minisignVersion || 'NOT RUN: it is not installed'})`, async () => {
    const signed = readdirSync(release).filter(name => !name.endsWith('.minisig'));
    expect(signed).toHaveLength(5);
    for (const name of signed) await run('minisign', ['-V', '-m', inRelease(name), '-p', publicKey]);
  });

  it.each<[string, (place: string) => Promise<unknown>, RegExp]>([
    ['a file was changed', place => appendFile(join(place, PACKAGE), 'x'), /is not what SHA256SUMS says/],
    [
      'the list was changed',
      place => appendFile(join(place, 'SHA256SUMS'), '\n'),
      /SHA256SUMS: the file is not the one/,
    ],
    [
      'one file stands for another',
      async place => {
        for (const end of ['', '.minisig']) await cp(join(place, `${SBOM}${end}`), join(place, `SHA256SUMS${end}`));
      },
      /the signature is of another file/,
    ],
  ])('is refused when %s', async (_what, spoil, why) => {
    const place = join(emptyDirectory(), 'release');
    await cp(release, place, { recursive: true, filter: name => !name.endsWith(EXECUTABLE) });
    symlinkSync(inRelease(EXECUTABLE), join(place, EXECUTABLE));
    await spoil(place);
    await expect(verify(place)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(why) });
  });

  it('says what is in it, as CycloneDX has it, and by which licence', () => {
    const bom = JSON.parse(readFileSync(inRelease(SBOM), 'utf8')) as {
      components: { name: string; version: string; hashes: unknown[]; licenses: unknown[] }[];
    };
    const validate = cycloneDx();
    expect([validate(bom), validate.errors]).toEqual([true, null]);
    expect(validate({ ...bom, components: [{ name: 'x' }] })).toBe(false);
    for (const each of bom.components) {
      expect([each.name, each.hashes.length, each.licenses.length]).toEqual([each.name, 1, 1]);
    }
    // Whatever is bundled has been looked at as something that is shipped.
    const shipped = shippedBy(readLockFile(join(ROOT, 'package-lock.json')));
    const names = bom.components.map(({ name }) => name).filter(name => name !== 'node');
    expect(names.filter(name => !shipped(`node_modules/${name}`))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([...RULES.bundled, 'fastify', 'zod', 'unified']));
    const notices = readFileSync(inRelease('THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const { name, version } of bom.components) expect(notices).toContain(`\n${name}@${version}\n`);
  });
});

/** The schema that CycloneDX publishes. */
function cycloneDx() {
  const library = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
  const ajv = new Ajv({ strict: false });
  ajvFormats.default(ajv);
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
  for (const name of ['spdx', 'jsf-0.82', 'bom-1.5']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    const text = readFileSync(join(dirname(library), 'res/schema', file), 'utf8');
    // They name each other by their files.
    const { $id: _, ...schema } = JSON.parse(text) as { $id: string };
    ajv.addSchema({ ...schema, $id: `http://cyclonedx.org/schema/${file}` });
  }
  return ajv.getSchema('http://cyclonedx.org/schema/bom-1.5.SNAPSHOT.schema.json')!;
}
