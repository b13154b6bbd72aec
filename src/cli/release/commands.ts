import { newestRun } from '../../automations/release/newest-run.ts';
import { FATES, fateOf } from '../../automations/release/run-fate.ts';
import type { ReleaseView, RunView } from '../../automations/release/view.ts';
import { SignalboxError } from '../../errors.ts';
import { print, printJson } from '../options.ts';
import { ask } from './ask.ts';
import { awayNotice } from './away-notice.ts';
import { findService, type ServiceAddress, type ServiceOptions } from './find-service.ts';
import { followRun } from './follow.ts';
import { type ChannelView, renderChannels, renderList, renderRelease, renderRun } from './render.ts';

export interface Named {
  product: string;
  version: string;
}

interface Options extends ServiceOptions {
  json?: boolean;
}

const pathOf = ({ product, version }: Named) =>
  `/v1/releases/${encodeURIComponent(product)}/${encodeURIComponent(version)}`;

export async function list(options: Options & { product?: string; channels?: boolean }): Promise<void> {
  const service = await findService(options, process.env);
  const query = options.product === undefined ? '' : `?product=${encodeURIComponent(options.product)}`;
  if (options.channels) {
    const { channels } = await ask<{ channels: ChannelView[] }>(service, 'GET', `/v1/channels${query}`);
    present(options, { channels }, () => renderChannels(channels));
    return;
  }
  const releases = await allReleases(service, options.product);
  const newest = releases.toSorted((a, b) => String(b.committed_at).localeCompare(String(a.committed_at)));
  present(options, { releases: newest }, () => renderList(newest));
}

/** The service gives them in pages, in the order of their names. */
async function allReleases(service: ServiceAddress, product: string | undefined): Promise<ReleaseView[]> {
  const all: ReleaseView[] = [];
  let after: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: '500',
      ...(product === undefined ? {} : { product }),
      ...(after === null ? {} : { after }),
    });
    const page: { releases: ReleaseView[]; next: string | null } = await ask(service, 'GET', `/v1/releases?${query}`);
    all.push(...page.releases);
    after = page.next;
  } while (after !== null);
  return all;
}

export async function show(named: Named, options: Options): Promise<void> {
  const service = await findService(options, process.env);
  const release = await ask<ReleaseView>(service, 'GET', pathOf(named));
  present(options, release, () => renderRelease(release));
}

export async function log(named: Named, options: Options & { attempt?: number; follow?: boolean }): Promise<void> {
  const service = await findService(options, process.env);
  const release = await ask<ReleaseView>(service, 'GET', pathOf(named));
  const attempt = options.attempt ?? release.runs.at(-1)?.attempt ?? 1;
  const run = release.runs.find(each => each.attempt === attempt);
  if (!run)
    throw new SignalboxError('SBX_RELEASE_NOT_FOUND', `${named.product} ${named.version} has no attempt ${attempt}`);
  const write = (text: string) => process.stdout.write(text);
  if (options.follow) {
    await waitForEnd(service, named, attempt, { json: options.json ?? false, write });
    return;
  }
  // What is there so far: a run under way is followed up to here only.
  const ended = run.state !== 'queued' && run.state !== 'running';
  if (ended) await followRun(service, named, attempt, write);
  else process.stdout.write(await text(service, `${pathOf(named)}/log?attempt=${attempt}`));
}

export type Change = 'promote' | 'rollback' | 'retry' | 'yank' | 'pin' | 'unpin';

export async function change(
  what: Change,
  named: Named,
  options: Options & { environment?: string; why?: string; wait?: boolean },
): Promise<void> {
  const service = await findService(options, process.env);
  const body = {
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.why === undefined ? {} : { why: options.why }),
  };
  const answer = await ask<{ release: ReleaseView; run: RunView | null }>(
    service,
    'POST',
    `${pathOf(named)}/${what}`,
    body,
  );
  const json = options.json ?? false;
  if (answer.run === null || options.wait === false) {
    present(options, answer.release, () => renderRelease(answer.release));
    return;
  }
  await waitForEnd(service, named, answer.run.attempt, {
    json,
    write: chunk => void (json || process.stdout.write(chunk)),
  });
}

/** How a run under way is shown, and how a command ends with it. */
interface Showing {
  json: boolean;
  write: (text: string) => void;
}

const LOOK_AGAIN = 1000;

/**
 * Shows a run until it has ended, through restarts of the service.
 *
 * @throws SignalboxError SBX_RELEASE_FAILED, SBX_RELEASE_TIMED_OUT, SBX_RELEASE_INTERRUPTED for one that has released nothing
 */
export async function waitForEnd(
  service: ServiceAddress,
  named: Named,
  attempt: number,
  showing: Showing,
): Promise<void> {
  let shown = 0;
  let wanted = attempt;
  const notice = awayNotice(service.url);
  let refused: string | undefined;
  for (;;) {
    const address = service.renewed?.() ?? service;
    const before = refused;
    refused = undefined;
    const passing = (error: unknown) => {
      if (isRestart(error)) return null;
      // A new service answers before its new token can be read, so one refusal is passed over; a second of the same token is not.
      if (!isRefusal(error) || !service.renewed || address.token === before) throw error;
      refused = address.token;
      return null;
    };
    let skip = shown;
    const write = (text: string) => {
      // After a reconnection the log begins anew: what was shown is passed over.
      const rest = text.slice(skip);
      skip = Math.max(0, skip - text.length);
      shown += rest.length;
      if (rest !== '') showing.write(rest);
    };
    const run = await followRun(address, named, wanted, write).catch(passing);
    const release = await ask<ReleaseView>(address, 'GET', pathOf(named)).catch(passing);
    if (release) notice.back();
    else notice.away();
    const last = release ? newestRun(release.runs, attempt) : undefined;
    if (run && release && last && last.state !== 'queued' && last.state !== 'running') {
      if (showing.json) printJson(release);
      else print(renderRun(last));
      const fate = FATES[last.state];
      if (fate === undefined) return;
      const how = fateOf(last.exit, last.signal, last.state);
      throw new SignalboxError(fate, `${named.product} ${named.version} in ${last.environment}: ${how}`);
    }
    if (run && last && last.attempt > wanted) {
      print(`${renderRun(run)}; tried again at ${last.not_before}`);
      wanted = last.attempt;
      shown = 0;
    }
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN));
  }
}

/** A service that restarts is waited for. */
function isRestart(error: unknown): boolean {
  return error instanceof SignalboxError && (error.code === 'SBX_REMOTE_UNREACHABLE' || error.remoteStatus === 503);
}

function isRefusal(error: unknown): boolean {
  return error instanceof SignalboxError && error.remoteStatus === 401;
}

async function text(service: ServiceAddress, path: string): Promise<string> {
  const { request } = await import('undici');
  const answer = await request(`${service.url}${path}`, { headers: { authorization: `Bearer ${service.token}` } });
  return answer.body.text();
}

function present(options: Options, value: unknown, lines: () => string[]): void {
  if (options.json) printJson(value);
  else for (const line of lines()) print(line);
}
