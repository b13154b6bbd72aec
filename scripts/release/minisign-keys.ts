import { createPrivateKey, createPublicKey, type KeyObject, scryptSync } from 'node:crypto';

/**
 * Keys as minisign writes them: https://jedisct1.github.io/minisign/#public-key-format
 *
 * A public key:  `Ed`, 8 bytes of its id, 32 bytes of the key.
 * A secret key:  `Ed`, `Sc` or two zeros, `B2`, 32 bytes of salt, two numbers for scrypt, and then, encrypted where it says `Sc`:
 *                the id, 32 bytes of the seed, 32 bytes of the public key, 32 bytes of a checksum.
 */
export interface PublicKey {
  id: Buffer;
  key: KeyObject;
}

export interface SecretKey extends PublicKey {
  secret: KeyObject;
}

const SECRET_LENGTH = 158;
/** What stands before an Ed25519 key so that OpenSSL knows what it is (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** @param text the file, or its second line alone, as `minisign -P` takes it */
export function parsePublicKey(text: string): PublicKey {
  const bytes = Buffer.from(text.trim().split('\n').at(-1) ?? '', 'base64');
  if (bytes.length !== 42 || bytes.toString('latin1', 0, 2) !== 'Ed')
    throw new Error('this is no public key of minisign');
  return { id: bytes.subarray(2, 10), key: publicKey(bytes.subarray(10)) };
}

/** @param password what an encrypted key is opened with; not asked for where it is not encrypted */
export function parseSecretKey(text: string, password: () => string): SecretKey {
  const bytes = Buffer.from(text.trim().split('\n').at(-1) ?? '', 'base64');
  if (bytes.length !== SECRET_LENGTH || bytes.toString('latin1', 0, 2) !== 'Ed') {
    throw new Error('this is no secret key of minisign');
  }
  const isEncrypted = bytes.toString('latin1', 2, 4) === 'Sc';
  const inside = isEncrypted ? decrypt(bytes, password()) : bytes.subarray(54);
  const secret = createPrivateKey({
    key: Buffer.concat([PKCS8, inside.subarray(8, 40)]),
    format: 'der',
    type: 'pkcs8',
  });
  const key = createPublicKey(secret);
  // The half that anybody may know follows from the other one: a better proof than the checksum.
  if (!key.equals(publicKey(inside.subarray(40, 72)))) throw new Error('the password does not open the secret key');
  return { id: inside.subarray(0, 8), key, secret };
}

function publicKey(bytes: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' });
}

function decrypt(bytes: Buffer, password: string): Buffer {
  const cost = costOf(Number(bytes.readBigUInt64LE(38)), Number(bytes.readBigUInt64LE(46)));
  const hidden = bytes.subarray(54);
  const stream = scryptSync(password, bytes.subarray(6, 38), hidden.length, { ...cost, maxmem: 2 ** 31 });
  return Buffer.from(hidden.map((byte, at) => byte ^ (stream[at] ?? 0)));
}

/** From libsodium's two limits to scrypt's three numbers, as `pickparams` in its source does it. */
function costOf(operations: number, memory: number): { N: number; r: number; p: number } {
  const r = 8;
  const limit = Math.max(operations, 32_768);
  const isQuick = limit < memory / 32;
  const most = isQuick ? limit / (r * 4) : memory / (r * 128);
  const N = 2 ** Math.max(1, Math.ceil(Math.log2(most / 2 + 1)));
  return { N, r, p: isQuick ? 1 : Math.max(1, Math.floor(Math.min(limit / 4 / N, 0x3fffffff) / r)) };
}
