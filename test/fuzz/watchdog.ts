import { writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { LONGEST_WAIT, MOST_MEMORY, type Watched } from './watch-input.ts';

/**
 * A thread that looks at the one that parses: an endless loop lets nothing else have a turn there. Whoever takes too long, or too
 * much memory, for one input is ended, and the input is left in a file.
 */
const { state, input, name } = workerData as Watched;
const [turns, bytes] = [new Int32Array(state), new Uint8Array(input)];
let last = { turn: -1, since: 0, memory: 0 };

for (;;) {
  Atomics.wait(turns, 3, 0, 50);
  const turn = Atomics.load(turns, 0);
  const memory = process.memoryUsage.rss();
  if (turn !== last.turn || Atomics.load(turns, 1) === 0) last = { turn, since: performance.now(), memory };
  const tooLong = performance.now() - last.since > LONGEST_WAIT;
  if (!tooLong && memory - last.memory < MOST_MEMORY) continue;
  const file = join(tmpdir(), `fuzz-${process.pid}-${turn}`);
  writeFileSync(file, bytes.slice(0, Atomics.load(turns, 2)));
  const what = tooLong ? `more than ${LONGEST_WAIT} ms` : `${memory - last.memory} bytes of memory`;
  const target = Buffer.from(new Uint8Array(name)).toString().replace(/\0+$/, '');
  // Not by `process.stderr`: in a thread that needs the one that hangs.
  writeSync(2, `\n${target}: an input took ${what}; it is in ${file}\n`);
  process.kill(process.pid, 'SIGKILL');
}
