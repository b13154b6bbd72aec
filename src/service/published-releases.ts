import type { PublishedRelease, PublishedReleases } from '../automations/escalation/return-path/published-releases.ts';
import { RELEASE, type ReleaseDocument } from '../automations/release/model.ts';
import type { Documents } from '../engine/documents/documents.ts';

/** What the escalation may know of releases: each environment that one has reached, and what it was built from. */
export function publishedReleases(documents: Documents): PublishedReleases {
  return {
    newest: async count => {
      const rows = await documents.list<ReleaseDocument>(RELEASE, { newest: true, limit: count });
      return rows.flatMap(({ body }) => published(body)).toSorted((a, b) => b.at - a.at);
    },
  };
}

function published({ product, version, metadata, runs, yanked }: ReleaseDocument): PublishedRelease[] {
  if (yanked) return [];
  const commit = Object.entries(metadata).find(([field]) => field.toLowerCase() === 'commit')?.[1];
  const first = new Map<string, PublishedRelease>();
  for (const { environment, state, endedAt } of runs) {
    if (state !== 'released' || endedAt === null || first.has(environment)) continue;
    first.set(environment, { product, version, environment, commit: isCommit(commit) ? commit : null, at: endedAt });
  }
  return [...first.values()];
}

function isCommit(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{7,64}$/.test(text);
}
