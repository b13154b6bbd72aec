import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildProgram } from './build.ts';
import { buildBinary } from './build-binary.ts';
import { buildUserscript } from './build-userscript.ts';
import { buildWeb } from './build-web.ts';
import { ROOT } from './bundle.ts';
import { readCommandLine } from './command-line.ts';
import { CHECKSUMS, sha256Of, writeChecksums } from './release/checksums.ts';
import { collectPackages, type Packages } from './release/collect-packages.ts';
import { signFile } from './release/minisign.ts';
import { parseSecretKey, type SecretKey } from './release/minisign-keys.ts';
import { writeNotices } from './release/notices.ts';
import { NOTICES, packPackage } from './release/pack-package.ts';
import { writeSbom } from './release/sbom.ts';

const usage = `npm run release:build -- (--secret-key FILE [--password-file FILE] | --unsigned) [--out DIRECTORY]

Makes what is published of a version, in dist-release unless told: the package, the single executable, the list of what is in them, checksums
and signatures. The secret key is read from a file, its password from another one; neither is ever an argument or in what is printed.`;
const { values, refuse } = readCommandLine(usage, {
  'secret-key': { type: 'string' },
  'password-file': { type: 'string' },
  unsigned: { type: 'boolean', default: false },
  out: { type: 'string', default: join(ROOT, 'dist-release') },
});
const key = readKey();
const out = resolve(values.out);
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const work = mkdtempSync(join(tmpdir(), 'signalbox-release-'));
try {
  const draft = join(work, 'release');
  const dist = join(work, 'dist');
  const packed = join(work, 'package');
  for (const directory of [draft, dist, packed]) mkdirSync(directory);
  const bundled: Packages = new Map();
  await buildProgram(dist, [collectPackages(bundled, 'program')]);
  await buildWeb(dist, [collectPackages(bundled, 'dashboard')]);
  await buildUserscript(dist, [collectPackages(bundled, 'button')]);
  const executable = `signalbox-${version}-linux-x64`;
  await buildBinary(join(draft, executable), dist, [collectPackages(bundled, 'program')]);
  const runtime = { parts: new Set(['executable']), directory: join(dirname(process.execPath), '..') };
  const notices = writeNotices(new Map(bundled).set(`node@${process.versions.node}`, runtime));
  writeFileSync(join(draft, NOTICES), notices);
  const sbomFile = `signalbox-${version}.cdx.json`;
  const files = [packPackage(packed, dist, notices, draft), executable, sbomFile, NOTICES];
  const sbom = writeSbom({
    // In this process the bundler has said that it is for production, and npm would go by that.
    installed: JSON.parse(run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--include=dev'])),
    bundled,
    node: { version: process.versions.node, sha256: await sha256Of(process.execPath) },
    version,
    at: new Date(run('git', ['log', '-1', '--format=%cI']).trim()),
  });
  writeFileSync(join(draft, sbomFile), sbom);
  await writeChecksums(draft, files);
  if (key) await signAll(draft, [...files, CHECKSUMS], key);
  rmSync(out, { recursive: true, force: true });
  move(draft, out);
  console.log(`${out}: ${files.join(', ')}; ${bundled.size} packages inside${key ? '' : '; NOT SIGNED'}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function readKey(): SecretKey | null {
  const file = values['secret-key'];
  if (file === undefined && values.unsigned) return null;
  if (file === undefined) return refuse('name the secret key with --secret-key FILE, or say --unsigned');
  const password = () => {
    const passwordFile = values['password-file'] ?? refuse('the secret key is encrypted: --password-file FILE');
    return readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '');
  };
  return parseSecretKey(readFileSync(file, 'utf8'), password);
}

/** The comment says what the file is, so that one of another version cannot stand in its place. */
async function signAll(directory: string, files: readonly string[], secret: SecretKey): Promise<void> {
  const commit = run('git', ['rev-parse', 'HEAD']).trim();
  const clean = run('git', ['status', '--porcelain']).trim() === '';
  const source = `commit:${commit}${clean ? '' : ' with changes'}`;
  const timestamp = Math.floor(Date.now() / 1000);
  for (const file of files) {
    const comment = `signalbox ${version}\tfile:${file}\t${source}\ttimestamp:${timestamp}`;
    writeFileSync(join(directory, `${file}.minisig`), await signFile(join(directory, file), secret, comment));
  }
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

/** Across disks, too. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    execFileSync('cp', ['-a', from, to]);
  }
}
