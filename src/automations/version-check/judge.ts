import { matchesGlob } from 'node:path/posix';
import type { Drag, VersionCheckFacts, VersionCheckRules } from './facts.ts';

/** What a merge request does to the lines. */
export type VerdictKind =
  | 'same-line'
  | 'stale-base'
  | 'version-bump'
  | 'merged-upward'
  | 'forward-merge'
  | 'backward-merge'
  | 'foreign-version'
  | 'unwanted-forward-merge'
  | 'unknown-version';

export interface Verdict {
  kind: VerdictKind;
  /** `ok`: silent · `mismatch`: must not be merged by accident · `unknown`: cannot be judged. */
  outcome: 'ok' | 'mismatch' | 'unknown';
  /** One sentence each, in our words; untrusted names are put in by whoever renders it. */
  because: string[];
  /** The line whose commits would come into the target, where that is not the line its version says. */
  carries?: string;
}

/**
 * The verdict, from the versions at three points (source head S, target head T, merge base B) and, independent of them, from
 * the ancestry: which other lines' commits the merge request would drag into the target. Neither is enough alone: a topic
 * branch cut from a newer line with its version file edited looks right by its versions, and a branch cut before the target
 * was bumped looks wrong by them.
 */
export function judge(facts: VersionCheckFacts, rules: VersionCheckRules): Verdict {
  const { source, target, base } = facts.versions;
  const order = (line: string) => rules.lines.findIndex(each => each.name === line);
  const targetLine = targetLineIndex(facts, rules);
  const newer = targetLine < 0 ? [] : facts.drags.filter(drag => order(drag.lowest) < targetLine);
  const older = targetLine < 0 ? [] : facts.drags.filter(drag => order(drag.lowest) > targetLine);

  if (newer.length > 0) {
    const oldestNewer = lowestOf(newer, rules);
    if (!newer.some(drag => drag.all)) {
      const because = [
        `It carries commits of line ${oldestNewer.lowest} that are not in the target.`,
        'Cherry-pick the wanted commits onto a branch cut from the target line instead.',
      ];
      return { ...mismatch('backward-merge', because), carries: oldestNewer.lowest };
    }
    if (source.ok && target.ok) {
      if (source.line === target.line) {
        return ok(
          'merged-upward',
          `It is already merged into line ${oldestNewer.line}, and its version is the target's.`,
        );
      }
      return mismatch('backward-merge', [
        `It is line ${oldestNewer.line} itself, aimed at an older line.`,
        'Cherry-pick the wanted commits onto a branch cut from the target line instead.',
      ]);
    }
  }
  if (!source.ok || !target.ok) {
    const which = source.ok ? 'target' : 'source';
    const reading = source.ok ? target : source;
    return {
      kind: 'unknown-version',
      outcome: 'unknown',
      because: [`The version of the ${which} cannot be read: ${reading.ok ? '' : reading.reason}.`],
    };
  }
  if (older.length > 0) return judgeForwardMerge(facts, rules, lowestOf(older, rules));
  if (source.line === target.line) return ok('same-line', 'Source and target are of the same line.');
  if (base.ok && source.line === base.line) {
    return ok(
      'stale-base',
      "The branch was cut before the target's version was raised; it does not change the version.",
    );
  }
  return judgeVersionEdit(facts, rules);
}

function judgeForwardMerge(facts: VersionCheckFacts, rules: VersionCheckRules, drag: Drag): Verdict {
  const { source, base } = facts.versions;
  if (rules.forwardMerge === 'block') {
    return mismatch('unwanted-forward-merge', [
      `It merges line ${drag.lowest} forward, which this project does not want.`,
    ]);
  }
  const fromLine = rules.lines.some(line => line.branch === facts.sourceBranch);
  const labelled = rules.forwardMergeLabel !== undefined && facts.labels.includes(rules.forwardMergeLabel);
  if (!fromLine && !labelled) {
    return mismatch('unwanted-forward-merge', [
      `It was cut from line ${drag.lowest} and carries that line's commits into a newer one.`,
      'Cut it from the target line, or merge the release branch itself forward.',
    ]);
  }
  const excluded =
    rules.versionFiles.length > 0 && rules.versionFiles.every(file => matchesAny(file, rules.excludeFiles));
  if (!excluded && !(source.ok && base.ok && source.line === base.line)) {
    return mismatch('foreign-version', [
      `It merges line ${drag.lowest} forward and would carry its version along.`,
      "Take the target's version file in the merge.",
    ]);
  }
  return ok('forward-merge', `It merges line ${drag.lowest} forward and leaves the target's version as it is.`);
}

function judgeVersionEdit(facts: VersionCheckFacts, rules: VersionCheckRules): Verdict {
  const allowed = [...rules.versionFiles, ...rules.bumpPaths];
  const others = (facts.changedPaths ?? []).filter(path => !matchesAny(path, allowed));
  if (facts.changedPaths !== null && others.length === 0) {
    return ok('version-bump', 'It only raises the version.');
  }
  return mismatch('foreign-version', [
    `It changes the version itself, along with ${others.length} other ${others.length === 1 ? 'file' : 'files'}.`,
    'Raise the version in a merge request of its own, or leave the version file as it is in the target.',
  ]);
}

/** Which line the target belongs to: by its branch, else by the version it has. -1 for none that is known. */
export function targetLineIndex(facts: VersionCheckFacts, rules: VersionCheckRules): number {
  const byBranch = rules.lines.findIndex(line => line.branch === facts.targetBranch);
  if (byBranch >= 0) return byBranch;
  const { target } = facts.versions;
  return target.ok ? rules.lines.findIndex(line => line.name === target.line) : -1;
}

function lowestOf(drags: readonly Drag[], rules: VersionCheckRules): Drag {
  const order = (drag: Drag) => rules.lines.findIndex(line => line.name === drag.lowest);
  return drags.reduce((lowest, drag) => (order(drag) > order(lowest) ? drag : lowest));
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some(glob => path === glob || matchesGlob(path, glob));
}

function ok(kind: VerdictKind, reason: string): Verdict {
  return { kind, outcome: 'ok', because: [reason] };
}

function mismatch(kind: VerdictKind, because: string[]): Verdict {
  return { kind, outcome: 'mismatch', because };
}
