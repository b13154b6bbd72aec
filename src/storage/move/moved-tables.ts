import type { Tables } from '../tables.ts';

/** Every table but `verdict_counts`, which the new database counts by itself; and what orders its rows: the same on both engines. */
export const MOVED: readonly { table: keyof Tables; key: readonly string[] }[] = [
  { table: 'deliveries', key: ['id'] },
  { table: 'intake_positions', key: ['log'] },
  { table: 'work', key: ['key'] },
  { table: 'records', key: ['key'] },
  { table: 'effects', key: ['key', 'name'] },
  { table: 'journal', key: ['seq'] },
  { table: 'documents', key: ['kind', 'id'] },
];
