import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Effect, Look } from '../../../engine/automation.ts';
import { crashPoint } from '../../../engine/crash-point.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import { isCoded, SignalboxError } from '../../../errors.ts';
import { headSignals } from '../channels/head-signals.ts';
import { arrive, type Channel, type MoveResult, rollBack } from '../channels/move-head.ts';
import {
  CHANNEL,
  channelId,
  laneKey,
  publishKey,
  RELEASE,
  type ReleaseDocument,
  releaseId,
  releaseKey,
} from '../model.ts';
import { recoverLog } from '../run/copy-output.ts';
import { logName, type RunLogs } from '../run/run-logs.ts';
import { readExit, runScript, type ScriptEnd } from '../run/run-script.ts';
import { sweepRun } from '../run/sweep.ts';
import { releaseVariables, renderEnvFile } from '../variables.ts';
import { compareVersions } from '../version.ts';
import type { RetryRules } from './after-run.ts';
import { type EndedRun, endRun, startRun } from './change-run.ts';
import type { LaneAction } from './decide.ts';

export interface LaneProduct extends RetryRules {
  script: string;
  /** Milliseconds. */
  timeout: number;
  grace: number;
  /** Bytes. */
  logLimit: number;
  /** Must not appear in the script's log. */
  secrets: readonly string[];
}

export interface LaneContext {
  documents: Documents;
  /** What the configuration says about a product; throws for one that it does not have. */
  product: (name: string) => LaneProduct;
  /** The directory on this machine with a committed release, which may have to be brought here. */
  fetch: (release: ReleaseDocument) => Promise<string>;
  logs: RunLogs;
  /** This process, where another one may run scripts on another machine; null where all share one. */
  runner: string | null;
  /** Told when a run has ended, in this process. */
  ended: (product: string, version: string) => void;
  /** Aborted when the service stops. */
  stopping: AbortSignal;
  now: () => number;
}

export function toEffect(action: LaneAction, product: string, look: Look, context: LaneContext): Effect {
  const { type, version, environment, attempt, summary } = action;
  return {
    name: `${type} ${version} ${environment} ${attempt}`,
    summary,
    do: async () => {
      const perform = type === 'run' ? run : endInterrupted;
      const result = await perform(product, version, attempt, look, context);
      if ('skipped' in result) await lookAgain(product, result.skipped, context);
      return result;
    },
  };
}

/** Where nothing was to be settled: others may wait behind it. */
function lookAgain(product: string, reason: string, { documents }: LaneContext): Promise<boolean> {
  return documents.submit({ signals: [{ key: laneKey(product), reason, urgent: true }] });
}

function exitFile(logFile: string): string {
  return logFile.replace(/\.log$/, '.exit');
}

/** What shells say of a program that they cannot execute. */
const NOT_STARTED = 126;
/** A watcher that lost its lease has begun to end its script 5 s before anybody else may take it over: this comes on top, ms. */
const GUARD_MARGIN = 2000;
/** From one try to reach the database to the next, ms: shorter than others wait who take a run over. */
const DATABASE_PAUSE = 500;
const CUT_OFF = { how: 'interrupted', exit: null, signal: null } as const;

async function run(product: string, version: string, attempt: number, look: Look, context: LaneContext) {
  const { documents, now } = context;
  const runId = randomUUID();
  const name = { product, version, attempt };
  const log = logName(name);
  const stored = await documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
  if (!stored) return { skipped: 'the release is gone' };
  // Before it begins: a bucket that does not answer is no run that failed.
  const directory = await context.fetch(stored.body);
  look.signal.throwIfAborted();
  const started = await documents.change<ReleaseDocument>(RELEASE, releaseId(product, version), current => {
    const body = current && startRun(current, attempt, { runId, log, runner: context.runner, at: now() });
    return body && { body };
  });
  const mine = started?.runs.find(each => each.runId === runId);
  if (!started || !mine) return { skipped: 'the run is not queued any more' };
  crashPoint('release:started');

  const rules = context.product(product);
  const artifact = join(directory, started.file);
  const logFile = context.logs.fileOf(name);
  await mkdir(dirname(logFile), { recursive: true });
  // The first run's was written with the release; later ones say another environment or attempt.
  const envFile = join(directory, attempt === 1 ? `${product}.env` : `${product}.${mine.environment}.${attempt}.env`);
  const variables = releaseVariables(started, mine, { artifact, envFile });
  if (attempt > 1) await writeFile(envFile, renderEnvFile(variables), { mode: 0o640 });
  const shared = context.logs.share(name);
  const script = runScript({
    ...rules,
    guarded: context.runner !== null,
    runId,
    args: [artifact, envFile],
    directory,
    environment: variables,
    logFile,
    exitFile: exitFile(logFile),
    signal: look.signal,
  });
  let end: ScriptEnd;
  try {
    end = await script;
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    end = { how: 'exited', exit: NOT_STARTED, signal: null, leftBehind: 0, logFailure: null };
  } finally {
    await shared();
  }
  crashPoint('release:ended');
  const { after } = await whileDatabaseIsAway(look, context, () =>
    settle(product, version, attempt, runId, end, context),
  );
  return { end: after.end, because: after.because, left_behind: end.leftBehind, log_failure: end.logFailure };
}

/**
 * A run whose watcher is gone. What is left of it is killed before anything else of this product may run; a script that had
 * ended by itself before that has ended as it did. On another machine nothing can be killed from here: there the guard ends a
 * script whose watcher died, and a watcher that lives ends it because its lease is lost, so it takes only time.
 */
async function endInterrupted(product: string, version: string, attempt: number, look: Look, context: LaneContext) {
  const stored = await context.documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
  const run = stored?.body.runs.find(each => each.attempt === attempt);
  const runId = run?.runId;
  if (!runId) return { skipped: 'the run has ended meanwhile' };
  if ((run.runner ?? null) !== context.runner) {
    await sleep(context.product(product).grace + GUARD_MARGIN, undefined, { signal: look.signal });
  }
  const killed = await sweepRun({ runId });
  const file = context.logs.fileOf({ product, version, attempt });
  const exit = await readExit(exitFile(file));
  const { logLimit, secrets } = context.product(product);
  await recoverLog({ file, limit: logLimit, secrets }, 'the service that watched this run was killed');
  const end = exit === null ? CUT_OFF : ({ how: 'exited', exit, signal: null } as const);
  const { after } = await settle(product, version, attempt, runId, end, context);
  return { end: after.end, because: after.because, killed };
}

/**
 * Tries again until the database is back: what a script has done is known here alone where each machine has its own disk. Also after
 * the lease was lost, for what has changed hands meanwhile is refused by the run's id; not when the service stops.
 */
async function whileDatabaseIsAway<T>(
  { signal }: Look,
  { stopping }: LaneContext,
  attempt: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isOver = stopping.aborted || (signal.aborted && !isCoded(signal.reason, 'SBX_LEASE_LOST'));
      if (isOver || !isCoded(error, 'SBX_DATABASE_UNAVAILABLE')) throw error;
      await sleep(DATABASE_PAUSE);
    }
  }
}

/** Writes down how a run ended, moves the channel's head, and makes due what follows, all in one transaction. */
async function settle(
  product: string,
  version: string,
  attempt: number,
  runId: string,
  end: Pick<ScriptEnd, 'how' | 'exit' | 'signal'>,
  context: LaneContext,
): Promise<EndedRun> {
  const { documents, now } = context;
  const rules = context.product(product);
  for (;;) {
    const release = await documents.read<ReleaseDocument>(RELEASE, releaseId(product, version));
    const at = now();
    const ended = release && endRun(release.body, attempt, runId, end, rules, at);
    if (!release || !ended)
      throw new SignalboxError('SBX_RELEASE_RUN_SUPERSEDED', `${product} ${version}, attempt ${attempt}`);
    const place = { product, line: release.body.line, environment: ended.run.environment };
    const id = channelId(place.product, place.line, place.environment);
    const channel = await documents.read<Channel>(CHANNEL, id);
    const move = ended.run.state === 'released' ? moveHead(channel?.body ?? null, ended, at) : null;
    const body = move ? withHead(ended.release, attempt, move) : ended.release;
    const changes = [{ kind: RELEASE, id: release.id, body, replaces: release.revision }];
    const head = move && [{ kind: CHANNEL, id, body: move.channel, replaces: channel?.revision ?? 0 }];
    const data = {
      run: attempt,
      environment: ended.run.environment,
      end: ended.after.end,
      because: ended.after.because,
    };
    const stored = await documents.submit({
      changes: [...changes, ...(head ?? [])],
      signals: [
        { key: releaseKey(product, version), reason: 'its script has ended', urgent: true },
        // Others may wait, and what the lane has written down says that this run is under way.
        { key: laneKey(product), reason: 'a run has ended', urgent: true },
        ...(move?.moved ? [{ key: publishKey(product), reason: `${id} has a new head`, urgent: true }] : []),
        ...(move ? headSignals(place, channel?.body.head ?? null, move.channel.head) : []),
      ],
      journal: [
        { kind: 'effect', key: laneKey(product), data: { version, ...data, ...(move ? { head: move.because } : {}) } },
      ],
    });
    if (!stored) continue;
    crashPoint('release:settled');
    context.ended(product, version);
    return ended;
  }
}

function withHead(release: ReleaseDocument, attempt: number, { moved, because }: MoveResult): ReleaseDocument {
  const runs = release.runs.map(run => (run.attempt === attempt ? { ...run, head: { moved, because } } : run));
  return { ...release, runs };
}

function moveHead(channel: Channel | null, { release, run }: EndedRun, at: number): MoveResult | null {
  // Withdrawn while its script ran.
  if (release.yanked) return null;
  const change = { version: release.version, at, by: run.by, how: run.how, why: run.why };
  return run.how === 'rolled-back' ? rollBack(channel, change) : arrive(channel, change, compareVersions);
}
