import type { Signal } from '../../../engine/intake/delivery.ts';
import { releaseKey } from '../model.ts';

/**
 * A release says where it is on offer, and looks again only when it is told to: so the one that a channel's head leaves is told,
 * and the one that it comes to.
 */
export function headSignals(
  { product, line, environment }: { product: string; line: string; environment: string },
  before: string | null,
  after: string | null,
): Signal[] {
  if (before === after) return [];
  const reason = `${line}/${environment} has a new head`;
  return [before, after]
    .filter(version => version !== null)
    .map(version => ({ key: releaseKey(product, version), reason, urgent: true }));
}
