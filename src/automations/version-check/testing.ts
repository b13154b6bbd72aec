import type {
  AllowCommand,
  OwnReply,
  OwnText,
  Person,
  Reading,
  VersionCheckFacts,
  VersionCheckRules,
} from './facts.ts';

/** The three lines of the tests, newest first. */
export const LINES = [
  { name: '5.5', branch: 'main' },
  { name: '5.4', branch: 'release/5.4' },
  { name: '5.3', branch: 'release/5.3' },
];

export const DEVELOPER: Person = { id: 30, username: 'developer', accessLevel: 30 };
export const MAINTAINER: Person = { id: 40, username: 'maintainer', accessLevel: 40 };

export function read(version: string): Reading {
  return { ok: true, version, line: version.split('.').slice(0, 2).join('.'), place: 'VERSION' };
}

export const UNREADABLE: Reading = { ok: false, reason: 'not-found', detail: 'there is no file VERSION' };

/** A merge request from 5.3 into release/5.3, with nothing said on it, changed by `changes`. */
export function factsOf(changes: Partial<VersionCheckFacts> = {}): VersionCheckFacts {
  return {
    project: 'acme/appliance',
    iid: 1,
    url: 'https://gitlab.example.com/acme/appliance/-/merge_requests/1',
    found: true,
    state: 'opened',
    mergedAt: null,
    draft: false,
    sourceBranch: 'topic',
    targetBranch: 'release/5.3',
    labels: [],
    head: 'a'.repeat(40),
    target: 'b'.repeat(40),
    base: 'c'.repeat(40),
    notReady: null,
    versions: versions('5.3.2', '5.3.2', '5.3.2'),
    drags: [],
    changedPaths: null,
    own: [],
    replies: [],
    commands: [],
    commitStatus: null,
    statusCheck: null,
    ...changes,
  };
}

/** Source, target, merge base; null = cannot be read. */
export function versions(source: string | null, target: string | null, base: string | null) {
  const reading = (version: string | null) => (version === null ? UNREADABLE : read(version));
  return { source: reading(source), target: reading(target), base: reading(base) };
}

/** The everyday accident: a branch cut from 5.4, aimed at release/5.3. */
export function mismatchFacts(changes: Partial<VersionCheckFacts> = {}): VersionCheckFacts {
  return factsOf({ versions: versions('5.4.1', '5.3.2', '5.3.2'), drags: [drag('5.4')], ...changes });
}

export function drag(line: string, more: { all?: boolean; lowest?: string } = {}) {
  const branch = LINES.find(each => each.name === line)?.branch ?? line;
  return { line, branch, mergeBase: 'd'.repeat(40), all: more.all ?? false, lowest: more.lowest ?? line };
}

export function rulesOf(changes: Partial<VersionCheckRules> = {}): VersionCheckRules {
  return {
    lines: LINES,
    gate: ['thread'],
    overrideRole: 'maintainer',
    onDraft: 'check',
    unknown: 'note',
    forwardMerge: 'allow',
    forwardMergeLabel: undefined,
    bumpPaths: ['CHANGELOG*'],
    excludeFiles: [],
    versionFiles: ['VERSION'],
    ...changes,
  };
}

export function threadOf(changes: Partial<OwnText> = {}): OwnText {
  const text = { discussion: 'thread-10', note: 10, fingerprint: '', state: 'open' };
  return { ...text, resolvable: true, resolved: false, resolvedBy: null, ...changes };
}

export function replyOf(about: string, changes: Partial<OwnReply> = {}): OwnReply {
  return { about, fingerprint: '', answers: '', by: '', reason: '', ...changes };
}

export function commandOf(by: Person, reason: string, note = 20): AllowCommand {
  return { note, discussion: `thread-${note}`, by, reason };
}
