import { execFileSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BenchOptions, missing, type Row } from '../row.ts';
import { buildGoServer } from './go-server.ts';
import { hasWrk, type Load, loadWithOwnClient, loadWithWrk, type Measured } from './load.ts';
import { mergeRequestPayload } from './payload.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { keysInDatabase, keysInLog, unreadBytes } from './stored-keys.ts';

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

const CONNECTIONS = 64;
const node = process.execPath;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
const absent: Row[] = [];
const secret = randomBytes(24).toString('base64url');
const body = mergeRequestPayload();
const json = { 'Content-Type': 'application/json', 'X-Gitlab-Token': secret, 'X-Gitlab-Event': 'Merge Request Hook' };
const idempotency = { keyHeader: 'Idempotency-Key', headers: json };

const ours: Contestant = {
  name: 'Signalbox, on disk before the answer',
  path: '/hooks/gitlab',
  ...idempotency,
  start: directory => startServer(node, [here('../serve-ours.ts'), directory], { BENCH_SECRET: secret }),
  stored: storedKeys,
  rest: allRead,
};
const contestants: Contestant[] = [
  {
    name: 'bare node:http, discards',
    path: '/hook',
    ...idempotency,
    start: () => startServer(node, [here('../serve-bare.ts')], {}),
  },
  ours,
];
function addProbot(): void {
  const folder = here('../peers/probot');
  try {
    if (!existsSync(join(folder, 'node_modules'))) {
      execFileSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: 'ignore' });
    }
  } catch {
    absent.push(missing('webhooks a second, beside Probot', 'npm ci in bench/peers/probot failed'));
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
    absent.push(missing('webhooks a second, beside Go net/http', 'go (Debian: apt-get install golang-go)'));
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

async function round(contestant: Contestant, number: number, seconds: number): Promise<Round> {
  const directory = join(root, `round-${number}-${contestants.indexOf(contestant)}`);
  mkdirSync(directory);
  const server = await contestant.start(directory);
  try {
    const send = hasWrk() ? loadWithWrk : loadWithOwnClient;
    await send(loadFor(contestant, directory, server.port, 'warm-', 1));
    await contestant.rest?.(directory);
    const measured = await send(loadFor(contestant, directory, server.port, 'round-', seconds));
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

/** What is compared with what, and the goal for ours / peer. */
const GOALS: Readonly<Record<string, number>> = {
  'bare node:http, discards': 0.33,
  'Probot, stores nothing': 1.5,
  'Go net/http, grouped fsync': 1.1,
};
const SLOWEST = 25;

/**
 * How many durable deliveries a second, beside peers in the same run, in turn. Asserts no times; throws when an acknowledged
 * delivery is not on disk.
 */
export async function benchIntake({ quick = false, say = () => undefined }: BenchOptions = {}): Promise<Row[]> {
  const [rounds, seconds] = quick ? [1, 1] : [5, 3];
  addProbot();
  addGo();
  const results = new Map<Contestant, Round[]>(contestants.map(contestant => [contestant, []]));
  try {
    for (let number = 1; number <= rounds; number++) {
      for (const contestant of contestants) {
        const result = await round(contestant, number, seconds);
        results.get(contestant)!.push(result);
        say(`round ${number}: ${contestant.name}: ${Math.round(result.perSecond)}/s, p99 ${result.p99.toFixed(1)} ms`);
      }
    }
    const mine = results.get(ours) ?? [];
    const speed = (of: readonly Round[]) => `${Math.round(median(of.map(each => each.perSecond)))}/s`;
    const rows = [...results].flatMap(([contestant, theirs]): Row[] => {
      const goal = GOALS[contestant.name];
      if (goal === undefined) return [];
      const ratio = median(mine.map((each, at) => each.perSecond / (theirs[at]?.perSecond ?? Number.NaN)));
      const name = `webhooks a second, on disk before the answer, beside ${contestant.name}`;
      return [
        { name, ours: speed(mine), peer: speed(theirs), ratio, goal: `at least ${goal}`, reached: ratio >= goal },
      ];
    });
    const p99 = median(mine.map(each => each.p99));
    const tail: Row = {
      name: `their slowest percent, ${hasWrk() ? 'measured by wrk' : 'measured by our own client: wrk is missing'}`,
      ours: `${p99.toFixed(1)} ms`,
      peer: '',
      ratio: null,
      goal: `under ${SLOWEST} ms`,
      reached: p99 < SLOWEST,
    };
    say(await killedUnderLoad());
    return [...rows, tail, ...absent];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
