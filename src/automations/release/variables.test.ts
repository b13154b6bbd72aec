import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { releaseVariables, renderEnvFile } from './variables.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-env-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  `'; touch pwned; '`,
  `it's "quoted" \\ back\\\\slash`,
  `\${HOME} $HOME ~ * ? [a] {a,b} ! # % & | ; < > ( )`,
  'umlauts äöü, 日本語, 😀',
  ' leading and trailing ',
  '\\',
  "'",
  '',
];

const release = {
  product: 'appliance',
  version: '5.4.1',
  line: '5.4',
  metadata: Object.fromEntries(HOSTILE.map((value, at) => [`field-${at}`, value])),
  size: 12,
  md5: 'd'.repeat(32),
  sha256: 'a'.repeat(64),
};

it.each(['sh', 'bash'])('is sourced byte for byte by %s, and runs nothing', shell => {
  const variables = releaseVariables(
    release,
    { environment: 'production', attempt: 2 },
    { artifact: `${directory}/a'b.tgz`, envFile: `${directory}/env` },
  );
  writeFileSync(join(directory, 'env'), renderEnvFile(variables));
  const script = `set -eu; . ./env; printf '%s\\0' ${Object.keys(variables)
    .map(name => `"$${name}"`)
    .join(' ')}`;
  const output = execFileSync(shell, ['-c', script], {
    cwd: directory,
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  }).toString();
  expect(output.split('\0').slice(0, -1)).toEqual(Object.values(variables));
  expect(readdirSync(directory)).toEqual(['env']);
});

it('names the variables as the documentation does', () => {
  const names = Object.keys(
    releaseVariables(
      { ...release, metadata: { commit: 'c', 'build-host': 'h' } },
      { environment: 'e', attempt: 1 },
      {
        artifact: '/a',
        envFile: '/e',
      },
    ),
  );
  expect(names.join(' ')).toBe(
    'RELEASE_PRODUCT RELEASE_VERSION RELEASE_LINE RELEASE_ENVIRONMENT RELEASE_FILE RELEASE_ENV_FILE RELEASE_MD5 RELEASE_SHA256 RELEASE_SIZE RELEASE_ATTEMPT RELEASE_META_COMMIT RELEASE_META_BUILD_HOST',
  );
});
