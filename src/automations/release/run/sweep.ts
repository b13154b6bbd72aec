import { setTimeout as sleep } from 'node:timers/promises';
import { hasVariable, type ProcessEntry, readProcesses } from './process-table.ts';

/** The variable that every process of a run inherits. */
export const RUN_VARIABLE = 'SIGNALBOX_RUN_ID';

const ROUNDS = 40;
const PAUSE = 25;

export interface RunProcesses {
  runId: string;
  /** The script itself, where this process started it; its group and session are its own. */
  leader?: number;
}

/**
 * Sends a signal to every process of a run: those with the run's variable in their environment, those of the script's
 * group or session, and what they started. That finds what left the group (`setsid`) and what cleared its environment
 * (`env -i`), and only what did both and lost its parent too gets away.
 *
 * @returns how many were found
 */
export async function signalRun(run: RunProcesses, signal: NodeJS.Signals): Promise<number> {
  const found = await processesOf(run);
  for (const { pid } of found) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found.length;
}

/** Kills what is left of a run, again until nothing is; how many processes there were. */
export async function sweepRun(run: RunProcesses): Promise<number> {
  let killed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const found = await signalRun(run, 'SIGKILL');
    if (found === 0) return killed;
    killed += round === 0 ? found : 0;
    await sleep(PAUSE);
  }
  return killed;
}

export async function processesOf({ runId, leader }: RunProcesses): Promise<ProcessEntry[]> {
  const all = (await readProcesses()).filter(entry => entry.pid !== process.pid);
  const marked = await Promise.all(all.map(entry => hasVariable(entry.pid, `${RUN_VARIABLE}=${runId}`)));
  const mine = new Set<number>();
  for (const [at, entry] of all.entries()) {
    const led = leader !== undefined && (entry.group === leader || entry.session === leader);
    if (marked[at] || led) mine.add(entry.pid);
  }
  for (let grown = true; grown; ) {
    const children = all.filter(entry => !mine.has(entry.pid) && mine.has(entry.parent));
    for (const child of children) mine.add(child.pid);
    grown = children.length > 0;
  }
  return all.filter(entry => mine.has(entry.pid));
}
