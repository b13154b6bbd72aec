import { hash, randomBytes } from 'node:crypto';
import type { Documents } from '../../engine/documents/documents.ts';
import type { Caller } from '../access.ts';

const KIND = 'sign-in-link';
const LASTS = 15 * 60_000;

interface LinkDocument extends Caller {
  expiresAt: number;
}

/** Sign-in links: each good once, and not for long. */
export interface Links {
  /** The code of a new one. */
  make(who: Caller): Promise<string>;
  /** Uses one up; null where it is not good any more. */
  use(code: string): Promise<Caller | null>;
}

export function createLinks(documents: Documents, now: () => number): Links {
  return {
    make: async who => {
      const code = randomBytes(32).toString('base64url');
      const old = (await documents.list<LinkDocument>(KIND)).filter(({ body }) => now() >= body.expiresAt);
      const body: LinkDocument = { ...who, expiresAt: now() + LASTS };
      await documents.submit({
        changes: [...old.map(({ id }) => ({ kind: KIND, id, body: null })), { kind: KIND, id: idOf(code), body }],
      });
      return code;
    },
    use: async code => {
      const stored = await documents.read<LinkDocument>(KIND, idOf(code));
      if (!stored) return null;
      // Of two who come at the same time, one is told that it was used.
      const change = { kind: KIND, id: stored.id, body: null, replaces: stored.revision };
      if (!(await documents.submit({ changes: [change] }))) return null;
      const { name, role, expiresAt } = stored.body;
      return now() < expiresAt ? { name, role } : null;
    },
  };
}

function idOf(code: string): string {
  return hash('sha256', code, 'hex');
}
