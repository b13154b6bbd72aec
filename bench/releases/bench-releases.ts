import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing, type Row } from '../row.ts';
import { type Artifact, writeArtifact } from './artifact.ts';
import { buildGoTee } from './go-tee.ts';
import { end, memory, processorTime, type Running, SECRET, startPrinting, startService, upload } from './processes.ts';

export interface ReleaseBenchOptions {
  mib?: number;
  rounds?: number;
  /** Sizes whose memory is compared, MiB. */
  memorySizes?: readonly number[];
  say?: (line: string) => void;
}

/** What a round measures. Ratios are taken within it, so that a machine that is busy for a while burdens both sides. */
const SERIES = ['openssl', 'discard', 'ring', 'put', 'form', 'goPlain', 'goDurable'] as const;
type Series = (typeof SERIES)[number];
type Round = Partial<Record<Series, number>>;

const BEARER = ['-H', `Authorization: Bearer ${SECRET}`];

/**
 * Release uploads beside `openssl md5` of the same file, a Go server of the usual design, and themselves. Asserts no
 * times; throws when an upload fails. The client's own work is in every figure.
 */
export async function benchReleases(options: ReleaseBenchOptions = {}): Promise<Row[]> {
  const { mib = 1024, rounds = 3, memorySizes = [10, 1024, 4096], say = () => undefined } = options;
  const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-releases-'));
  const running: Running[] = [];
  try {
    const artifact = writeArtifact(join(root, 'artifact.tgz'), mib, 'noise');
    mkdirSync(join(root, 'parts'));
    const parts = await startPrinting(process.execPath, [
      fileURLToPath(new URL('serve-parts.ts', import.meta.url)),
      join(root, 'parts'),
    ]);
    running.push(parts);
    const program = buildGoTee(root);
    const go = program ? await startPrinting(program, [join(root, 'parts')]) : null;
    if (go) running.push(go);
    const service = await startService(join(root, 'service'));
    running.push(service);

    const all: Round[] = [];
    const [slowest, processor]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}, load ${loadavg()[0]!.toFixed(1)}`);
      const before = processorTime(service);
      const version = (part: number) => `5.4.${round * 10 + part}`;
      const measured: Round = {
        openssl: openssl(artifact),
        discard: await upload(...put(artifact), `${parts.url}/discard`),
        ring: await upload(...put(artifact), `${parts.url}/md5`),
        put: await upload(...put(artifact), ...BEARER, `${service.url}/v1/releases/appliance/${version(1)}`),
      };
      processor.push(processorTime(service) - before);
      measured.form = await upload(...form(artifact, version(2)), `${service.url}/v1/releases/appliance`);
      if (go) {
        measured.goPlain = await upload(...put(artifact), `${go.url}/plain`);
        measured.goDurable = await upload(...put(artifact), `${go.url}/durable`);
      }
      say(`  ${SERIES.map(each => `${each} ${measured[each]?.toFixed(2) ?? '-'}`).join(' s, ')} s`);
      all.push(measured);
      const watched = upload(...put(artifact), ...BEARER, `${service.url}/v1/releases/appliance/${version(3)}`);
      slowest.push(await whileUploading(service.url, watched));
    }
    for (const each of running.splice(0)) await end(each);
    const growth = await memoryOf(memorySizes, root, say);
    const absent = program ? [] : [missing('upload, beside a Go server', 'go (Debian: apt-get install golang-go)')];
    return [...timeRows(all, mib, processor), p99Row(slowest), ...memoryRows(growth), ...absent];
  } finally {
    for (const each of running) await end(each);
    rmSync(root, { recursive: true, force: true });
  }
}

function put({ file, md5, sha256 }: Artifact): string[] {
  return ['-T', file, '-H', `X-Checksum-MD5: ${md5}`, '-H', `X-Checksum-SHA256: ${sha256}`];
}

function form({ file, md5 }: Artifact, version: string): string[] {
  const fields = [`version=${version}`, `md5=${md5}`, `file=@${file}`].flatMap(field => ['-F', field]);
  return [...BEARER, '-H', 'Prefer: respond-async', ...fields];
}

/** Seconds that `openssl md5 FILE` takes, with the file in memory. */
function openssl({ file }: Artifact): number {
  execFileSync('cat', [file], { stdio: 'ignore' });
  const began = performance.now();
  execFileSync('openssl', ['md5', file], { stdio: 'ignore' });
  return (performance.now() - began) / 1000;
}

/** Asks for something small again and again; the slowest percent, ms. */
async function whileUploading(url: string, work: Promise<unknown>): Promise<number> {
  const times: number[] = [];
  let over = false;
  const settled = work.finally(() => {
    over = true;
  });
  while (!over) {
    const began = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    times.push(performance.now() - began);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await settled;
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

/** How much the service grows over its size at rest, for one upload of each size in a process of its own, MiB. */
async function memoryOf(sizes: readonly number[], root: string, say: (line: string) => void) {
  const growth = new Map<number, number>();
  for (const size of sizes) {
    const artifact = writeArtifact(join(root, 'memory.tgz'), size, 'nothing');
    const directory = join(root, `memory-${size}`);
    const service = await startService(directory);
    // What the start has needed goes back first.
    await new Promise(resolve => setTimeout(resolve, 1000));
    const rest = memory(service, 'VmRSS');
    await upload(...put(artifact), ...BEARER, `${service.url}/v1/releases/appliance/5.4.1`);
    growth.set(size, memory(service, 'VmHWM') - rest);
    say(`${size} MiB: memory +${growth.get(size)!.toFixed(0)} MiB over ${rest.toFixed(0)}`);
    await end(service);
    rmSync(directory, { recursive: true });
  }
  return growth;
}

function timeRows(rounds: readonly Round[], mib: number, processor: readonly number[]): Row[] {
  const seconds = (series: Series) => `${median(rounds.map(round => round[series] ?? Number.NaN)).toFixed(2)} s`;
  const compare = (name: string, ours: Series, peer: Series, goal: [string, number] | null): Row => {
    const ratio = median(rounds.map(round => (round[ours] ?? Number.NaN) / (round[peer] ?? Number.NaN)));
    const reached = goal && ratio <= goal[1];
    return {
      name,
      ours: seconds(ours),
      peer: `${PEERS[peer]} ${seconds(peer)}`,
      ratio,
      goal: goal?.[0] ?? null,
      reached,
    };
  };
  const hasGo = rounds.some(round => round.goPlain !== undefined);
  return [
    compare(`upload of ${mib} MiB, MD5 alone, on disk`, 'ring', 'openssl', ['at most 1.25', 1.25]),
    compare(`upload of ${mib} MiB, MD5 and SHA-256, on disk`, 'put', 'openssl', ['at most 1.5', 1.5]),
    compare('the same as a form', 'form', 'put', ['at most 1.25', 1.25]),
    ...(hasGo
      ? [
          compare('the same beside Go with MD5 alone, on disk', 'put', 'goDurable', ['below 1', 1]),
          compare('the same beside Go with MD5 alone, not on disk', 'put', 'goPlain', null),
        ]
      : []),
    compare('beside node:http that discards', 'put', 'discard', null),
    {
      name: 'processor time of the service for it',
      ours: `${median(processor).toFixed(2)} s`,
      peer: `${PEERS.openssl} ${seconds('openssl')}`,
      ratio: median(processor.map((own, at) => own / (rounds[at]?.openssl ?? Number.NaN))),
      goal: null,
      reached: null,
    },
  ];
}

const PEERS: Record<Series, string> = {
  openssl: '`openssl md5 FILE`',
  discard: 'node:http',
  ring: 'the ring',
  put: 'PUT',
  form: 'form',
  goPlain: 'Go',
  goDurable: 'Go',
};

function p99Row(slowest: readonly number[]): Row {
  const p99 = median(slowest);
  return {
    name: 'p99 of other requests meanwhile',
    ours: `${p99.toFixed(1)} ms`,
    peer: '',
    ratio: null,
    goal: 'under 50 ms',
    reached: p99 < 50,
  };
}

function memoryRows(growth: ReadonlyMap<number, number>): Row[] {
  const sizes = [...growth.keys()];
  const smallest = growth.get(sizes[0] ?? 0) ?? Number.NaN;
  return sizes.map(size => {
    const more = growth.get(size)!;
    return {
      name: `memory for an upload of ${size} MiB`,
      ours: `+${more.toFixed(0)} MiB`,
      peer: size === sizes[0] ? '' : `${sizes[0]} MiB: +${smallest.toFixed(0)} MiB`,
      ratio: size === sizes[0] ? null : more / smallest,
      goal: 'under +120 MiB',
      reached: more < 120,
    };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
