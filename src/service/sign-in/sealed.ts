import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Documents } from '../../engine/documents/documents.ts';

/** Signs what the service hands out and wants back unchanged. */
export interface Seal {
  /** The value as text that nobody else can make. */
  close(value: unknown): string;
  /** The value of a text that `close` has made; null for any other. */
  open(text: string): unknown;
  /** A short proof that belongs to this text; says nothing about the text itself. */
  proof(text: string): string;
}

/** The key is made once and lies in the database, so that it outlives the process and several processes share it. */
export async function openSeal(documents: Documents): Promise<Seal> {
  const draft = randomBytes(32).toString('base64url');
  const stored = await documents.change<{ key: string }>('sign-in-key', 'key', current =>
    current === null ? { body: { key: draft } } : null,
  );
  const key = Buffer.from(stored?.key ?? draft, 'base64url');
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  return {
    close: value => {
      const text = Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${text}.${sign(text)}`;
    },
    open: sealed => {
      const [text = '', signature = ''] = sealed.split('.');
      if (!isSame(signature, sign(text))) return null;
      return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    },
    proof: text => sign(`proof ${text}`),
  };
}

/** Compares in a time that tells nothing about how much of it is right. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
