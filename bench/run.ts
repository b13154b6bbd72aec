import { execFileSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoServer } from './intake/go-server.ts';
import { hasWrk, type Load, loadWithOwnClient, loadWithWrk, type Measured } from './intake/load.ts';
import { mergeRequestPayload } from './intake/payload.ts';
import { type ServerProcess, startServer } from './intake/server-process.ts';
import { keysInDatabase, keysInLog, unreadBytes } from './intake/stored-keys.ts';

/** `npm run bench [-- rounds seconds]`: how many durable deliveries a second, beside peers in the same run. Asserts no times. */
interface Contestant {
  name: string;
  path: string;
  keyHeader: string;
  headers: Record<string, string>;
  start: (directory: string) => Promise<ServerProcess>;
  /** Keys that begin with the prefix and are in the store; only ours can be asked. */
  stored?: (directory: string, prefix: string) => Set<string>;
  /** Resolves when what the warm-up left has been worked off, so that each round begins from rest. */
  rest?: (directory: string) => Promise<void>;
}
type Round = Measured & { memory: number };

const ROUNDS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 3);
const CONNECTIONS = 64;
const node = process.execPath;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
const secret = randomBytes(24).toString('base64url');
const body = mergeRequestPayload();
const json = { 'Content-Type': 'application/json', 'X-Gitlab-Token': secret, 'X-Gitlab-Event': 'Merge Request Hook' };
const idempotency = { keyHeader: 'Idempotency-Key', headers: json };

const ours: Contestant = {
  name: 'Signalbox, on disk before the answer',
  path: '/hooks/gitlab',
  ...idempotency,
  start: directory => startServer(node, [here('serve-ours.ts'), directory], { BENCH_SECRET: secret }),
  stored: storedKeys,
  rest: allRead,
};
const contestants: Contestant[] = [
  {
    name: 'bare node:http, discards',
    path: '/hook',
    ...idempotency,
    start: () => startServer(node, [here('serve-bare.ts')], {}),
  },
  ours,
];
addProbot();
addGo();

function addProbot(): void {
  const folder = here('peers/probot');
  try {
    if (!existsSync(join(folder, 'node_modules'))) {
      execFileSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: 'ignore' });
    }
  } catch {
    console.warn('\n!!! PROBOT IS MISSING: npm ci in bench/peers/probot failed. The comparison with it did not run.\n');
    return;
  }
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });
  contestants.push({
    name: 'Probot, stores nothing',
    path: '/hook',
    keyHeader: 'X-GitHub-Delivery',
    headers: {
      'Content-Type': 'application/json',
      'X-GitHub-Event': 'pull_request',
      'X-Hub-Signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
    start: () =>
      startServer(node, [join(folder, 'server.js')], { BENCH_SECRET: secret, BENCH_PRIVATE_KEY: String(key) }),
  });
}

function addGo(): void {
  const program = buildGoServer(root);
  if (program === undefined) {
    console.warn('\n!!! GO IS MISSING (Debian: apt-get install golang-go). The comparison with Go did not run.\n');
    return;
  }
  contestants.push({
    name: 'Go net/http, grouped fsync',
    path: '/hook',
    ...idempotency,
    start: directory => startServer(program, [join(directory, 'journal')], { BENCH_SECRET: secret }),
  });
}

function storedKeys(directory: string, prefix: string): Set<string> {
  const data = join(directory, 'data');
  return new Set([...keysInDatabase(data, prefix), ...keysInLog(data, prefix)]);
}

async function allRead(directory: string): Promise<void> {
  while (unreadBytes(join(directory, 'data')) > 0) await new Promise(resolve => setTimeout(resolve, 50));
}

function loadFor(contestant: Contestant, directory: string, port: number, prefix: string, seconds: number): Load {
  const { path, keyHeader, headers } = contestant;
  return { directory, port, path, keyHeader, headers, prefix, body, seconds, connections: CONNECTIONS };
}

async function round(contestant: Contestant, number: number): Promise<Round> {
  const directory = join(root, `round-${number}-${contestants.indexOf(contestant)}`);
  mkdirSync(directory);
  const server = await contestant.start(directory);
  try {
    const send = hasWrk() ? loadWithWrk : loadWithOwnClient;
    await send(loadFor(contestant, directory, server.port, 'warm-', 1));
    await contestant.rest?.(directory);
    const measured = await send(loadFor(contestant, directory, server.port, 'round-', SECONDS));
    const memory = server.peakMemory();
    await server.stop('SIGTERM');
    if (measured.refused > 0) throw new Error(`${contestant.name} refused ${measured.refused} requests`);
    const stored = contestant.stored?.(directory, 'round-').size;
    if (stored !== undefined && stored < measured.accepted) {
      throw new Error(`${measured.accepted} deliveries were acknowledged, but only ${stored} are stored`);
    }
    return { ...measured, memory };
  } finally {
    await server.stop('SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

/** Kills the service under load; after a restart every single key that was answered must come to be in the database. */
async function killedUnderLoad(): Promise<string> {
  const directory = join(root, 'killed');
  mkdirSync(directory);
  const server = await ours.start(directory);
  const load = loadWithOwnClient(loadFor(ours, directory, server.port, 'killed-', 10));
  await new Promise(resolve => setTimeout(resolve, 2500));
  await server.stop('SIGKILL');
  const { keys } = await load;
  const next = await ours.start(directory);
  await allRead(directory);
  await next.stop('SIGTERM');
  const stored = keysInDatabase(join(directory, 'data'), 'killed-');
  const lost = keys.filter(key => !stored.has(key));
  if (keys.length === 0) throw new Error('no delivery was acknowledged before the kill');
  if (lost.length > 0)
    throw new Error(`${lost.length} of ${keys.length} acknowledged deliveries are lost after kill -9`);
  return `kill -9 under load: ${keys.length} acknowledged, all ${keys.length} in the database after a restart`;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const results = new Map<Contestant, Round[]>(contestants.map(contestant => [contestant, []]));
try {
  for (let number = 1; number <= ROUNDS; number++) {
    for (const contestant of contestants) {
      const result = await round(contestant, number);
      results.get(contestant)!.push(result);
      console.error(
        `round ${number}: ${contestant.name}: ${Math.round(result.perSecond)}/s, p99 ${result.p99.toFixed(1)} ms`,
      );
    }
  }
  const bare = results.get(contestants[0]!)!;
  const mine = results.get(ours)!;
  const ratio = (of: Round[], to: Round[]) =>
    median(of.map((each, at) => each.perSecond / to[at]!.perSecond)).toFixed(2);
  console.log(
    '| server | requests/s | p50 ms | p99 ms | x bare | Signalbox / this | peak RSS MiB |\n|---|---|---|---|---|---|---|',
  );
  for (const [contestant, rounds] of results) {
    const of = (pick: (round: Round) => number) => median(rounds.map(pick));
    const times = `${of(each => each.p50).toFixed(1)} | ${of(each => each.p99).toFixed(1)}`;
    console.log(
      `| ${contestant.name} | ${Math.round(of(each => each.perSecond))} | ${times} | ${ratio(rounds, bare)} | ${ratio(mine, rounds)} | ${of(each => each.memory)} |`,
    );
  }
  console.log(`\nEvery acknowledged delivery of every round was on disk; ${await killedUnderLoad()}.`);
  const client = hasWrk() ? 'wrk, 1 thread' : 'own client in Node (wrk is not installed)';
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}; ${body.length} bytes, ${CONNECTIONS} connections, ${client}, ${ROUNDS} interleaved rounds of ${SECONDS} s, medians.`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
