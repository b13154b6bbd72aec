import { type GoModule, isReleasedDirectory, readModulePath } from './module-path.ts';

/** The modules of a repository out of its go.mod files, the root first; an empty list is a repository without Go. */
export function modulesOf(files: readonly { path: string; text: string }[]): GoModule[] {
  return files
    .filter(({ path }) => path === 'go.mod' || path.endsWith('/go.mod'))
    .map(({ path, text }) => ({
      dir: path.slice(0, -'go.mod'.length).replace(/\/$/, ''),
      path: readModulePath(text) ?? '',
    }))
    .filter(({ dir }) => isReleasedDirectory(dir))
    .sort((a, b) => (a.dir < b.dir ? -1 : 1));
}

/**
 * Whether a changed file belongs to the module: below its directory and not below a module nested in it. A change of the
 * file list itself (a module that appeared) belongs to the module that has the file now.
 */
export function isInModule(path: string, module: GoModule, all: readonly GoModule[]): boolean {
  const owner = all
    .filter(({ dir }) => dir === '' || path.startsWith(`${dir}/`))
    .reduce<GoModule | null>(
      (best, other) => (best === null || other.dir.length > best.dir.length ? other : best),
      null,
    );
  return owner?.dir === module.dir;
}
