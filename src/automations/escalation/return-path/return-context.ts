import type { EscalationContext } from '../context.ts';
import type { PublishedReleases } from './published-releases.ts';

export interface ReturnContext extends EscalationContext {
  releases: PublishedReleases;
}
