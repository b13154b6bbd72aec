import { createServer } from 'node:net';

/** Below those that the kernel gives to whoever asks for any: they are given away again while the service that has one is restarted. */
const FIRST = 11_000;
/** For each of the workers that run tests at the same time. */
const PORTS = 500;
const WORKERS = 40;
const begin = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS) * PORTS;
let given = Math.floor(Math.random() * PORTS);

/** A port of this worker's own that nobody listens on now, for a service that is to be reached by a known address. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS; tries++) {
    const port = begin + (given++ % PORTS);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of the ports from ${begin} on is free`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
