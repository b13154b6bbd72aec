import { blockText } from '../../gitlab/text/block-text.ts';
import { codeSpan } from '../../gitlab/text/code-span.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { blocks, type InlineMarkdown, inline, type Markdown, markdown } from '../../gitlab/text/markdown.ts';
import { marker } from '../../gitlab/text/marker.ts';
import { table } from '../../gitlab/text/table.ts';
import type { TextState, VersionCheckAction } from './decide.ts';
import type { Reading, VersionCheckFacts, VersionCheckRules } from './facts.ts';
import { REPLY_MARKER, TEXT_MARKER } from './gather-talk.ts';
import { judge, type Verdict } from './judge.ts';

/** Our text on a merge request: verdict first, then where it comes from, what to do, and how to waive it. */
export function renderText(
  facts: VersionCheckFacts,
  rules: VersionCheckRules,
  text: { state: TextState; fingerprint: string },
): Markdown {
  const { state, fingerprint } = text;
  const verdict = judge(facts, rules);
  const parts: Markdown[] = [headline(facts, verdict, state)];
  if (state !== 'ok') parts.push(pointTable(facts));
  if (state === 'open') parts.push(reasons(verdict.because), howToWaive(facts, rules));
  if (state === 'unknown') parts.push(reasons(verdict.because), unreadable(facts));
  return blocks(
    ...parts,
    marker({
      kind: TEXT_MARKER,
      key: `merge-request:${facts.project}!${facts.iid}`,
      fields: { state, situation: fingerprint },
    }),
  );
}

/** The text of a duplicate that is no longer kept up to date. */
export function renderRetired(facts: VersionCheckFacts): Markdown {
  return blocks(
    markdown`This text is no longer kept up to date; the other one on this merge request is.`,
    marker({ kind: TEXT_MARKER, key: `merge-request:${facts.project}!${facts.iid}`, fields: { state: 'retired' } }),
  );
}

/** A reply in our thread. */
export function renderReply(
  action: Extract<VersionCheckAction, { type: 'reply' }>,
  facts: VersionCheckFacts,
  rules: VersionCheckRules,
): Markdown {
  const by = action.by?.username ?? '';
  return blocks(
    replyText(action, facts, rules),
    marker({
      kind: REPLY_MARKER,
      key: `merge-request:${facts.project}!${facts.iid}`,
      fields: {
        about: action.about,
        situation: action.fingerprint,
        answers: action.answers,
        by,
        reason: action.about === 'waiver' ? action.reason : '',
      },
    }),
  );
}

function headline(facts: VersionCheckFacts, verdict: Verdict, state: TextState): Markdown {
  const { source, target } = facts.versions;
  const from = verdict.carries === undefined ? lineOrUnknown(source) : codeSpan(verdict.carries);
  const into = lineOrUnknown(target);
  switch (state) {
    case 'open':
      return markdown`**Version mismatch: ${from} into ${into}.** Do not merge this before it is settled.`;
    case 'waived':
      return markdown`**Version mismatch, waived: ${from} into ${into}.** The reason is recorded below.`;
    case 'ok':
      return markdown`**Versions fit: ${from} into ${into}.** The earlier mismatch is gone; nothing needs to be done.`;
    case 'unknown':
      return markdown`**Versions could not be compared.** This is no objection, and no approval either.`;
  }
}

function pointTable(facts: VersionCheckFacts): Markdown {
  const { versions } = facts;
  const row = (point: InlineMarkdown, branch: string | null, commit: string | null, reading: Reading) => [
    point,
    branch === null ? inline`–` : codeSpan(branch, { tableCell: true }),
    commit === null ? inline`–` : codeSpan(commit.slice(0, 11), { tableCell: true }),
    reading.ok ? codeSpan(reading.place, { tableCell: true }) : inline`–`,
    reading.ok ? codeSpan(reading.version, { tableCell: true }) : inline`unreadable`,
  ];
  return table(
    [inline`Point`, inline`Branch`, inline`Commit`, inline`Place`, inline`Version`],
    [
      row(inline`Source`, facts.sourceBranch, facts.head, versions.source),
      row(inline`Target`, facts.targetBranch, facts.target, versions.target),
      row(inline`Common ancestor`, null, facts.base, versions.base),
    ],
  );
}

function reasons(because: readonly string[]): Markdown {
  return blocks(...because.map(reason => blockText(reason)));
}

function unreadable(facts: VersionCheckFacts): Markdown {
  const details = [facts.versions.source, facts.versions.target]
    .filter(reading => !reading.ok)
    .map(reading => blockText(reading.ok ? '' : reading.detail));
  return blocks(...details);
}

function howToWaive(facts: VersionCheckFacts, rules: VersionCheckRules): Markdown {
  const role = ROLES[rules.overrideRole];
  const target = codeSpan(facts.targetBranch);
  return rules.gate.includes('thread')
    ? markdown`If it is meant to go into ${target} all the same, a ${role} resolves this thread, or writes a comment ${WAIVE_COMMAND}.`
    : markdown`If it is meant to go into ${target} all the same, a ${role} writes a comment ${WAIVE_COMMAND}.`;
}

const WAIVE_COMMAND = codeSpan('/signalbox allow: the reason');

const ROLES = {
  developer: inline`Developer (or higher role)`,
  maintainer: inline`Maintainer (or Owner)`,
  owner: inline`Owner`,
} as const;

function replyText(
  action: Extract<VersionCheckAction, { type: 'reply' }>,
  facts: VersionCheckFacts,
  rules: VersionCheckRules,
): Markdown {
  const who = codeSpan(action.by?.username ?? 'somebody');
  const source = lineOrUnknown(facts.versions.source);
  const target = lineOrUnknown(facts.versions.target);
  switch (action.about) {
    case 'waiver':
      return markdown`Waived by ${who}: ${inlineText(action.reason)}. This holds for ${source} into ${target}, through further pushes; another target or line asks again.`;
    case 'refusal':
      return action.reason === 'reason'
        ? markdown`Not waived, ${who}: the reason is missing. Write ${WAIVE_COMMAND}.`
        : markdown`Not waived, ${who}: this takes the role ${ROLES[rules.overrideRole]} in this project.`;
    case 'nothing-to-waive':
      return markdown`There is nothing to waive, ${who}: this merge request has no version mismatch now.`;
    case 'change':
      return markdown`The situation has changed: now it is ${source} into ${target}. The text above is up to date.`;
    case 'merged':
      return markdown`This was merged despite the version mismatch (${source} into ${target}, ${codeSpan(facts.targetBranch)}). If that was not meant, revert it there.`;
  }
}

function lineOrUnknown(reading: Reading): InlineMarkdown {
  return reading.ok ? codeSpan(reading.line) : inline`an unknown version`;
}
