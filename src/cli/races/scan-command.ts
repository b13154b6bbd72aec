import { setFlagsFromString } from 'node:v8';
import { groupRaces } from '../../automations/races/group.ts';
import { scanPaths } from '../../automations/races/scan/scan-paths.ts';
import { SignalboxError } from '../../errors.ts';
import { print, printJson } from '../options.ts';
import type { Triage } from './file-in-gitlab.ts';
import { resultLines, resultObject, type ScanResult } from './print-races.ts';
import { progressDisplay } from './progress.ts';
import type { ScanCommandOptions } from './scan-command-options.ts';
import { type ScanOrders, scanOrders } from './scan-options.ts';
import type { Receiver, Sender } from './send-reports.ts';

/** Between two steps that are remembered, and at most this long are found reports kept back, in milliseconds. */
const STEP_MS = 1000;

/**
 * Runs `races scan`: finds, sends what is found in batches, and remembers only what was acknowledged, so that a scan may
 * be killed at any point and the next one makes up for it.
 *
 * @returns the exit code: 0, or 1 with `--fail-on-race` when a race was found
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE, SBX_SCAN_STATE_UNUSABLE, SBX_RACES_NOT_SENT, SBX_SCAN_INCOMPLETE
 */
export async function scanCommand(
  paths: readonly string[],
  options: ScanCommandOptions,
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  // The scan lets go of every line it has read; a nursery that grows with them is a tenth of its memory, and no faster.
  setFlagsFromString('--semi-space-growth-factor=1');
  const orders = await scanOrders(options, environment, Date.now());
  const triage = await triageFor(orders, options, environment);
  try {
    const sender = await senderFor(orders, options, triage);
    const result = await scan(paths, options, orders, { sender, triage });
    // A box that cannot read its logs has no clean bill to send.
    if (options.heartbeat && result.summary.unreadable.length === 0) await beat(sender, orders, options);
    if (result.summary.unreadable.length > 0) {
      throw new SignalboxError('SBX_SCAN_INCOMPLETE', 'the rest was read, and handled', {
        faults: result.summary.unreadable.map(({ path, reason }) => ({ at: path, message: reason })),
      });
    }
    return options.failOnRace && result.races.length > 0 ? 1 : 0;
  } finally {
    await triage?.close();
  }
}

async function triageFor(
  { target }: ScanOrders,
  { dryRun = false, baseline = false }: ScanCommandOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Triage | null> {
  if (target === null || baseline) return null;
  const { startTriage } = await import('./file-in-gitlab.ts');
  return startTriage(target, dryRun, environment);
}

/** Our own triage gets the reports in a dry run, too: it decides, and changes nothing. */
async function senderFor(
  { receiver, host, patience }: ScanOrders,
  options: ScanCommandOptions,
  triage: Triage | null,
): Promise<Sender | null> {
  if (triage === null && (receiver === null || options.dryRun || options.baseline)) return null;
  const { createSender } = await import('./send-reports.ts');
  const own = triage && { ...triage, source: null, host, run: options.run ?? null, patience };
  return createSender((own ?? receiver) as Receiver);
}

interface Receivers {
  sender: Sender | null;
  triage: Triage | null;
}

async function scan(
  ...[paths, options, orders, { sender, triage }]: [readonly string[], ScanCommandOptions, ScanOrders, Receivers]
): Promise<ScanResult> {
  const { project, lookThrough, since, settleMs, state, patience, buildOf } = orders;
  const grouping = groupRaces();
  const display = options.quiet || options.json ? null : progressDisplay(process.stderr);
  let remembered = Date.now();

  async function resultNow(): Promise<ScanResult> {
    return {
      races: grouping.races(),
      summary: found.summary,
      sent: options.dryRun ? null : (sender?.sent ?? null),
      filed: triage === null || sender === null ? null : await triage.settled(sender.sent.races, patience),
      instead: options.baseline ? 'baseline' : options.dryRun ? 'dry-run' : null,
    };
  }

  /** What was read counts as read when the service has it, or when it stands on the screen. */
  async function mayRemember(last: boolean): Promise<boolean> {
    if (last) {
      await sender?.flush();
      result = await resultNow();
      display?.end();
      if (options.report !== undefined) await writeReport(options.report, result);
      if (options.json) printJson(resultObject(result));
      else if (!options.quiet) for (const line of resultLines(result)) print(line);
      return !options.dryRun;
    }
    if (options.dryRun || sender === null || Date.now() - remembered < STEP_MS) return false;
    await sender.flush();
    remembered = Date.now();
    return true;
  }

  const found = scanPaths(paths, {
    project,
    lookThrough,
    settleMs,
    mayRemember,
    ...(state === undefined ? {} : { state }),
    ...(display === null ? {} : { onProgress: progress => display.show(progress) }),
  });
  let result: ScanResult | null = null;
  try {
    for await (const sighting of found) {
      if (since !== null && sighting.seenAt < since) continue;
      grouping.add(sighting);
      sender?.add(sighting, buildOf(sighting));
      if (sender?.full()) await sender.flush();
    }
  } finally {
    display?.end();
  }
  return result ?? resultNow();
}

async function writeReport(file: string, result: ScanResult): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, `${JSON.stringify(resultObject(result))}\n`).catch((error: NodeJS.ErrnoException) => {
    throw new SignalboxError('SBX_USAGE', `--report ${file} cannot be written: ${error.code ?? error.message}`);
  });
}

async function beat(sender: Sender | null, { build }: ScanOrders, options: ScanCommandOptions): Promise<void> {
  if (sender === null) return;
  const { runningSince } = await import('./running-since.ts');
  const now = Date.now();
  const since = options.runningSince === undefined ? null : await runningSince(options.runningSince, now);
  if (build?.race === false) {
    process.stderr.write(`${options.buildFrom} was built without -race: it cannot report races\n`);
  }
  await sender.heartbeat({
    ...(build === null ? {} : { build: build.name }),
    ...(build?.race === undefined ? {} : { race: build.race }),
    ...(since === null ? {} : { started_at: new Date(since).toISOString() }),
  });
}
