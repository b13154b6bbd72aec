import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Load {
  directory: string;
  port: number;
  path: string;
  headers: Record<string, string>;
  /** The header that differs in every request. */
  keyHeader: string;
  /** What every key of this round begins with. */
  prefix: string;
  body: Buffer;
  seconds: number;
  connections: number;
}

/** What one round measured; latencies in milliseconds. */
export interface Measured {
  accepted: number;
  refused: number;
  perSecond: number;
  p50: number;
  p99: number;
}

/** Whether Debian's `wrk` is installed; it costs the machine less than a client in JavaScript. */
export function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** One round with wrk, one thread. */
export async function loadWithWrk(load: Load): Promise<Measured> {
  const script = join(load.directory, 'load.lua');
  const bodyFile = join(load.directory, 'body.json');
  writeFileSync(bodyFile, load.body);
  const headers = { Host: '127.0.0.1', 'Content-Length': String(load.body.length), ...load.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\\r\\n`);
  writeFileSync(
    script,
    `local file = io.open("${bodyFile}", "rb")
local tail = "\\r\\n\\r\\n" .. file:read("*a")
file:close()
local head = "POST ${load.path} HTTP/1.1\\r\\n${head.join('')}${load.keyHeader}: ${load.prefix}"
local sent = 0
request = function()
  sent = sent + 1
  return head .. sent .. tail
end
done = function(summary, latency)
  local wrong = summary.errors.status
  print(string.format('RESULT {"accepted":%d,"refused":%d,"perSecond":%f,"p50":%f,"p99":%f}',
    summary.requests - wrong,
    wrong + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    (summary.requests - wrong) / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`,
  );
  const args = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '-s', script, `http://127.0.0.1:${load.port}`];
  const { stdout } = await promisify(execFile)('wrk', args);
  return JSON.parse(/RESULT (.*)/.exec(stdout)![1]!) as Measured;
}

/**
 * One round with our own client in a child process, which writes down every key that was answered with 2xx.
 * Ends early, without an error, when the server goes away.
 */
export async function loadWithOwnClient(load: Load): Promise<Measured & { keys: string[] }> {
  const client = fileURLToPath(new URL('../load-client.ts', import.meta.url));
  const jobFile = join(load.directory, 'job.json');
  writeFileSync(jobFile, JSON.stringify({ ...load, body: load.body.toString() }));
  const { stdout } = await promisify(execFile)(process.execPath, [client, jobFile], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Measured & { keys: string[] };
}
