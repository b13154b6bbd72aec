import { expect } from 'vitest';
import { extractFromFile } from '../../src/automations/version-check/extract/extract-from-file.ts';
import { explain } from '../../src/config/explain-issues.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { settingsSchema } from '../../src/config/schema.ts';
import { SignalboxError } from '../../src/errors.ts';
import { bombs, corpus, fuzz, fuzzJson, scaled } from './fuzz.ts';

/** Somebody has put a secret where its place should be named. */
const PLAIN = 'glpat-in-plain-text';
const files = corpus('config');
const WORDS = [
  ': ',
  '\n  ',
  '- ',
  '&a ',
  '*a',
  '<<: *a',
  '!!binary ',
  '|\n',
  '? ',
  '{',
  '[',
  '\t',
  '"',
  "'",
  '---\n',
  '%YAML 1.1\n',
  '\ufeff',
];

async function load(bytes: Buffer): Promise<void> {
  const readFile = async () => bytes.toString('utf8');
  await loadConfig('signalbox.yaml', { environment: {}, readFile }).catch((error: unknown) => {
    expect(error).toBeInstanceOf(SignalboxError);
    const { detail, faults } = error as SignalboxError;
    expect(JSON.stringify([detail, faults])).not.toContain(PLAIN);
    for (const { at } of faults) expect(at).toMatch(/^signalbox\.yaml:[1-9]\d*:[1-9]\d*$/);
  });
}

fuzz('a configuration', {
  corpus: [
    ...files,
    ...files.map(file => Buffer.from(file.toString().replace('{ env: GITLAB }', PLAIN).replace('ci }', `${PLAIN} }`))),
  ],
  words: WORDS,
  share: 0.5,
  parse: load,
});

fuzzJson('the values of a configuration', {
  corpus: [
    {
      service: {
        listen: '127.0.0.1:1',
        api_tokens: [{ name: 'a', role: 'viewer', token: { file: 'f' } }],
        trusted_proxies: ['10.0.0.0/8'],
      },
      gitlab: {
        url: 'https://gitlab.example.com',
        token: { env: 'T' },
        webhook: { signing_tokens: [{ credential: 'c' }] },
      },
      freshdesk: { domain: 'acme.freshdesk.com', api_key: { file: 'f' }, file_hosts: ['files.example.com:1'] },
      lines: [{ name: '5.5', branch: 'main' }],
      version_check: { projects: { 'acme/appliance': { version: [{ file: 'VERSION' }], compare: 2 } } },
      board: { projects: { 'acme/appliance': { columns: ['To Do', 'Done'], merged: 'Done' } } },
      escalation: { project: 'acme/appliance', agents: [{ name: 'Ada', token: { file: 'f' } }], redact: {} },
      races: { project: 'acme/appliance', sources: [{ name: 'box', token: { file: 'f' } }] },
      releases: {
        products: { appliance: { script: '/x', credentials: [{ name: 'ci', secret: { file: 'f' } }], timeout: '15m' } },
      },
      library_tags: { projects: ['acme/lib-*'], first: 'v0.1.0' },
    },
  ],
  parse: value => {
    const parsed = settingsSchema.safeParse(value, { error: explain });
    if (!parsed.success) for (const { message } of parsed.error.issues) expect(message).not.toBe('');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  },
});

bombs(
  'a configuration',
  {
    'lists in lists': () => Buffer.from(`lines: ${'['.repeat(scaled(100_000))}`),
    'maps in maps': () => Buffer.from(`lines: ${'{a: '.repeat(scaled(50_000))}`),
    'sections in sections': () =>
      Buffer.from(Array.from({ length: scaled(5000) }, (_, n) => `${' '.repeat(n)}a:\n`).join('')),
    'very many aliases': () => Buffer.from(`lines: [&a x${', *a'.repeat(scaled(20_000))}]`),
    'a thousand million laughs': () =>
      Buffer.from(
        `a: &a [x, x]\n${Array.from({ length: 30 }, (_, n) => `a${n}: &a${n} [*a${n - 1 < 0 ? '' : n - 1}, *a${n - 1 < 0 ? '' : n - 1}]\n`).join('')}`,
      ),
    'very many keys': () => Buffer.from(Array.from({ length: scaled(1000) }, (_, n) => `k${n}: 1\n`).join('')),
  },
  load,
);

const VERSIONS: readonly [string, string, Parameters<typeof extractFromFile>[0]['read']][] = [
  ['package.json', '{"name":"a","version":"5.4.1","x":[1,5.10]}', { as: 'json', path: 'version' }],
  ['Cargo.toml', '[package]\nname = "a"\nversion = "5.4.1"\n', { as: 'toml', path: 'package.version' }],
  ['chart.yaml', 'a: &v "5.4.1"\nversion: *v\nlist: [x, y]\n', { as: 'yaml', path: 'version' }],
  [
    'pom.xml',
    '<?xml version="1.0"?><project><version>5.4.1</version><x a="1"/></project>',
    { as: 'xml', path: '/project/version' },
  ],
  ['CMakeLists.txt', 'project(appliance VERSION 5.4.1 LANGUAGES CXX)\n', { as: 'cmake', name: 'appliance' }],
  ['version.go', 'package a\n\nconst Version = "5.4.1" // x\n', { as: 'go', name: 'Version' }],
  ['version.h', '#define VERSION "5.4.1"\n', { as: 'define', name: 'VERSION' }],
  ['VERSION', '5.4.1\n', { as: 'detect' }],
  ['any', 'the version is 5.4.1\n', { as: 'pattern', pattern: 'version is (.+)' }],
];

for (const [file, text, read] of VERSIONS) {
  fuzz(`the version in ${file}`, {
    corpus: [Buffer.from(text), Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`)],
    words: ['"', '{', '[', '<', '&', ']]>', '<!ENTITY a "b">', '\n', '5.4.2', '#'],
    parse: content => {
      const found = extractFromFile({ file, read }, { mode: '100644', bytes: content });
      if (found.ok) expect(JSON.stringify(found)).toMatch(/\d/);
    },
    share: 0.5,
  });
}
