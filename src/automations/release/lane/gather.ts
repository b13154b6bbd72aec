import type { Documents } from '../../../engine/documents/documents.ts';
import { RELEASE, type ReleaseDocument } from '../model.ts';
import type { LaneFacts, OpenRun } from './decide.ts';

const PAGE = 500;

/** Reads all runs of a product that have not ended. */
export async function gather(documents: Documents, product: string): Promise<LaneFacts> {
  const open: OpenRun[] = [];
  let after: string | undefined;
  for (;;) {
    const query = { prefix: `${product}/`, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await documents.list<ReleaseDocument>(RELEASE, query);
    for (const { body } of page) open.push(...openRuns(body));
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { product, open };
    after = last.id;
  }
}

function openRuns({ version, runs }: ReleaseDocument): OpenRun[] {
  return runs.flatMap(({ environment, attempt, state, queuedAt, notBefore }) =>
    state === 'queued' || state === 'running' ? [{ version, environment, attempt, state, queuedAt, notBefore }] : [],
  );
}
