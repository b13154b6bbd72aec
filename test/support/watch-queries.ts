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
  Plans?: PgPlan[];
}

/** How a database would go about a query, one step a line: `SCAN work`, `Seq Scan work`, `SEARCH journal USING INDEX …`. */
export async function explain(database: Database, query: CompiledQuery): Promise<string[]> {
  const prefix = database.engine === 'sqlite' ? 'explain query plan ' : 'explain (format json) ';
  const parts = query.sql.split(/\?|\$\d+/);
  const numbers =
    database.engine === 'sqlite' ? null : [...query.sql.matchAll(/\$(\d+)/g)].map(match => Number(match[1]));
  const values = parts.slice(1).map((_part, at) => query.parameters[numbers ? numbers[at]! - 1 : at]);
  const text = parts.map((part, at) => (at === 0 ? sql.raw(prefix + part) : sql`${values[at - 1]}${sql.raw(part)}`));
  const { rows } = await sql.join<Record<string, unknown>>(text, sql``).execute(database.query);
  if (database.engine === 'sqlite') return rows.map(row => String(row['detail']));
  const [{ Plan }] = rows[0]!['QUERY PLAN'] as [{ Plan: PgPlan }];
  return stepsOf(Plan);
}

function stepsOf(plan: PgPlan): string[] {
  const step = [plan['Node Type'], plan['Relation Name']].filter(Boolean).join(' ');
  return [step, ...(plan.Plans ?? []).flatMap(stepsOf)];
}
