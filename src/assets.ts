import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Files that the service gives out and that are no code of its own: the dashboard (`web/…`) and the Freshdesk button
 * (`userscript/…`). In a clone and in a package they lie in `dist`, in the single executable they are part of it.
 */
export interface Assets {
  read(name: string): Uint8Array | undefined;
  names(prefix: string): string[];
}

/** Those in a directory. Names have slashes and lead nowhere else. */
export function assetsIn(directory: string): Assets {
  return {
    read: name => {
      if (!isPlain(name)) return undefined;
      try {
        return readFileSync(join(directory, name));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== undefined && NOT_THERE.has(code)) return undefined;
        throw error;
      }
    },
    names: prefix => {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      if (folder !== '' && !isPlain(folder.slice(0, -1))) return [];
      return filesOf(join(directory, folder))
        .map(name => folder + name.split(sep).join('/'))
        .filter(name => name.startsWith(prefix))
        .sort();
    },
  };
}

/**
 * One file, for example `web/index.html`; undefined where there is none, as in a clone that was not built.
 *
 * @example readAsset('userscript/signalbox.user.js')
 */
export function readAsset(name: string): Uint8Array | undefined {
  return assets().read(name);
}

/** The names that begin with a prefix such as `web/`, sorted. */
export function assetNames(prefix: string): string[] {
  return assets().names(prefix);
}

/**
 * The address of code that runs in a thread of its own, for programs that were bundled: a file, or the code itself. Sources use
 * `siblingModule`, which the build (scripts/bundle.ts) turns into this.
 *
 * @public
 */
export function codeAsset(name: string): URL {
  const code = inExecutable()?.read(name);
  if (code) return new URL(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  return new URL(name, new URL('./', import.meta.url));
}

/** What a name can be that nothing has. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

let found: Assets | undefined;

function assets(): Assets {
  found ??= inExecutable() ?? assetsIn(besides(import.meta.url));
  return found;
}

function inExecutable(): Assets | null {
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea()) return null;
  const names = sea.getAssetKeys().sort();
  return {
    read: name => (names.includes(name) ? new Uint8Array(sea.getRawAsset(name)) : undefined),
    names: prefix => names.filter(name => name.startsWith(prefix)),
  };
}

/** `dist` of a clone whose sources run, or the `dist` that this module has become a part of. */
function besides(module: string): string {
  return fileURLToPath(new URL(module.endsWith('.ts') ? '../dist/' : './', module));
}

function isPlain(name: string): boolean {
  return name.split('/').every(part => part !== '' && part !== '.' && part !== '..') && !/[\\\0]/.test(name);
}

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(directory, join(entry.parentPath, entry.name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
