import type { Documents } from '../../../engine/documents/documents.ts';
import { RELEASE, type ReleaseDocument } from '../model.ts';
import { readAll } from '../read-all.ts';
import type { LaneFacts, OpenRun } from './decide.ts';

/** Reads all runs of a product that have not ended. */
export async function gather(documents: Documents, product: string): Promise<LaneFacts> {
  const releases = await readAll<ReleaseDocument>(documents, RELEASE, `${product}/`);
  return { product, open: releases.flatMap(({ body }) => openRuns(body)) };
}

function openRuns({ version, runs }: ReleaseDocument): OpenRun[] {
  return runs.flatMap(({ environment, attempt, state, queuedAt, notBefore }) =>
    state === 'queued' || state === 'running' ? [{ version, environment, attempt, state, queuedAt, notBefore }] : [],
  );
}
