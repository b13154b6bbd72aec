import { expect, it } from 'vitest';
import { temporaryDatabase } from '../testing.ts';
import { pruneDeliveries } from './prune-deliveries.ts';
import { storeDeliveries } from './store-deliveries.ts';

const DAY = 24 * 60 * 60_000;

it('removes what came long ago, and nothing else', async () => {
  const { database, remove } = await temporaryDatabase();
  try {
    const now = 100 * DAY;
    const body = Buffer.from('{}');
    const delivery = (dedupeKey: string, receivedAt: number) => ({
      delivery: { source: 'gitlab', dedupeKey, event: '', chain: null, origin: 'pushed' as const, receivedAt, body },
      state: 'sorted' as const,
      keys: [],
    });
    const old = Array.from({ length: 1200 }, (_, index) => delivery(`old ${index}`, now - 31 * DAY));
    await database.transaction(transaction =>
      storeDeliveries(database, transaction, [...old, delivery('young', now - 29 * DAY)]),
    );
    expect(await pruneDeliveries(database.query, now)).toBe(1200);
    const left = await database.query.selectFrom('deliveries').select('dedupe_key').execute();
    expect(left).toEqual([{ dedupe_key: 'young' }]);
  } finally {
    await remove();
  }
});
