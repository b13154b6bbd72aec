import type { Automation } from '../../engine/automation.ts';
import { readMarker } from '../../gitlab/text/marker.ts';
import type { RacesContext } from './context.ts';
import { MARKER } from './status-block.ts';
import { type IssueDocument, KIND } from './store.ts';

interface IssueFacts {
  issue: string;
  /** Fingerprints of the races that it tells of. */
  races: string[];
}

/** The reconciler of `race-issue:<project>#<iid>`: whatever happens to an issue makes the races it tells of worth a look. */
export function raceIssue({ gitlab, documents, settings }: RacesContext): Automation<IssueFacts, never> {
  return {
    name: 'races',
    kind: 'race-issue',
    gather: async look => {
      const known = await documents.read<IssueDocument>(KIND.issue, look.subject);
      if (known) return { issue: look.subject, races: [known.body.owner, ...known.body.attached] };
      // What is remembered may be lost; then our own marker still says so.
      const iid = Number(look.subject.slice(look.subject.lastIndexOf('#') + 1));
      const [me, issue] = await Promise.all([gitlab.me(), gitlab.issueTexts.find(settings.project, iid)]);
      const key = issue?.author?.id === me.id ? readMarker(issue.description ?? '', MARKER.race)?.key : undefined;
      return { issue: look.subject, races: key === undefined ? [] : [key.replace(/^race:/, '')] };
    },
    decide: ({ issue, races }) => ({
      verdict: races.length === 0 ? 'tells of no race' : `tells of ${races.length === 1 ? 'a race' : 'several races'}`,
      because: ['A race is looked at again whenever its issue has changed or somebody has said something there.'],
      actions: [],
      alsoLookAt: races.map(race => ({ key: `race:${race}`, reason: `its issue ${issue} has changed` })),
    }),
    effect: () => {
      throw new Error('looking whose issue it is changes nothing outside');
    },
  };
}
