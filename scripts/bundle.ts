import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputOptions, type Plugin } from 'rolldown';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SRC = join(ROOT, 'src');
/** As every thread with a file of its own is started: `new Worker(siblingModule(import.meta.url, './worker'))`. */
const SIBLING = /siblingModule\(import\.meta\.url, '(\.[^']*)'\)/g;
/** Looked for by packages that do without it where it is missing, as here. */
const LEFT_OUT = ['pg-native'];
/** Comments are not read at every start; names stay, so that an error still says where it comes from. */
const SHORTER = { compress: false, mangle: false, codegen: { removeWhitespace: true } } as const;

/** A program of one file or of several. CommonJS: Node starts it faster than modules, and a single executable takes nothing else. */
export async function bundleProgram(
  entry: string,
  output: OutputOptions,
  plugins: readonly Plugin[] = [],
): Promise<void> {
  await bundle(join(SRC, entry), [threadsByAsset, ...plugins], { format: 'cjs', minify: SHORTER, ...output });
}

/**
 * The code of each thread in one file that needs no other, because in a single executable it is started from no file.
 *
 * @returns the names of the files in this directory: `workers/storage-sqlite-worker.mjs`
 */
export async function bundleWorkers(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const module of findWorkers()) {
    const name = assetOf(module);
    const file = join(directory, name);
    await bundle(module, [anywhere], { format: 'esm', file, codeSplitting: false });
    names.push(name);
  }
  return names;
}

async function bundle(input: string, plugins: readonly Plugin[], output: OutputOptions): Promise<void> {
  await build({ input, platform: 'node', external: LEFT_OUT, plugins: [...plugins], logLevel: 'warn', output });
}

function findWorkers(): string[] {
  const found = new Set<string>();
  for (const name of globSync('**/*.ts', { cwd: SRC, exclude: ['**/*.test.ts', 'sibling-module.ts'] })) {
    const file = join(SRC, name);
    for (const [, sibling] of readFileSync(file, 'utf8').matchAll(SIBLING)) found.add(siblingOf(file, sibling));
  }
  return [...found].sort();
}

function siblingOf(file: string, name = ''): string {
  return resolve(dirname(file), `${name}.ts`);
}

function assetOf(module: string): string {
  const name = relative(SRC, join(dirname(module), basename(module, '.ts')));
  return `workers/${name.replaceAll('/', '-')}.mjs`;
}

/** In a bundle no module lies beside the calling one: the code of threads is found among the assets. */
const threadsByAsset: Plugin = {
  name: 'threads by asset',
  transform: {
    filter: { id: /\/src\/.*\.ts$/, code: SIBLING },
    handler: (code, id) => {
      const changed = code.replace(SIBLING, (_all, name: string) => {
        return `codeAsset(${JSON.stringify(assetOf(siblingOf(id, name)))})`;
      });
      const from = JSON.stringify(join(SRC, 'assets.ts'));
      return { code: `import { codeAsset } from ${from};\n${changed}`, moduleType: 'ts' };
    },
  },
};

/** For a program that has an HTTP client of its own and never loads the other one. */
export const withoutUndici: Plugin = {
  name: 'without undici',
  load: {
    filter: { id: /\/send-by-undici\.ts$/ },
    handler: () => "export { sendBySocket as sendByUndici } from './send-by-socket.ts';",
  },
};

/** Code that is started from no file has no address to find modules by; it needs none but Node's own. */
const anywhere: Plugin = {
  name: 'anywhere',
  renderChunk: code => code.replaceAll('createRequire(import.meta.url)', "createRequire('file:///signalbox.mjs')"),
};
