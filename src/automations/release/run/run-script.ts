import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxError } from '../../../errors.ts';
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
  /** Gets the exit code when the script has ended by itself, even if this process is gone by then. */
  exitFile: string;
  /** Bytes of output kept from the beginning. */
  logLimit: number;
  secrets: readonly string[];
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
 * Joins the two outputs in the order in which they are written, and leaves the exit code in a file, so that a script that
 * ended while nobody watched is known to have ended. The script and its arguments come as arguments, never as text to
 * interpret; with a handler for TERM of its own the shell waits until the script has heeded it.
 */
const WRAPPER = `umask 027; trap : TERM INT HUP; exit_file=$1; shift
"$0" "$@" 2>&1
code=$?; echo "$code" > "$exit_file.new" && mv "$exit_file.new" "$exit_file"; exit "$code"`;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** After the script's end, for output that is on its way, ms. */
const LAST_OUTPUT = 2000;

/**
 * Runs the release script to its end, and sees to it that nothing of it is left afterwards.
 *
 * The script gets a group and session of its own, an environment with nothing of ours in it, no input, and its output in
 * one pipe, in the order in which it was written. A script that leaves something running in the background has ended
 * when it says so; what it left is killed.
 *
 * @throws SignalboxError SBX_RELEASE_SCRIPT_NOT_STARTED
 */
export async function runScript(run: ScriptRun): Promise<ScriptEnd> {
  const log = await RunLog.open({ file: run.logFile, limit: run.logLimit, secrets: run.secrets });
  try {
    return await runLogged(run, log);
  } finally {
    await log.close();
  }
}

async function runLogged(run: ScriptRun, log: RunLog): Promise<ScriptEnd> {
  const child = spawn('/bin/sh', ['-c', WRAPPER, run.script, run.exitFile, ...run.args], {
    cwd: run.directory,
    env: { ...run.environment, PATH, LANG: 'C.UTF-8', [RUN_VARIABLE]: run.runId },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const started = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error')]).catch(error => [
    error,
  ]);
  if (started !== true || child.pid === undefined) {
    const [error] = started as Error[];
    await log.note(`the script could not be started: ${error?.message}`);
    throw new SignalboxError('SBX_RELEASE_SCRIPT_NOT_STARTED', error?.message ?? run.script);
  }
  const processes = { runId: run.runId, leader: child.pid };
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const output = copyOutput(child.stdout, log);

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
  const watching = watch().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  const [exit, signal] = await ended;
  over.abort();
  await watching;
  const leftBehind = await sweepRun(processes);
  await Promise.race([output, sleep(LAST_OUTPUT)]);
  child.stdout.destroy();
  await output;
  if (leftBehind > 0) await log.note(`${leftBehind} processes were left behind and killed`);
  return {
    how: cutOff ?? (exit === null ? 'killed' : 'exited'),
    exit: cutOff ? null : exit,
    signal,
    leftBehind,
    logFailure: log.failure,
  };
}

/** Reads on only when the log has taken what came: a script that prints faster than the disk writes has to wait. */
async function copyOutput(from: NodeJS.ReadableStream, log: RunLog): Promise<void> {
  try {
    for await (const chunk of from) await log.write(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function aborted(signal: AbortSignal, over: AbortSignal): Promise<'interrupted'> {
  if (!signal.aborted) await once(signal, 'abort', { signal: over });
  return 'interrupted';
}

/** The exit code of a script that ended while nobody watched; null when it did not end by itself. */
export async function readExit(exitFile: string): Promise<number | null> {
  const text = await readFile(exitFile, 'utf8').catch(() => '');
  return /^\d+\n$/.test(text) ? Number(text) : null;
}
