import { createHash } from 'node:crypto';
import type { Automation } from '../../engine/automation.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { RacesContext } from './context.ts';
import type { DigestFacts } from './digest-facts.ts';
import { quietBoxes } from './exposure.ts';
import { renderDigest, renderDigestTitle } from './render-digest.ts';
import { MARKER } from './status-block.ts';
import { type BoxDocument, KIND, type WaitingDocument } from './store.ts';

type DigestAction = { summary: string } & ({ type: 'open' } | { type: 'edit'; iid: number });

/** Races that are listed by name; of the others there is the number. */
const SHOWN = 100;
const PAGE = 1000;
/** Races of one scan come one after the other; they are told together. */
const GATHERING = 3_000;

/** The reconciler of `race-digest:<project>/<day>`: one issue for all races of a day that got none of their own. */
export function raceDigest(context: RacesContext): Automation<DigestFacts, DigestAction, { since: number }> {
  const { documents, settings, gitlab, inventory } = context;
  return {
    name: 'races',
    kind: 'race-digest',
    gather: async look => {
      const day = look.subject.slice(look.subject.lastIndexOf('/') + 1);
      const waiting = await allWaiting(context, look.subject);
      const boxes = (await documents.list<BoxDocument>(KIND.box)).map(row => row.body);
      const issue = await inventory.digest(look.subject);
      return {
        project: settings.project,
        day,
        label: settings.label,
        confidential: settings.confidential,
        count: waiting.length,
        shown: waiting.toSorted((a, b) => b.count - a.count || (a.title < b.title ? -1 : 1)).slice(0, SHOWN),
        quiet: quietBoxes(boxes, settings, look.now()).map(each => each.box),
        issue: issue && {
          iid: issue.iid,
          state: readMarker(issue.description ?? '', MARKER.digest)?.fields['state'] ?? '',
        },
      };
    },
    decide: (facts, memory, now) => {
      const because = [`${facts.count} races of ${facts.day} have no issue of their own.`];
      if (facts.count === 0) return { verdict: 'nothing to tell', because, actions: [] };
      const since = memory?.since ?? now;
      if (now < since + GATHERING && facts.issue === null) {
        return { verdict: 'gathering', because, actions: [], memory: { since }, lookAgainAt: since + GATHERING };
      }
      const told = facts.issue?.state === digestState(facts);
      const actions: DigestAction[] = [];
      if (facts.issue === null) actions.push({ type: 'open', summary: `open the digest of ${facts.day}` });
      else if (!told) {
        const summary = `bring the digest #${facts.issue.iid} up to date`;
        actions.push({ type: 'edit', summary, iid: facts.issue.iid });
      }
      return { verdict: `tells of ${facts.count} races`, because, actions, memory: { since } };
    },
    effect: (action, facts, look) => {
      const { project, confidential } = facts;
      const write = { chain: look.chain, signal: look.signal };
      const { summary } = action;
      const description = renderDigest(facts, digestState(facts));
      if (action.type === 'edit') {
        return {
          name: 'edit',
          summary,
          do: async () => {
            await gitlab.issueTexts.edit(project, action.iid, { description }, write);
            return null;
          },
        };
      }
      return {
        name: 'open',
        summary,
        find: async () => {
          const issue = await inventory.digest(look.subject);
          return issue ? { iid: issue.iid } : undefined;
        },
        do: async () => {
          const title = renderDigestTitle(facts);
          const issue = await gitlab.issueTexts.create(
            project,
            { title, description, labels: [facts.label], confidential },
            write,
          );
          return { iid: issue.iid };
        },
      };
    },
  };
}

/** What the digest shows, in short. */
export function digestState({ count, shown, quiet }: DigestFacts): string {
  return createHash('sha256')
    .update(JSON.stringify([count, shown, quiet]))
    .digest('hex')
    .slice(0, 12);
}

async function allWaiting({ documents }: RacesContext, subject: string): Promise<WaitingDocument[]> {
  const waiting: WaitingDocument[] = [];
  for (let after = ''; ; ) {
    const page = await documents.list<WaitingDocument>(KIND.waiting, {
      prefix: `${subject}/`,
      limit: PAGE,
      ...(after === '' ? {} : { after }),
    });
    waiting.push(...page.map(row => row.body));
    if (page.length < PAGE) return waiting;
    after = page.at(-1)?.id ?? '';
  }
}
