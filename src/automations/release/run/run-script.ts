import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxError } from '../../../errors.ts';
import { copyOutput, rawOutput } from './copy-output.ts';
import { RunLog } from './run-log.ts';
import { RUN_VARIABLE, signalRun, sweepRun } from './sweep.ts';

export interface ScriptRun {
  runId: string;
  /** From the configuration, never from a request. */
  script: string;
  args: readonly string[];
  directory: string;
  /** All that the script sees, besides PATH, LANG and the run's id. */
  environment: Readonly<Record<string, string>>;
  logFile: string;
  /** Gets the exit code when the script has ended untold, even if this process is gone by then. */
  exitFile: string;
  /** Bytes of output kept from the beginning. */
  logLimit: number;
  secrets: readonly string[];
  /** Whether it is to end when this process dies: nobody who takes over may be able to end it. */
  guarded?: boolean;
  /** Milliseconds until it is told to end, and from then until it is killed. */
  timeout: number;
  grace: number;
  /** Cuts the run off: the service is stopping. */
  signal: AbortSignal;
}

/** How a run ended. `exit` is null when it did not end by itself. */
export interface ScriptEnd {
  how: 'exited' | 'killed' | 'timed_out' | 'interrupted';
  exit: number | null;
  signal: NodeJS.Signals | null;
  /** Processes that were left when the script had ended, and were killed. */
  leftBehind: number;
  /** Why the log is not whole, or null. */
  logFailure: string | null;
}

/**
 * Reads from a pipe that nobody writes to: it ends with the process that watches the script. Then the shell goes first, so that it
 * leaves no exit code, and everything with it that carries the run's id or belongs to its group.
 */
const GUARD = `( trap '' TERM INT HUP
  read -r _ <&3
  kill -KILL $$
  read -r me _ < /proc/self/stat
  for round in 1 2 3; do
    for entry in /proc/[0-9]*; do
      pid=\${entry#/proc/}
      [ "$pid" = "$me" ] && continue
      grep -qsz "^SIGNALBOX_RUN_ID=$SIGNALBOX_RUN_ID\\$" "$entry/environ" && kill -KILL "$pid"
    done
  done
  kill -KILL 0 ) 2>/dev/null & guard=$!`;
const UNGUARD = 'kill -KILL "$guard"; wait "$guard" 2>/dev/null';

/**
 * Leaves the exit code in a file, so that a script that ended while nobody watched is known to have ended; of one that was told to end
 * it leaves none. The script and its arguments come as arguments, never as text to interpret; with a handler for TERM of its own the
 * shell waits until the script has heeded it.
 */
const WRAPPER = (guarded: boolean) => `umask 027; told=; trap told=1 TERM INT HUP; exit_file=$1; shift
${guarded ? GUARD : ''}
"$0" "$@" 3<&-
code=$? early=$told; ${guarded ? UNGUARD : ''}
[ -n "$early" ] || echo "$code" > "$exit_file"
exit "$code"`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs the release script to its end, and sees to it that nothing of it is left afterwards.
 *
 * The script gets a group and session of its own, an environment with nothing of ours in it, no input, and one file for its
 * output, so that it is in the order in which it was written. A script that leaves something running in the background has ended
 * when it says so; what it left is killed.
 *
 * @throws SignalboxError SBX_RELEASE_SCRIPT_NOT_STARTED
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  if (run.signal.aborted) return { how: 'interrupted', exit: null, signal: null, leftBehind: 0, logFailure: null };
  // Of a run by the same name, as after a backup was restored.
  await rm(run.exitFile, { force: true });
  const log = await RunLog.open({ file: run.logFile, limit: run.logLimit, secrets: run.secrets });
  try {
    const raw = await open(rawOutput(run.logFile), 'a+', 0o600);
    try {
      return await runLogged(run, raw, log);
    } finally {
      await raw.close();
      await rm(rawOutput(run.logFile), { force: true });
    }
  } finally {
    await log.close();
  }
}

async function runLogged(run: ScriptRun, raw: FileHandle, log: RunLog): Promise<ScriptEnd> {
  const child = spawn('/bin/sh', ['-c', WRAPPER(run.guarded ?? false), run.script, run.exitFile, ...run.args], {
    cwd: run.directory,
    env: { ...run.environment, PATH, LANG: 'C.UTF-8', [RUN_VARIABLE]: run.runId },
    detached: true,
    stdio: ['ignore', raw.fd, raw.fd, run.guarded ? 'pipe' : 'ignore'],
  });
  await once(child, 'spawn').catch(async (cause: Error) => {
    await log.note(`the script could not be started: ${cause.message}`);
    throw new SignalboxError('SBX_RELEASE_SCRIPT_NOT_STARTED', cause.message, { cause });
  });
  const leader = child.pid;
  if (leader === undefined) throw new Error('a process without a number');
  const processes = { runId: run.runId, leader };
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const written = new AbortController();
  // What the script did is not undone by a log that cannot be read.
  const output = copyOutput(raw, log, written.signal).catch((error: unknown) =>
    log.note(`the output is not whole: ${error}`),
  );

  let cutOff: 'timed_out' | 'interrupted' | undefined;
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    const why = await Promise.race([
      sleep(run.timeout, 'timed_out' as const, { signal: over.signal }),
      aborted(run.signal, over.signal),
    ]);
    cutOff = why;
    await log.note(why === 'timed_out' ? `timed out after ${run.timeout / 1000} s` : 'the service is stopping');
    await signalRun(processes, 'SIGTERM');
    await sleep(run.grace, undefined, { signal: over.signal });
    await sweepRun(processes);
  };
  const watching = watch().catch(async (error: unknown) => {
    if (over.signal.aborted) return;
    // Without /proc not every process can be found; the script's own group can always be ended.
    await log.note(`the processes could not be looked for: ${error}`);
    process.kill(-leader, 'SIGKILL');
  });
  const [exit, signal] = await ended;
  (child.stdio[3] as Socket | null)?.destroy();
  over.abort();
  await watching;
  const leftBehind = await sweepRun(processes);
  written.abort();
  await output;
  if (leftBehind > 0) await log.note(`${leftBehind} processes were left behind and killed`);
  const rest = { signal, leftBehind, logFailure: log.failure };
  // It may have ended by itself just before it was told to.
  const untold = cutOff && (await readExit(run.exitFile));
  if (typeof untold === 'number') return { how: 'exited', exit: untold, ...rest };
  return { how: cutOff ?? (exit === null ? 'killed' : 'exited'), exit: cutOff ? null : exit, ...rest };
}

async function aborted(signal: AbortSignal, over: AbortSignal): Promise<'interrupted'> {
  if (!signal.aborted) await once(signal, 'abort', { signal: over });
  return 'interrupted';
}

/** The exit code of a script that ended untold; null when it did not, or was killed while it was written down. */
export async function readExit(exitFile: string): Promise<number | null> {
  const text = await readFile(exitFile, 'utf8').catch(() => '');
  return /^\d+\n$/.test(text) ? Number(text) : null;
}
