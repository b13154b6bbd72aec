import type { ColumnDataType, ColumnDefinitionBuilder, Expression, Kysely } from 'kysely';

/** The few things of a schema that SQLite and PostgreSQL spell differently. */
export interface ColumnTypes {
  identity: ColumnDataType | Expression<unknown>;
  asIdentity: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  bytes: ColumnDataType | Expression<unknown>;
  /** Makes the triggers that keep `verdict_counts`. */
  countVerdicts: (database: Kysely<unknown>) => Promise<void>;
  /** After each migration, in its transaction. */
  finish?: (database: Kysely<unknown>) => Promise<void>;
}
