import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Automation } from '../../src/engine/automation.ts';
import { Engine } from '../../src/engine/engine.ts';
import { openDeliveryLog } from '../../src/engine/intake/delivery-log.ts';
import { DEFAULT_PACE } from '../../src/engine/work/back-off.ts';
import { openPostgres } from '../../src/storage/postgres/open-postgres.ts';
import { openSqlite } from '../../src/storage/sqlite/open-sqlite.ts';
import { mergeRequestPayload } from '../intake/payload.ts';

/**
 * One process with an engine, as the service has one: `node engine-process.ts <directory> <first> <events> <wait> [<address>]`. Each event is
 * one delivery of 30 KB for a key of its own, one look, one decision and one effect. Asking GitLab takes <wait> ms.
 */
const [directory = '', first = '0', events = '0', wait = '0', address] = process.argv.slice(2);
const LOOKS_AT_ONCE = 8;

const database = address ? await openPostgres(address) : await openSqlite(join(directory, 'signalbox.db'));
const intake = await openDeliveryLog({ directory: join(directory, 'intake'), database });
const body = Buffer.from(mergeRequestPayload());
const automation: Automation = {
  name: 'things',
  kind: 'thing',
  gather: async look => {
    if (wait !== '0') await pause(Number(wait));
    return { project: 'acme/appliance', iid: look.subject, source: '5.4', target: '5.3', open: true };
  },
  decide: () => ({
    verdict: 'blocked: 5.4 into 5.3',
    because: ['the source is of 5.4', 'the target is of 5.3'],
    actions: [{ type: 'thread', summary: 'open a thread' }],
    memory: { thread: 'open' },
  }),
  effect: () => ({ name: 'thread', summary: 'open a thread', do: async () => ({ id: 7 }) }),
};
const quiet = () => undefined;
const keys = Array.from({ length: Number(events) }, (_, n) => `thing:${Number(first) + n}`);
let named = 0;
const engine = new Engine({
  database,
  intake,
  automations: [automation],
  nameKeys: () => [{ key: keys[named++ % keys.length]!, reason: 'Merge Request Hook' }],
  standing: [],
  pace: DEFAULT_PACE,
  dryRun: false,
  concurrency: LOOKS_AT_ONCE,
  now: () => database.clock(),
  log: { info: quiet, warn: console.error, error: console.error },
});
await engine.start();
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const began = process.cpuUsage();
await Promise.all(
  keys.map(key =>
    engine.accept({
      source: 'gitlab',
      dedupeKey: key,
      event: 'Merge Request Hook',
      chain: null,
      origin: 'pushed',
      receivedAt: Date.now(),
      body,
    }),
  ),
);
await once(process.stdin, 'data');
const { user, system } = process.cpuUsage(began);
process.stdout.write(`${JSON.stringify({ cpu: (user + system) / 1000 })}\n`);
await engine.stop(1000);
await intake.close();
await database.close();
process.exit(0);
