import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgres } from './postgres-programs.ts';

/** A real PostgreSQL server of one test run, reached by a socket in its own directory. */
export interface PostgresServer {
  /** Of the database that every server has; for making others. */
  url: string;
  /** Of the process that starts all others of the server. */
  pid(): number;
  /** Ends it as a crash of its machine would, or in order. */
  end(how: 'SIGQUIT' | 'SIGINT' | 'SIGKILL'): Promise<void>;
  /** Begins again after `end`. */
  begin(): Promise<void>;
  /** Ends it and removes what it kept. */
  remove(): Promise<void>;
}

export interface PostgresDatabase {
  url: string;
  drop: () => Promise<void>;
}

const USER = 'signalbox';
/** What the server waits for the disk for stays as it is: only what takes memory is made small. */
const SETTINGS = { listen_addresses: '', shared_buffers: '32MB', max_connections: '200' };

/** Starts a server that ends with this process, however that ends. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = await findPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-pg-'));
  const user = await serverUser();
  await chmod(directory, 0o755);
  if (user) await chown(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const identity = { ...user, cwd: directory, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } };
  const how = ['--pgdata', data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--no-locale'];
  await promisify(execFile)(join(bin, 'initdb'), how, identity);
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: `'${directory}'` });
  const lines = settings.map(([name, value]) => `${name} = ${value === '' ? "''" : value}\n`);
  await writeFile(join(data, 'postgresql.conf'), lines.join(''), { flag: 'a' });

  const url = urlOf(directory, 'postgres');
  const log = join(directory, 'log');
  let server: ReturnType<typeof spawn> | undefined;
  let watcher: ReturnType<typeof spawn> | undefined;

  function spawnServer(): ReturnType<typeof spawn> {
    const args = ['-c', `exec "$0" -D "$1" >>"$2" 2>&1`, join(bin, 'postgres'), data, log];
    const child = spawn('sh', args, { ...identity, stdio: 'ignore', detached: true });
    watcher?.kill('SIGKILL');
    watcher = watch(child.pid!, directory);
    server = child;
    return child;
  }

  async function begin(): Promise<void> {
    let child = spawnServer();
    const end = Date.now() + 120_000;
    while (!(await accepts(url))) {
      if (Date.now() > end) {
        throw new Error(`PostgreSQL did not start:\n${await readFile(log, 'utf8').catch(() => '')}`);
      }
      await new Promise(resolve => setTimeout(resolve, 20));
      // It refuses to while what a killed one has left behind is not quite gone.
      if (child.exitCode !== null) child = spawnServer();
    }
    child.unref();
  }

  async function end(signal: 'SIGQUIT' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const child = server;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    watcher?.kill('SIGKILL');
  }

  await begin();
  return {
    url,
    pid: () => server?.pid ?? 0,
    begin,
    end,
    remove: async () => {
      await end('SIGQUIT');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  return { uid: Number(entry?.[2] ?? 65534), gid: Number(entry?.[3] ?? 65534) };
}

/** Its input ends when this process does, also by `kill -9`; then the server goes, and its directory. */
function watch(pid: number, directory: string): ReturnType<typeof spawn> {
  const script = `read -r _; kill -INT "$0" 2>/dev/null
    for _ in $(seq 50); do [ -e "$1/data/postmaster.pid" ] || break; sleep 0.1; done
    kill -QUIT "$0" 2>/dev/null; rm -rf "$1"`;
  const child = spawn('sh', ['-c', script, String(pid), directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

function urlOf(directory: string, database: string): string {
  return `postgres://${USER}@/${database}?host=${encodeURIComponent(directory)}`;
}

async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** A new, empty database on a server: one for each test. */
export async function createDatabase(
  serverUrl: string,
  name = `t${randomUUID().replaceAll('-', '')}`,
): Promise<PostgresDatabase> {
  await runOn(serverUrl, `create database ${name}`);
  const url = serverUrl.replace('/postgres?', `/${name}?`);
  return { url, drop: () => runOn(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
