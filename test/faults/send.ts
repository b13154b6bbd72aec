import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HOOK_SECRET, type Installation } from '../support/service-process.ts';

/** An answer of the service, as a sender sees it. */
export interface Answered {
  status: number;
  retryAfter: string | null;
  /** Of the problem, where it is one. */
  code: string | null;
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answered> {
  const answer = await fetch(url, init);
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  const body = await answer.text();
  const code = isProblem ? (JSON.parse(body) as { code: string }).code : null;
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), code };
}

/** Sends a webhook that concerns no automation: what is tried is its way from the sender to the database. */
export function deliver({ url }: Pick<Installation, 'url'>, key: string, padding = ''): Promise<Answered> {
  return ask(`${url}/hooks/gitlab`, {
    method: 'POST',
    headers: { 'X-Gitlab-Token': HOOK_SECRET, 'Idempotency-Key': key },
    body: JSON.stringify({ object_kind: 'moon_landing', padding }),
  });
}

/** Sends several at once, and returns the keys of those that were acknowledged; of the others, how they were refused. */
export async function deliverAll(installation: Installation, keys: readonly string[]) {
  const answers = await Promise.all(keys.map(key => deliver(installation, key)));
  return {
    acknowledged: keys.filter((_key, n) => answers[n]!.status === 200),
    refused: answers.filter(({ status }) => status !== 200),
  };
}

export const readiness = ({ url }: Installation): Promise<Answered> => ask(`${url}/readyz`);

/** The keys of all deliveries that the database has, as often as it has them. */
export function storedKeys({ directory }: Installation): string[] {
  const database = new DatabaseSync(join(directory, 'data', 'signalbox.db'), { readOnly: true });
  try {
    const rows = database.prepare('select dedupe_key from deliveries order by id').all() as { dedupe_key: string }[];
    return rows.map(row => row.dedupe_key);
  } finally {
    database.close();
  }
}

/** How often the journal says that each delivery came. */
export function signalsPerDelivery({ directory }: Installation): number[] {
  const database = new DatabaseSync(join(directory, 'data', 'signalbox.db'), { readOnly: true });
  try {
    const sql = `select count(*) as times from journal where kind = 'signal' group by data ->> 'delivery'`;
    return (database.prepare(sql).all() as { times: number }[]).map(row => row.times);
  } finally {
    database.close();
  }
}

/** The log lines of a process, parsed. */
export function linesOf(output: string): Record<string, unknown>[] {
  return output
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>);
}

/** Asks for a change that is acknowledged when the database has it. */
export async function replay({ url, directory }: Installation): Promise<Answered> {
  const { token } = JSON.parse(await readFile(join(directory, 'data', 'control.json'), 'utf8')) as { token: string };
  const key = encodeURIComponent('merge-request:acme/appliance!1');
  return ask(`${url}/v1/work/${key}/replay`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
}
