import type { Effect, Look } from '../../engine/automation.ts';
import type { Json } from '../../engine/json.ts';
import { attachTo, detachFrom, linkTo, reserveToday, takeUp, tellInDigest } from './bookkeeping.ts';
import type { RacesContext } from './context.ts';
import type { CodeFacts, RaceMemory, RaceSituation } from './facts.ts';
import { gatherCode } from './gather-code.ts';
import { gatherTalk } from './gather-talk.ts';
import type { RaceAction } from './plan-actions.ts';
import { reportIn } from './read-report.ts';
import { renderAnswer, renderComment, renderIssue, renderTitle, type ShownReport } from './render.ts';
import { renderStatus } from './render-status.ts';
import { replaceStatus } from './status-block.ts';
import { KIND, type RaceDocument } from './store.ts';

/** Turns one planned action into the call that does it, and into the look that tells whether it is done. */
export function toEffect(
  action: RaceAction,
  facts: RaceSituation,
  look: Look<RaceMemory>,
  context: RacesContext,
): Effect {
  const { gitlab, settings, inventory } = context;
  const { project } = settings;
  const { fingerprint } = facts.race;
  const { summary } = action;
  const write = { chain: look.chain, signal: look.signal };
  switch (action.type) {
    case 'create':
      return {
        name: action.after === null ? 'create' : `create:after:${action.after}`,
        summary,
        find: async () => {
          const issue = await inventory.search(fingerprint, action.after ?? 0);
          if (!issue) return undefined;
          await linkTo(context, facts, { iid: issue.iid, state: issue.state, told: true });
          return { iid: issue.iid };
        },
        do: async () => {
          if (!(await reserveToday(context, facts))) return { filed: false, because: "today's issues are all taken" };
          const reports = await reportsOf(context, fingerprint);
          const code = await codeOf(context, reports);
          const description = renderIssue(facts, { reports, code, after: action.after });
          const labels = [facts.label];
          if (code.library && facts.dependencyLabel !== null) labels.push(facts.dependencyLabel);
          const issue = await gitlab.issueTexts.create(
            project,
            { title: renderTitle(facts), description, labels, confidential: facts.confidential },
            write,
          );
          await linkTo(context, facts, { iid: issue.iid, state: 'opened', told: true });
          return { iid: issue.iid };
        },
      };
    case 'comment':
      return {
        name: `comment:${facts.today}`,
        summary,
        find: async () => {
          const { todaysNote } = await gatherTalk(gitlab, settings, action.iid, facts.today);
          return todaysNote ? { note: todaysNote.id } : undefined;
        },
        do: async () => {
          const body = renderComment(facts, action.changes);
          return { note: (await gitlab.issues.createNote(project, action.iid, body, write)).id };
        },
      };
    case 'answer':
      return {
        name: `answer:${action.fault.note}`,
        summary,
        find: async () => {
          const { faults } = await gatherTalk(gitlab, settings, action.iid, facts.today);
          return faults.some(each => each.note === action.fault.note) ? undefined : { answers: action.fault.note };
        },
        do: async () => {
          const body = renderAnswer(facts, action.fault, settings.commands_role);
          return { note: (await gitlab.issues.createNote(project, action.iid, body, write)).id };
        },
      };
    case 'edit-comment':
      return repeatable(`edit-comment:${action.note}`, summary, () =>
        gitlab.issueTexts.editNote(project, action.iid, action.note, renderComment(facts, action.changes), write),
      );
    case 'edit-status':
      return repeatable('edit-status', summary, async () => {
        // Read once more right before: a person may be writing in the same text.
        const issue = await gitlab.issueTexts.find(project, action.iid);
        const description = issue && replaceStatus(issue.description ?? '', renderStatus(facts));
        if (description) await gitlab.issueTexts.edit(project, action.iid, { description }, write);
      });
    case 'reopen':
      return repeatable(`reopen:${facts.issue?.closedAt ?? 0}`, summary, async () => {
        await gitlab.issueTexts.edit(project, action.iid, { state_event: 'reopen' }, write);
        await linkTo(context, facts, { iid: action.iid, state: 'opened', told: false });
      });
    case 'link': {
      const state = facts.issue?.state ?? 'opened';
      return repeatable('link', summary, () => linkTo(context, facts, { iid: action.iid, state, told: false }));
    }
    case 'attach':
      return repeatable(`attach:${action.iid}`, summary, () => attachTo(context, facts, action.iid));
    case 'detach':
      return repeatable(`detach:${action.iid}`, summary, () => detachFrom(context, fingerprint, action.iid));
    case 'take-up':
      return repeatable('take-up', summary, () => takeUp(context, fingerprint, action));
    case 'digest':
      return repeatable(`digest:${facts.today}`, summary, () => tellInDigest(context, facts, action.why));
  }
}

/** Sets a state rather than adding something: doing it twice is doing it once. */
function repeatable(name: string, summary: string, call: () => Promise<unknown>): Effect {
  return {
    name,
    summary,
    do: async (): Promise<Json> => {
      await call();
      return null;
    },
  };
}

/** Where the race stands in the code, at the commit of the box that reported it. */
async function codeOf({ gitlab, builds, settings }: RacesContext, [best]: readonly ShownReport[]): Promise<CodeFacts> {
  const report = best ? reportIn(best.text) : null;
  if (!best || !report) return { accesses: [], owners: [], library: null };
  const commit = best.build === null ? null : await builds.commitOf(best.build);
  return gatherCode(gitlab, settings.project, report, commit?.id ?? null);
}

/** The best report of each pair of stacks, most frequent first. */
async function reportsOf({ documents }: RacesContext, fingerprint: string): Promise<ShownReport[]> {
  const race = await documents.read<RaceDocument>(KIND.race, fingerprint);
  const variants = race?.body.variants ?? [];
  return variants.flatMap(({ text, build }) => (text === null ? [] : [{ text, build }]));
}
