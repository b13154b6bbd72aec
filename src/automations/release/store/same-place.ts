import { SignalboxError } from '../../../errors.ts';
import type { ReleaseDocument } from '../model.ts';

/** The channel that a sender wants a release in. */
export type Place = Pick<ReleaseDocument, 'line' | 'environment'>;

/**
 * Refuses bytes that are there for another channel. Sent again they would change nothing, and the sender would take that
 * for a release where there is none: what brings a release on is a promotion.
 *
 * @throws SignalboxError SBX_RELEASE_OTHER_CHANNEL
 */
export function assertSamePlace(release: ReleaseDocument, { line, environment }: Place): void {
  const reached = [release.environment, ...release.runs.map(run => run.environment)];
  if (release.line === line && reached.includes(environment)) return;
  const there = `${release.product} ${release.version} is there for ${release.line}/${release.environment}`;
  throw new SignalboxError('SBX_RELEASE_OTHER_CHANNEL', `${there}, not for ${line}/${environment}`);
}
