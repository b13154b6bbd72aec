import type { FastifyInstance } from 'fastify';
import type { AccessCheck } from '../../access-check.ts';
import type { Records } from '../../engine/records/list-records.ts';
import type { ConsumerFacts } from './consumers/facts.ts';
import type { LibraryFacts } from './facts.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from './semver.ts';

const MOST = 500;

/** `GET /v1/libraries`: each library's newest tag, and who is behind it. */
export function libraryListRoutes(app: FastifyInstance, viewer: AccessCheck, records: Records): void {
  app.get('/v1/libraries', async request => {
    await viewer(request);
    const of = { automation: 'library-tags', few: true, limit: MOST };
    const [libraries, consumers] = await Promise.all([
      records.list({ ...of, keys: 'library:' }),
      records.list({ ...of, keys: 'library-consumer:' }),
    ]);
    const behind = consumers.flatMap(({ key, verdict, facts }) => {
      const {
        bumps = [],
        request: mergeRequest = null,
        project = '',
        branch = '',
      } = (facts ?? {}) as Partial<ConsumerFacts>;
      return bumps.map(({ library, from, to }) => ({ key, verdict, library, from, to, project, branch, mergeRequest }));
    });
    return {
      libraries: libraries.map(({ key, verdict, because, since, decidedAt, facts }) => {
        const seen = (facts ?? {}) as Partial<LibraryFacts>;
        const project = seen.project ?? key.slice('library:'.length);
        return {
          key,
          project,
          verdict,
          because,
          since: iso(since),
          looked_at: iso(decidedAt),
          latest: latestOf((seen.tags ?? []).map(tag => tag.name)),
          tags: seen.tagCount ?? 0,
          ours: (seen.own ?? []).length,
          behind: behind
            .filter(each => each.library === project)
            .map(({ key: consumer, project: name, branch, from, to, mergeRequest }) => ({
              key: consumer,
              project: name,
              branch,
              from,
              to,
              merge_request: mergeRequest && { iid: mergeRequest.iid, state: mergeRequest.state },
            })),
        };
      }),
    };
  });
}

/** The highest release of each module in the repository: `v1.4.3`, `client/v0.2.0`. */
function latestOf(tags: readonly string[]): string[] {
  const best = new Map<string, Version>();
  for (const name of tags) {
    const slash = name.lastIndexOf('/') + 1;
    const version = parseVersion(name.slice(slash));
    if (version?.pre !== '') continue;
    const known = best.get(name.slice(0, slash)) ?? version;
    best.set(name.slice(0, slash), compareVersions(version, known) > 0 ? version : known);
  }
  return [...best].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([module, version]) => module + formatVersion(version));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
