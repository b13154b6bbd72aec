import { commitsSince, withoutReverted } from './change-range.ts';
import { conventionalBump, keywordBump } from './conventional-commit.ts';
import type { Bump, Version } from './semver.ts';
import { type CommitFact, DEFAULT_LABELS, type Policy, type Snapshot } from './snapshot.ts';
import { readTrailers } from './trailers.ts';

const ORDER: readonly Bump[] = ['patch', 'minor', 'major'];

/** A bump and what asked for it, as a sentence. */
export interface BumpChoice {
  bump: Bump;
  reason: string;
}

/**
 * How much the version rises: the policy's own bump, raised (never lowered) by conventional commits or keywords,
 * by `Release: minor` trailers since the base, and by the merge request's label.
 */
export function chooseBump(
  snapshot: Snapshot,
  policy: Policy,
  base: { peeled: string; version: Version } | null,
): BumpChoice {
  const commits = commitsSince(snapshot.commits, snapshot.commit, base?.peeled ?? null);
  const known = commits.some(commit => commit.oid === snapshot.commit)
    ? commits
    : [{ oid: snapshot.commit, parents: [], message: snapshot.commitMessage }, ...commits];
  const choices: BumpChoice[] = [fromPolicy(policy, known, base?.version ?? null)];
  for (const commit of known) {
    const bump = trailerBump(commit.message);
    if (bump) choices.push({ bump, reason: `${shortOid(commit.oid)} has the trailer "Release: ${bump}"` });
  }
  const label = labelBump(snapshot.mergeRequest?.labels ?? [], policy);
  if (label) choices.push(label);
  return choices.reduce(higher);
}

function fromPolicy(policy: Policy, commits: readonly CommitFact[], base: Version | null): BumpChoice {
  if (policy.bump !== 'conventional' && policy.bump !== 'keywords') {
    return { bump: policy.bump, reason: `the rule is "${policy.bump}"` };
  }
  const read = policy.bump === 'conventional' ? conventionalBump : keywordBump;
  let choice: BumpChoice = { bump: 'patch', reason: `the rule is "${policy.bump}" and no commit asks for more` };
  for (const commit of withoutReverted(commits)) {
    const subject = commit.message.split('\n', 1)[0]!.slice(0, 100);
    choice = higher(choice, { bump: read(commit.message), reason: `${shortOid(commit.oid)} says "${subject}"` });
  }
  // SemVer item 4: anything may change in v0, so a breaking change is a minor there; v1 is for people to announce.
  if (policy.bump === 'conventional' && choice.bump === 'major' && base?.major === 0n) {
    return { bump: 'minor', reason: `${choice.reason}, and a breaking change of a v0 is a minor` };
  }
  return choice;
}

function trailerBump(message: string): Bump | undefined {
  const values = readTrailers(message)
    .filter(({ key }) => key.toLowerCase() === 'release')
    .map(({ value }) => value.toLowerCase());
  return ORDER.findLast(bump => values.includes(bump));
}

function labelBump(labels: readonly string[], policy: Policy): BumpChoice | null {
  const meaning = policy.labels ?? DEFAULT_LABELS;
  const present = labels.map(label => label.toLowerCase());
  for (const bump of ORDER.toReversed()) {
    const label = meaning[bump].find(name => present.includes(name.toLowerCase()));
    if (label !== undefined) return { bump, reason: `the merge request has the label "${label}"` };
  }
  return null;
}

function higher(a: BumpChoice, b: BumpChoice): BumpChoice {
  return ORDER.indexOf(b.bump) > ORDER.indexOf(a.bump) ? b : a;
}

function shortOid(oid: string): string {
  return oid.slice(0, 10);
}
