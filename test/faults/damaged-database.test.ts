import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ERRORS, type SignalboxError } from '../../src/errors.ts';
import { openDatabase } from '../../src/service/open-database.ts';
import { eventually } from '../support/sandbox-client.ts';
import { BIN, type Installation, install } from '../support/service-process.ts';
import { deliverAll, storedKeys } from './send.ts';

vi.setConfig({ testTimeout: 120_000 });

let installation: Installation;
beforeEach(async () => {
  installation = await install('http://127.0.0.1:9');
});
afterEach(() => installation.remove());

const PAGE = 8192;
const FRAME = 24 + PAGE;
const KEYS = Array.from({ length: 60 }, (_, n) => `d${n}`);

/** What may become of a database, as files in a directory. A process is shown the first three, the same code in this one all. */
const SHOWN = 3;
const DAMAGES: Record<string, (file: string) => void> = {
  'a page in the middle is garbage': file => overwrite(file, middleOf(file), PAGE),
  'a transaction in its write-ahead log is damaged': file => overwrite(`${file}-wal`, 32 + FRAME + 500, 8),
  'it is empty': file => truncateSync(file, 0),
  'its header is overwritten': file => overwrite(file, 0, 100),
  'its first page is garbage': file => overwrite(file, 0, PAGE),
  'its end is missing': file => truncateSync(file, middleOf(file)),
  'it is gone, but its write-ahead log is there': file => rmSync(file),
  'it is empty, and has no write-ahead log': file => {
    truncateSync(file, 0);
    rmSync(`${file}-wal`);
  },
  'its write-ahead log is garbage': file => overwrite(`${file}-wal`, 0, readFileSync(`${file}-wal`).length),
  'the header of its write-ahead log is gone': file => overwrite(`${file}-wal`, 0, 32),
};

function overwrite(file: string, at: number, length: number): void {
  const bytes = readFileSync(file);
  for (let n = at; n < at + length; n++) bytes[n] = (bytes[n]! * 31 + n * 7 + 0xa5) & 0xff;
  writeFileSync(file, bytes);
}

function middleOf(file: string): number {
  return Math.floor(readFileSync(file).length / PAGE / 2) * PAGE;
}

it('refuses a damaged database with what to do, and changes nothing, whatever is damaged', async () => {
  // A first life, whose end leaves all in the database; a second one that is cut off, and leaves a write-ahead log.
  const first = await installation.serve();
  await deliverAll(installation, KEYS);
  await eventually('everything is read', async () => storedKeys(installation).length === KEYS.length);
  await first.stop();
  const second = await installation.serve();
  await deliverAll(installation, ['last-1']);
  await eventually('it is read', async () => storedKeys(installation).includes('last-1'));
  await deliverAll(installation, ['last-2']);
  await eventually('it is read', async () => storedKeys(installation).includes('last-2'));
  second.child.kill('SIGKILL');
  await second.ended;

  const config = await readFile(installation.configFile, 'utf8');
  const data = join(installation.directory, 'data');
  const refusals = Object.entries(DAMAGES).map(async ([name, damage], n) => {
    const copy = join(installation.directory, `damaged-${n}`);
    cpSync(data, copy, { recursive: true });
    damage(join(copy, 'signalbox.db'));
    const before = await contents(copy);
    const configFile = join(installation.directory, `damaged-${n}.yaml`);
    writeFileSync(configFile, config.replace(data, copy));
    const { code, output } = n < SHOWN ? await serve(configFile) : await open(configFile);
    expect({ name, code, output }).toEqual({
      name,
      code: 1,
      output: expect.stringMatching(/^SBX_DATABASE_DAMAGED: .*\n.*signalbox\.db.*\n.*signalbox restore/m),
    });
    expect({ name, files: await contents(copy) }).toEqual({ name, files: before });
  });
  await Promise.all(refusals);

  // What was only cut off, and not damaged, is taken.
  const third = await installation.serve();
  await third.stop();
  expect(storedKeys(installation).toSorted()).toEqual([...KEYS, 'last-1', 'last-2'].toSorted());
});

/** The database's files, byte for byte; the index of its log is made anew at each opening, and the lock is not part of it. */
async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).filter(name => /^signalbox\.db(-wal)?$/.test(name));
  const files = await Promise.all(
    names.map(async name => [name, hash('sha256', await readFile(join(directory, name)))]),
  );
  return Object.fromEntries(files);
}

/** Does what the service does first, and says what it would say. */
async function open(configFile: string): Promise<{ code: number; output: string }> {
  const { settings } = await loadConfig(configFile, { environment: {} });
  const opened = openDatabase(settings, async () => '').then(database => database.close());
  const error = await opened.then(
    () => undefined,
    (cause: unknown) => cause as SignalboxError,
  );
  if (!error) return { code: 0, output: 'opened' };
  return { code: 1, output: `${error.code}: …\n  ${error.detail}\n  ${ERRORS[error.code].remedy}` };
}

/** Runs the service until it ends, which it should at once. */
async function serve(configFile: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [BIN, 'serve', '--config', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endToo = () => child.kill('SIGKILL');
  process.once('exit', endToo);
  // One that starts, which would be the fault, is ended.
  const guard = setTimeout(endToo, 60_000);
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>(resolve => child.once('close', resolve));
  clearTimeout(guard);
  process.off('exit', endToo);
  return { code, output };
}
