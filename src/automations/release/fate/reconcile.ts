import type { Automation, Decision, PlannedAction } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, channelId, RELEASE, type ReleaseDocument, type ReleaseRun } from '../model.ts';

export interface FateFacts {
  release: Pick<
    ReleaseDocument,
    'product' | 'version' | 'line' | 'state' | 'sha256' | 'pinned' | 'yanked' | 'runs'
  > | null;
  /** What each environment offers on the release's line. */
  heads: { environment: string; head: string | null }[];
}

export interface FateContext {
  documents: Documents;
  environments: (product: string) => readonly string[];
}

/** The reconciler of `release:<product>/<version>`: it does nothing, and says why a release is as it is. */
export function fate({ documents, environments }: FateContext): Automation<FateFacts, PlannedAction> {
  return {
    name: 'release',
    kind: 'release',
    gather: async look => {
      const stored = await documents.read<ReleaseDocument>(RELEASE, look.subject);
      if (!stored) return { release: null, heads: [] };
      const { product, version, line, state, sha256, pinned, yanked, runs } = stored.body;
      const heads = environments(product).map(async environment => {
        const channel = await documents.read<Channel>(CHANNEL, channelId(product, line, environment));
        return { environment, head: channel?.body.head ?? null };
      });
      return {
        release: { product, version, line, state, sha256, pinned, yanked, runs },
        heads: await Promise.all(heads),
      };
    },
    decide,
    effect: () => {
      throw new Error('a release has no effects of its own: its lane runs the script');
    },
  };
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
