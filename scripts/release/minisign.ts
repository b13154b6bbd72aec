import { createHash, sign, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { PublicKey, SecretKey } from './minisign-keys.ts';

/** What signs the hash of a file, as minisign has done since version 0.6; older signatures are of the file itself. */
const PREHASHED = 'ED';
const SIGNATURE =
  /^untrusted comment: .*\n(?<signed>[A-Za-z0-9+/=]+)\ntrusted comment: (?<comment>.*)\n(?<global>[A-Za-z0-9+/=]+)\n?$/;

/**
 * What stands in `<file>.minisig`. The trusted comment is signed, too.
 *
 * @param comment one line: who reads it must be able to rely on it, so it says what the file is
 */
export async function signFile(file: string, key: SecretKey, comment: string): Promise<string> {
  if (/[\r\n]/.test(comment)) throw new Error('a comment is one line');
  const signature = sign(null, await hashFile(file), key.secret);
  const all = sign(null, Buffer.concat([signature, Buffer.from(comment)]), key.secret);
  const signed = Buffer.concat([Buffer.from(PREHASHED), key.id, signature]);
  const lines = [
    'untrusted comment: verify with minisign; SECURITY.md has the public key',
    signed.toString('base64'),
    `trusted comment: ${comment}`,
    all.toString('base64'),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * @param signature what stands in `<file>.minisig`
 * @returns the trusted comment
 * @throws Error when the file, the comment or the key is another one
 */
export async function verifyFile(file: string, signature: string, key: PublicKey): Promise<string> {
  const { signed = '', comment = '', global = '' } = SIGNATURE.exec(signature)?.groups ?? {};
  const bytes = Buffer.from(signed, 'base64');
  if (bytes.length !== 74 || bytes.toString('latin1', 0, 2) !== PREHASHED) {
    throw new Error('this is no signature of minisign over a hash');
  }
  if (!bytes.subarray(2, 10).equals(key.id)) throw new Error('it was signed with another key');
  const own = bytes.subarray(10);
  if (!verify(null, await hashFile(file), key.key, own)) throw new Error('the file is not the one that was signed');
  const all = Buffer.concat([own, Buffer.from(comment)]);
  if (!verify(null, all, key.key, Buffer.from(global, 'base64'))) {
    throw new Error('the trusted comment is not the one that was signed');
  }
  return comment;
}

async function hashFile(file: string): Promise<Buffer> {
  const hash = createHash('blake2b512');
  await pipeline(createReadStream(file), hash);
  return hash.digest();
}
