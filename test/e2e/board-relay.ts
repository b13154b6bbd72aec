import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** From 0 to 1, as `Math.random`, but the same sequence for the same seed (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}

interface Delivery {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What happens to deliveries on their way. */
export interface Weather {
  lost: number;
  twice: number;
  /** Kept back until a later time. */
  late: number;
}

/** Stands between GitLab and the service: takes every delivery and passes it on when told, as the weather is. */
export async function startRelay(target: string, options: { forgetChain?: boolean } = {}) {
  let held: Delivery[] = [];
  const counts = { taken: 0, lost: 0, passed: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      held.push({ headers: request.headers, body: Buffer.concat(chunks) });
      counts.taken++;
      response.writeHead(200).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const forward = async ({ headers, body }: Delivery): Promise<void> => {
    const kept = Object.entries(headers).filter(
      ([name]) => PASSED_ON.test(name) && !(options.forgetChain === true && name === CHAIN),
    );
    const answer = await fetch(target, {
      method: 'POST',
      headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
      body: new Uint8Array(body),
    });
    if (answer.status !== 200) throw new Error(`the service answered ${answer.status}: ${await answer.text()}`);
    counts.passed++;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    counts,
    holds: () => held.length,
    /** Passes on what is held: shuffled, some of it lost, twice or later. */
    release: async (random: Random, { lost, twice, late }: Weather): Promise<void> => {
      const [now, later]: [Delivery[], Delivery[]] = [[], []];
      for (const delivery of held) {
        if (random() < lost) counts.lost++;
        else if (random() < late) later.push(delivery);
        else now.push(...(random() < twice ? [delivery, ofAnotherHook(delivery)] : [delivery]));
      }
      held = later;
      for (const delivery of shuffled(now, random)) await forward(delivery);
    },
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  };
}

export type Relay = Awaited<ReturnType<typeof startRelay>>;

const PASSED_ON = /^(x-gitlab|webhook|idempotency|content-type)/;
const IDENTITY = /^(webhook-id|idempotency-key)$/;
const CHAIN = 'x-gitlab-event-uuid';

/** The same event from a second hook: nothing but what it says tells that it is the same. */
function ofAnotherHook({ headers, body }: Delivery): Delivery {
  return { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !IDENTITY.test(name))), body };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map(each => ({ each, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ each }) => each);
}
