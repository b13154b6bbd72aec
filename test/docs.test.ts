import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { cliReference } from '../scripts/cli-reference.ts';
import { journalReference } from '../scripts/journal-reference.ts';
import { troubleshootingPage } from '../scripts/troubleshooting-page.ts';
import { runCases } from '../src/cli/cases/run-cases.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { Settings } from '../src/config/schema.ts';
import { SignalboxError } from '../src/errors.ts';

/**
 * Every page of the documentation, whoever adds one:
 * - a block ```yaml is a part of signalbox.yaml and must be valid; ```yaml cases is a file of cases, and they must come out on the
 *   configuration above them; a part of .gitlab-ci.yml is told from both; with any other word after `yaml` it is only read as YAML
 * - a line that begins with `signalbox` in any other block must be a command line that the program takes
 * - `signalbox …` within a sentence must name a command and options that exist (pages written from the code are left out)
 * - every block names its language: `sh` is run by docs/commands.test.ts
 * - links to files of the project must lead somewhere
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const WRITTEN_FROM_CODE = ['docs/errors.md', 'docs/config.md', 'docs/cli.md'];

/** What a part of a configuration may leave out because it is shown elsewhere. */
const ELSEWHERE: Record<string, string> = {
  gitlab:
    'gitlab: { url: "https://gitlab.example.com", token: { env: TOKEN }, webhook: { secret_tokens: [{ env: HOOK }] } }',
  freshdesk: 'freshdesk: { domain: acme.freshdesk.com, api_key: { env: FRESHDESK } }',
  lines:
    'lines: [{ name: "5.5", branch: main }, { name: "5.4", branch: release/5.4 }, { name: "5.3", branch: release/5.3 }]',
};

const NO_PART = ' (if it is no part of signalbox.yaml, say what it is: ```yaml compose)';

interface Block {
  lang: string;
  meta: string;
  text: string;
  /** `docs/board.md:12` */
  at: string;
}

interface Page {
  name: string;
  blocks: Block[];
  inline: { text: string; at: string }[];
  links: { url: string; at: string }[];
}

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number];

function read(name: string): Page {
  const page: Page = { name, blocks: [], inline: [], links: [] };
  const visit = (node: Node) => {
    const at = `${name}:${node.position?.start.line}`;
    if (node.type === 'code') {
      page.blocks.push({ lang: node.lang ?? '', meta: node.meta ?? '', text: node.value, at });
    }
    if (node.type === 'inlineCode') page.inline.push({ text: node.value, at });
    if (node.type === 'link') page.links.push({ url: node.url, at });
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(readFileSync(join(ROOT, name), 'utf8')));
  return page;
}

const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md']
  .concat(
    readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => join('docs', name)),
  )
  .map(read);

/** A part of .gitlab-ci.yml shows itself: what it includes, or a job with a script. */
function isPipeline({ text }: Block): boolean {
  const parsed: unknown = parseYaml(text);
  if (typeof parsed !== 'object' || parsed === null) return false;
  const isJob = (value: unknown) => typeof value === 'object' && value !== null && 'script' in value;
  return 'include' in parsed || 'stages' in parsed || Object.values(parsed).some(isJob);
}

const isYaml = ({ lang }: Block) => lang === 'yaml' || lang === 'yml';

/** The words of one simple command; what follows a comment, a pipe, a redirection or another command does not matter here. */
function words(line: string): string[] {
  const found = line.matchAll(/\s*(?:(#.*|[|;&<]|\d?>+.*)|((?:'[^']*'|"[^"]*"|\$\([^)]*\)|\\.|[^\s'"|;&<>\\])+))/gy);
  const list: string[] = [];
  for (const [, end, word] of found) {
    if (end !== undefined || word === undefined) break;
    list.push(
      word.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/g, (_all, a?: string, b?: string, c?: string) => a ?? b ?? c ?? ''),
    );
  }
  return list;
}

/** The program with every command, none of which does anything. */
async function program(): Promise<Command> {
  const all = new Command('signalbox').version('0');
  const directory = join(ROOT, 'src/cli/commands');
  for (const file of readdirSync(directory).filter(each => each.endsWith('.ts') && !each.endsWith('.test.ts'))) {
    ((await import(join(directory, file))) as { register: (to: Command) => void }).register(all);
  }
  const still = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    for (const each of command.commands) still(each);
  };
  still(all);
  return all;
}

/** Why the program would not take these words; empty when it does. */
async function refusal(args: string[], mayLackArguments: boolean): Promise<string> {
  try {
    await (await program()).parseAsync(args, { from: 'user' });
    return '';
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const lacks = ['commander.missingArgument', 'commander.missingMandatoryOptionValue', 'commander.help'];
    if (mayLackArguments && lacks.includes(error.code)) return '';
    return /^commander\.(helpDisplayed|version)$/.test(error.code) ? '' : error.message;
  }
}

function commandLines({ text, at }: Block): { args: string[]; at: string }[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ');
  return joined.split('\n').flatMap(line => {
    const match = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )?(?:npx )?signalbox(?=\s)(.*)$/.exec(line);
    return match?.[1] === undefined ? [] : [{ args: words(match[1]), at: `${at}: ${line.trim()}` }];
  });
}

/** The configuration of which a block shows a part. */
async function load(text: string): Promise<Settings> {
  const present = Object.keys((parseYaml(text) ?? {}) as object);
  let whole = text;
  for (;;) {
    try {
      return (await loadConfig('block', { environment: {}, readFile: async () => whole })).settings;
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      const needed = error.faults.flatMap(fault => /needs the section (\w+)/.exec(fault.message)?.[1] ?? []);
      const lacking = needed.find(name => !present.includes(name) && ELSEWHERE[name] !== undefined);
      if (lacking === undefined) throw new Error(error.faults.map(({ at, message }) => `${at} ${message}`).join('\n'));
      present.push(lacking);
      whole = `${whole}\n${ELSEWHERE[lacking]}\n`;
    }
  }
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-docs-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('finds pages, and reads command lines as a shell does', () => {
  expect(pages.map(page => page.name)).toEqual(
    expect.arrayContaining(['README.md', 'docs/board.md', 'docs/config.md']),
  );
  expect(words(` board 'acme/appliance#1' --config "a b".yaml # look`)).toEqual([
    'board',
    'acme/appliance#1',
    '--config',
    'a b.yaml',
  ]);
  expect(words(' config schema > signalbox.schema.json')).toEqual(['config', 'schema']);
  expect(words(' doctor --json | jq . && true')).toEqual(['doctor', '--json']);
});

it('has the command line, the journal and the doctor’s lines as the code has them (npm run docs writes them)', async () => {
  const troubleshooting = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  expect(troubleshooting).toBe(troubleshootingPage(troubleshooting));
  expect(readFileSync(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(await cliReference());
  expect(readFileSync(join(ROOT, 'docs/journal.md'), 'utf8')).toBe(journalReference());
});

it('lists every page in its index', () => {
  const linked = new Set(
    pages.find(({ name }) => name === 'docs/README.md')?.links.map(({ url }) => url.split('#')[0]),
  );
  const own = pages.filter(({ name }) => /^docs\/[^/]+\.md$/.test(name) && name !== 'docs/README.md');
  expect(own.map(({ name }) => basename(name)).filter(name => !linked.has(name))).toEqual([]);
});

it('tells a command line that the program takes from one that it does not', async () => {
  expect(await refusal(['board', 'acme/appliance#1', '--dry-run'], false)).toBe('');
  expect(await refusal(['board', 'acme/appliance#1', '--dryrun'], false)).toContain('--dryrun');
  expect(await refusal(['bored'], false)).toContain('bored');
  expect(await refusal(['board'], false)).toContain('missing');
  expect(await refusal(['board'], true)).toBe('');
});

describe.each(pages)('$name', ({ name, blocks, inline, links }) => {
  it('has only YAML that is valid', async () => {
    let settings: Settings | undefined;
    for (const { meta, text, at } of blocks.filter(block => isYaml(block) && !isPipeline(block))) {
      if (meta === '')
        settings = await load(text).catch((error: Error) => expect.fail(`${at}${NO_PART}\n${error.message}`));
      else if (meta !== 'cases') expect(() => parseYaml(text), at).not.toThrow();
      else {
        if (!settings) expect.fail(`${at}: cases stand below the configuration that they are for`);
        const file = join(directory, 'cases.yaml');
        await writeFile(file, text);
        const results = await runCases(file, settings);
        expect(
          results.filter(result => !result.ok),
          at,
        ).toEqual([]);
      }
    }
  });

  it('has only command lines that the program takes', async () => {
    for (const { args, at } of blocks.filter(block => !isYaml(block)).flatMap(commandLines)) {
      expect(`${at}${await refusal(args, false)}`).toBe(at);
    }
    if (WRITTEN_FROM_CODE.includes(name)) return;
    for (const { text, at } of inline.filter(each => /^signalbox [a-z]/.test(each.text))) {
      expect(`${at} ${text}${await refusal(words(text).slice(1), true)}`).toBe(`${at} ${text}`);
    }
  });

  it('names the language of every block', () => {
    expect(blocks.filter(({ lang }) => lang === '').map(({ at }) => at)).toEqual([]);
  });

  it('links only to what is there', () => {
    const local = links.filter(({ url }) => !/^[a-z]+:|^#/.test(url));
    const broken = local.filter(
      ({ url }) => !existsSync(normalize(join(ROOT, dirname(name), url.split('#')[0] ?? ''))),
    );
    expect(broken.map(({ url, at }) => `${at} ${relative('.', url)}`)).toEqual([]);
  });
});
