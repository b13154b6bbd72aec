import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface SigningKey {
  id: Buffer;
  /** The id, the seed and the public key, as both ends of a secret key have them. */
  pair: Buffer;
  /** The files that `minisign -G -W` would write. */
  secret: string;
  open: string;
}

/** A key pair for one test; none is kept anywhere. */
export function makeSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const id = randomBytes(8);
  const key = Buffer.from(x, 'base64url');
  const pair = Buffer.concat([id, Buffer.from(d, 'base64url'), key]);
  const secret = Buffer.concat([Buffer.from('Ed\0\0B2'), Buffer.alloc(48), pair, Buffer.alloc(32)]);
  const open = Buffer.concat([Buffer.from('Ed'), id, key]);
  const fileOf = (what: string, bytes: Buffer) => `untrusted comment: ${what}\n${bytes.toString('base64')}\n`;
  return { id, pair, secret: fileOf('secret key of a test', secret), open: fileOf('public key of a test', open) };
}

/** The version of the program that we must agree with, or '' where it is missing. */
export const minisignVersion = spawnSync('minisign', ['-v'], { encoding: 'utf8' }).stdout?.trim() ?? '';
if (minisignVersion === '') {
  console.warn(
    'NOT RUN: minisign is not installed (Debian: apt-get install minisign), nobody checked that it agrees with us',
  );
}
