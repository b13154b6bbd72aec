import type { Automation, PlannedAction } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, channelId, RELEASE, type ReleaseDocument } from '../model.ts';
import { decide, type FateFacts } from './decide.ts';

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
