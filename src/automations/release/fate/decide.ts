import type { Decision, PlannedAction } from '../../../engine/automation.ts';
import type { ReleaseDocument, ReleaseRun } from '../model.ts';

export interface FateFacts {
  release: Pick<
    ReleaseDocument,
    'product' | 'version' | 'line' | 'state' | 'sha256' | 'pinned' | 'yanked' | 'runs'
  > | null;
  /** What each environment offers on the release's line. */
  heads: { environment: string; head: string | null }[];
}

export function decide({ release, heads }: FateFacts): Decision<PlannedAction> {
  if (!release) {
    return { verdict: 'no such release', because: ['it was never received, or retention has removed it'], actions: [] };
  }
  const { version, line, yanked, runs } = release;
  const because = runs.map(sentence);
  for (const { environment, head } of heads) {
    const offers = head === null ? 'nothing' : head;
    because.push(head === version ? `${line}/${environment} offers it` : `${line}/${environment} offers ${offers}`);
  }
  if (yanked) because.unshift(`withdrawn by ${yanked.by}: ${yanked.reason}`);
  const offered = heads.filter(({ head }) => head === version).map(({ environment }) => environment);
  const where = offered.length > 0 ? `, on offer in ${offered.join(', ')}` : ', not on offer';
  return { verdict: `${yanked ? 'withdrawn' : release.state}${where}`, because, actions: [] };
}

function sentence(run: ReleaseRun): string {
  const end = run.exit === null ? '' : `, exit ${run.exit}`;
  const head = run.head ? `; head: ${run.head.because}` : '';
  return `attempt ${run.attempt} in ${run.environment} (${run.how} by ${run.by}): ${run.state}${end}${head}`;
}
