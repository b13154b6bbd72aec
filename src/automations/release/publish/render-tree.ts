import type { Channel } from '../channels/move-head.ts';
import type { ReleaseDocument } from '../model.ts';

/** A channel as documents keep it, with the parts of its id. */
export interface NamedChannel {
  line: string;
  environment: string;
  channel: Channel;
}

/** Steps of a channel's history that are published. */
const HISTORY = 20;

/**
 * What an update server reads, as files that nginx or a CDN can serve: `releases/<version>.json`, which never changes
 * what it says about the bytes, and `channels/<line>/<environment>.json`, the one small pointer.
 *
 * @returns path below the product's directory, and the file's text; releases before the channels that point at them
 */
export function renderTree(
  product: string,
  releases: readonly ReleaseDocument[],
  channels: readonly NamedChannel[],
): Map<string, string> {
  const files = new Map<string, string>();
  const published = releases.filter(release => environmentsOf(release).length > 0);
  for (const release of published) files.set(`releases/${release.version}.json`, toText(renderRelease(release)));
  const byVersion = new Map(published.map(release => [release.version, release]));
  for (const { line, environment, channel } of channels) {
    const head = channel.head === null ? undefined : byVersion.get(channel.head);
    files.set(
      `channels/${line}/${environment}.json`,
      toText(renderChannel({ product, line, environment, channel }, head)),
    );
  }
  return files;
}

function renderRelease(release: ReleaseDocument) {
  const { product, version, line, file, size, md5, sha256, metadata, yanked } = release;
  return {
    product,
    version,
    line,
    file,
    size,
    md5,
    sha256,
    metadata,
    environments: environmentsOf(release),
    released_at: iso(release.runs.find(run => run.state === 'released')?.endedAt),
    yanked: yanked && { at: iso(yanked.at), reason: yanked.reason },
  };
}

function renderChannel(
  { product, line, environment, channel }: NamedChannel & { product: string },
  head: ReleaseDocument | undefined,
) {
  const last = channel.history.at(-1);
  return {
    product,
    line,
    environment,
    version: head?.version ?? null,
    file: head?.file ?? null,
    size: head?.size ?? null,
    md5: head?.md5 ?? null,
    sha256: head?.sha256 ?? null,
    since: iso(last?.at),
    how: last?.how ?? null,
    history: channel.history
      .slice(-HISTORY)
      .toReversed()
      .map(({ version, at, how }) => ({ version, at: iso(at), how })),
  };
}

function environmentsOf(release: ReleaseDocument): string[] {
  return [...new Set(release.runs.flatMap(run => (run.state === 'released' ? [run.environment] : [])))];
}

function iso(time: number | null | undefined): string | null {
  return time == null ? null : new Date(time).toISOString();
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
