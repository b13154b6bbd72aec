import type { ColumnDataType, ColumnDefinitionBuilder, Expression } from 'kysely';

/** The few column types that SQLite and PostgreSQL spell differently. */
export interface ColumnTypes {
  identity: ColumnDataType | Expression<unknown>;
  asIdentity: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  bytes: ColumnDataType | Expression<unknown>;
}
