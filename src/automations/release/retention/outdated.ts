import type { Documents } from '../../../engine/documents/documents.ts';
import { IDEMPOTENCY, type IdempotencyDocument, USED_TOKEN, type UsedTokenDocument } from '../model.ts';
import { readAll } from '../read-all.ts';

/** A request is repeated within minutes or hours; a week later its key is another one's by chance. */
const KEY_LIFE = 7 * 86_400_000;
/** An expired id_token is refused by its time; until clocks agree about that it stays remembered. */
const TOKEN_LIFE = 60 * 60_000;

/** A document that nothing asks for any more. */
export interface Outdated {
  kind: typeof IDEMPOTENCY | typeof USED_TOKEN;
  id: string;
}

/** What is remembered of a product's requests and no longer decides anything. */
export async function findOutdated(product: string, documents: Documents, now: number): Promise<Outdated[]> {
  const keys = await readAll<IdempotencyDocument>(documents, IDEMPOTENCY, `${product}/`);
  const tokens = await readAll<UsedTokenDocument>(documents, USED_TOKEN, '');
  return [
    ...keys.filter(({ body }) => now > body.at + KEY_LIFE).map(({ id }) => ({ kind: IDEMPOTENCY, id }) as const),
    ...tokens
      .filter(({ body }) => body.product === product && now > body.expiresAt + TOKEN_LIFE)
      .map(({ id }) => ({ kind: USED_TOKEN, id }) as const),
  ];
}
