import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Load } from './intake/load.ts';

/** The load client for machines without wrk, and for the check after kill -9: it knows which keys were answered. */
const job = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Omit<Load, 'body'> & { body: string };
const body = Buffer.from(job.body);
const agent = new Agent({ keepAlive: true, maxSockets: job.connections });
const began = performance.now();
const until = began + job.seconds * 1000;
const latencies: number[] = [];
const keys: string[] = [];
let refused = 0;
let gone = false;
let sent = 0;

function send(key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Length': body.length, ...job.headers, [job.keyHeader]: key };
    const post = request({ agent, port: job.port, host: '127.0.0.1', method: 'POST', path: job.path, headers });
    post.on('response', response => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    post.on('error', reject);
    post.end(body);
  });
}

async function connection(): Promise<void> {
  while (!gone && performance.now() < until) {
    const key = `${job.prefix}${++sent}`;
    const start = performance.now();
    try {
      const status = await send(key);
      latencies.push(performance.now() - start);
      if (status >= 200 && status < 300) keys.push(key);
      else refused++;
    } catch {
      gone = true;
    }
  }
}

await Promise.all(Array.from({ length: job.connections }, connection));
agent.destroy();
const seconds = (performance.now() - began) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
console.log(
  JSON.stringify({
    accepted: keys.length,
    refused,
    perSecond: keys.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    keys,
  }),
);
