import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { Database } from '../../src/storage/database.ts';
import { MIGRATIONS } from '../../src/storage/migrate.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { balance } from '../support/balancer.ts';
import { createDatabase } from '../support/postgres.ts';
import { person } from '../support/sandbox-client.ts';
import { HOOK_SECRET, type Installation, install, type ServeProcess } from '../support/service-process.ts';

/** The schema is what the processes make of it: who knows no more than this changes nothing. */
const FIRST = { '0001-engine': MIGRATIONS['0001-engine'] };
const PROJECT = '/projects/acme%2Fappliance';

export type ProcessStage = Awaited<ReturnType<typeof setProcessStage>>;

/** So many processes of the service behind a load balancer, one database on the server at `address`, and a GitLab that calls them. */
export async function setProcessStage(
  address: string,
  count: number,
  start: (one: Installation) => Promise<ServeProcess>,
) {
  const sandbox = await startSandbox();
  const shared = await createDatabase(address);
  const installations: Installation[] = [];
  for (let n = 0; n < count; n++) {
    installations.push(await install(sandbox.gitlab.url, undefined, { postgres: shared.url }));
  }
  const processes = await Promise.all(installations.map(start));
  const database = await openPostgres(shared.url, FIRST);
  const balancer = await balance(installations.map(({ url }) => url));
  const hook = await person(sandbox.gitlab.url, 'admin').post(`${PROJECT}/hooks`, {
    url: `${balancer.url}/hooks/gitlab`,
    token: HOOK_SECRET,
    merge_requests_events: true,
    note_events: true,
  });
  if (hook.status !== 201) throw new Error(`no hook: ${hook.status}`);
  const developer = person(sandbox.gitlab.url, 'developer');

  return {
    sandbox,
    shared,
    database,
    installations,
    /** By the installation; who starts another one puts it here. */
    processes,
    developer,
    /** A merge request that has to be held up by one thread; its number. */
    openMismatch: async (name: string): Promise<number> => {
      const branch = { branch: name, ref: 'feature/backup-share' };
      const made = await developer.post(`${PROJECT}/repository/branches`, branch);
      if (made.status !== 201) throw new Error(`no branch ${name}: ${made.status}`);
      const merge = { source_branch: name, target_branch: 'release/5.3', title: name };
      const created = await developer.post(`${PROJECT}/merge_requests`, merge);
      if (created.status !== 201) throw new Error(`no merge request ${name}: ${created.status}`);
      return created.body.iid as number;
    },
    threadsOf: async (iid: number): Promise<number> => {
      const { body } = await developer.get(`${PROJECT}/merge_requests/${iid}/discussions`);
      return (body as { notes: { resolvable?: boolean }[] }[]).filter(thread => thread.notes[0]?.resolvable).length;
    },
    heldBy: (installation: Installation) => heldBy(database, installation),
    /** Merge requests that are looked at or will be. */
    openWork: async (): Promise<number> => {
      const rows = await database.query.selectFrom('work').selectAll().where('kind', '=', 'merge-request').execute();
      return rows.filter(row => row.owner !== null || row.due_at !== null).length;
    },
    close: async (): Promise<void> => {
      // A test that failed may have left one standing still.
      for (const { child } of processes) child.kill('SIGCONT');
      await Promise.all(processes.map(each => each.stop()));
      await balancer.close();
      await database.close();
      await shared.drop();
      await sandbox.close();
      for (const each of installations) await each.remove();
    },
  };
}

/** The keys that a process holds, by the id of the intake log in its data directory. */
async function heldBy(database: Database, { directory }: Installation): Promise<string[]> {
  const id = (await readFile(join(directory, 'data', 'intake', 'id'), 'utf8')).trim();
  const rows = await database.query.selectFrom('work').select('key').where('owner', 'like', `${id}%`).execute();
  return rows.map(row => row.key);
}
