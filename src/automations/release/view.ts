import type { Channel } from './channels/move-head.ts';
import type { ReleaseDocument, ReleaseRun } from './model.ts';

/** A release as the HTTP API and `--json` give it; times in ISO 8601. */
export function releaseView(release: ReleaseDocument) {
  const { product, version, line, environment, state, file, size, md5, sha256, metadata, credential, pinned } = release;
  const address = releaseAddress(release);
  return {
    product,
    version,
    line,
    environment,
    state,
    file,
    size,
    md5,
    sha256,
    metadata,
    credential,
    received_at: iso(release.receivedAt),
    committed_at: iso(release.committedAt),
    // Whether its newest run put it on offer; an older release that comes late is kept, and not offered.
    promoted: release.runs.at(-1)?.head?.moved ?? false,
    pinned,
    yanked: release.yanked && { ...release.yanked, at: iso(release.yanked.at) },
    runs: release.runs.map(run => runView(run, address)),
    links: { self: address, log: `${address}/log` },
  };
}

export type ReleaseView = ReturnType<typeof releaseView>;

export function runView(run: ReleaseRun, address: string) {
  return {
    attempt: run.attempt,
    environment: run.environment,
    state: run.state,
    how: run.how,
    by: run.by,
    why: run.why,
    queued_at: iso(run.queuedAt),
    not_before: iso(run.notBefore),
    started_at: iso(run.startedAt),
    ended_at: iso(run.endedAt),
    exit: run.exit,
    signal: run.signal,
    head: run.head,
    log: run.log === null ? null : `${address}/log?attempt=${run.attempt}`,
  };
}

export type RunView = ReturnType<typeof runView>;

/** A channel as the HTTP API gives it. */
export function channelView(id: string, channel: Channel) {
  const [product = '', line = '', environment = ''] = id.split('/');
  return {
    product,
    line,
    environment,
    head: channel.head,
    history: channel.history.toReversed().map(change => ({ ...change, at: iso(change.at) })),
  };
}

/** Where a release is found in the HTTP API. */
export function releaseAddress({ product, version }: Pick<ReleaseDocument, 'product' | 'version'>): string {
  return `/v1/releases/${product}/${version}`;
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
