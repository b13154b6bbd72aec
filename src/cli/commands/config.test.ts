import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTOMATIONS } from '../../config/schema.ts';

/** The two commands in a process of their own, with no more around them than prints an error as code and detail. */
const HARNESS = `
  const { Command } = await import('commander');
  const program = new Command('signalbox');
  for (const name of ['init', 'config']) (await import('${new URL('.', import.meta.url).href}' + name + '.ts')).register(program);
  try {
    await program.parseAsync(process.argv.slice(1), { from: 'user' });
  } catch (error) {
    console.error(error.code, error.detail, JSON.stringify(error.faults));
    process.exitCode = 2;
  }
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-cli-'));
});
afterAll(async () => rm(directory, { recursive: true }));

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

async function signalbox(...args: string[]): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const node = ['--input-type=module', '--eval', HARNESS, '--', ...args];
  // The project's own directory, where commander is found.
  const cwd = new URL('../../..', import.meta.url);
  execFile(process.execPath, node, { cwd, timeout: 20_000, env: {} }, (error, stdout, stderr) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
  });
  return await promise;
}

describe('init, then config check', () => {
  it('leads from nothing to a valid file', async () => {
    const file = join(directory, 'signalbox.yaml');

    const init = await signalbox('init', '--config', file);
    expect(init).toMatchObject({ code: 0, stderr: '' });
    expect(init.stdout).toContain(`signalbox config check --config ${file}`);

    const unfilled = await signalbox('config', 'check', '--config', file);
    expect(unfilled).toMatchObject({ code: 2, stdout: '' });
    expect(unfilled.stderr).toMatch(/^SBX_CONFIG_INVALID .* has 6 faults .*placeholder/);

    const again = await signalbox('init', '--config', file);
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: `SBX_CONFIG_NOT_WRITTEN ${file} exists already []\n` });

    const template = await readFile(file, 'utf8');
    await writeFile(file, template.replaceAll(/<([^<>]+)>/g, '$1'));
    expect(await signalbox('config', 'check', '--config', file)).toEqual({
      code: 0,
      stdout: `${file} is valid.\non: version_check; off: ${AUTOMATIONS.filter(name => name !== 'version_check').join(', ')}\n`,
      stderr: '',
    });

    const forced = await signalbox('init', '--config', file, '--force', '--json');
    expect(JSON.parse(forced.stdout)).toMatchObject({ file, next: expect.arrayContaining([]) as string[] });
    expect(await readFile(file, 'utf8')).toBe(template);
  });

  it('quotes the name of the file for a shell where it has to be', async () => {
    const file = join(directory, "it's a b.yaml");
    const { stdout } = await signalbox('init', '--config', file, '--json');
    const { next } = JSON.parse(stdout) as { next: string[] };
    const words = next.flatMap(step => / --config (.*)$/.exec(step)?.[1] ?? []);
    expect(words).toHaveLength(3);
    for (const word of words) {
      const { stdout: read } = await promisify(execFile)('sh', ['-c', `printf %s ${word}`]);
      expect(read).toBe(file);
    }
  });

  it('says why a file cannot be written', async () => {
    const file = join(directory, 'missing', 'signalbox.yaml');
    expect(await signalbox('init', '--config', file)).toMatchObject({
      code: 2,
      stderr: `SBX_CONFIG_NOT_WRITTEN ${file} is in a directory that does not exist []\n`,
    });
  });
});

describe('config check --json', () => {
  it('prints the faults as the result', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, 'servce: {}\n');
    const { code, stdout, stderr } = await signalbox('config', 'check', '--config', file, '--json');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      code: 'SBX_CONFIG_INVALID',
      faults: [{ at: `${file}:1:1`, message: 'servce is not known here; did you mean service?' }],
    });
  });

  it('tells what is on and what serve will refuse', async () => {
    const file = join(directory, 'no-secret.yaml');
    await writeFile(file, 'gitlab: { url: "https://g", token: { env: A } }\n');
    const { code, stdout } = await signalbox('config', 'check', '--config', file, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      file,
      on: [],
      off: AUTOMATIONS,
      warnings: [expect.stringContaining('gitlab.webhook lists neither')],
      faults: [],
    });
  });

  it('says that there is no file', async () => {
    const file = join(directory, 'nowhere.yaml');
    const { code, stdout } = await signalbox('config', 'check', '--config', file, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, code: 'SBX_CONFIG_NOT_FOUND', faults: [] });
  });
});

it('config schema prints a JSON Schema', async () => {
  const { code, stdout, stderr } = await signalbox('config', 'schema');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'signalbox.yaml',
  });
});

it.each([[['init']], [['config', 'check']], [['config', 'schema']]])('%j --help has an example', async command => {
  const { code, stdout } = await signalbox(...command, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`Example:\n  signalbox ${command.join(' ')}`);
});
