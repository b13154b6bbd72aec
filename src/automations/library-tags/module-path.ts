/**
 * From a go.mod to its stream of tags: which prefix, which major versions.
 * Rules: go.dev/ref/mod#vcs-version and golang.org/x/mod/module.SplitPathVersion.
 */
export interface GoModule {
  /** Directory of the go.mod in the repository, `''` for the root, without slashes at the ends. */
  dir: string;
  /** The module path as its `module` directive says. */
  path: string;
  /** Whether a file of this module changed since its base; leave out where it is not known. */
  changed?: boolean;
}

/** One sequence of versions in a repository: its tags are `<prefix>v1.2.3`. */
export interface TagStream {
  /** `''` or `sub/dir/`. */
  prefix: string;
  /** Majors that belong to the module; null in a repository without Go modules, where any does. */
  majors: readonly bigint[] | null;
  module: GoModule | null;
}

export type StreamResult = { stream: TagStream } | { fault: string };

const MODULE_LINE = /^[ \t]*module[ \t]+(?:"([^"]+)"|`([^`]+)`|([^\s"`()]+))[ \t]*(?:\/\/.*)?$/m;
const MODULE_BLOCK = /^[ \t]*module[ \t]*\([ \t]*\r?\n(?:[ \t]*(?:\/\/.*)?\r?\n)*[ \t]*(?:"([^"]+)"|([^\s"()]+))/m;

/** The path of the `module` directive of a go.mod's text; null when there is none. */
export function readModulePath(goMod: string): string | null {
  const text = goMod.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const match = MODULE_LINE.exec(text) ?? MODULE_BLOCK.exec(text);
  return match ? (match[1] ?? match[2] ?? match[3] ?? null) : null;
}

/** Go keeps these directories out of packages, so a go.mod below them is test data and has no releases. */
export function isReleasedDirectory(dir: string): boolean {
  return !dir.split('/').some(part => part === 'testdata' || part === 'vendor' || /^[._]/.test(part));
}

/** The stream of a module, or a sentence that says why go could not use any tag of it, with the remedy. */
export function streamOf(module: GoModule): StreamResult {
  if (module.path === '') {
    const directory = module.dir === '' ? '' : `${module.dir}/`;
    return { fault: `${directory}go.mod has no module directive. Write one with: go mod edit -module <module path>` };
  }
  const split = splitMajor(module.path);
  if ('fault' in split) return split;
  const { base, major } = split;
  const parts = module.dir === '' ? [] : module.dir.split('/');
  // A major version subdirectory (sub/v3 for module …/sub/v3) is not part of the tag's prefix.
  if (major !== null && parts.at(-1) === `v${major}` && !isGopkgIn(module.path)) parts.pop();
  const directory = parts.join('/');
  if (directory !== '' && base !== directory && !base.endsWith(`/${directory}`)) {
    return {
      fault:
        `the module path ${module.path} does not end with its directory ${module.dir}: go could not find it by any tag. ` +
        `Move the go.mod, or run in ${module.dir}: go mod edit -module <repository path>/${module.dir}`,
    };
  }
  return {
    stream: {
      prefix: directory === '' ? '' : `${directory}/`,
      majors: major === null ? [0n, 1n] : [major],
      module,
    },
  };
}

function isGopkgIn(path: string): boolean {
  return path.startsWith('gopkg.in/');
}

function splitMajor(path: string): { base: string; major: bigint | null } | { fault: string } {
  if (isGopkgIn(path)) {
    const match = /^(.+)\.v(0|[1-9][0-9]*)(?:-unstable)?$/.exec(path);
    if (!match) return { fault: `the module path ${path} needs a .vN suffix, as every gopkg.in path does` };
    return { base: match[1]!, major: BigInt(match[2]!) };
  }
  const match = /^(.+)\/v([0-9]+)$/.exec(path);
  if (!match) return { base: path, major: null };
  if (match[2] === '0' || match[2] === '1' || match[2]!.startsWith('0')) {
    return {
      fault:
        `the module path ${path} ends in /v${match[2]}, which go does not allow: v0 and v1 have no suffix. ` +
        `Correct it with: go mod edit -module ${match[1]}`,
    };
  }
  return { base: match[1]!, major: BigInt(match[2]!) };
}

/** What must be changed before this module can have versions of `major`; a command that can be pasted. */
export function majorRecipe(module: GoModule, major: bigint): string {
  const split = splitMajor(module.path);
  const base = 'fault' in split ? module.path : split.base;
  const target = isGopkgIn(module.path) ? `${base}.v${major}` : major < 2n ? base : `${base}/v${major}`;
  const where = module.dir === '' ? '' : `in ${module.dir}: `;
  return `${where}go mod edit -module ${target} (and use ${target} in the imports of the module's own packages)`;
}
