import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SignalboxError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { SecretReference } from './fields.ts';

export interface ReadSecret {
  value: string;
  /** What the operator should know, without the secret; the caller prints or logs it. */
  warnings: readonly string[];
}

/** No token or key is longer; more means that the wrong file was named. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a secret from where the reference says. One newline at the end is dropped, because editors and `echo` add it.
 * The secret appears neither in the error nor in a warning.
 *
 * @throws SignalboxError SBX_SECRET_UNREADABLE if it is not there, empty, or longer than 64 KiB
 */
export async function readSecret(reference: SecretReference, environment: Environment): Promise<ReadSecret> {
  switch (reference.secretIn) {
    case 'env':
      return fromEnvironment(reference.name, environment);
    case 'file':
      return await fromFile(reference.path, `the file ${reference.path}`);
    case 'credential': {
      const directory = environment['CREDENTIALS_DIRECTORY'];
      if (directory === undefined || directory === '')
        throw unreadable(
          `the credential ${reference.name} is asked for, but systemd passed none: add LoadCredential=${reference.name}:/path to the unit; for a command in a shell, name the directory that holds it: CREDENTIALS_DIRECTORY=/etc/signalbox/secrets signalbox …`,
        );
      return await fromFile(join(directory, reference.name), `the credential ${reference.name}`);
    }
  }
}

function fromEnvironment(name: string, environment: Environment): ReadSecret {
  const value = environment[name];
  if (value === undefined) throw unreadable(`the environment variable ${name} is not set`);
  return { value: checked(value, `the environment variable ${name}`), warnings: [] };
}

async function fromFile(path: string, what: string): Promise<ReadSecret> {
  const { bytes, mode, isFile } = await readBounded(path, what);
  if (bytes.length > MAX_BYTES) throw unreadable(`${what} is longer than ${MAX_BYTES} bytes, so it cannot be a secret`);
  const warnings =
    isFile && (mode & 0o004) !== 0 ? [`${what} may be read by every user of this machine: chmod o-r ${path}`] : [];
  return { value: checked(bytes.toString('utf8'), what), warnings };
}

async function readBounded(path: string, what: string): Promise<{ bytes: Buffer; mode: number; isFile: boolean }> {
  try {
    await using handle = await open(path, 'r');
    // From the same open file as the bytes, so that nobody exchanges it in between.
    const stat = await handle.stat();
    const chunks: Buffer[] = [];
    let length = 0;
    while (length <= MAX_BYTES) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES + 1 - length));
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return { bytes: Buffer.concat(chunks), mode: stat.mode, isFile: stat.isFile() };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : `cannot be read (${code ?? 'unknown error'})`;
    throw unreadable(`${what} ${why}`, error);
  }
}

function checked(text: string, what: string): string {
  const value = text.replace(/\r?\n$/, '');
  if (value.trim() === '') throw unreadable(`${what} is empty`);
  if (value.includes('\0')) throw unreadable(`${what} is binary`);
  return value;
}

function unreadable(detail: string, cause?: unknown): SignalboxError {
  return new SignalboxError('SBX_SECRET_UNREADABLE', detail, { cause });
}
