import { hash } from 'node:crypto';

/** The two hashes that go.sum has of a version. */
export interface ModuleSums {
  zip: string;
  mod: string;
}

export interface ModuleFile {
  /** Below the module's directory. */
  path: string;
  bytes: Buffer;
}

/**
 * Computes what `go mod download` would: the hash of the sorted list of the hashes of all files in the module's zip. `files` are all
 * regular files below the module's directory; `license` is the repository's own, for a module in a directory without one.
 * Rules: golang.org/x/mod/sumdb/dirhash Hash1 and golang.org/x/mod/zip; an archive of GitLab would not do, because
 * `export-ignore` changes it.
 */
export function moduleSums(
  module: { path: string; version: string },
  files: readonly ModuleFile[],
  license: Buffer | null = null,
): ModuleSums {
  const nested = files
    .filter(({ path }) => path.endsWith('/go.mod'))
    .map(({ path }) => path.slice(0, -'go.mod'.length));
  const inZip = files.filter(({ path }) => !nested.some(dir => path.startsWith(dir)) && !isVendored(path));
  if (license && !inZip.some(({ path }) => path === 'LICENSE')) inZip.push({ path: 'LICENSE', bytes: license });
  const goMod = files.find(({ path }) => path === 'go.mod')?.bytes ?? Buffer.from(`module ${module.path}\n`);
  const prefix = `${module.path}@${module.version}/`;
  return {
    zip: hashOf(inZip.map(({ path, bytes }) => [prefix + path, bytes])),
    mod: hashOf([['go.mod', goMod]]),
  };
}

/** Go's own reading, mistake in the second case included: changing it would change every checksum. */
function isVendored(path: string): boolean {
  if (path.startsWith('vendor/')) return path.slice('vendor/'.length).includes('/');
  return path.includes('/vendor/') && path.slice('/vendor/'.length).includes('/');
}

function hashOf(files: readonly (readonly [name: string, bytes: Buffer])[]): string {
  const lines = files
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, bytes]) => `${hash('sha256', bytes, 'hex')}  ${name}\n`);
  return `h1:${hash('sha256', lines.join(''), 'base64')}`;
}

/**
 * The same go.sum with a further version of a module. Older ones stay: another module may still require them, and a line too
 * many does no harm (`go mod tidy` takes it out).
 */
export function addSums(goSum: string, module: { path: string; version: string }, sums: ModuleSums): string {
  const { path, version } = module;
  const wanted = [`${path} ${version} ${sums.zip}`, `${path} ${version}/go.mod ${sums.mod}`];
  const lines = goSum.split('\n').filter(line => line !== '' && !wanted.includes(line));
  const same = lines.findLastIndex(line => line.startsWith(`${path} `));
  const behind = lines.findIndex(line => line.split(' ', 1)[0]! > path);
  const at = same >= 0 ? same + 1 : behind >= 0 ? behind : lines.length;
  return `${lines.toSpliced(at, 0, ...wanted).join('\n')}\n`;
}
