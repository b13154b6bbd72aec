import type { Decision, PlannedAction } from '../../engine/automation.ts';
import type { OwnText, Person, VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { judge, type Verdict } from './judge.ts';
import { type GateAction, planGates } from './plan-gates.ts';

/** What may be done to a merge request. */
export type VersionCheckAction = PlannedAction &
  (
    | { type: 'open-text'; state: TextState; fingerprint: string; resolvable: boolean }
    | { type: 'edit-text'; text: OwnText; state: TextState; fingerprint: string }
    | { type: 'resolve' | 'reopen'; text: OwnText }
    | { type: 'retire'; text: OwnText }
    | {
        type: 'reply';
        about: 'waiver' | 'refusal' | 'change' | 'merged' | 'nothing-to-waive';
        discussion: string | null;
        fingerprint: string;
        answers: string;
        by: Person | null;
        reason: string;
      }
    | GateAction
  );

export type TextState = 'open' | 'waived' | 'ok' | 'unknown';

const NEEDED_LEVEL = { developer: 30, maintainer: 40, owner: 50 } as const;
/** While GitLab prepares a merge request or a merge is under way. */
const SOON = 5_000;
const RECENTLY_MERGED = 24 * 60 * 60_000;

/** The decision on one merge request: which verdict, and what has to change on GitLab for it to show. */
export function decide(facts: VersionCheckFacts, rules: VersionCheckRules, now: number): Decision<VersionCheckAction> {
  if (!facts.found) return quiet('gone', 'The merge request does not exist, or the bot may not see it.');
  if (facts.state === 'closed') return quiet('closed', 'A closed merge request is left as it is.');
  if (facts.state === 'locked')
    return { ...quiet('being merged', 'GitLab is merging it right now.'), lookAgainAt: now + SOON };
  if (facts.draft && facts.state === 'opened' && rules.onDraft === 'defer') {
    return quiet('deferred', 'It is a draft, and drafts are deferred.');
  }
  if (facts.notReady !== null) {
    return { ...quiet('not ready', `GitLab is not ready: ${facts.notReady}.`), lookAgainAt: now + SOON };
  }

  const verdict = judge(facts, rules);
  const fingerprint = situation(facts, verdict);
  const outcome = verdict.outcome === 'unknown' ? UNKNOWN_OUTCOME[rules.unknown] : verdict.outcome;
  const waiver = outcome === 'mismatch' ? findWaiver(facts, rules, fingerprint) : null;
  const resolvable = outcome === 'mismatch' && rules.gate.includes('thread');
  const { own, duplicates } = pickOwn(facts.own, resolvable);
  const shown = outcome === 'mismatch' && waiver ? 'waived' : outcome;
  const { source, target } = facts.versions;
  const from = verdict.carries ?? (source.ok ? source.line : '?');
  const headline = `${HEADLINES[shown]}: ${from} into ${target.ok ? target.line : '?'} (${verdict.kind})`;
  const because = [...verdict.because, ...(waiver ? [`Waived by @${waiver.by}: ${waiver.reason}`] : [])];
  const actions: VersionCheckAction[] =
    facts.state === 'merged'
      ? planMerged(facts, outcome === 'mismatch' && !waiver, fingerprint, own, now)
      : [
          ...planText(facts, { outcome, resolvable, fingerprint, waiver, own }),
          // After the text: the resolve of a duplicate may be the waiver that was just recorded.
          ...duplicates.map(text => retire(facts, text)),
          ...planCommands(facts, rules, { mismatch: outcome === 'mismatch', fingerprint }),
          ...planGates(facts, rules, outcome === 'mismatch' && !waiver ? 'failed' : 'passed', headline),
        ];
  const open = facts.state === 'merged' && outcome === 'mismatch' && !waiver;
  return { verdict: open ? `merged despite a mismatch: ${headline}` : headline, because, actions };
}

/**
 * The one text of ours that is kept up to date: the oldest, and a thread where one is needed. Others (two processes at once, a
 * call that took effect after its time) are retired.
 */
function pickOwn(texts: readonly OwnText[], resolvable: boolean): { own: OwnText | undefined; duplicates: OwnText[] } {
  const inForce = texts.filter(text => text.state !== 'retired').sort((a, b) => a.note - b.note);
  const own = inForce.find(text => text.resolvable || !resolvable);
  return { own, duplicates: inForce.filter(text => text !== own) };
}

const UNKNOWN_OUTCOME = { note: 'unknown', block: 'mismatch', ignore: 'ok' } as const;
const HEADLINES = { ok: 'ok', mismatch: 'blocked', unknown: 'unknown', waived: 'waived' } as const;

/** What a waiver is bound to: it survives further pushes, and dies when the lines or the target change. */
export function situation(facts: VersionCheckFacts, verdict: Verdict): string {
  const line = (reading: VersionCheckFacts['versions']['source']) => (reading.ok ? reading.line : '-');
  const { source, target, base } = facts.versions;
  return `${verdict.kind}/${line(source)}/${line(target)}/${line(base)}/${facts.targetBranch}`;
}

interface Waiver {
  by: string;
  reason: string;
  /** The text whose resolve is the waiver, where it still has to be recorded. A command is recorded by its answer. */
  resolved: OwnText | null;
}

function findWaiver(facts: VersionCheckFacts, rules: VersionCheckRules, fingerprint: string): Waiver | null {
  const recorded = facts.replies.find(reply => reply.about === 'waiver' && reply.fingerprint === fingerprint);
  if (recorded) return { by: recorded.by, reason: recorded.reason, resolved: null };
  const resolved = facts.own.find(text => resolvedByPerson(text, fingerprint) && mayWaive(text.resolvedBy, rules));
  if (resolved?.resolvedBy) return { by: resolved.resolvedBy.username, reason: 'resolved the thread', resolved };
  const command = openCommands(facts).find(each => each.reason !== '' && mayWaive(each.by, rules));
  return command ? { by: command.by.username, reason: command.reason, resolved: null } : null;
}

/** A resolve counts for the situation that the text described when it was resolved, not for one that came later. */
function resolvedByPerson(text: OwnText, fingerprint: string): boolean {
  return text.resolved && text.resolvedBy !== null && text.fingerprint === fingerprint && text.state === 'open';
}

function mayWaive(person: Person | null, rules: VersionCheckRules): boolean {
  return person !== null && person.accessLevel >= NEEDED_LEVEL[rules.overrideRole];
}

function openCommands(facts: VersionCheckFacts) {
  const answered = new Set(facts.replies.map(reply => reply.answers));
  return facts.commands.filter(command => !answered.has(`note:${command.note}`));
}

interface Situation {
  outcome: 'ok' | 'mismatch' | 'unknown';
  /** The text has to be a thread. */
  resolvable: boolean;
  fingerprint: string;
  waiver: Waiver | null;
  own: OwnText | undefined;
}

function planText(facts: VersionCheckFacts, situation: Situation): VersionCheckAction[] {
  const { outcome, resolvable, fingerprint, waiver, own } = situation;
  const where = `${facts.project}!${facts.iid}`;
  const state: TextState = outcome === 'mismatch' ? (waiver ? 'waived' : 'open') : outcome;
  if (!own) {
    if (outcome === 'ok') return [];
    if (state === 'waived') return [];
    const what = resolvable ? 'open a thread on' : 'write a note on';
    return [{ type: 'open-text', summary: `${what} ${where}`, state, fingerprint, resolvable }];
  }
  const actions: VersionCheckAction[] = [];
  // Recorded first: once the text says `waived`, the resolve could no longer be told from our own.
  if (waiver?.resolved) {
    const { discussion, resolvedBy } = waiver.resolved;
    actions.push(
      reply(facts, 'waiver', discussion, fingerprint, `resolve:${resolvedBy?.id}`, resolvedBy, waiver.reason),
    );
  }
  if (own.state !== state || own.fingerprint !== fingerprint) {
    actions.push({
      type: 'edit-text',
      summary: `rewrite our text on ${where}: ${state}`,
      text: own,
      state,
      fingerprint,
    });
    if (state === 'open' && own.fingerprint !== fingerprint) {
      actions.push(reply(facts, 'change', own.discussion, fingerprint, `change:${own.fingerprint}`, null, ''));
    }
  }
  if (!own.resolvable) return actions;
  const wantResolved = state !== 'open';
  if (wantResolved && !own.resolved) {
    actions.push({ type: 'resolve', summary: `resolve our thread on ${where}`, text: own });
  }
  if (!wantResolved && own.resolved) {
    const told = `resolve:${own.resolvedBy?.id}`;
    const toldAlready = facts.replies.some(each => each.answers === told && each.fingerprint === fingerprint);
    if (resolvedByPerson(own, fingerprint) && !toldAlready) {
      actions.push(reply(facts, 'refusal', own.discussion, fingerprint, told, own.resolvedBy, 'role'));
    }
    // Last: an open thread no longer tells who had resolved it, so nobody could be told why it is open again.
    actions.push({ type: 'reopen', summary: `re-open our thread on ${where}`, text: own });
  }
  return actions;
}

/** Every command gets one answer: the record that it was accepted, or why it was not. */
function planCommands(
  facts: VersionCheckFacts,
  rules: VersionCheckRules,
  now: { mismatch: boolean; fingerprint: string },
): VersionCheckAction[] {
  return openCommands(facts).map(command => {
    const answers = `note:${command.note}`;
    const to = command.discussion;
    if (!now.mismatch) return reply(facts, 'nothing-to-waive', to, now.fingerprint, answers, command.by, '');
    if (command.reason === '') return reply(facts, 'refusal', to, now.fingerprint, answers, command.by, 'reason');
    if (!mayWaive(command.by, rules)) return reply(facts, 'refusal', to, now.fingerprint, answers, command.by, 'role');
    return reply(facts, 'waiver', to, now.fingerprint, answers, command.by, command.reason);
  });
}

function planMerged(
  facts: VersionCheckFacts,
  open: boolean,
  fingerprint: string,
  own: OwnText | undefined,
  now: number,
): VersionCheckAction[] {
  const told = facts.replies.some(each => each.about === 'merged');
  // An installation that is new does not comment on history.
  const recent = own !== undefined || (facts.mergedAt !== null && now - facts.mergedAt < RECENTLY_MERGED);
  if (!open || told || !recent) return [];
  return [reply(facts, 'merged', own?.discussion ?? null, fingerprint, 'merge', null, '')];
}

function reply(
  facts: VersionCheckFacts,
  about: 'waiver' | 'refusal' | 'change' | 'merged' | 'nothing-to-waive',
  discussion: string | null,
  fingerprint: string,
  answers: string,
  by: Person | null,
  reason: string,
): VersionCheckAction {
  const summary = `${SUMMARIES[about]} on ${facts.project}!${facts.iid}`;
  return { type: 'reply', summary, about, discussion, fingerprint, answers, by, reason };
}

const SUMMARIES = {
  waiver: 'record the waiver',
  refusal: 'explain why it is not waived',
  change: 'tell what changed',
  merged: 'tell that it was merged despite the mismatch',
  'nothing-to-waive': 'tell that there is nothing to waive',
} as const;

function retire(facts: VersionCheckFacts, text: OwnText): VersionCheckAction {
  return { type: 'retire', summary: `retire a second text on ${facts.project}!${facts.iid}`, text };
}

function quiet(verdict: string, reason: string): Decision<VersionCheckAction> {
  return { verdict, because: [reason], actions: [] };
}
