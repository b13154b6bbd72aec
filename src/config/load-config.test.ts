import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignalboxError } from '../errors.ts';
import { loadConfig } from './load-config.ts';

async function load(text: string, environment: Record<string, string> = {}) {
  return await loadConfig('signalbox.yaml', { environment, readFile: async () => text });
}

/** All faults, as a user would see them. */
async function faultsOf(text: string, environment: Record<string, string> = {}): Promise<string[]> {
  try {
    await load(text, environment);
    return [];
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    expect(error.code).toBe('SBX_CONFIG_INVALID');
    return error.faults.map(({ at, message }) => `${at} ${message}`);
  }
}

const GITLAB = `gitlab:
  url: https://gitlab.example.com
  token: { env: GITLAB_TOKEN }
`;
const LINES = `lines:
  - { name: "5.4", branch: main }
  - { name: "5.3", branch: release/5.3 }
`;

describe('a file without faults', () => {
  it('gives defaults for what it does not say', async () => {
    expect((await load('{}\n')).settings).toEqual({
      service: {
        listen: { host: '127.0.0.1', port: 8080 },
        data_dir: join(process.cwd(), 'signalbox-data'),
        database: 'sqlite',
        artifacts: 'disk',
        log_level: 'info',
        api_tokens: [],
        trusted_proxies: ['loopback'],
      },
    });
  });

  it('gives typed settings for what it says', async () => {
    const { settings } = await load(`${GITLAB}${LINES}version_check:
  projects:
    acme/appliance:
      version: [ { file: VERSION }, { file: a.json, json: app.version }, { branch: 'release/(.+)' }, { tag: true } ]
`);
    expect(settings.gitlab).toEqual({
      url: 'https://gitlab.example.com',
      token: { secretIn: 'env', name: 'GITLAB_TOKEN' },
      webhook: { signing_tokens: [], secret_tokens: [] },
    });
    expect(settings.version_check?.projects['acme/appliance']).toMatchObject({
      version: [
        { from: 'file', file: 'VERSION', read: { as: 'detect' } },
        { from: 'file', file: 'a.json', read: { as: 'json', path: 'app.version' } },
        { from: 'branch', pattern: 'release/(.+)' },
        { from: 'tag' },
      ],
      compare: 2,
      gate: ['thread'],
      override: { role: 'maintainer' },
      unknown: 'note',
    });
  });

  it('demands of other sections only what the present ones need', async () => {
    expect(await faultsOf('service: { listen: 127.0.0.1:0 }\n')).toEqual([]);
    const ownLines = `${GITLAB}version_check:
  projects:
    a/b: { version: [ { file: VERSION } ], lines: [ { name: "1", branch: main } ] }
`;
    expect(await faultsOf(ownLines)).toEqual([]);
  });

  it('lets the environment take the place of four settings', async () => {
    const environment = {
      SIGNALBOX_LISTEN: '0.0.0.0:80',
      SIGNALBOX_PUBLIC_URL: '',
      SIGNALBOX_DATA_DIR: '/data',
      SIGNALBOX_LOG_LEVEL: 'debug',
    };
    const { settings } = await load('service: { listen: 127.0.0.1:1, public_url: "http://x" }\n', environment);
    expect(settings.service).toMatchObject({
      listen: { host: '0.0.0.0', port: 80 },
      public_url: 'http://x',
      data_dir: '/data',
      log_level: 'debug',
    });
    expect(await faultsOf('service: {}\n', { SIGNALBOX_LOG_LEVEL: 'loud' })).toEqual([
      'environment variable SIGNALBOX_LOG_LEVEL must be one of debug, info, warn, error (it takes the place of service.log_level)',
    ]);
  });

  it('counts relative paths from its own directory, and leaves paths in repositories alone', async () => {
    const { settings } = await loadConfig('/etc/signalbox/signalbox.yaml', {
      environment: {},
      readFile: async () => `service: { data_dir: ../data, dashboard: { token: { file: d } } }
gitlab: { url: "https://g", token: { file: secrets/t }, webhook: { secret_tokens: [ { file: /abs } ] } }
${LINES}version_check: { projects: { a/b: { version: [ { file: VERSION } ] } } }
`,
    });
    expect(settings.service.data_dir).toBe('/etc/data');
    expect(settings.service.dashboard?.token).toEqual({ secretIn: 'file', path: '/etc/signalbox/d' });
    expect(settings.gitlab?.token).toEqual({ secretIn: 'file', path: '/etc/signalbox/secrets/t' });
    expect(settings.gitlab?.webhook.secret_tokens).toEqual([{ secretIn: 'file', path: '/abs' }]);
    expect(settings.version_check?.projects['a/b']?.version[0]).toMatchObject({ file: 'VERSION' });
  });
});

describe('a file with faults', () => {
  it.each(['', '\n', '# only this\n', '---\n', 'null\n'])('refuses one with nothing in it: %j', async text => {
    const environment = { SIGNALBOX_DATA_DIR: '/data' };
    expect(await faultsOf(text, environment)).toEqual([
      'signalbox.yaml:1:1 the file is empty; `signalbox init --force` writes a new one',
    ]);
  });

  it('names all of them at once, each at its place', async () => {
    const text = `servce: {}
service:
  listn: 1.2.3.4:80
  database: { postgres: "postgres://u:verysecret@h/db" }
  api_tokens:
    - { name: a, role: vewer, token: glpat-verysecret }
    - { name: a, role: viewer, token: { env: A } }
gitlab:
  url: gitlab.example.com
  webhook: { signing_tokens: { env: X } }
lines:
  - { name: 5.5, branch: main }
  - { name: "5.9", branch: main }
  - { name: "5.10", branch: "release/5.10" }
version_check:
  projects:
    appliance:
      version: [ { file: VERSION, json: version, toml: a }, { branch: "release/.*" }, { fil: x }, { tag: v, xml: /a } ]
    acme/appliance:
      compare: 2.5
      gate: [thred, external_status_check]
      forward_merge:
      versions_must_agree: yes
      override: { role: 3 }
`;
    const faults = await faultsOf(text);
    expect(faults).toEqual([
      'signalbox.yaml:1:1 servce is not known here; did you mean service?',
      'signalbox.yaml:3:3 service.listn is not known here; did you mean listen?',
      expect.stringMatching(/^signalbox\.yaml:4:25 service\.database\.postgres must not stand here in plain text/),
      'signalbox.yaml:6:24 service.api_tokens[0].role must be one of viewer, operator; did you mean viewer?',
      expect.stringMatching(/^signalbox\.yaml:6:38 service\.api_tokens\[0\]\.token must not stand here in plain text/),
      'signalbox.yaml:7:15 service.api_tokens[1].name is there twice',
      expect.stringMatching(/^signalbox\.yaml:8:1 gitlab\.token is missing: .*bot's access token/),
      'signalbox.yaml:9:8 gitlab.url must be an address that starts with https:// or http://',
      'signalbox.yaml:10:14 gitlab.webhook.signing_tokens must be a list, not a section with keys of its own',
      expect.stringMatching(/^signalbox\.yaml:12:13 lines\[0\]\.name must be text, .* in quotes/),
      'signalbox.yaml:13:28 lines[1].branch is there twice',
      'signalbox.yaml:14:13 lines[2].name is newer than the line above it: list the newest line first',
      'signalbox.yaml:17:5 version_check.projects.appliance must be a project path as in its address, such as acme/appliance',
      'signalbox.yaml:18:18 version_check.projects.appliance.version[0] must say only one of json, toml',
      expect.stringMatching(/^signalbox\.yaml:18:71 .*version\[1\]\.branch must have a group in parentheses/),
      'signalbox.yaml:18:87 version_check.projects.appliance.version[2] must say exactly one of file, branch and tag',
      'signalbox.yaml:18:89 version_check.projects.appliance.version[2].fil is not known here; did you mean file?',
      'signalbox.yaml:18:99 version_check.projects.appliance.version[3] cannot use xml with tag: only a file is read that way',
      expect.stringMatching(/^signalbox\.yaml:18:106 .*version\[3\]\.tag must be true, or a regular expression/),
      expect.stringMatching(
        /^signalbox\.yaml:19:5 version_check\.projects\["acme\/appliance"\]\.version is missing: write a list\. Where/,
      ),
      'signalbox.yaml:20:16 version_check.projects["acme/appliance"].compare must be a whole number',
      expect.stringMatching(/^signalbox\.yaml:21:13 .*gate lists external_status_check: say which one/),
      expect.stringMatching(/^signalbox\.yaml:21:14 .*gate\[0\] must be one of .*; did you mean thread\?$/),
      expect.stringMatching(/^signalbox\.yaml:22:21 .*forward_merge is empty: write one of allow, block$/),
      expect.stringMatching(/^signalbox\.yaml:23:28 .*versions_must_agree must be true or false, without quotes$/),
      expect.stringMatching(/^signalbox\.yaml:24:25 .*override\.role must be one of developer, maintainer, owner$/),
    ]);
    expect(faults.join('\n')).not.toContain('verysecret');
  });

  it.each<[string, string, string[]]>([
    [
      'a tab',
      'service:\n\tlisten: 127.0.0.1:1\n',
      ['signalbox.yaml:2:1 a tab indents this line: YAML allows only blanks'],
    ],
    [
      'a key twice',
      'service: {}\nservice: {}\n',
      ['signalbox.yaml:2:1 this key is there twice in the same section: remove one'],
    ],
    ['an anchor', 'service: &a {}\ngitlab: *a\n', ['signalbox.yaml:1:13 anchors', 'signalbox.yaml:2:9 anchors']],
    ['an anchor on a text', 'service: { public_url: &u "http://x" }\n', ['signalbox.yaml:1:27 anchors']],
    ['a tag', 'service: !include x.yaml\n', ['signalbox.yaml:1:10 tags (!name) are not supported']],
    ['two documents', 'service: {}\n---\nservice: {}\n', ['signalbox.yaml:2:1 a second document starts here']],
    ['an open quote', 'service: { public_url: "http://verysecret }\n', ['signalbox.yaml:']],
    ['two colons', 'a: verysecret: c\n', ['signalbox.yaml:1:4 ']],
    ['a key that is a list', '? [a]\n: b\n', ['signalbox.yaml:1:3 a key must be a plain text']],
    ['only a text', 'verysecret\n', ['signalbox.yaml:1:1 must be a section with keys of its own, not text']],
    ['only a list', '- a\n', ['signalbox.yaml:1:1 must be a section with keys of its own, not a list']],
    ['an empty section', 'service:\n', ['signalbox.yaml:1:9 service is empty']],
    ['a prototype', '__proto__: { listen: x }\n', ['signalbox.yaml:1:1 __proto__ is not known here']],
    [
      'needs',
      'version_check: { projects: { a/b: { version: [ { file: V } ] } } }\n',
      [
        'signalbox.yaml:1:1 version_check needs the section gitlab: add it, or remove version_check',
        'signalbox.yaml:1:1 version_check needs the section lines: add it, or remove version_check',
      ],
    ],
    [
      'no project',
      `${GITLAB}${LINES}version_check: { projects: {} }\n`,
      ['signalbox.yaml:7:18 version_check.projects must name at least one project'],
    ],
    [
      'the API as address',
      'gitlab: { url: "https://g/api/v4", token: { env: A } }\n',
      ['signalbox.yaml:1:16 gitlab.url must be the address people open in a browser, without /api/v4'],
    ],
    ['CRLF and a mark', '\uFEFFservice:\r\n  listen: 80\r\n', ['signalbox.yaml:2:11 service.listen must be host:port']],
  ])('%s', async (_name, text, expected) => {
    const faults = await faultsOf(text);
    expect(faults).toEqual(expected.map(start => expect.stringContaining(start) as string));
    expect(faults.join('\n')).not.toContain('verysecret');
  });

  it('names a missing section together with faults elsewhere', async () => {
    const text = `service: { listen: 80, listn: 1 }
version_check: { projects: { a/b: { version: [ { file: V } ], compare: 9, lines: [ { name: "1", branch: m } ] } } }
`;
    expect(await faultsOf(text)).toEqual([
      expect.stringMatching(/^signalbox\.yaml:1:20 service\.listen must be host:port/),
      'signalbox.yaml:1:24 service.listn is not known here; did you mean listen?',
      'signalbox.yaml:2:1 version_check needs the section gitlab: add it, or remove version_check',
      'signalbox.yaml:2:72 version_check.projects["a/b"].compare must be at most 4',
    ]);
  });

  it('blames the variable that took the place of a setting', async () => {
    expect(await faultsOf('service: { listen: 127.0.0.1:1 }\n', { SIGNALBOX_LISTEN: 'x' })).toEqual([
      expect.stringMatching(
        /^environment variable SIGNALBOX_LISTEN must be host:port.*\(it takes the place of service\.listen\)$/,
      ),
    ]);
  });

  it('reports any text, however broken, as faults with a place', async () => {
    const bits = fc.constantFrom(
      'service',
      'gitlab',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '\t',
      '|',
      '#',
      '!x',
      '<',
      '>',
      '0',
      '%',
      '@',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bits, { maxLength: 30 }), async parts => {
        for (const fault of await faultsOf(parts.join('')))
          expect(fault).toMatch(/^signalbox\.yaml:[1-9]\d*:[1-9]\d* \S/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a file on disk', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-config-'));
  });
  afterAll(async () => rm(directory, { recursive: true }));

  it('is read', async () => {
    const file = join(directory, 'signalbox.yaml');
    await writeFile(file, 'service: { listen: 127.0.0.1:7 }\n');
    const loaded = await loadConfig(file, { environment: {} });
    expect(loaded.file).toBe(file);
    expect(loaded.settings.service.listen.port).toBe(7);
    expect(loaded.settings.service.data_dir).toBe(join(directory, 'signalbox-data'));
  });

  it('is named when it cannot be', async () => {
    const missing = join(directory, 'missing.yaml');
    await expect(loadConfig(missing, { environment: {} })).rejects.toMatchObject({
      code: 'SBX_CONFIG_NOT_FOUND',
      detail: `${missing} does not exist`,
    });
    await expect(loadConfig(directory, { environment: {} })).rejects.toMatchObject({
      code: 'SBX_CONFIG_NOT_FOUND',
      detail: `${directory} is a directory`,
    });
  });
});
