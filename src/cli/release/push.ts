import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DetailedError, defaultOptions, Upload } from 'tus-js-client';
import { firstRun, newestRun } from '../../automations/release/newest-run.ts';
import type { ReleaseView, RunView } from '../../automations/release/view.ts';
import { SignalboxError } from '../../errors.ts';
import { print, printJson } from '../options.ts';
import { problemToError } from '../problem-to-error.ts';
import { type ProgressBar, progressBar } from '../progress-bar.ts';
import { ask } from './ask.ts';
import { awayNotice } from './away-notice.ts';
import { type Named, waitForEnd } from './commands.ts';
import { findService, type ServiceAddress, type ServiceOptions } from './find-service.ts';

export interface PushOptions extends ServiceOptions {
  product: string;
  version: string;
  line?: string;
  environment?: string;
  field?: readonly string[];
  idempotencyKey?: string;
  wait?: boolean;
  json?: boolean;
}

interface Verdict {
  existing: ReleaseView | null;
  /** Its script will not run before the service is started otherwise. */
  dry_run?: boolean;
}

/** Broken connections are taken up again so often, ms between the tries; five minutes in all. */
const TRY_AGAIN = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 60_000, 60_000, 60_000];
/** One request carries so much, so that no proxy on the way has to take all of it at once, bytes. */
const PART = 64 * 1024 * 1024;

/**
 * Sends a release and stays until its script has ended; the exit code is the release's fate. The service is asked first
 * whether it would take it, and is sent nothing that it has already.
 */
export async function push(file: string, options: PushOptions): Promise<void> {
  const service = await findService(options, process.env);
  const { product, version } = options;
  const size = await sizeOf(file);
  const progress = progressBar(process.stderr);
  const digests = await digestsOf(file, size, progress);
  const metadata = { ...fieldsOf(options), version, ...digests };
  const path = `/v1/releases/${encodeURIComponent(product)}`;
  const { existing, dry_run } = await ask<Verdict>(service, 'POST', `${path}/preflight`, {
    ...metadata,
    size: String(size),
  });
  if (!existing) await upload(service, file, size, { product, ...metadata }, options.idempotencyKey, progress);
  const release = existing ?? (await ask<ReleaseView>(service, 'GET', `${path}/${encodeURIComponent(version)}`));
  if (existing && !options.json) print(`${product} ${version} is there already, with the same bytes`);
  await showFate(service, { product, version }, release, options, dry_run ?? false);
}

/** Whether a release would be taken: the same verdict as the upload's, before there is anything to upload. */
export async function preflight(options: PushOptions): Promise<void> {
  const service = await findService(options, process.env);
  const { product, version } = options;
  const path = `/v1/releases/${encodeURIComponent(product)}/preflight`;
  const verdict = await ask<Verdict>(service, 'POST', path, { ...fieldsOf(options), version });
  if (options.json) printJson(verdict);
  else if (verdict.existing) print(`${product} ${version} is there already; only the same bytes would be taken`);
  else print(`${product} ${version} would be taken`);
}

async function showFate(
  service: ServiceAddress,
  named: Named,
  release: ReleaseView,
  options: PushOptions,
  dryRun: boolean,
): Promise<void> {
  // The upload's own run, whatever was promoted elsewhere since.
  const own = firstRun(release.runs, options.environment);
  const json = options.json ?? false;
  if (options.wait === false || own === undefined) {
    if (json) printJson(release);
    else print(`${named.product} ${named.version}: ${release.state}`);
    return;
  }
  const isOpen = (run: RunView | undefined) => run?.state === 'queued' || run?.state === 'running';
  if (dryRun && isOpen(newestRun(release.runs, own.attempt))) {
    throw new SignalboxError('SBX_RELEASE_DRY_RUN', `${named.product} ${named.version} is ${release.state}`);
  }
  await waitForEnd(service, named, own.attempt, { json, write: text => void (json || process.stdout.write(text)) });
}

function upload(
  service: ServiceAddress,
  file: string,
  size: number,
  metadata: Record<string, string>,
  idempotencyKey: string | undefined,
  progress: ProgressBar,
): Promise<void> {
  const notice = awayNotice(service.url, line => {
    progress.end();
    process.stderr.write(line);
  });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      notice.back();
      progress.end();
      reject(toSignalboxError(error, service.url));
    };
    const transfer = new Upload(createReadStream(file), {
      endpoint: `${service.url}/v1/uploads`,
      uploadSize: size,
      chunkSize: PART,
      retryDelays: TRY_AGAIN,
      metadata,
      headers: {
        authorization: `Bearer ${service.token}`,
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      onProgress: sent => {
        notice.back();
        progress.show(sent / size, `sending ${share(sent, size)}`);
      },
      onShouldRetry: (error, attempt, options) => {
        const again = defaultOptions.onShouldRetry?.(error, attempt, options) ?? false;
        if (again) notice.away();
        return again;
      },
      onError: fail,
      onSuccess: () => {
        notice.back();
        progress.end();
        resolve();
      },
    });
    transfer.start();
  });
}

function toSignalboxError(error: unknown, url: string): Error {
  if (error instanceof DetailedError && error.originalResponse) {
    return problemToError(error.originalResponse.getStatus(), error.originalResponse.getBody(), url);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new SignalboxError('SBX_REMOTE_UNREACHABLE', `${url}: ${reason}`, { cause: error });
}

async function digestsOf(file: string, size: number, progress: ProgressBar): Promise<{ md5: string; sha256: string }> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const bytes = chunk as Buffer;
    md5.update(bytes);
    sha256.update(bytes);
    read += bytes.length;
    progress.show(read / size, `reading ${share(read, size)}`);
  }
  progress.end();
  return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new SignalboxError('SBX_USAGE', `${file}: ${(cause as Error).message}`, { cause });
  });
  if (!found.isFile()) throw new SignalboxError('SBX_USAGE', `${file} is no file`);
  if (found.size === 0) throw new SignalboxError('SBX_RELEASE_NOT_A_TGZ', `${file} is empty`);
  return found.size;
}

function fieldsOf({ field = [], line, environment }: PushOptions): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const pair of field) {
    const at = pair.indexOf('=');
    if (at < 1) throw new SignalboxError('SBX_USAGE', `--field ${pair}: write --field name=value`);
    fields[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return { ...fields, ...(line === undefined ? {} : { line }), ...(environment === undefined ? {} : { environment }) };
}

function share(done: number, whole: number): string {
  const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
  return `${mebibytes(done)} of ${mebibytes(whole)} MiB (${Math.floor((done / Math.max(1, whole)) * 100)} %)`;
}
