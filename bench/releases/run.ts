import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildGoTee } from './go-tee.ts';

/**
 * `npm run bench:releases [-- MiB rounds]`: the wall time of an upload, client included, beside `openssl md5` of the same
 * file in the same round. Asserts no times; fails when an upload does.
 */
const MIB = Number(process.argv[2] ?? 1024);
const ROUNDS = Number(process.argv[3] ?? 3);
const SECRET = 'the-secret-of-the-benchmark';
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'signalbox-bench-releases-'));
const file = join(root, 'artifact.tgz');
const digests = writeArtifact();
const children: ChildProcess[] = [];

function writeArtifact(): { md5: string; sha256: string } {
  const out = openSync(file, 'w');
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  for (let at = 0; at < MIB; at++) {
    const piece = randomBytes(1024 * 1024);
    if (at === 0) piece.set([0x1f, 0x8b]);
    writeSync(out, piece);
    md5.update(piece);
    sha256.update(piece);
  }
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** Starts a server that prints its port. */
async function start(command: string, args: string[]): Promise<{ child: ChildProcess; port: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout! })) {
    if (/^\d+$/.test(line)) return { child, port: line };
  }
  throw new Error(`${command} did not start`);
}

async function startService(): Promise<{ child: ChildProcess; url: string }> {
  const script = join(root, 'release.sh');
  writeFileSync(script, '#!/bin/sh\n');
  chmodSync(script, 0o755);
  writeFileSync(join(root, 'secret'), SECRET, { mode: 0o600 });
  const config = join(root, 'signalbox.yaml');
  writeFileSync(
    config,
    `service: { listen: "127.0.0.1:0", data_dir: ${root}/data }
releases: { products: { appliance: { credentials: [ { name: ci, secret: { file: secret } } ], script: ${script}, max_size: 64GiB, retention: { releases: 1 } } } }
`,
  );
  const args = [here('../../bin/signalbox.js'), 'serve', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr! })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (url) {
      child.stderr!.resume();
      return { child, url };
    }
  }
  throw new Error('the service did not start');
}

/** Seconds that curl takes; throws unless the server says 2xx. */
async function upload(...args: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn('curl', ['-sSf', '-o', '/dev/null', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`curl ended with ${code}: ${args.join(' ')}`);
  return (performance.now() - began) / 1000;
}

/** Asks for something small again and again; the slowest percent, ms. */
async function whileUploading(url: string, work: Promise<unknown>): Promise<number> {
  const times: number[] = [];
  let over = false;
  void work.finally(() => {
    over = true;
  });
  while (!over) {
    const began = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    times.push(performance.now() - began);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

/** kB of a process: now (`VmRSS`) or at most so far (`VmHWM`). */
function memory(child: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    .split('\n')
    .find(each => each.startsWith(field));
  return Number(/\d+/.exec(line ?? '')?.[0]) / 1024;
}

const times = new Map<string, number[]>();
const note = (name: string, seconds: number, base: number) => {
  times.set(name, [...(times.get(name) ?? []), seconds / base]);
  console.error(`  ${name}: ${seconds.toFixed(2)} s, x ${(seconds / base).toFixed(2)}`);
};
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

try {
  mkdirSync(join(root, 'parts'));
  const parts = await start(process.execPath, [here('serve-parts.ts'), join(root, 'parts')]);
  const program = buildGoTee(root);
  if (!program) console.warn('\n!!! GO IS MISSING: the comparison with a Go server did not run.\n');
  const go = program ? await start(program, [join(root, 'parts')]) : null;
  const service = await startService();
  const idle = memory(service.child, 'VmRSS');
  const sent = ['-T', file, '-H', `X-Checksum-MD5: ${digests.md5}`];
  const bearer = ['-H', `Authorization: Bearer ${SECRET}`];
  let version = 0;
  const slowest: number[] = [];

  for (let round = 1; round <= ROUNDS; round++) {
    console.error(`round ${round}, load ${loadavg()[0]!.toFixed(1)}`);
    execFileSync('cat', [file], { stdio: 'ignore' });
    const began = performance.now();
    execFileSync('openssl', ['md5', file], { stdio: 'ignore' });
    const base = (performance.now() - began) / 1000;
    note('`openssl md5 FILE`', base, base);
    const port = parts.port;
    note('node:http, discards', await upload(...sent, `http://127.0.0.1:${port}/discard`), base);
    note('the ring, MD5 alone, on disk', await upload(...sent, `http://127.0.0.1:${port}/md5`), base);
    const put = `${service.url}/v1/releases/appliance/5.4.${++version}`;
    const sha = ['-H', `X-Checksum-SHA256: ${digests.sha256}`];
    note('Signalbox, PUT, MD5 and SHA-256, on disk', await upload(...sent, ...sha, ...bearer, put), base);
    const form = ['-F', `version=5.4.${++version}`, '-F', `md5=${digests.md5}`, '-F', `file=@${file}`];
    const post = [...bearer, '-H', 'Prefer: respond-async', ...form, `${service.url}/v1/releases/appliance`];
    note('Signalbox, form, MD5 and SHA-256, on disk', await upload(...post), base);
    if (go) {
      note(
        'Go, io.TeeReader, MD5 alone, not on disk',
        await upload(...sent, `http://127.0.0.1:${go.port}/plain`),
        base,
      );
      note('Go, io.TeeReader, MD5 alone, on disk', await upload(...sent, `http://127.0.0.1:${go.port}/durable`), base);
    }
    const watched = upload(...sent, ...sha, ...bearer, `${service.url}/v1/releases/appliance/5.4.${++version}`);
    slowest.push(await whileUploading(service.url, watched));
  }

  console.log(`| ${MIB} MiB, client included | x openssl md5 |\n|---|---|`);
  for (const [name, ratios] of times) console.log(`| ${name} | ${median(ratios).toFixed(2)} |`);
  const peak = memory(service.child, 'VmHWM');
  console.log(
    `\nMemory of the service: ${idle.toFixed(0)} MiB at rest, ${peak.toFixed(0)} MiB at most (+${(peak - idle).toFixed(0)}).`,
  );
  console.log(`Other requests while an upload runs: p99 ${median(slowest).toFixed(1)} ms.`);
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()
      .map(each => each.toFixed(1))
      .join(' ')}`,
  );
} finally {
  for (const child of children) child.kill();
  rmSync(root, { recursive: true, force: true });
}
