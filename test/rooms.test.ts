import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What each room may import from, besides itself. `*` is for the files directly in src. */
const MAY_USE: Record<string, readonly string[]> = {
  engine: ['*', 'storage'],
  storage: ['*'],
  http: ['*'],
  config: ['*', 'automations/settings'],
  gitlab: ['*', 'http'],
  // What customers wrote ends in GitLab: only its safe Markdown, nothing that knows a server.
  freshdesk: ['*', 'http', 'gitlab/text'],
  'git-protocol': ['*', 'http'],
  sandbox: [],
  // The dashboard runs in a browser and knows the service by its answers.
  web: [],
  automations: ['*', 'engine', 'gitlab', 'freshdesk', 'config', 'git-protocol'],
  service: ['*', 'engine', 'storage', 'gitlab', 'freshdesk', 'automations', 'config', 'git-protocol'],
  cli: ['*', 'engine', 'storage', 'gitlab', 'freshdesk', 'automations', 'config', 'service', 'sandbox', 'git-protocol'],
};

/** Node modules that a decision must not touch. */
const INPUT_OUTPUT = /^node:(?!path|crypto|util|assert)|^(undici|fastify|pino|kysely|pg)$/;

const root = fileURLToPath(new URL('../', import.meta.url));
const src = join(root, 'src');

interface Import {
  from: string;
  to: string;
}

function sources(): string[] {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => !/\/testing(\/|\.ts$)/.test(file));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!);
}

function roomOf(file: string): string {
  const [first, second] = relative(src, file).split('/');
  // The tables of src/errors.ts.
  return second === undefined || first === 'errors' ? '*' : first!;
}

function allowed({ from, to }: Import): true | string {
  const here = roomOf(from);
  const there = roomOf(to);
  if (here === '*')
    return there === '*' || `${show(from)} lies beside the rooms and may use none of them (${show(to)})`;
  if (here === there) {
    const [, mine] = relative(src, from).split('/');
    const [, theirs] = relative(src, to).split('/');
    if (here !== 'automations' || mine === theirs) return true;
    return `${show(from)} uses another automation (${show(to)}): what both need belongs into the engine, gitlab or freshdesk`;
  }
  const rules = MAY_USE[here];
  if (!rules)
    return `src/${here} is a room without rules: add it to MAY_USE in test/rooms.test.ts and to ARCHITECTURE.md`;
  if (rules.includes(there)) return true;
  const isSettings = /automations\/[^/]+\/(settings|extract\/.*)\.ts$/.test(to);
  if (there === 'automations' && isSettings && rules.includes('automations/settings')) return true;
  if (relative(src, to).startsWith('gitlab/text/') && rules.includes('gitlab/text')) return true;
  return `${show(from)} must not use ${show(to)}: src/${here} may use ${rules.join(', ') || 'nothing else'}; join them in src/service`;
}

function show(file: string): string {
  return relative(root, file);
}

/** The groups of files that reach each other by imports (Tarjan's strongly connected components of more than one file). */
function circles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const { to } of targets.get(file) ?? []) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) found.push(circle.map(show));
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return found;
}

describe('the rooms of ARCHITECTURE.md', () => {
  const files = sources();
  const local = files.flatMap(from =>
    importsOf(from)
      .filter(target => target.startsWith('.'))
      .map((target): Import => ({ from, to: normalize(join(dirname(from), target)) })),
  );

  it('are found at all', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(local.length).toBeGreaterThan(200);
  });

  it('import only what they may', () => {
    const faults = local.map(allowed).filter(verdict => verdict !== true);
    expect(faults).toEqual([]);
  });

  it('are built one upon the other: no file imports itself by way of others', () => {
    expect(circles(local)).toEqual([]);
  });

  it('keep decisions free of input and output', () => {
    const faults = files
      .filter(file => file.endsWith('/decide.ts'))
      .flatMap(file =>
        importsOf(file)
          .filter(name => INPUT_OUTPUT.test(name))
          .map(name => `${show(file)} uses ${name}`),
      );
    expect(faults).toEqual([]);
  });

  it('leave the environment and the clock to the composition and the command line', () => {
    const faults = files
      .filter(file => !/\/(cli|sandbox)\//.test(file) && !file.endsWith('service/compose.ts'))
      .filter(file => /\bprocess\.env\b/.test(readFileSync(file, 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '')))
      .map(
        file => `${show(file)} reads the environment: take what it needs as a parameter from src/service/compose.ts`,
      );
    expect(faults).toEqual([]);
  });
});
