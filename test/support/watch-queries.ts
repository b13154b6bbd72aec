import type { CompiledQuery, KyselyPlugin, RootOperationNode } from 'kysely';
import { createQueryId, sql } from 'kysely';
import type { Database } from '../../src/storage/database.ts';

/** A database whose queries are noted as they are sent. */
export interface Watched {
  database: Database;
  /** What was sent since the last call. */
  take(): CompiledQuery[];
}

export function watchQueries(real: Database): Watched {
  let nodes: RootOperationNode[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return {
    database: {
      ...real,
      query: real.query.withPlugin(plugin),
      transaction: work => real.transaction(transaction => work(transaction.withPlugin(plugin) as typeof transaction)),
    },
    take: () => {
      const taken = nodes.map(node => real.query.getExecutor().compileQuery(node, createQueryId()));
      nodes = [];
      return taken.filter(query => !/^(select pg_|savepoint)/.test(query.sql));
    },
  };
}

interface PgPlan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PgPlan[];
}

/** How a database would go about a query, one step a line: `SCAN work`, `Seq Scan work`, `SEARCH journal USING INDEX …`. */
export async function explain(database: Database, query: CompiledQuery): Promise<string[]> {
  if (database.engine === 'postgres') return stepsOf(await planOf(database, query, 'format json'));
  const rows = await ask(database, query, 'explain query plan ');
  return rows.map(row => String(row['detail']));
}

/** How many rows a question reads, those among them that it leaves out; it is asked for that. Only PostgreSQL tells. */
export async function rowsRead(database: Database, query: CompiledQuery): Promise<number> {
  if (database.engine !== 'postgres') return 0;
  const plan = await planOf(database, query, 'analyze, timing off, format json');
  const count = (node: PgPlan): number => {
    const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
    const own = node['Relation Name'] ? ((node['Actual Rows'] ?? 0) + removed) * (node['Actual Loops'] ?? 1) : 0;
    return (node.Plans ?? []).reduce((sum, each) => sum + count(each), own);
  };
  return count(plan);
}

async function planOf(database: Database, query: CompiledQuery, options: string): Promise<PgPlan> {
  const [row] = await ask(database, query, `explain (${options}) `);
  const [{ Plan }] = row!['QUERY PLAN'] as [{ Plan: PgPlan }];
  return Plan;
}

async function ask(database: Database, query: CompiledQuery, prefix: string): Promise<Record<string, unknown>[]> {
  const parts = query.sql.split(/\?|\$\d+/);
  const numbers =
    database.engine === 'sqlite' ? null : [...query.sql.matchAll(/\$(\d+)/g)].map(match => Number(match[1]));
  const values = parts.slice(1).map((_part, at) => query.parameters[numbers ? numbers[at]! - 1 : at]);
  const text = parts.map((part, at) => (at === 0 ? sql.raw(prefix + part) : sql`${values[at - 1]}${sql.raw(part)}`));
  const { rows } = await sql.join<Record<string, unknown>>(text, sql``).execute(database.query);
  return rows;
}

function stepsOf(plan: PgPlan): string[] {
  const step = [plan['Node Type'], plan['Relation Name']].filter(Boolean).join(' ');
  return [step, ...(plan.Plans ?? []).flatMap(stepsOf)];
}
