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
  await bundle(join(SRC, entry), [threadsByAsset, withoutUrlParse, ...plugins], {
    format: 'cjs',
    minify: SHORTER,
    ...output,
  });
}

/**
 * The code of each thread in one file that needs no other, because in a single executable it is started from no file.
 *
 * @returns the names of the files in this directory: `workers/storage-sqlite-worker.mjs`
 */
export async function bundleWorkers(directory: string, plugins: readonly Plugin[] = []): Promise<string[]> {
  const names: string[] = [];
  for (const module of findWorkers()) {
    const name = assetOf(module);
    const file = join(directory, name);
    await bundle(module, [anywhere, ...plugins], { format: 'esm', file, codeSplitting: false });
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

/** Outside node_modules Node warns of `url.parse`, which the client of tus calls once. */
const withoutUrlParse: Plugin = {
  name: 'without url.parse',
  transform: {
    filter: { id: /\/tus-js-client\/.*\/node\/httpStack\.js$/ },
    handler: code => {
      const changed = code
        .replace('require("url")', 'require("node:url")')
        .replace(/\(0, _url\.parse\)\((\w+\._url)\)/, '(0, _url.urlToHttpOptions)(new URL($1))');
      if (changed === code) throw new Error('tus-js-client calls url.parse in another way now, or not any more');
      return changed;
    },
  },
};

/** For a program that has an HTTP client of its own and never loads the other one. */
export const withoutUndici: Plugin = {
  name: 'without undici',
  load: {
    filter: { id: /\/send-by-undici\.ts$/ },
    handler: () => "export { sendByNodeHttp as sendByUndici } from './send-by-node-http.ts';",
  },
};

/** Code that is started from no file has no address to find modules by; it needs none but Node's own. */
const anywhere: Plugin = {
  name: 'anywhere',
  renderChunk: code => code.replaceAll('createRequire(import.meta.url)', "createRequire('file:///signalbox.mjs')"),
};
