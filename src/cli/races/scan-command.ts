import { setFlagsFromString } from 'node:v8';
import { groupRaces } from '../../automations/races/group.ts';
import { scanPaths } from '../../automations/races/scan/scan-paths.ts';
import { SignalboxError } from '../../errors.ts';
import { print, printJson } from '../options.ts';
import { resultLines, resultObject, type ScanResult } from './print-races.ts';
import { progressDisplay } from './progress.ts';
import { type ScanCommandOptions, type ScanOrders, scanOrders } from './scan-options.ts';
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
  const sender = options.dryRun || options.baseline ? null : await senderFor(orders.receiver);
  const result = await scan(paths, options, orders, sender);
  // A box that cannot read its logs has no clean bill to send.
  if (options.heartbeat && result.summary.unreadable.length === 0) await beat(sender, orders, options);
  if (result.summary.unreadable.length > 0) {
    throw new SignalboxError('SBX_SCAN_INCOMPLETE', 'the rest was read, and handled', {
      faults: result.summary.unreadable.map(({ path, reason }) => ({ at: path, message: reason })),
    });
  }
  return options.failOnRace && result.races.length > 0 ? 1 : 0;
}

async function senderFor(receiver: Receiver | null): Promise<Sender | null> {
  if (receiver === null) return null;
  const { createSender } = await import('./send-reports.ts');
  return createSender(receiver);
}

async function scan(
  ...[paths, options, orders, sender]: [readonly string[], ScanCommandOptions, ScanOrders, Sender | null]
): Promise<ScanResult> {
  const { since, settleMs, state, buildOf } = orders;
  const grouping = groupRaces();
  const display = options.quiet || options.json ? null : progressDisplay(process.stderr);
  let remembered = Date.now();
  let result: ScanResult | null = null;

  function report(): ScanResult {
    const all: ScanResult = {
      races: grouping.races(),
      summary: found.summary,
      sent: sender === null ? null : sender.sent,
      instead: options.baseline ? 'baseline' : options.dryRun ? 'dry-run' : null,
    };
    display?.end();
    if (options.json) printJson(resultObject(all));
    else if (!options.quiet) for (const line of resultLines(all)) print(line);
    return all;
  }

  /** What was read counts as read when the service has it, or when it stands on the screen. */
  async function mayRemember(last: boolean): Promise<boolean> {
    if (options.dryRun) return false;
    if (!last && (sender === null || Date.now() - remembered < STEP_MS)) return false;
    if (sender === null) result = report();
    else await sender.flush();
    remembered = Date.now();
    return true;
  }

  const found = scanPaths(paths, {
    project: options.project,
    settleMs,
    mayRemember,
    ...(state === undefined ? {} : { state }),
    ...(display === null ? {} : { onProgress: progress => display.show(progress) }),
  });
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
  return result ?? report();
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
