import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqlite } from '../../storage/sqlite/open-sqlite.ts';
import { DeliveryStore } from './delivery-store.ts';
import { pruneDeliveries } from './prune-deliveries.ts';

const DAY = 24 * 60 * 60_000;

it('removes what was read long ago, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const database = await openSqlite(join(directory, 'x.db'));
  try {
    const store = new DeliveryStore(database);
    const now = 100 * DAY;
    const deliver = (dedupeKey: string, receivedAt: number) =>
      store.accept({
        source: 'gitlab',
        dedupeKey,
        event: '',
        chain: null,
        origin: 'pushed',
        receivedAt,
        body: Buffer.from('{}'),
      });
    await Promise.all([
      ...Array.from({ length: 1200 }, (_, index) => deliver(`old ${index}`, now - 31 * DAY)),
      deliver('young', now - 29 * DAY),
      deliver('old, never read', now - 40 * DAY),
    ]);
    await database.query
      .updateTable('deliveries')
      .set({ state: 'sorted' })
      .where('dedupe_key', '!=', 'old, never read')
      .execute();
    expect(await pruneDeliveries(database.query, now)).toBe(1200);
    const left = await database.query.selectFrom('deliveries').select('dedupe_key').orderBy('dedupe_key').execute();
    expect(left.map(row => row.dedupe_key)).toEqual(['old, never read', 'young']);
  } finally {
    await database.close();
    rmSync(directory, { recursive: true });
  }
});
