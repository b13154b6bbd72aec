import { codeBlock } from '../../gitlab/text/code-block.ts';
import { codeSpan } from '../../gitlab/text/code-span.ts';
import { details } from '../../gitlab/text/details.ts';
import { inlineText } from '../../gitlab/text/inline-text.ts';
import { link } from '../../gitlab/text/link.ts';
import {
  blocks,
  type InlineMarkdown,
  inline,
  joinInline,
  type Markdown,
  markdown,
} from '../../gitlab/text/markdown.ts';
import { marker } from '../../gitlab/text/marker.ts';
import { table } from '../../gitlab/text/table.ts';
import { titleText } from '../../gitlab/text/title-text.ts';
import type { Change } from './decide.ts';
import type { AccessFact, CodeFacts, RaceSituation, TalkFact } from './facts.ts';
import { redact } from './redact.ts';
import { noteState, renderStatus, seenTable, some, times } from './render-status.ts';
import { MARKER } from './status-block.ts';

/** A report that is shown, with the build that showed it. */
export interface ShownReport {
  text: string;
  build: string | null;
}

/** `Data race: (*Cache).Set ↔ (*Cache).Get (pkg/cache)` */
export function renderTitle({ view }: Pick<RaceSituation, 'view'>): string {
  return titleText(redact(view.title), { blank: 'Data race' });
}

/** The text of a new issue: both accesses first, how often it was seen, then everything that is long, folded. */
export function renderIssue(
  facts: RaceSituation,
  options: { reports: readonly ShownReport[]; code: CodeFacts; after: number | null },
): Markdown {
  const { view, race } = facts;
  const { reports, code, after } = options;
  const [report, ...others] = reports;
  const parts: Markdown[] = [accessTable(code.accesses)];
  if (view.incomplete) parts.push(markdown`One of the two stacks was lost: this may be a race that is known already.`);
  if (after !== null) parts.push(markdown`It is back: it follows #${after}.`);
  if (view.toldApartFrom !== null) parts.push(markdown`A member told it apart from #${view.toldApartFrom}.`);
  parts.push(renderStatus(facts));
  if (code.library !== null) parts.push(libraryText(facts, code.library, report));
  if (code.owners.length > 0) parts.push(owners(code.owners));
  if (report) parts.push(details('Both stacks, as they were first reported', stacks(report)));
  if (others.length > 0) {
    parts.push(details(`Other pairs of stacks (${others.length})`, blocks(...others.map(stacks))));
  }
  parts.push(COMMANDS, marker({ kind: MARKER.race, key: `race:${race.fingerprint}` }));
  return blocks(...parts);
}

const COMMANDS = markdown`Members may say in a comment: ${codeSpan('/signalbox merge #12')}, ${codeSpan('/signalbox split')}, ${codeSpan('/signalbox ignore until 2027-01: reason')}, ${codeSpan('/signalbox lookthrough pkg.Func')}.`;

function stacks({ text }: ShownReport): Markdown {
  return codeBlock(redact(text), { language: 'text' });
}

function accessTable(accesses: readonly AccessFact[]): Markdown {
  const rows = accesses.map(access => [
    inlineText(access.kind),
    access.func === null ? inline`–` : codeSpan(redact(access.func), { tableCell: true }),
    place(access),
  ]);
  return table([inline`Access`, inline`Function`, inline`Line`], rows);
}

function place({ place: where, url }: AccessFact): InlineMarkdown {
  if (where === null) return inline`–`;
  return url === null ? codeSpan(redact(where), { tableCell: true }) : link(redact(where), url);
}

function owners(suggested: CodeFacts['owners']): Markdown {
  // In code: a mention would notify people, and who looks after this is for people to say.
  const names = suggested.map(({ owner, why }) => inline`${codeSpan(owner)} (${inlineText(why)})`);
  return markdown`Suggested owner: ${joinInline(names, ', ')}.`;
}

function libraryText(
  { view }: RaceSituation,
  library: NonNullable<CodeFacts['library']>,
  report: ShownReport | undefined,
): Markdown {
  const module = redact(library.module);
  const version = redact(library.version ?? 'a version that is not known');
  const build = report?.build ?? null;
  const upstream = [
    `Data race in ${module} (${version})`,
    '',
    'The race detector reports:',
    '',
    redact(report?.text ?? '').trimEnd(),
    '',
    `Seen ${view.count === 1 ? 'once' : `${view.count} times`}${build === null ? '' : `, in our build ${redact(build)}`}.`,
  ].join('\n');
  return blocks(
    markdown`Both sides are in the library ${codeSpan(module)}, ${codeSpan(version)}: whoever maintains it has to know.`,
    details('Text for a report to the library', codeBlock(upstream, { language: 'text' })),
  );
}

const WORDS: Record<Exclude<Change, 'regression'>, InlineMarkdown> = {
  build: inline`a new build`,
  box: inline`a new box`,
  variant: inline`another pair of stacks`,
  rate: inline`ten times as often as before`,
};

/** A day's comment: that it was seen again, by box and build. */
export function renderComment(facts: RaceSituation, changes: readonly Change[]): Markdown {
  const { view, today, race } = facts;
  const count = view.today.reduce((sum, row) => sum + row.count, 0);
  const boxes = new Set(view.today.map(row => row.host)).size;
  const isBack = changes.includes('regression');
  const news = changes.filter(change => change !== 'regression').map(change => WORDS[change]);
  const seen = inline`${times(count)} on ${some(boxes, 'box', 'boxes')}`;
  const headline = isBack
    ? markdown`**Regression: it is back in a build with the fix.** Seen ${seen} today.`
    : markdown`**Seen again ${times(count)}** on ${some(boxes, 'box', 'boxes')}.`;
  const newsLine = news.length === 0 ? markdown`` : markdown`New: ${joinInline(news, ', ')}.`;
  return blocks(
    headline,
    newsLine,
    seenTable(view.today),
    marker({
      kind: MARKER.note,
      key: `race:${race.fingerprint}`,
      fields: { day: today, state: noteState(facts), changes: changes.join(',') },
    }),
  );
}

/** The answer to a command that is not followed. */
export function renderAnswer(facts: RaceSituation, fault: TalkFact['faults'][number], role: string): Markdown {
  const who = codeSpan(fault.by);
  const text =
    fault.why === 'role'
      ? markdown`Not followed, ${who}: this takes the role ${inlineText(role)} (or higher) in this project.`
      : markdown`Not understood, ${who}: ${codeSpan(fault.line.trim().slice(0, 200))}.`;
  return blocks(
    text,
    fault.why === 'role' ? markdown`` : COMMANDS,
    marker({ kind: MARKER.answer, key: `race:${facts.race.fingerprint}`, fields: { note: String(fault.note) } }),
  );
}
