import { commitsSince } from './change-range.ts';
import { chooseBump } from './choose-bump.ts';
import { goWarnings, lookAlikeWarning } from './go-visibility.ts';
import { listNames } from './list-names.ts';
import { isReleasedDirectory, majorRecipe, streamOf, type TagStream } from './module-path.ts';
import { firstFree, wantedVersion } from './next-version.ts';
import { isInLine, lineOfBranch, nameOfLine, type ReleaseLine } from './release-line.ts';
import { type Bump, compareVersions } from './semver.ts';
import { findSkipMarker } from './skip-marker.ts';
import { DEFAULT_LABELS, type Decision, type Policy, type Snapshot } from './snapshot.ts';
import { candidatesOf, highestOf, type StreamTag, type StreamTags, sortTags } from './stream-tags.ts';

/** The part of the facts that `planStream` needs: it can be had before any ancestry is known. */
export type StreamFacts = Pick<Snapshot, 'tags' | 'branch' | 'defaultBranch' | 'module' | 'ledger'>;

/** A stream with its tags; or why there is nothing to decide about. */
export type StreamPlan =
  | { kind: 'stream'; stream: TagStream; line: ReleaseLine | null; tags: StreamTags }
  | { kind: 'skip' | 'refuse'; reason: string };

/**
 * Which tags are to be looked at for this branch and module. The caller asks the remote how `candidatesOf(plan.tags)`
 * stand to the commit, from the first on, until one is an ancestor; then `decide` has all it needs.
 */
export function planStream(facts: StreamFacts, policy: Policy): StreamPlan {
  const { branch, defaultBranch, module } = facts;
  if (branch === null) return { kind: 'skip', reason: 'this is not the update of a branch' };
  const line = branch === defaultBranch ? null : lineOfBranch(branch);
  if (branch !== defaultBranch && line === null) {
    return { kind: 'skip', reason: `${branch} is neither the default branch ${defaultBranch} nor a release branch` };
  }
  if (module && !isReleasedDirectory(module.dir)) {
    return { kind: 'skip', reason: `${module.dir} is a directory that go does not release from` };
  }
  if (module && (policy.bare || policy.build)) {
    return { kind: 'refuse', reason: 'go reads only versions with a leading v and without +metadata' };
  }
  const result = module ? streamOf(module) : { stream: { prefix: '', majors: null, module: null } };
  if ('fault' in result) return { kind: 'refuse', reason: result.fault };
  const { stream } = result;
  if (line && stream.majors && !stream.majors.includes(line.major)) {
    return {
      kind: 'refuse',
      reason: majorFault(stream, line.major, `the branch ${branch} is for ${nameOfLine(line)}`),
    };
  }
  const tags = sortTags(facts.tags, stream, line, { bare: policy.bare ?? false });
  const blocking = facts.tags.find(tag => stream.prefix.startsWith(`${tag.name}/`));
  if (blocking) {
    return {
      kind: 'refuse',
      reason: `a tag named "${blocking.name}" exists, so git cannot hold any tag below ${stream.prefix}; it must be renamed`,
    };
  }
  return { kind: 'stream', stream, line, tags };
}

/**
 * The whole rule of library tags: facts in, decision out. No clock, no network, no order of input matters.
 *
 * What it promises: a created tag is a version go can use, has a number no tag ever had, and is higher than every
 * release the commit contains, while no later release of its stream contains the commit (order follows ancestry).
 */
export function decide(snapshot: Snapshot, policy: Policy): Decision {
  const plan = planStream(snapshot, policy);
  const decision = (action: Decision['action'], more: Partial<Decision> = {}): Decision => ({
    action,
    tag: null,
    base: null,
    bump: null,
    commit: snapshot.commit,
    containedIn: null,
    reasons: [],
    warnings: [],
    ...more,
  });
  if (plan.kind !== 'stream') return decision(plan.kind, { reasons: [plan.reason] });
  const { stream, line, tags } = plan;
  const warnings = lookAlikeWarning(tags);

  const here = highestOf(tags.own.filter(tag => tag.peeled === snapshot.commit));
  const ancestry = readAncestry(snapshot, tags);
  if (here) {
    const base = ancestry.base?.name ?? null;
    return decision('exists', { tag: here.name, base, reasons: [`the commit already has ${here.name}`], warnings });
  }
  if (snapshot.onBranch === false) {
    return decision('skip', { reasons: [`the commit is no longer on ${snapshot.branch}`], warnings });
  }
  const marker = findSkipMarker(
    snapshot.commitMessage,
    snapshot.mergeRequest?.labels ?? [],
    (policy.labels ?? DEFAULT_LABELS).none,
  );
  if (marker) return decision('skip', { reasons: [marker], warnings });
  if (ancestry.unknown) {
    return decision('refuse', {
      reasons: [`it is not known whether the commit contains ${ancestry.unknown}`],
      warnings,
    });
  }

  const base = ancestry.base;
  const baseName = base?.name ?? null;
  const [container] = ancestry.containing;
  if (container && policy.late !== 'every-commit') {
    const reason = `the commit is already contained in ${container.name}`;
    return decision('contained', { base: baseName, containedIn: container.name, reasons: [reason], warnings });
  }
  if (snapshot.module?.changed === false && base && policy.unchanged !== 'tag') {
    const reason = `nothing in module ${snapshot.module.path} changed since ${base.name}`;
    return decision('skip', { base: baseName, reasons: [reason], warnings });
  }
  const ownBase = base && tags.own.includes(base) ? base : null;
  const tooHigh = laterContent(snapshot, tags, line, base);
  if (tooHigh) {
    const because = `the commit contains ${tooHigh.name}`;
    const reason =
      (stream.majors?.includes(tooHigh.version.major) ?? true)
        ? `${because}, so it cannot have a lower version of ${nameOfLine(line!)}`
        : majorFault(stream, tooHigh.version.major, because);
    return decision('refuse', { base: baseName, reasons: [reason], warnings });
  }

  const reasons = [baseReason(base, ownBase, snapshot)];
  const choice = chooseBump(snapshot, policy, base);
  const bump = cap(choice.bump, line);
  if (ownBase) reasons.push(`${bump}: ${choice.reason}`);
  if (ownBase && bump !== choice.bump) {
    warnings.push(`${choice.reason}, which asks for a ${choice.bump}, but ${nameOfLine(line!)} takes only a ${bump}`);
  }
  const wanted = wantedVersion(ownBase, bump, stream, line, policy);
  if ('fault' in wanted) return decision('refuse', { base: baseName, reasons: [wanted.fault], warnings });
  if (stream.majors && !stream.majors.includes(wanted.major)) {
    const reason = majorFault(stream, wanted.major, `${choice.reason}, which makes this v${wanted.major}`);
    return decision('refuse', { base: baseName, bump, reasons: [reason], warnings });
  }
  const everSeen = new Set([...snapshot.ledger, ...snapshot.tags.map(tag => tag.name)]);
  const { name, version, passed } = firstFree(wanted, stream, tags, everSeen, policy);
  if (passed.length > 0)
    reasons.push(`${listNames(passed)} ${passed.length > 1 ? 'are' : 'is'} or was taken, numbers are not reused`);
  if (container) {
    warnings.push(`${name} has less than the lower ${container.name}, which already contains this commit`);
  }
  const owner = (snapshot.branches ?? []).find(branch => branch !== snapshot.branch && ownsVersion(branch, version));
  if (owner) warnings.push(`${name} lies in the line of the branch ${owner}`);
  warnings.push(...goWarnings(snapshot, stream, line, tags, version));
  return decision('create', {
    tag: name,
    base: baseName,
    bump: ownBase ? bump : base && (base.version.major < version.major ? 'major' : 'minor'),
    reasons,
    warnings,
  });
}

/**
 * Whether `decide` would refuse only because `tags` is a digest that was cut too early; then list all tags, and ask
 * again how they stand to the commit.
 */
export function needsAllTags(snapshot: Snapshot, policy: Policy): boolean {
  if (!snapshot.cutBelow?.length) return false;
  const plan = planStream(snapshot, policy);
  return plan.kind === 'stream' && readAncestry(snapshot, plan.tags).unknown !== null;
}

interface Ancestry {
  base: StreamTag | null;
  /** Own releases above the base that contain the commit, lowest first. */
  containing: StreamTag[];
  /** A release whose relation is missing and would be needed. */
  unknown: string | null;
}

function readAncestry(snapshot: Snapshot, tags: StreamTags): Ancestry {
  const containing: StreamTag[] = [];
  const own = new Set(tags.own);
  const sorted = (): StreamTag[] => containing.sort((a, b) => compareVersions(a.version, b.version));
  for (const tag of candidatesOf(tags)) {
    const relation = tag.peeled === snapshot.commit ? 'same' : snapshot.relations[tag.peeled];
    if (relation === undefined) return { base: null, containing: sorted(), unknown: tag.name };
    if (relation === 'ancestor' || (relation === 'same' && !own.has(tag))) {
      return { base: tag, containing: sorted(), unknown: null };
    }
    if (relation === 'descendant' && own.has(tag)) containing.push(tag);
    if (snapshot.cutBelow?.includes(tag.name))
      return { base: null, containing: sorted(), unknown: `a release below ${tag.name}` };
  }
  return { base: null, containing: sorted(), unknown: null };
}

/** A release above the stream's own ones that the commit contains: no lower number may have as much as a higher one. */
function laterContent(
  snapshot: Snapshot,
  tags: StreamTags,
  line: ReleaseLine | null,
  base: StreamTag | null,
): StreamTag | null {
  if (base && tags.later.includes(base)) return base;
  if (line === null) return null;
  const since = new Set(commitsSince(snapshot.commits, snapshot.commit, base?.peeled ?? null).map(({ oid }) => oid));
  return tags.later.find(tag => since.has(tag.peeled)) ?? null;
}

function baseReason(base: StreamTag | null, ownBase: StreamTag | null, snapshot: Snapshot): string {
  if (ownBase) return `${ownBase.name} is the highest release that the commit contains`;
  if (base)
    return `the commit contains releases up to ${base.name} and none of ${snapshot.module?.path ?? snapshot.branch} yet`;
  return 'the commit contains no release yet';
}

function cap(bump: Bump, line: ReleaseLine | null): Bump {
  if (line === null) return bump;
  if (line.minor !== null) return 'patch';
  return bump === 'major' ? 'minor' : bump;
}

function majorFault(stream: TagStream, major: bigint, because: string): string {
  const path = stream.module?.path ?? '';
  return `${because}, but the module path is ${path}, for which go ignores v${major} tags. To fix it, ${majorRecipe(stream.module!, major)}`;
}

function ownsVersion(branch: string, version: { major: bigint; minor: bigint }): boolean {
  const line = lineOfBranch(branch);
  return line !== null && line.minor !== null && isInLine(line, version);
}
