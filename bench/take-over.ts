import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../scripts/command-line.ts';
import { verifyJournal } from '../src/engine/journal/journal.ts';
import { type ProcessStage, setProcessStage } from '../test/postgres/process-stage.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { eventually, setFault } from '../test/support/sandbox-client.ts';

const usage = `npm run bench:take-over -- [KILLS [PAUSES [SECONDS]]]

How long it takes until others have taken over what one of three processes was looking at when it was killed (kill -9), or stood still
(kill -STOP, and -CONT after so many seconds), under a load of new merge requests; 10 kills and 3 pauses of 60 seconds unless told. Fails where
anything was lost or done twice.`;
const { positionals, whole } = readCommandLine(usage, {}, 3);
const kills = whole('KILLS', positionals[0], 10, 0);
const pauses = whole('PAUSES', positionals[1], 3, 0);
const seconds = whole('SECONDS', positionals[2], 60);
const PATIENCE = 120_000;

const server = await startPostgres();
const stage = await setProcessStage(server.url, 3, one => one.serve());
try {
  const slow = { match: { method: 'GET', path: '/merge_requests/' }, fault: { delay_ms: 300 } };
  await setFault(stage.sandbox.gitlab.url, slow);
  const iids: number[] = [];
  let isOver = false;
  const load = (async () => {
    while (!isOver) {
      iids.push(await stage.openMismatch(`feature/load-${iids.length}`));
      await sleep(250);
    }
  })();
  const took = { killed: [] as number[], paused: [] as number[] };
  for (let round = 0; round < kills; round++) took.killed.push(await killed(stage, round % 3));
  for (let round = 0; round < pauses; round++) took.paused.push(await paused(stage, round % 3));
  isOver = true;
  await load;
  const patience = PATIENCE + iids.length * 1000;
  await eventually('nothing is left to do', async () => (await stage.openWork()) === 0, patience);
  const threads = await Promise.all(iids.map(iid => stage.threadsOf(iid)));
  const journal = await verifyJournal(stage.database.query);
  say('killed', took.killed);
  say(`stood still for ${seconds} s`, took.paused);
  const lost = threads.filter(count => count === 0).length;
  const duplicated = threads.filter(count => count > 1).length;
  console.log(
    `merge requests ${iids.length} lost ${lost} duplicated ${duplicated} journal ${journal.ok ? 'whole' : 'broken'}`,
  );
  console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
  process.exitCode = lost + duplicated === 0 && journal.ok ? 0 : 1;
} finally {
  await stage.close();
  await server.remove();
}

async function killed({ processes, installations, heldBy }: ProcessStage, which: number): Promise<number> {
  const home = installations[which]!;
  await eventually('it looks at merge requests', async () => (await heldBy(home)).length > 0, PATIENCE);
  processes[which]!.child.kill('SIGKILL');
  await processes[which]!.ended;
  const began = performance.now();
  await eventually('it is taken over', async () => (await heldBy(home)).length === 0, PATIENCE);
  const took = performance.now() - began;
  processes[which] = await home.serve();
  return took;
}

async function paused({ processes, installations, heldBy }: ProcessStage, which: number): Promise<number> {
  const home = installations[which]!;
  await eventually('it looks at merge requests', async () => (await heldBy(home)).length > 0, PATIENCE);
  const { child } = processes[which]!;
  child.kill('SIGSTOP');
  const began = performance.now();
  await eventually('it is taken over', async () => (await heldBy(home)).length === 0, PATIENCE);
  const took = performance.now() - began;
  await sleep(seconds * 1000 - took);
  child.kill('SIGCONT');
  await eventually('it looks at something again', async () => (await heldBy(home)).length > 0, PATIENCE);
  return took;
}

function say(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b).map(time => (time / 1000).toFixed(1));
  console.log(`${what} ${times.length} times; taken over after, in s: ${sorted.join(' ')}`);
}
