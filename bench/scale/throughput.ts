import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/storage/database.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { createDatabase, type PostgresServer } from '../../test/support/postgres.ts';

export interface Throughput {
  engine: 'sqlite' | 'postgres';
  processes: number;
  /** How long asking GitLab takes, ms. */
  wait: number;
  events: number;
  perSecond: number;
  /** CPU of our processes, ms for each event. */
  cpu: number;
  /** CPU of the database server, ms for each event. */
  serverCpu: number;
}

const PROCESS = fileURLToPath(new URL('engine-process.ts', import.meta.url));

/** From the first delivery until the last look is over, with so many processes on one database. */
export async function measureThroughput(
  { engine, processes, wait, events }: Pick<Throughput, 'engine' | 'processes' | 'wait' | 'events'>,
  server: PostgresServer,
): Promise<Throughput> {
  const root = await mkdtemp(join(tmpdir(), 'signalbox-scale-'));
  const place = engine === 'postgres' ? await createDatabase(server.url) : undefined;
  const each = Math.floor(events / processes);
  const total = each * processes;
  try {
    const children: ChildProcess[] = [];
    for (let n = 0; n < processes; n++) {
      const directory = join(root, String(n));
      await mkdir(directory);
      const args = [PROCESS, directory, String(n * each), String(each), String(wait), ...(place ? [place.url] : [])];
      children.push(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    }
    await Promise.all(children.map(child => said(child)));
    const serverBefore = await cpuOf(server.pid());
    const began = performance.now();
    for (const child of children) child.stdin!.write('go\n');
    // The file is read beside its owner, as the measure only: nobody else may.
    const done = await whenAllDone(
      place ? await openPostgres(place.url) : await openSqlite(join(root, '0', 'signalbox.db')),
      total,
    );
    const seconds = (done - began) / 1000;
    const told = children.map(child => said(child));
    for (const child of children) child.stdin!.write('end\n');
    const cpu = (await Promise.all(told)).map(text => (JSON.parse(text) as { cpu: number }).cpu);
    await Promise.all(children.map(child => new Promise(resolve => child.once('exit', resolve))));
    const serverCpu = (await cpuOf(server.pid())) - serverBefore;
    return {
      engine,
      processes,
      wait,
      events: total,
      perSecond: total / seconds,
      cpu: cpu.reduce((sum, value) => sum + value, 0) / total,
      serverCpu: engine === 'postgres' ? serverCpu / total : 0,
    };
  } finally {
    await place?.drop();
    await rm(root, { recursive: true, force: true });
  }
}

function said(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', code => reject(new Error(`a process ended with ${code}`)));
  });
}

async function whenAllDone(database: Database, total: number): Promise<number> {
  try {
    for (;;) {
      const { length } = await database.query
        .selectFrom('work')
        .select('key')
        .where('last_finished_at', 'is not', null)
        .execute();
      if (length >= total) return performance.now();
      await pause(50);
    }
  } finally {
    await database.close();
  }
}

/** CPU time of a server and of the processes it has had, ms; those that live count when they have ended. */
async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
  return ticks * 10;
}
