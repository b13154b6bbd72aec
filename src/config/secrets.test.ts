import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSecret } from './secrets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-secrets-'));
});
afterAll(async () => rm(directory, { recursive: true }));

async function file(name: string, content: string | Buffer, mode = 0o600): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe('readSecret', () => {
  it.each([
    ['verysecret', 'verysecret'],
    ['verysecret\n', 'verysecret'],
    ['verysecret\r\n', 'verysecret'],
    ['verysecret\n\n', 'verysecret\n'],
    [' verysecret ', ' verysecret '],
    ['-----BEGIN\nverysecret\n-----END\n', '-----BEGIN\nverysecret\n-----END'],
  ])('drops one newline at the end of %j and nothing else', async (content, value) => {
    const path = await file('a', content);
    expect(await readSecret({ secretIn: 'file', path }, {})).toEqual({ value, warnings: [] });
    expect(await readSecret({ secretIn: 'env', name: 'A' }, { A: content })).toEqual({ value, warnings: [] });
  });

  it('warns of a file that everybody may read, without its content', async () => {
    const path = await file('open', 'verysecret\n', 0o644);
    const { value, warnings } = await readSecret({ secretIn: 'file', path }, {});
    expect(value).toBe('verysecret');
    expect(warnings).toEqual([expect.stringContaining(`chmod o-r ${path}`)]);
    expect(warnings.join()).not.toContain('verysecret');
  });

  it('does not warn of a file that only its group may read', async () => {
    const path = await file('group', 'verysecret\n', 0o640);
    expect((await readSecret({ secretIn: 'file', path }, {})).warnings).toEqual([]);
  });

  it('finds a systemd credential', async () => {
    await file('gitlab-token', 'verysecret', 0o400);
    const reference = { secretIn: 'credential', name: 'gitlab-token' } as const;
    expect(await readSecret(reference, { CREDENTIALS_DIRECTORY: directory })).toMatchObject({ value: 'verysecret' });
    await expect(readSecret(reference, {})).rejects.toMatchObject({
      code: 'SBX_SECRET_UNREADABLE',
      detail: expect.stringMatching(/LoadCredential=gitlab-token.* in a shell.* CREDENTIALS_DIRECTORY=/) as string,
    });
    await expect(
      readSecret({ secretIn: 'credential', name: 'other' }, { CREDENTIALS_DIRECTORY: directory }),
    ).rejects.toMatchObject({ code: 'SBX_SECRET_UNREADABLE', detail: 'the credential other does not exist' });
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /is empty/],
    ['blank', ' \n', /is empty/],
    ['binary', Buffer.from('verysecret\0x'), /is binary/],
    ['far too long', 'verysecret'.repeat(10_000), /longer than 65536 bytes/],
  ])('refuses a file that is %s, without its content', async (name, content, why) => {
    const path = await file(name.replaceAll(' ', '-'), content);
    const error: unknown = await readSecret({ secretIn: 'file', path }, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'SBX_SECRET_UNREADABLE', detail: expect.stringMatching(why) as string });
    expect(String(error)).not.toContain('verysecret');
  });

  it('takes the longest that is allowed', async () => {
    const path = await file('long', 'x'.repeat(64 * 1024));
    expect((await readSecret({ secretIn: 'file', path }, {})).value).toHaveLength(64 * 1024);
  });

  it('reads a pipe to its end, in however many pieces, and cuts nothing off in silence', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    const write = async (length: number) => {
      const [, result] = await Promise.allSettled([
        promisify(execFile)('sh', ['-c', 'head -c "$1" /dev/zero | tr "\\0" x > "$2"', 'sh', String(length), path]),
        readSecret({ secretIn: 'file', path }, {}),
      ]);
      return result;
    };
    expect(await write(64 * 1024)).toMatchObject({
      status: 'fulfilled',
      value: { value: 'x'.repeat(64 * 1024), warnings: [] },
    });
    expect(await write(64 * 1024 + 10)).toMatchObject({
      status: 'rejected',
      reason: { code: 'SBX_SECRET_UNREADABLE' },
    });
  });

  it('says what is missing', async () => {
    const missing = join(directory, 'missing');
    await expect(readSecret({ secretIn: 'file', path: missing }, {})).rejects.toMatchObject({
      detail: `the file ${missing} does not exist`,
    });
    await expect(readSecret({ secretIn: 'file', path: directory }, {})).rejects.toMatchObject({
      detail: `the file ${directory} cannot be read (EISDIR)`,
    });
    await expect(readSecret({ secretIn: 'env', name: 'A' }, {})).rejects.toMatchObject({
      detail: 'the environment variable A is not set',
    });
    await expect(readSecret({ secretIn: 'env', name: 'A' }, { A: '' })).rejects.toMatchObject({
      detail: 'the environment variable A is empty',
    });
  });
});
