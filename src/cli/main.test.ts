import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { builtProgram } from '../../test/support/program.ts';
import { loadConfig } from '../config/load-config.ts';
import { startService } from '../service/compose.ts';
import { SUMMARIES } from './summaries.ts';
import { TAG_OPTIONS } from './tag/tag-options.ts';

const BIN = await builtProgram();

async function run(...args: string[]): Promise<{ code: number; out: string; complaint: string }> {
  const environment = { PATH: process.env['PATH'] };
  const ended = await promisify(execFile)(process.execPath, [BIN, ...args], {
    env: environment,
    timeout: 60_000,
  }).catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: 'code' in ended ? ended.code : 0, out: ended.stdout, complaint: ended.stderr };
}

describe('the command line', () => {
  it('lists every command with what it says of itself', async () => {
    const program = new Command();
    const folder = new URL('./commands/', import.meta.url);
    for (const file of readdirSync(folder).filter(name => !name.includes('.test.'))) {
      const module = (await import(new URL(file, folder).href)) as { register(to: Command): void };
      module.register(program);
    }
    const described = Object.fromEntries(program.commands.map(each => [each.name(), each.description()]));
    expect(SUMMARIES).toEqual(described);
    const { out } = await run('--help');
    const lines = out.split('\n').map(line => line.trim().split(/ {2,}/));
    for (const entry of Object.entries(described)) expect(lines).toContainEqual(entry);
  });

  it.each([[['--version']], [['-V']]])('%j: the version alone', async args => {
    expect(await run(...args)).toMatchObject({ code: 0, out: '0.1.0\n' });
  });

  it('helps whoever says nothing, and calls it wrong usage', async () => {
    expect(await run()).toMatchObject({ code: 2, out: expect.stringContaining('Commands:') });
    expect(await run('help')).toMatchObject({ code: 0, out: expect.stringContaining('Commands:') });
  });

  it.each([[['tag', '--help']], [['tag', '--json', '-h']], [['help', 'tag']]])('%j: all options of tag', async args => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    for (const [name, , description] of TAG_OPTIONS) {
      expect(out).toContain(`--${name} `);
      expect(out).toContain(description);
    }
  });

  it.each([
    [['nothing'], 'there is no command nothing; signalbox --help lists them'],
    [['servee'], 'there is no command servee, did you mean serve? signalbox --help lists them'],
    [
      ['journal', '--nothing'],
      "SBX_USAGE: The command line is not right\n  unknown option '--nothing'\n  See the help",
    ],
    [['journal', '--limit', 'many'], "argument 'many' is invalid. It must be a whole number from 1 to 500."],
    [['explain', ''], "for argument 'key'. It is empty."],
    [['replay', ' '], "for argument 'delivery-or-key'. It is empty."],
    [['journal', '--key', ''], "argument '' is invalid. It is empty."],
    [['sandbox', '--gitlab-port', '65536'], 'It must be a whole number from 0 to 65535.'],
    [['release', 'push'], "required option '--product <name>' not specified"],
    [['release', 'pusch'], "unknown command 'pusch' (Did you mean push?)"],
    [['version-check'], "missing required argument 'merge-request'"],
    [['constructor'], 'there is no command constructor'],
    [['tag', '--nothing'], "Unknown option '--nothing'"],
    [['tag', 'v1.2.3'], "Unexpected argument 'v1.2.3'"],
    [['tag', '--dotenv'], "Option '--dotenv <value>' argument missing"],
    [['tag', '--json=yes'], "Option '--json' does not take an argument"],
    [['tag', '--service', 'signalbox'], '--service signalbox is no address'],
    [['tag', '--service', 'https://s.example.com', '--bump', 'minor'], '--bump is not for --service'],
    [['tag', '--service', 'https://s.example.com'], 'there is no id_token'],
  ])('%j: wrong usage', async (args, words) => {
    const { code, complaint } = await run(...args);
    expect(code).toBe(2);
    expect(complaint).toContain(words);
  });

  it('reads a key in the journal as in the other commands', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-main-'));
    const file = join(directory, 'signalbox.yaml');
    await writeFile(join(directory, 'token'), 'secret', { mode: 0o600 });
    await writeFile(
      file,
      `service: { listen: "127.0.0.1:0", data_dir: ${directory}/data }
gitlab: { url: "http://127.0.0.1:1", token: { file: token }, webhook: { secret_tokens: [ { file: token } ] } }
version_check: { projects: { acme/appliance: { version: [ { file: VERSION } ] } } }
lines: [ { name: "5.5", branch: main } ]
`,
    );
    const { settings } = await loadConfig(file, { environment: {} });
    const service = await startService({ settings, environment: {}, writeLog: () => undefined });
    try {
      expect(await run('replay', 'acme/appliance!1', '-c', file)).toMatchObject({ code: 0 });
      const { out } = await run('journal', '--key', 'acme/appliance!1', '--json', '-c', file);
      const { rows } = JSON.parse(out) as { rows: unknown[] };
      expect(rows).toContainEqual(expect.objectContaining({ kind: 'operator', key: 'merge-request:acme/appliance!1' }));
    } finally {
      await service.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('is cut off in peace by a reader who has seen enough', async () => {
    const shell = `${process.execPath} ${BIN} --help | head -1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', shell], { timeout: 60_000 });
    expect([stdout, stderr]).toEqual(['Usage: signalbox <command> [options]\n', '']);
  });
});
