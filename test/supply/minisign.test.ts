import { execFile, execFileSync } from 'node:child_process';
import { randomBytes, scryptSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signFile, verifyFile } from '../../scripts/release/minisign.ts';
import { parsePublicKey, parseSecretKey } from '../../scripts/release/minisign-keys.ts';
import { makeSigningKey, minisignVersion } from '../support/signing-key.ts';

const PASSWORD = 'a password, as people have them';
let directory: string;
/** The file that is signed; 3 MiB, so that it is read in more than one piece. */
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-minisign-'));
  file = join(directory, 'signalbox.tgz');
  await writeFile(file, randomBytes(3 * 1024 * 1024));
  if (minisignVersion) await minisign('-G', '-W', '-p', 'public', '-s', 'secret');
});
afterAll(() => rm(directory, { recursive: true }));

/** The program itself. It asks for a password on its standard input where it has no terminal. */
async function minisign(...args: string[]): Promise<{ code: number; out: string }> {
  const running = promisify(execFile)('minisign', args, { cwd: directory });
  // Where it asks for nothing, it is gone before.
  running.child.stdin?.on('error', () => undefined).end(`${PASSWORD}\n`);
  const done = await running.catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: 'code' in done ? done.code : 0, out: done.stdout + done.stderr };
}

const at = (name: string) => join(directory, name);
const textOf = (name: string) => readFile(at(name), 'utf8');
const noPassword = () => {
  throw new Error('nobody should be asked');
};

describe.runIf(minisignVersion)(`minisign (${minisignVersion || 'NOT RUN: it is not installed'})`, () => {
  it('verifies what we have signed, and shows the comment', async () => {
    const signature = await signFile(
      file,
      parseSecretKey(await textOf('secret'), noPassword),
      'signalbox 5.4.1\tfile:ä',
    );
    await writeFile(`${file}.minisig`, signature);
    const [, key = ''] = (await textOf('public')).split('\n');
    const { code, out } = await minisign('-V', '-m', file, '-P', key);
    expect([code, out]).toEqual([0, expect.stringContaining('Trusted comment: signalbox 5.4.1\tfile:ä')]);
  });

  it('signs what we verify', async () => {
    expect(await minisign('-S', '-W', '-s', 'secret', '-m', file, '-t', 'made by it')).toMatchObject({ code: 0 });
    const signature = await textOf('signalbox.tgz.minisig');
    expect(await verifyFile(file, signature, parsePublicKey(await textOf('public')))).toBe('made by it');
    // As `minisign -P` takes it.
    const [, line = ''] = (await textOf('public')).split('\n');
    expect(await verifyFile(file, signature, parsePublicKey(line))).toBe('made by it');
  });

  it('refuses another file, comment, signature and key, as minisign does', async () => {
    const key = parseSecretKey(await textOf('secret'), noPassword);
    const good = await signFile(file, key, 'signalbox 5.4.1');
    const lines = good.split('\n');
    const other = await signFile(file, parseSecretKey(makeSigningKey().secret, noPassword), 'signalbox 5.4.1');
    const flipped = (line: string) => {
      const bytes = Buffer.from(line, 'base64');
      bytes[40]! ^= 1;
      return bytes.toString('base64');
    };
    const cases: [string, string, RegExp][] = [
      ['comment', good.replace('5.4.1', '5.4.2'), /trusted comment/],
      ['signature', [lines[0], flipped(lines[1] ?? ''), ...lines.slice(2)].join('\n'), /not the one/],
      ['key', other, /another key/],
      ['nothing', '', /no signature/],
      ['cut off', lines.slice(0, 2).join('\n'), /no signature/],
    ];
    for (const [what, signature, why] of cases) {
      await writeFile(`${file}.minisig`, signature);
      expect([what, (await minisign('-V', '-m', file, '-p', 'public')).code]).not.toEqual([what, 0]);
      await expect(verifyFile(file, signature, parsePublicKey(await textOf('public')))).rejects.toThrow(why);
    }
    const changed = at('changed.tgz');
    await writeFile(changed, await readFile(file));
    await appendFile(changed, 'x');
    await writeFile(`${changed}.minisig`, good);
    expect((await minisign('-V', '-m', changed, '-p', 'public')).code).not.toBe(0);
    await expect(verifyFile(changed, good, parsePublicKey(await textOf('public')))).rejects.toThrow('not the one');
    await expect(signFile(file, key, 'two\nlines')).rejects.toThrow('one line');
  });

  it('opens an encrypted key with its password, and with no other', async () => {
    const { secret, open } = await encryptedKey();
    await writeFile(at('encrypted'), secret);
    // What they agree on is the format: minisign itself opens it.
    expect(await minisign('-S', '-s', 'encrypted', '-m', file, '-t', 'by the program')).toMatchObject({ code: 0 });
    expect(await verifyFile(file, await textOf('signalbox.tgz.minisig'), open)).toBe('by the program');
    const key = parseSecretKey(secret, () => PASSWORD);
    expect(await verifyFile(file, await signFile(file, key, 'by us'), open)).toBe('by us');
    expect(() => parseSecretKey(secret, () => 'another')).toThrow('the password does not open the secret key');
  });
});

it.each(['', 'untrusted comment: x\nAAAA\n', 'RWQ='])('says of %j that it is no key', text => {
  expect(() => parsePublicKey(text)).toThrow('no public key');
  expect(() => parseSecretKey(text, noPassword)).toThrow('no secret key');
});

/** What `minisign -G` makes, but with a cost for scrypt that takes 16 MiB instead of one GiB. */
async function encryptedKey() {
  const { pair, open } = makeSigningKey();
  const input = Buffer.concat([Buffer.from('Ed'), pair]);
  const sum = execFileSync('b2sum', ['--length=256', '--binary'], { input, encoding: 'utf8' }).slice(0, 64);
  const inside = Buffer.concat([pair, Buffer.from(sum, 'hex')]);
  const salt = randomBytes(32);
  const stream = scryptSync(PASSWORD, salt, inside.length, { N: 2 ** 14, r: 8, p: 1 });
  const limits = Buffer.alloc(16);
  limits.writeBigUInt64LE(524_288n, 0);
  limits.writeBigUInt64LE(16_777_216n, 8);
  const hidden = inside.map((byte, n) => byte ^ stream[n]!);
  const bytes = Buffer.concat([Buffer.from('EdScB2'), salt, limits, hidden]);
  return {
    secret: `untrusted comment: minisign encrypted secret key\n${bytes.toString('base64')}\n`,
    open: parsePublicKey(open),
  };
}
