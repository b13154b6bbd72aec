import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../../storage/tables.ts';

/** A place in the intake log: everything before it was read. */
export interface LogPosition {
  segment: number;
  offset: number;
}

/** How far the log of this id was read; its very beginning where nothing of it was. */
export async function readPosition(database: Kysely<Tables>, log: string): Promise<LogPosition> {
  const row = await database.selectFrom('intake_positions').selectAll().where('log', '=', log).executeTakeFirst();
  return { segment: Number(row?.segment ?? 0), offset: Number(row?.at_byte ?? 0) };
}

/** Records how far the log was read, in the transaction that stores what was read. */
export async function savePosition(
  transaction: Transaction<Tables>,
  log: string,
  { segment, offset }: LogPosition,
): Promise<void> {
  await transaction
    .insertInto('intake_positions')
    .values({ log, segment, at_byte: offset })
    .onConflict(conflict => conflict.column('log').doUpdateSet({ segment, at_byte: offset }))
    .execute();
}
