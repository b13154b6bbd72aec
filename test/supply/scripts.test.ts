import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

/** Those that take something, one of each kind; they share what reads it (scripts/command-line.ts). */
const SCRIPTS = {
  'test:chaos': 'test/chaos/run.ts',
  'test:fuzz': 'test/fuzz/run.ts',
  bench: 'bench/run.ts',
  'bench:releases': 'bench/releases/run.ts',
  'build:binary': 'scripts/build-binary.ts',
  'release:verify': 'scripts/verify-release.ts',
};

describe.each(Object.entries(SCRIPTS))('npm run %s', (name, file) => {
  it('says how it is called, and answers what it does not know in one line, before it has begun', async () => {
    const [help, wrong] = await Promise.all([run(file, '--help'), run(file, '--nonsense')]);

    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`^Usage: npm run ${name}( |$)`, 'm'));
    expect(wrong).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^Unknown option '--nonsense'; usage: npm run ${name} .*\n$`)),
    });
  });
});

it.each([
  ['test/chaos/run.ts', ['--seed', '1.5'], '--seed must be a whole number from 0 on, not 1.5'],
  ['test/chaos/run.ts', ['--processes', '3'], 'SQLite belongs to one process'],
  ['bench/releases/run.ts', ['much'], 'MIB must be a whole number from 1 on, not much'],
  ['scripts/verify-release.ts', [], 'name the public key'],
])('%s refuses %s', async (file, args, sentence) => {
  expect(await run(file, ...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) });
});

async function run(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [file, ...args]);
  const ended = new Promise<number | null>(resolve => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
